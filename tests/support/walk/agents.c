/* agents.c - user agents made, started and let go. */
#include "support/walk/inside.h"

#include "ua/ua.h"

#include <stdio.h>

static int make_socket(agent *a, pipit_socket **out)
{
    walk *w = a->w;

    if (w->plan.world == WALK_WIRE)
        return wire_socket(a, out);
    return pipit_websocket_new(sim_loop(w->s), "ws://sip.example.com:8080", out);
}

void agent_new_ua(agent *a)
{
    walk *w = a->w;
    char uri[64];
    pipit_ua_configuration c = {.handlers = &walk_ua_handlers,
                                .user = a,
                                .uri = uri,
                                .password = walk_chance(w, 20) ? "wrong" : a->password,
                                .no_register = w->plan.world == WALK_WIRE && walk_chance(w, 3),
                                .registration_retry_interval = 30,
                                .session_timers_force_refresher = walk_chance(w, 4),
                                .reliable_provisionals = walk_chance(w, 6) ? PIPIT_RELIABLE_NONE
                                                         : walk_chance(w, 8)
                                                             ? PIPIT_RELIABLE_REQUIRED
                                                             : PIPIT_RELIABLE_SUPPORTED,
                                .auto_answer = walk_chance(w, 4),
                                .connection_return_interval = walk_chance(w, 4) ? 20 : 0};
    int err;

    snprintf(uri, sizeof(uri), "sip:%s@example.com", a->user);
    c.session_timers_refresh_method = walk_chance(w, 3) ? "INVITE" : NULL;
    acts_begin(w);
    err = make_socket(a, &c.sockets[0].socket);
    if (!err)
        err = pp_ua_new(sim_loop(w->s), &c,
                        w->plan.world == WALK_CALLS ? pp_media_peer_new : walk_media_new, &a->ua);
    pipit_socket_unref(c.sockets[0].socket);
    acts_end(a, "ua_new", err, 0);
    if (err)
        return;
    a->stopping = false;
    acts_begin(w);
    acts_end(a, "ua_start", pipit_ua_start(a->ua), 0);
}

void agent_release(agent *a)
{
    pipit_ua *ua = a->ua;

    if (!ua)
        return;
    walk_note(a->w, "%s: user agent released", a->user);
    a->ua = NULL;
    a->gone = true;
    a->stopping = false;
    pipit_ua_unref(ua);
}

void agents_settle(walk *w)
{
    for (unsigned i = 0; i < w->agent_count; i++) {
        agent *a = &w->agents[i];

        if (a->gone)
            a->life++;
        a->gone = false;
    }
}
