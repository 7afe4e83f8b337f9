/* wire.c - sockets of the walk's own and what joins them: requests go to whom their Request-URI names, responses back to whom
 * their Via does. It may lose, double and reorder them; it answers REGISTER and PUBLISH itself. */
#include "support/walk/inside.h"

#include "base/loop.h"

#include <stdio.h>
#include <stdlib.h>

struct wire_end { /* one socket */
    walk *w;
    agent *owner;
    uint64_t number;
    pipit_socket *socket;
    bool up;
    char via[96]; /* sent-by of its requests */
    pp_timer timer;
    wire_end *next;
};

struct wire_flight { /* a message on its way */
    walk *w;
    uint64_t to;
    char *text;
    size_t size;
    pp_timer timer;
    wire_flight *next;
};

/* --- on its way ------------------------------------------------------------------------------- */

static void free_flight(wire_flight *f)
{
    wire_flight **at = &f->w->flights;

    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
    pp_loop_stop_timer(sim_loop(f->w->s), &f->timer);
    free(f->text);
    free(f);
}

void wire_free_flights(walk *w)
{
    while (w->flights)
        free_flight(w->flights);
}

static void arrive(void *arg)
{
    wire_flight *f = arg;
    wire_end *end = f->w->ends;

    while (end && end->number != f->to)
        end = end->next;
    if (end && end->up && !f->w->frozen) {
        pipit_socket *held = pipit_socket_ref(end->socket);

        pipit_socket_data(held, f->text, f->size);
        pipit_socket_unref(held);
    }
    free_flight(f);
}

static void launch(walk *w, const wire_end *to, const char *text, size_t size, bool reliably)
{
    wire_flight *f = calloc(1, sizeof(*f));

    if (!f)
        abort();
    *f = (wire_flight){.w = w, .to = to->number, .size = size, .next = w->flights};
    f->text = malloc(size + 1);
    if (!f->text)
        abort();
    memcpy(f->text, text, size);
    f->text[size] = '\0';
    w->flights = f;
    pp_loop_start_timer(sim_loop(w->s), &f->timer,
                        w->delay_ms + (reliably ? 0 : walk_roll(w, w->delay_ms + 1)), arrive, f);
}

static void send_to(walk *w, const wire_end *to, const char *text, size_t size)
{
    unsigned copies = 1;

    if (w->unreliable) {
        copies = walk_roll(w, 1000) < w->lost_per_mille ? 0 : 1;
        copies += walk_roll(w, 1000) < w->lost_per_mille / 4 ? 1 : 0;
    }
    while (copies--)
        launch(w, to, text, size, !w->unreliable);
}

/* --- who it is for ---------------------------------------------------------------------------- */

/* The sent-by of the topmost Via. */
static void sent_by(const pipit_request *m, char *out, size_t room)
{
    const char *via = pipit_request_header(m, "Via", 0), *space = via ? strchr(via, ' ') : NULL;

    snprintf(out, room, "%.*s", space ? (int)strcspn(space + 1, ";,") : 0, space ? space + 1 : "");
}

static const wire_end *end_of_via(const walk *w, const char *via)
{
    const wire_end *end = w->ends;

    while (end && strcmp(end->via, via) != 0)
        end = end->next;
    return end;
}

/* By its Contact, or by the name of the account. */
static const wire_end *end_of_uri(walk *w, const char *uri)
{
    const wire_end *named = NULL;
    size_t user = strcspn(uri, "@");

    for (const wire_end *end = w->ends; end; end = end->next) {
        const char *contact = end->owner->ua ? pipit_ua_contact(end->owner->ua) : "";
        char account[64];

        if (!end->up || !end->owner->ua || pipit_ua_socket(end->owner->ua) != end->socket)
            continue;
        snprintf(account, sizeof(account), "sip:%s@example.com", end->owner->user);
        if (strncmp(contact, uri, strcspn(contact, ";?")) == 0)
            return end;
        if (user == strcspn(account, "@") && strncmp(account, uri, strcspn(account, ";")) == 0)
            named = end;
    }
    return named;
}

static void reply(wire_end *to, const pipit_request *request, const char *status, const char *lines)
{
    static const char *const copied[] = {"Via", "From", "Call-ID", "CSeq"};
    const char *target = pipit_request_header(request, "To", 0);
    char text[4096];
    int n = snprintf(text, sizeof(text), "SIP/2.0 %s\r\n", status);

    for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
        n += snprintf(text + n, sizeof(text) - (size_t)n, "%s: %s\r\n", copied[i],
                      pipit_request_header(request, copied[i], 0));
    n += snprintf(text + n, sizeof(text) - (size_t)n, "To: %s%s\r\n%sContent-Length: 0\r\n\r\n",
                  target, *pipit_request_to_tag(request) ? "" : ";tag=wire", lines);
    if (n < (int)sizeof(text))
        send_to(to->w, to, text, (size_t)n);
}

static void serve_register(wire_end *from, const pipit_request *request)
{
    const char *contact = pipit_request_header(request, "Contact", 0);
    const char *expires = pipit_request_header(request, "Expires", 0);
    char lines[600] = "";

    if (contact && *contact == '<' && !(expires && strcmp(expires, "0") == 0) &&
        !strstr(contact, ";expires=0"))
        snprintf(lines, sizeof(lines), "Contact: %.*s;expires=60\r\n",
                 (int)strcspn(contact, ">") + 1, contact);
    if (walk_chance(from->w, 20))
        reply(from, request, "503 Service Unavailable", "Retry-After: 3\r\n");
    else
        reply(from, request, "200 OK", lines);
}

