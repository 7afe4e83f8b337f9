/* serve_tell.c - what the switchboard tells, to people and to programs. */
#include "cli/json.h"
#include "cli/output.h"
#include "cli/serving.h"

#include <time.h>

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

void serving_tell(void *arg, const switchboard_event *event)
{
    const serving *s = arg;

    if (s->json)
        tell_programs(event);
    else
        tell_people(s, event);
}

void serving_tell_start(const serving *s)
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
