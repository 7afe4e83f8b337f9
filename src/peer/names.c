/* names.c - the W3C's words for the states of a peer connection. */
#include "pipit/peer.h"

#define NAME_OF(names, value)                                                                      \
    ((unsigned)(value) < sizeof(names) / sizeof((names)[0]) ? (names)[value] : "")

const char *pipit_signaling_state_name(pipit_signaling_state state)
{
    static const char *const names[] = {"stable",
                                        "have-local-offer",
                                        "have-remote-offer",
                                        "have-local-pranswer",
                                        "have-remote-pranswer",
                                        "closed"};

    return NAME_OF(names, state);
}

const char *pipit_ice_gathering_state_name(pipit_ice_gathering_state state)
{
    static const char *const names[] = {"new", "gathering", "complete"};

    return NAME_OF(names, state);
}

const char *pipit_ice_connection_state_name(pipit_ice_connection_state state)
{
    static const char *const names[] = {"new",          "checking", "connected",
                                        "disconnected", "failed",   "closed"};

    return NAME_OF(names, state);
}

const char *pipit_connection_state_name(pipit_connection_state state)
{
    static const char *const names[] = {"new",          "connecting", "connected",
                                        "disconnected", "failed",     "closed"};

    return NAME_OF(names, state);
}

const char *pipit_direction_name(pipit_direction direction)
{
    static const char *const names[] = {"sendrecv", "sendonly", "recvonly",
                                        "inactive", "stopped",  ""};

    return NAME_OF(names, direction);
}

const char *pipit_description_type_name(pipit_description_type type)
{
    static const char *const names[] = {"offer", "pranswer", "answer", "rollback"};

    return NAME_OF(names, type);
}
