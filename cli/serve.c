/* serve.c - pipit serve: the switchboard, with its users, its certificate and its web phone. */
#include "cli/command.h"
#include "cli/config.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "cli/status.h"
#include "switchboard/switchboard.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "pipit serve [options]: the switchboard, a SIP server for development\n"
    "\n"
    "  pipit serve --user alice:secret --user bob:secret\n"
    "  pipit serve --users users.txt --domain example.test --wss 0.0.0.0:8443\n"
    "  pipit serve --web        and open http://localhost:8080/ in a browser\n"
    "  pipit serve --json | tee flow.jsonl; pipit ladder flow.jsonl\n"
    "\n"
    "It registers users and connects their calls and messages, over WebSocket and\n"
    "over TLS. It is for development and tests only: it keeps everything in\n"
    "memory, serves one domain, and its certificate is its own. Do not put it on\n"
    "the Internet. Without users it makes up alice and bob and shows their\n"
    "passwords.\n"
    "\n"
    "Users\n"
    "  --user NAME:PASSWORD  may be repeated\n"
    "  --users FILE          a line each: name:password; '#' starts a comment\n"
    "  --domain NAME         host part of their addresses (localhost)\n"
    "\n"
    "Addresses\n"
    "  --ws [HOST:]PORT      plain WebSocket (127.0.0.1:8080); 'off' for none\n"
    "  --wss [HOST:]PORT     over TLS (127.0.0.1:8443); 'off' for none\n"
    "  --cert FILE           PEM certificate, with --key FILE. Otherwise one is\n"
    "                        made on the first start and kept in ~/.config/pipit\n"
    "\n"
    "Web phone\n"
    "  --web [DIR]           serve a web phone (or the files of DIR) over HTTP\n"
    "  --jssip FILE          JsSIP for it, when it is not found by itself\n"
    "\n"
    "Output\n"
    "  --json                one JSON object a line, for programs and the ladder\n"
    "  --trace               each SIP message\n"
    "\n" STATUS_HELP;

#define USERS_MAX 4096

typedef struct serving {
    option_list user_options;
    const char *users_file, *domain, *ws, *wss, *certificate_file, *key_file, *web, *jssip;
    bool json, trace;
    switchboard_user users[USERS_MAX];
    size_t user_count;
    bool made_up; /* the users */
    char certificate_path[PATH_MAX], key_path[PATH_MAX], web_path[PATH_MAX], jssip_path[PATH_MAX];
    switchboard_options board_options;
    pipit_loop *loop;
    switchboard *board;
    bool interrupted;
} serving;

/* --- users ------------------------------------------------------------------------------------------ */

/* "name:password" */
static int add_user(serving *s, const char *text, const char *where)
{
    const char *colon = strchr(text, ':');
    char *name, *password;

    if (!colon || colon == text || !colon[1]) {
        output_error("%s: a user is NAME:PASSWORD.", where);
        return STATUS_USAGE;
    }
    if (s->user_count == USERS_MAX) {
        output_error("%s: %d users are the most.", where, USERS_MAX);
        return STATUS_USAGE;
    }
    name = strndup(text, (size_t)(colon - text));
    password = strdup(colon + 1);
    if (!name || !password) {
        free(name);
        free(password);
        return STATUS_INTERNAL;
    }
    s->users[s->user_count++] = (switchboard_user){name, password};
    return STATUS_OK;
}

static void free_users(serving *s)
{
    while (s->user_count) {
        switchboard_user *user = &s->users[--s->user_count];

        free((char *)(uintptr_t)user->name);
        free((char *)(uintptr_t)user->password);
    }
}