/* The same to somebody else, where he is. */
static void send_copy(wire_end *from, const wire_end *to, const pipit_request *request,
                      const char *text, size_t size)
{
    const char *head_end = memmem(text, size, "\r\n", 2); /* no zero is behind it */
    size_t skipped = head_end ? (size_t)(head_end - text) : size;
    char copy[7000];
    int n = snprintf(copy, sizeof(copy), "%s %s SIP/2.0%.*s", pipit_request_method(request),
                     pipit_ua_contact(to->owner->ua), (int)(size - skipped), text + skipped);

    if (n > 0 && n < (int)sizeof(copy))
        send_to(from->w, to, copy, (size_t)n);
}

/* It rings everywhere, and whoever it rang at hears of the end of it. */
static void serve_others(wire_end *from, const wire_end *to, const pipit_request *request,
                         const char *text, size_t size)
{
    for (const wire_end *end = from->w->ends; end; end = end->next)
        if (end->up && end->owner->ua && end->owner != from->owner && end->owner != to->owner)
            send_copy(from, end, request, text, size);
}

static bool is_of_a_fork(walk *w, const pipit_request *request)
{
    const char *method = pipit_request_method(request);

    if (!w->forking)
        return false;
    if (strcmp(method, "INVITE") == 0)
        return !*pipit_request_to_tag(request);
    return strcmp(method, "CANCEL") == 0 || strcmp(method, "ACK") == 0;
}

static void serve(wire_end *from, const pipit_request *request, const char *text, size_t size)
{
    walk *w = from->w;
    const char *method = pipit_request_method(request);
    const wire_end *to;

    if (strcmp(method, "REGISTER") == 0) {
        serve_register(from, request);
        return;
    }
    if (strcmp(method, "PUBLISH") == 0) {
        reply(from, request, walk_chance(w, 10) ? "412 Conditional Request Failed" : "200 OK",
              "SIP-ETag: x\r\nExpires: 60\r\n");
        return;
    }
    to = end_of_uri(w, pipit_request_ruri(request));
    if (to && is_of_a_fork(w, request))
        serve_others(from, to, request, text, size);
    if (to)
        send_to(w, to, text, size);
    else if (strcmp(method, "ACK") != 0)
        reply(from, request, "480 Temporarily Unavailable", "");
}

/* --- sockets ---------------------------------------------------------------------------------- */

static bool wire_send(void *self, const char *data, size_t size)
{
    wire_end *end = self;
    walk *w = end->w;
    pipit_request *m = NULL;

    if (!end->up)
        return false;
    walk_judge(w, data, size);
    if (w->frozen)
        return true;
    scarce_pause();
    if (pipit_request_parse(data, size, &m))
        walk_fail(w, "%s in:\n%s", pipit_error_message(), data);
    if (pipit_request_status_code(m)) {
        char via[96];
        const wire_end *to;

        sent_by(m, via, sizeof(via));
        to = end_of_via(w, via);
        if (to)
            send_to(w, to, data, size);
    } else {
        sent_by(m, end->via, sizeof(end->via));
        serve(end, m, data, size);
    }
    pipit_request_unref(m);
    scarce_resume();
    return true;
}

static void come_up(void *arg)
{
    wire_end *end = arg;
    pipit_socket *held = pipit_socket_ref(end->socket);

    if (end->w->down || end->w->frozen) {
        pipit_socket_disconnected(held, true, 1006, "nobody is there");
    } else {
        end->up = true;
        pipit_socket_connected(held);
    }
    pipit_socket_unref(held);
}

static void wire_connect(void *self)
{
    wire_end *end = self;

    end->up = false;
    pp_loop_start_timer(sim_loop(end->w->s), &end->timer, 1 + walk_roll(end->w, 20), come_up, end);
}

static void wire_disconnect(void *self)
{
    wire_end *end = self;

    end->up = false;
    pp_loop_stop_timer(sim_loop(end->w->s), &end->timer);
}

static void wire_release(void *self)
{
    wire_end *end = self, **at = &end->w->ends;

    wire_disconnect(self);
    while (*at != end)
        at = &(*at)->next;
    *at = end->next;
    free(end);
}

int wire_socket(agent *a, pipit_socket **out)
{
    static const pipit_socket_interface functions = {.connect = wire_connect,
                                                     .disconnect = wire_disconnect,
                                                     .send = wire_send,
                                                     .release = wire_release};
    wire_end *end = calloc(1, sizeof(*end));
    int err;

    if (!end)
        abort();
    *end = (wire_end){.w = a->w, .owner = a, .number = ++a->w->last_end, .next = a->w->ends};
    a->w->ends = end;
    err = pipit_socket_new(&functions, end, a->w->unreliable ? "UDP" : "WS", "wire",
                           "sip:wire.invalid", &end->socket);
    if (err)
        wire_release(end);
    else
        *out = end->socket;
    return err;
}

/* Those that hear of it may make others and drop these: so it is told one after the other. */
static void break_next(walk *w, uint64_t up_to)
{
    wire_end *end = w->ends;
    pipit_socket *held;

    while (end && !(end->up && end->number <= up_to))
        end = end->next;
    if (!end)
        return;
    end->up = false;
    held = pipit_socket_ref(end->socket);
    pipit_socket_disconnected(held, true, 1006, "it broke");
    pipit_socket_unref(held);
    break_next(w, up_to);
}

void wire_break(walk *w)
{
    break_next(w, w->last_end);
}
