/* account.h - who we are and which server we use: from options, the environment and the configuration file, in this order. */
#ifndef CLI_ACCOUNT_H
#define CLI_ACCOUNT_H

#include "cli/options.h"
#include "pipit/pipit.h"

typedef struct account_options {
    const char *config, *name; /* --config FILE, --account NAME */
    option_list servers;
    const char *uri, *user, *password_file, *ca_file, *display_name, *authorization_user;
    bool insecure;
} account_options;

typedef struct account { /* strings are its own */
    char *servers[PIPIT_SOCKETS_MAX];
    size_t server_count;
    char *uri, *password, *ca_file, *display_name, *authorization_user;
    bool insecure;
} account;

/* A table for options_parse(); `table` holds ACCOUNT_OPTIONS entries. */
#define ACCOUNT_OPTIONS 11
void account_table(account_options *options, option table[ACCOUNT_OPTIONS]);
/* A status; a sentence has been said when it is not STATUS_OK. Asks for the password on a terminal when there is none. */
int account_load(const account_options *options, account *out);
void account_free(account *a);

#define ACCOUNT_HELP                                                                               \
    "Account (or PIPIT_SERVER, PIPIT_URI, PIPIT_PASSWORD, or the config file)\n"                   \
    "  --server URL          wss://host[:port][/path] or ws://… for a WebSocket,\n"              \
    "                        sip:host[:port][;transport=udp|tcp|tls] or sips:host\n"               \
    "                        for the others; may be repeated: the next is tried\n"                 \
    "                        when one fails\n"                                                     \
    "  --uri URI             our address: sip:alice@example.com\n"                                 \
    "  --user NAME           the same, with the host of --server\n"                                \
    "  --password-file FILE  its first line is the password; '-' is standard input\n"              \
    "  --auth-user NAME      user name for the password, when it is another\n"                     \
    "  --display-name TEXT   how the far end sees us\n"                                            \
    "  --ca FILE             PEM file with the authorities to trust\n"                             \
    "  --insecure            do not check the certificate: experiments only\n"                     \
    "  --account NAME        section of the config file\n"                                         \
    "  --config FILE         instead of ~/.config/pipit/config\n"

#endif