static int read_users(serving *s)
{
    FILE *file = fopen(s->users_file, "r");
    char *line = NULL, where[PATH_MAX + 32];
    size_t size = 0;
    unsigned number = 0;
    int status = STATUS_OK;

    if (!file) {
        output_error("cannot read the users' file %s: %s.", s->users_file, strerror(errno));
        return STATUS_USAGE;
    }
    while (status == STATUS_OK && getline(&line, &size, file) >= 0) {
        number++;
        line[strcspn(line, "\r\n")] = '\0';
        snprintf(where, sizeof(where), "%s, line %u", s->users_file, number);
        if (line[0] && line[0] != '#')
            status = add_user(s, line, where);
    }
    free(line);
    fclose(file);
    return status;
}

static int make_up_users(serving *s)
{
    static const char *const names[] = {"alice", "bob"};
    const pp_rng rng = pp_rng_system();
    char text[32], password[9];
    int status = STATUS_OK;

    s->made_up = true;
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++) {
        pp_rng_token(&rng, password, sizeof(password) - 1);
        snprintf(text, sizeof(text), "%s:%s", names[i], password);
        status = add_user(s, text, "users");
    }
    return status;
}

static int find_users(serving *s)
{
    int status = s->users_file ? read_users(s) : STATUS_OK;

    for (size_t i = 0; i < s->user_options.count && status == STATUS_OK; i++)
        status = add_user(s, s->user_options.values[i], "--user");
    if (status == STATUS_OK && !s->user_count)
        status = make_up_users(s);
    s->board_options.users = s->users;
    s->board_options.user_count = s->user_count;
    return status;
}

/* --- addresses -------------------------------------------------------------------------------------- */

/* "8080", "0.0.0.0:8080", "[::1]:8080", "off" */
static int read_address(const char *text, const char *name, pp_addr *out)
{
    pp_str host = PP_LIT("127.0.0.1"), all = pp_str_c(text), port = all;
    const char *colon = strrchr(text, ':');
    uint32_t number;

    if (strcmp(text, "off") == 0)
        return STATUS_OK;
    if (colon) {
        host = pp_str_n(text, (size_t)(colon - text));
        port = pp_str_c(colon + 1);
    }
    if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = pp_str_sub(host, 1, host.n - 1);
    if (pp_str_ieq_c(host, "localhost"))
        host = PP_LIT("127.0.0.1");
    if (!pp_str_to_u32(port, 0, 65535, &number) || !pp_addr_parse(host, (uint16_t)number, out)) {
        output_error("%s takes PORT, ADDRESS:PORT or 'off', not '%s'.", name, text);
        return STATUS_USAGE;
    }
    return STATUS_OK;
}

/* --- the certificate -------------------------------------------------------------------------------- */

/* ~/.config/pipit/NAME; the folder is made. */
static int own_file(const char *name, char out[PATH_MAX])
{
    char *path = config_path(name), *slash;

    if (!path || strlen(path) >= PATH_MAX) {
        free(path);
        output_error(
            "there is no home folder for the certificate: give --cert and --key, or --wss off.");
        return STATUS_USAGE;
    }
    snprintf(out, PATH_MAX, "%s", path);
    for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700); /* what is wrong with it shows when the file is written */
        *slash = '/';
    }
    free(path);
    return STATUS_OK;
}

static int make_certificate(serving *s)
{
    char host[256] = "localhost";
    const char *names[] = {
        s->domain ? s->domain : "localhost", "localhost", "127.0.0.1", "::1", host, NULL};
    const pp_rng rng = pp_rng_system();
    int err;

    if (gethostname(host, sizeof(host) - 1) != 0)
        names[4] = NULL;
    err = pp_certificate_generate(&rng, (uint64_t)time(NULL) * 1000000, 825, names,
                                  &s->board_options.certificate);
    if (!err)
        err = pp_certificate_save(s->board_options.certificate, s->certificate_path, s->key_path);
    if (err) {
        output_error("cannot make a certificate: %s. Give --cert and --key, or --wss off.",
                     pipit_error_message());
        return STATUS_INTERNAL;
    }
    return STATUS_OK;
}

