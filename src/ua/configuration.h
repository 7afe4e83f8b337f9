/* configuration.h - the settings of a user agent, checked and copied from its configuration. */
#ifndef PP_UA_CONFIGURATION_H
#define PP_UA_CONFIGURATION_H

#include "base/rng.h"
#include "pipit/ua.h"
#include "sip/digest.h"

/* Hexadecimal digits of a hash that stands for a password. */
#define PP_HA1_SIZE              32u
#define PP_HA1_SHA256_SIZE       64u
#define PP_SESSION_EXPIRES_MIN_S 60u /* RFC 4028 section 4 wants 90; JsSIP offers and takes 60 */

typedef struct pp_settings {
    char *uri;           /* the account, "sip:alice@example.com" */
    char *user;          /* its user part, as written */
    char *domain;        /* its host */
    char *target_domain; /* with port and parameters: what a target without a host gets */
    char *display_name;
    char *contact_uri;
    char *instance_id;
    char *registrar;
    char *user_agent;
    char *allow_events;   /* NULL: any */
    char *recv_info;      /* NULL: none */
    char *via_host;       /* of contact_uri, or "<random>.invalid" */
    char *call_id_prefix; /* by it we know our own requests when they come back */
    char *authorization_user, *realm;
    char *password, *ha1, *ha1_sha256, *authorization_jwt; /* wiped when they go */
    pipit_credentials_function *credentials;
    char **extra_headers; /* NULL at the end; NULL for none */
    char *from_tag_trail; /* of REGISTER */
    bool contact_given;   /* contact_uri, by the application: stays as it is */
    bool allow_insecure_authorization;
    bool register_on_start, preloaded_route;
    unsigned register_expires_s; /* 0: not said */
    unsigned registration_retry_s, registration_retry_max_s;
    unsigned no_answer_timeout_s;
    bool auto_answer;
    unsigned follow_redirects;
    pipit_reliable_provisionals reliable;
    bool session_timers, refresh_by_invite, force_refresher;
    unsigned session_expires_s, session_min_s;
    unsigned recovery_min_s, recovery_max_s, recovery_max_attempts;
    bool no_recovery, no_call_recovery;
    unsigned ice_recovery_s;
    pipit_network_changes network_changes;
    unsigned connect_timeout_s, return_s;
    unsigned sessions_max, message_size_max;
} pp_settings;

/* PIPIT_ERR_CONFIGURATION names the parameter and its value, unless that is a secret. */
int pp_settings_read(const pipit_ua_configuration *configuration, const pp_rng *rng,
                     pp_settings *out);
void pp_settings_free(pp_settings *settings);
pp_credentials pp_settings_credentials(const pp_settings *settings);

/* Header lines of an application, copied; NULL stays NULL. PIPIT_ERR_SYNTAX when one is no "Name: value" on a single line. */
int pp_header_lines_copy(const char *const *lines, char ***out);
void pp_header_lines_free(char **lines);

#endif
