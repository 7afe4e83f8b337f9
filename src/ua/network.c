/* network.c - the machine's addresses change: what depended on one that is gone is moved, the connection first. Behind that come the
 * registration and the calls, as behind every new connection (connection.c, session/survive.c). */
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

static void follow(pipit_ua *ua, bool came)
{
    pipit_ua_ref(ua);
    pp_log_debug("UA", "the network has changed");
    pp_transport_network_changed(ua->transport);
    if (ua->started) /* a handler may have stopped us */
        pp_survival_network(ua, came);
    pipit_ua_unref(ua);
}

static void on_changed(void *arg, pp_network_change change)
{
    follow(arg, change.came);
}

int pp_ua_watch_network(pipit_ua *ua)
{
    if (ua->settings.network_changes == PIPIT_NETWORK_IGNORE || ua->network.changed)
        return 0;
    return pp_loop_hear_network(ua->loop, &ua->network, on_changed, ua);
}

void pp_ua_unwatch_network(pipit_ua *ua)
{
    pp_loop_unhear_network(ua->loop, &ua->network);
}

int pipit_ua_network_changed(pipit_ua *ua)
{
    if (!ua)
        return pp_error(PIPIT_ERR_ARGUMENT, "network: the user agent is missing");
    if (ua->started)
        follow(ua, true);
    return 0;
}