static int find_own_certificate(serving *s)
{
    char name[300];
    int status;

    /* One for each domain: its name is in it. */
    snprintf(name, sizeof(name), "switchboard-%.200s.crt", s->domain ? s->domain : "localhost");
    if (strchr(name, '/')) {
        output_error("--domain takes a host name, not '%s'.", s->domain);
        return STATUS_USAGE;
    }
    status = own_file(name, s->certificate_path);
    if (status != STATUS_OK)
        return status;
    snprintf(s->key_path, sizeof(s->key_path), "%.*s.key", (int)strlen(s->certificate_path) - 4,
             s->certificate_path);
    if (access(s->certificate_path, R_OK) == 0 &&
        pp_certificate_load(s->certificate_path, s->key_path, &s->board_options.certificate) == 0)
        return STATUS_OK;
    return make_certificate(s);
}

static int find_certificate(serving *s)
{
    if (!s->board_options.wss.family)
        return STATUS_OK;
    if (!s->certificate_file != !s->key_file) {
        output_error("--cert and --key go together.");
        return STATUS_USAGE;
    }
    if (!s->certificate_file)
        return find_own_certificate(s);
    snprintf(s->certificate_path, sizeof(s->certificate_path), "%s", s->certificate_file);
    if (pp_certificate_load(s->certificate_file, s->key_file, &s->board_options.certificate) == 0)
        return STATUS_OK;
    output_error("cannot use the certificate: %s.", pipit_error_message());
    return STATUS_CONNECTION;
}

/* --- the web phone ---------------------------------------------------------------------------------- */

/* The first that is there of FOLDER/ending, where FOLDER is that of the program or the present one. */
static bool look_for(const char *const *endings, const char *folder, char out[PATH_MAX])
{
    for (; *endings; endings++) {
        int size = snprintf(out, PATH_MAX, "%s/%s", folder, *endings);

        if (size > 0 && size < PATH_MAX && access(out, R_OK) == 0)
            return true;
    }
    out[0] = '\0';
    return false;
}

