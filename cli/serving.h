/* serving.h - the inside of pipit serve: its options, and what its files find for them. */
#ifndef CLI_SERVING_H
#define CLI_SERVING_H

#include "cli/options.h"
#include "cli/status.h"
#include "switchboard/switchboard.h"

#include <limits.h>

#define SERVING_USERS_MAX 4096

typedef struct serving {
    option_list user_options;
    const char *users_file, *domain, *ws, *wss, *certificate_file, *key_file, *web, *jssip;
    bool no_ws, no_wss, json, trace;
    switchboard_user users[SERVING_USERS_MAX]; /* their strings are its own */
    size_t user_count;
    bool made_up; /* the users */
    char certificate_path[PATH_MAX], key_path[PATH_MAX], web_path[PATH_MAX], jssip_path[PATH_MAX];
    char program_folder[PATH_MAX];
    switchboard_options board_options;
    pipit_loop *loop;
    switchboard *board;
    bool interrupted;
} serving;

/* Each returns a status and has said a sentence when that is not STATUS_OK. */
int serving_find_users(serving *s);
void serving_free_users(serving *s);
int serving_find_addresses(serving *s);
/* The one that was given, or one made on the first start and kept. */
int serving_find_certificate(serving *s);
int serving_find_web(serving *s);

/* For switchboard_options.event; `arg` is the serving. */
void serving_tell(void *arg, const switchboard_event *event);
void serving_tell_start(const serving *s);

#endif
