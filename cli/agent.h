/* agent.h - what call, answer, message, options, subscribe and register share: one user agent on one loop, from the first connection to the
 * exit status. */
#ifndef CLI_AGENT_H
#define CLI_AGENT_H

#include "cli/account.h"
#include "cli/json.h"
#include "cli/status.h"

typedef struct agent agent;

typedef struct agent_role {
    void (*ready)(agent *a); /* connected, and registered where that was asked for; once */
    void (*incoming)(agent *a, pipit_session *session);
    void (*message)(agent *a, pipit_message *message);
    void (*unregistered)(agent *a); /* because it was asked for */
    void (*tick)(agent *a);         /* every 50 ms */
    void (*release)(agent *a);      /* all is over: give back what belongs to the user agent */
} agent_role;                       /* each may be NULL */

typedef struct agent_settings {
    account_options account;
    bool json, trace;
} agent_settings;

struct agent {
    pipit_loop *loop;
    pipit_ua *ua;
    account account;
    char *name; /* user part of our address, for JSON */
    bool json, trace;
    bool registers;
    bool was_ready, ending, stopped;
    unsigned failed_connections;
    int status;
    const agent_role *role;
    void *self;
};

#define AGENT_OPTIONS 3
void agent_table(agent_settings *settings, option table[AGENT_OPTIONS]);

/* Runs to the end and returns the exit status. `registers`: whether it registers before it is ready. */
int agent_run(const agent_settings *settings, bool registers, const agent_role *role, void *self);
/* Hangs up, unregisters and ends with that status; the first call counts. */
void agent_end(agent *a, int status);
/* The same for a failure: says the sentence (for people on stderr, for programs as an event too). */
void agent_fail(agent *a, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* An event for programs, NULL when people are served. json_end() takes it. */
cJSON *agent_event(const agent *a, const char *event);
/* A line for people. */
void agent_say(const agent *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What a failed request means and what to do about it. */
void agent_fail_request(agent *a, const char *what, pipit_cause cause, const char *reason);

#define AGENT_HELP                                                                                 \
    "Output\n"                                                                                     \
    "  --json                one JSON object a line, for programs\n"                               \
    "  --trace               each SIP message that comes and goes\n"

#endif