static void program_folder(char out[PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", out, PATH_MAX - 1);
    char *slash;

    out[size > 0 ? size : 0] = '\0';
    slash = strrchr(out, '/');
    if (slash)
        *slash = '\0';
    else
        snprintf(out, PATH_MAX, ".");
}

static int find_jssip(serving *s, const char *web)
{
    static const char *const names[] = {"jssip.js",
                                        "jssip.min.js",
                                        "../../interop/node_modules/jssip/dist/jssip.min.js",
                                        "../../interop/node_modules/jssip/dist/jssip.js",
                                        "../node_modules/jssip/dist/jssip.min.js",
                                        NULL};

    if (s->jssip && access(s->jssip, R_OK) != 0) {
        output_error("cannot read JsSIP at %s: %s.", s->jssip, strerror(errno));
        return STATUS_MEDIA;
    }
    if (s->jssip)
        s->board_options.jssip_file = s->jssip;
    else if (look_for(names, web, s->jssip_path))
        s->board_options.jssip_file = s->jssip_path;
    else
        output_error("JsSIP was not found, so the web phone cannot call: 'npm install jssip' and "
                     "give --jssip "
                     "node_modules/jssip/dist/jssip.min.js.");
    return STATUS_OK;
}

static int find_web(serving *s)
{
    static const char *const places[] = {"../share/pipit/web", "../../switchboard/web",
                                         "switchboard/web", NULL};
    char folder[PATH_MAX];
    struct stat status;

    if (!s->web)
        return STATUS_OK;
    program_folder(folder);
    if (*s->web)
        snprintf(s->web_path, sizeof(s->web_path), "%s", s->web);
    else if (!look_for(places, folder, s->web_path) && !look_for(places, ".", s->web_path)) {
        output_error("the web phone was not found: give its folder with --web DIR.");
        return STATUS_MEDIA;
    }
    if (stat(s->web_path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        output_error("%s is no folder: give one with --web DIR.", s->web_path);
        return STATUS_MEDIA;
    }
    s->board_options.web_root = s->web_path;
    return find_jssip(s, s->web_path);
}

/* --- what is told ----------------------------------------------------------------------------------- */

static const char *const event_names[] = {
    [SWITCHBOARD_CONNECTED] = "connected",
    [SWITCHBOARD_DISCONNECTED] = "disconnected",
    [SWITCHBOARD_REGISTERED] = "registered",
    [SWITCHBOARD_UNREGISTERED] = "unregistered",
    [SWITCHBOARD_SIP_IN] = "sip",
    [SWITCHBOARD_SIP_OUT] = "sip",
    [SWITCHBOARD_REFUSED] = "refused",
    [SWITCHBOARD_WEB] = "web",
};

static bool is_sip(const switchboard_event *event)
{
    return event->kind == SWITCHBOARD_SIP_IN || event->kind == SWITCHBOARD_SIP_OUT;
}

static void tell_programs(const switchboard_event *event)
{
    cJSON *json = json_event(event_names[event->kind], "switchboard");

    if (is_sip(event))
        json_string(json, "direction", event->kind == SWITCHBOARD_SIP_IN ? "in" : "out");
    json_number(json, "connection", (double)event->connection);
    json_string(json, "peer", event->peer);
    json_string(json, "user", event->user);
    json_string(json, "transport", event->secure ? "wss" : "ws");
    if (event->kind == SWITCHBOARD_REGISTERED)
        json_number(json, "expires", event->expires_s);
    if (event->text.n)
        json_text(json, "text", event->text.p, event->text.n);
    json_end(json);
}

static void clock_text(char out[16])
{
    time_t now = time(NULL);
    struct tm local;

    localtime_r(&now, &local);
    strftime(out, 16, "%H:%M:%S", &local);
}

static void tell_people(const serving *s, const switchboard_event *event)
{
    char clock[16];
    const char *who = *event->user ? event->user : event->peer;

    if (is_sip(event) && !s->trace)
        return;
    clock_text(clock);
    if (is_sip(event)) {
        output_line(stdout, "%s %s %s", clock,
                    event->kind == SWITCHBOARD_SIP_IN ? "<-- from" : "--> to", who);
        output_safe(stdout, event->text.p, event->text.n, true);
        fputs("\n", stdout);
        fflush(stdout);
    } else if (event->kind == SWITCHBOARD_REGISTERED) {
        output_line(stdout, "%s %s registered at %s for %u s", clock, who, event->peer,
                    event->expires_s);
    } else {
        output_line(stdout, "%s %s %s%s%.*s", clock, who, event_names[event->kind],
                    event->text.n ? ": " : "", PP_STR(event->text));
    }
}

static void on_event(void *arg, const switchboard_event *event)
{
    const serving *s = arg;

    if (s->json)
        tell_programs(event);
    else
        tell_people(s, event);
}

static void tell_start(const serving *s)
{
    const char *domain = s->domain ? s->domain : "localhost";
    char ws[PP_ADDR_TEXT], wss[PP_ADDR_TEXT];
    pp_addr plain = s->board_options.ws, secure = s->board_options.wss;
    cJSON *json = s->json ? json_event("listening", "switchboard") : NULL;

    plain.port = switchboard_ws_port(s->board);
    secure.port = switchboard_wss_port(s->board);
    pp_addr_text(&plain, ws);
    pp_addr_text(&secure, wss);
    json_string(json, "domain", domain);
    json_number(json, "ws_port", plain.port);
    json_number(json, "wss_port", secure.port);
    json_string(json, "certificate", s->certificate_path);
    json_end(json);
    if (s->json)
        return;
    output_line(stdout, "switchboard for sip:…@%s, for development only", domain);
    if (plain.port)
        output_line(stdout, "  ws://%s", ws);
    if (secure.port)
        output_line(stdout, "  wss://%s  (clients trust it with --ca %s)", wss,
                    s->certificate_path);
    if (s->web && plain.port)
        output_line(stdout, "  web phone: http://%s/", ws);
    for (size_t i = 0; i < s->user_count && s->made_up; i++)
        output_line(stdout, "  user %s, password %s", s->users[i].name, s->users[i].password);
}

/* --- the run ---------------------------------------------------------------------------------------- */

static void interrupted(void *arg)
{
    serving *s = arg;

    s->interrupted = true;
    pipit_loop_stop(s->loop);
}

static int prepare(serving *s)
{
    int status = find_users(s);

    if (status == STATUS_OK)
        status = read_address(s->ws ? s->ws : "127.0.0.1:8080", "--ws", &s->board_options.ws);
    if (status == STATUS_OK)
        status = read_address(s->wss ? s->wss : "127.0.0.1:8443", "--wss", &s->board_options.wss);
    if (status == STATUS_OK && !s->board_options.ws.family && !s->board_options.wss.family) {
        output_error("--ws and --wss are both off: nobody could connect.");
        status = STATUS_USAGE;
    }
    if (status == STATUS_OK)
        status = find_certificate(s);
    if (status == STATUS_OK)
        status = find_web(s);
    s->board_options.domain = s->domain;
    s->board_options.event = on_event;
    s->board_options.arg = s;
    return status;
}

static int run(serving *s)
{
    int err = signals_start(s->loop, interrupted, s);

    if (!err)
        err = switchboard_new(s->loop, &s->board_options, &s->board);
    if (err) {
        output_error("cannot serve: %s. Another address can be given with --ws and --wss.",
                     pipit_error_message());
        return err == PIPIT_ERR_IO ? STATUS_CONNECTION : (int)status_of_error(err);
    }
    tell_start(s);
    if (pipit_loop_run(s->loop) < 0)
        return STATUS_INTERNAL;
    return s->interrupted ? STATUS_INTERRUPTED : STATUS_INTERNAL;
}

static int serve(serving *s)
{
    int status = prepare(s);

    if (status == STATUS_OK && pipit_loop_new(&s->loop) < 0) {
        output_error("%s.", pipit_error_message());
        status = STATUS_INTERNAL;
    }
    if (status == STATUS_OK)
        status = run(s);
    signals_stop();
    switchboard_free(s->board);
    pp_certificate_unref(s->board_options.certificate);
    pipit_loop_unref(s->loop);
    return status;
}

int command_serve(int argc, char **argv)
{
    serving *s = calloc(1, sizeof(*s));
    const option own[] = {{"user", OPTION_LIST, s ? &s->user_options : NULL},
                          {"users", OPTION_TEXT, s ? &s->users_file : NULL},
                          {"domain", OPTION_TEXT, s ? &s->domain : NULL},
                          {"ws", OPTION_TEXT, s ? &s->ws : NULL},
                          {"wss", OPTION_TEXT, s ? &s->wss : NULL},
                          {"cert", OPTION_TEXT, s ? &s->certificate_file : NULL},
                          {"key", OPTION_TEXT, s ? &s->key_file : NULL},
                          {"web", OPTION_OPTIONAL, s ? &s->web : NULL},
                          {"jssip", OPTION_TEXT, s ? &s->jssip : NULL},
                          {"json", OPTION_FLAG, s ? &s->json : NULL},
                          {"trace", OPTION_FLAG, s ? &s->trace : NULL},
                          {NULL, OPTION_FLAG, NULL}};
    const option *const tables[] = {own, NULL};
    option_set set = {.command = "pipit serve", .help = help, .tables = tables};
    int status = STATUS_INTERNAL;

    if (s && options_parse(&set, argc, argv, &status) == 0)
        status = serve(s);
    if (s)
        free_users(s);
    free(s);
    return status;
}
