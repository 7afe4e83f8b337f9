/* all.c - what becomes of all subscriptions and publications with the connection and with the user agent. */
#include "ua/subscription/asked.h"

void pp_subscriptions_connected(pipit_ua *ua)
{
    pp_subscribers_connected(ua);
    pp_notifiers_connected(ua);
    pp_publishers_connected(ua);
}

void pp_subscriptions_close(pipit_ua *ua)
{
    pp_subscribers_close(ua);
    pp_notifiers_close(ua);
    pp_publishers_close(ua);
    pp_asked_close(ua);
}

void pp_subscriptions_give_up(pipit_ua *ua)
{
    pp_subscribers_give_up(ua);
    pp_publishers_give_up(ua);
}

void pp_subscriptions_detach(pipit_ua *ua)
{
    pp_subscribers_detach(ua);
    pp_notifiers_detach(ua);
    pp_publishers_detach(ua);
    pp_asked_detach(ua);
}

bool pp_subscriptions_wait(const pipit_ua *ua)
{
    return pp_subscribers_wait(ua) || pp_publishers_wait(ua);
}
