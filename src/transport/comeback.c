/* comeback.c - back to a preferred server while a lesser one works: now and then a heavier socket is tried beside the one in use,
 * and takes over when nothing would be disturbed. */
#include "base/log.h"
#include "transport/inside.h"

static void on_return_time(void *arg);

static bool has_better(const pp_transport *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->members[i].weight > t->current->weight)
            return true;
    return false;
}

/* Clients that lost a server in the same moment do not all come back in one. */
void pp_transport_plan_return(pp_transport *t)
{
    uint64_t half_ms = (uint64_t)t->return_s * 500;

    pp_loop_stop_timer(t->loop, &t->return_timer);
    if (t->return_s && has_better(t))
        pp_loop_start_timer(t->loop, &t->return_timer,
                            half_ms + half_ms / 2 + pp_rng_u64(&t->loop->rng) % (half_ms + 1),
                            on_return_time, t);
}

void pp_transport_stop_return(pp_transport *t)
{
    pp_member *probe = t->probe;

    pp_loop_stop_timer(t->loop, &t->return_timer);
    t->probe = NULL;
    if (probe)
        pp_socket_disconnect(probe->socket);
}

static bool is_idle(const pp_transport *t)
{
    return !t->handlers->idle || t->handlers->idle(t->arg);
}

static void on_probe_timeout(void *arg)
{
    pp_transport *t = arg;

    pp_socket_disconnect(t->probe->socket);
    pp_transport_probe_down(t);
}

/* Of those that are better, the next that has not failed; when all have, they are tried anew. */
static pp_member *pick_better(pp_transport *t)
{
    pp_member *m = pp_transport_pick(t, t->current->weight + 1);

    if (m)
        return m;
    for (size_t i = 0; i < t->count; i++)
        if (t->members[i].weight > t->current->weight)
            t->members[i].failed = false;
    return pp_transport_pick(t, t->current->weight + 1);
}

static void on_return_time(void *arg)
{
    pp_transport *t = arg;

    if (!is_idle(t)) {
        pp_transport_plan_return(t);
        return;
    }
    t->probe = pick_better(t);
    pp_log_debug("Transport", "trying to return to %s", pipit_socket_url(t->probe->socket));
    pp_loop_start_timer(t->loop, &t->return_timer, (uint64_t)t->connect_timeout_s * 1000,
                        on_probe_timeout, t);
    pp_transport_enter(t);
    pp_socket_connect(t->probe->socket);
    pp_transport_leave(t);
}

void pp_transport_probe_down(pp_transport *t)
{
    t->probe->failed = true;
    t->probe = NULL;
    pp_transport_plan_return(t);
}

static bool is_round(const pp_transport *t, unsigned round)
{
    return t->state == PP_TRANSPORT_CONNECTING && t->round == round;
}

/* The same events as when the connection is lost and made again. */
static void move(pp_transport *t)
{
    pp_transport_loss loss = {.socket = t->current->socket,
                              .reason = "returning to a preferred server",
                              .recovering = true};
    unsigned round = ++t->round;

    pp_socket_disconnect(t->current->socket);
    t->current = t->probe;
    t->probe = NULL;
    t->state = PP_TRANSPORT_CONNECTING;
    pp_loop_stop_timer(t->loop, &t->return_timer);
    pp_transport_enter(t);
    t->handlers->disconnected(t->arg, &loss);
    if (is_round(t, round))
        t->handlers->connecting(t->arg, t->current->socket, 0);
    if (is_round(t, round))
        pp_transport_up(t);
    pp_transport_leave(t);
}

void pp_transport_probe_up(pp_transport *t)
{
    if (is_idle(t)) {
        move(t);
        return;
    }
    pp_transport_stop_return(t); /* a call has begun meanwhile: another time */
    pp_transport_plan_return(t);
}
