/* account.c - who we are and which server we use. */
#include "cli/account.h"

#include "cli/config.h"
#include "cli/output.h"
#include "cli/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

void account_table(account_options *o, option table[ACCOUNT_OPTIONS])
{
    const option all[ACCOUNT_OPTIONS] = {
        {"server", OPTION_LIST, &o->servers},
        {"uri", OPTION_TEXT, &o->uri},
        {"user", OPTION_TEXT, &o->user},
        {"password-file", OPTION_TEXT, &o->password_file},
        {"auth-user", OPTION_TEXT, &o->authorization_user},
        {"display-name", OPTION_TEXT, &o->display_name},
        {"ca", OPTION_TEXT, &o->ca_file},
        {"insecure", OPTION_FLAG, &o->insecure},
        {"account", OPTION_TEXT, &o->name},
        {"config", OPTION_TEXT, &o->config},
        {NULL, OPTION_FLAG, NULL},
    };

    memcpy(table, all, sizeof(all));
}

static void wipe(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void account_free(account *a)
{
    for (size_t i = 0; i < a->server_count; i++)
        wipe(a->servers[i]); /* there may be a password in its URL */
    free(a->uri);
    wipe(a->password);
    free(a->ca_file);
    free(a->display_name);
    free(a->authorization_user);
    *a = (account){0};
}

/* --- values ----------------------------------------------------------------------------------- */

static int set(char **to, const char *value)
{
    char *copy;

    if (!value || !*value)
        return STATUS_OK;
    copy = strdup(value);
    if (!copy) {
        output_error("out of memory.");
        return STATUS_INTERNAL;
    }
    wipe(*to);
    *to = copy;
    return STATUS_OK;
}

static int add_server(account *a, const char *url)
{
    if (!url || !*url)
        return STATUS_OK;
    if (a->server_count == PIPIT_SOCKETS_MAX) {
        output_error("%d servers are the most.", PIPIT_SOCKETS_MAX);
        return STATUS_USAGE;
    }
    a->servers[a->server_count] = NULL;
    return set(&a->servers[a->server_count++], url);
}

static void drop_servers(account *a)
{
    while (a->server_count)
        wipe(a->servers[--a->server_count]);
}

/* The first line of a file. */
static int read_password(const char *path, char **out)
{
    bool is_input = strcmp(path, "-") == 0;
    FILE *file = is_input ? stdin : fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    int status = STATUS_OK;

    if (!file) {
        output_error("cannot read the password file %s: %s.", path, strerror(errno));
        return STATUS_USAGE;
    }
    if (getline(&line, &size, file) >= 0) {
        line[strcspn(line, "\r\n")] = '\0';
        status = set(out, line);
    }
    if (line)
        explicit_bzero(line, size);
    free(line);
    if (!is_input)
        fclose(file);
    return status;
}

/* --- sources ---------------------------------------------------------------------------------- */

static int take_setting(void *arg, const char *key, const char *value)
{
    account *a = arg;

    if (strcmp(key, "server") == 0)
        return add_server(a, value);
    if (strcmp(key, "uri") == 0)
        return set(&a->uri, value);
    if (strcmp(key, "password") == 0)
        return set(&a->password, value);
    if (strcmp(key, "password_file") == 0)
        return read_password(value, &a->password);
    if (strcmp(key, "ca") == 0)
        return set(&a->ca_file, value);
    if (strcmp(key, "display_name") == 0)
        return set(&a->display_name, value);
    if (strcmp(key, "auth_user") == 0)
        return set(&a->authorization_user, value);
    if (strcmp(key, "insecure") != 0)
        return STATUS_USAGE;
    a->insecure = strcmp(value, "yes") == 0;
    return a->insecure || strcmp(value, "no") == 0 ? STATUS_OK : STATUS_USAGE;
}

static int take_file(const account_options *options, account *a)
{
    char *standard = config_path("config");
    const char *path = options->config ? options->config : standard;
    bool found = false;
    int status = STATUS_OK;

    if (path)
        status = config_read(path, options->config != NULL, options->name, take_setting, a, &found);
    if (status == STATUS_OK && options->name && !found) {
        output_error("there is no section [%s] in %s.", options->name,
                     path ? path : "a config file");
        status = STATUS_USAGE;
    }
    free(standard);
    return status;
}

static int take_environment(account *a)
{
    const char *server = getenv("PIPIT_SERVER");
    int status = STATUS_OK;

    if (server && *server) {
        drop_servers(a);
        status = add_server(a, server);
    }
    if (status == STATUS_OK)
        status = set(&a->uri, getenv("PIPIT_URI"));
    if (status == STATUS_OK)
        status = set(&a->password, getenv("PIPIT_PASSWORD"));
    return status;
}

static int take_options(const account_options *options, account *a)
{
    int status = STATUS_OK;

    if (options->servers.count)
        drop_servers(a);
    for (size_t i = 0; i < options->servers.count && status == STATUS_OK; i++)
        status = add_server(a, options->servers.values[i]);
    if (status == STATUS_OK)
        status = set(&a->uri, options->uri);
    if (status == STATUS_OK && options->password_file)
        status = read_password(options->password_file, &a->password);
    if (status == STATUS_OK)
        status = set(&a->ca_file, options->ca_file);
    if (status == STATUS_OK)
        status = set(&a->display_name, options->display_name);
    if (status == STATUS_OK)
        status = set(&a->authorization_user, options->authorization_user);
    a->insecure = a->insecure || options->insecure;
    return status;
}

/* --- what is left to find out ----------------------------------------------------------------- */

/* Of "user:password@" in front of a host; 0 when there is none. */
static size_t user_info_length(const char *authority)
{
    size_t n = strcspn(authority, "/?");

    while (n && authority[n - 1] != '@')
        n--;
    return n;
}

/* --user: "alice" and the host of the first server. */
static int make_uri(const char *user, account *a)
{
    const char *url = a->server_count ? a->servers[0] : "", *host = strchr(url, ':');
    char *domain, *uri = NULL;
    int err;

    host = host ? host + 1 : url;
    host += strspn(host, "/"); /* of a WebSocket's URL; a SIP URI has none */
    host += user_info_length(host);
    domain = strndup(host, *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?;"));
    if (!domain)
        return STATUS_INTERNAL;
    err = pipit_normalize_target(user, domain, &uri);
    free(domain);
    if (err) {
        output_error("--user %s does not make an address: %s.", user, pipit_error_message());
        return STATUS_USAGE;
    }
    err = set(&a->uri, uri);
    pipit_free(uri);
    return err;
}

static int ask_password(account *a)
{
    struct termios as_it_was, silent;
    char *line = NULL;
    size_t size = 0;
    int status = STATUS_OK;

    if (tcgetattr(STDIN_FILENO, &as_it_was) != 0)
        return STATUS_OK;
    fprintf(stderr, "Password of ");
    output_safe(stderr, a->uri, strlen(a->uri), false);
    fprintf(stderr, " (empty for none): ");
    silent = as_it_was;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    if (getline(&line, &size, stdin) >= 0) {
        line[strcspn(line, "\r\n")] = '\0';
        status = set(&a->password, line);
    }
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &as_it_was);
    fputc('\n', stderr);
    if (line)
        explicit_bzero(line, size);
    free(line);
    return status;
}

static int complete(const account_options *options, account *a)
{
    int status = STATUS_OK;

    if (!a->server_count) {
        output_error("which server? Give --server wss://host:port or sip:host, PIPIT_SERVER or a "
                     "config file.");
        return STATUS_USAGE;
    }
    if (options->user)
        status = make_uri(options->user, a);
    if (status == STATUS_OK && !a->uri) {
        output_error(
            "who are you? Give --uri sip:name@host, --user name, PIPIT_URI or a config file.");
        return STATUS_USAGE;
    }
    if (status == STATUS_OK && !a->password && isatty(STDIN_FILENO))
        status = ask_password(a);
    return status;
}

int account_load(const account_options *options, account *out)
{
    account a = {0};
    int status = take_file(options, &a);

    if (status == STATUS_OK)
        status = take_environment(&a);
    if (status == STATUS_OK)
        status = take_options(options, &a);
    if (status == STATUS_OK)
        status = complete(options, &a);
    if (status == STATUS_OK)
        *out = a;
    else
        account_free(&a);
    return status;
}
