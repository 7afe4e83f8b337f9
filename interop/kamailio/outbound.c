/* outbound.c - outbound (RFC 5626), GRUU (RFC 5627) and Path (RFC 3327) as far as Kamailio does them. */
#include <string.h>

#include "interop/kamailio/agent.h"
#include "interop/kamailio/cases.h"
#include "interop/kamailio/location.h"

#define ONE_ID "11111111-2222-4333-8444-555555555555"
#define TWO_ID "66666666-7777-4888-9999-aaaaaaaaaaaa"

/* Two user agents of one account: the GRUU reaches one, the address both. */
static bool gruu_means_one(stage *s, int how)
{
    agent one = {0}, two = {0}, bob = {0};
    bool good = agent_register(&one, s, &s->first, (via)how,
                               &(agent_options){.user = "alice", .instance_id = ONE_ID}) &&
                agent_register(&two, s, &s->first, (via)how,
                               &(agent_options){.user = "alice", .instance_id = TWO_ID}) &&
                agent_register(&bob, s, &s->first, (via)how, &(agent_options){.user = "bob"});

    if (!good)
        goto out;
    NEED(s, strstr(one.gruu, ONE_ID) && strstr(two.gruu, TWO_ID), "the GRUUs are '%s' and '%s'",
         one.gruu, two.gruu);
    NEED(s, agent_say(&bob, two.gruu, "you alone") == 200, "a message to %s was not taken",
         two.gruu);
    NEED(s, one.messages == 0 && two.messages == 1, "%u came to one, %u to the other", one.messages,
         two.messages);
    NEED(s, agent_say(&bob, "alice", "all of you") == 200, "a message to both was not taken");
    stage_rest(s, 100);
    NEED(s, one.messages == 1 && two.messages == 2, "to both: %u came to one, %u to the other",
         one.messages, two.messages);
out:
    agent_stop(&one);
    agent_stop(&two);
    agent_stop(&bob);
    return good;
}

/* RFC 5626 section 4.2.1: the same instance and reg-id replace the binding of the flow that was lost. */
static bool a_flow_replaces_its_binding(stage *s, int how)
{
    agent old = {0}, new = {0};
    const agent_options options = {.user = "alice", .instance_id = ONE_ID};
    bool good = agent_register(&old, s, &s->first, (via)how, &options) &&
                agent_register(&new, s, &s->first, (via)how, &options);

    if (!good)
        goto out;
    NEED(s, pipit_ua_outbound(old.ua) && pipit_ua_outbound(new.ua),
         "the registrar did not require outbound");
    NEED(s, location_bindings(s, &s->first, "alice") == 1, "the old binding is not replaced: %s",
         s->answer);
    NEED(s, strstr(s->answer, new.contact), "the binding is the old one: %s", s->answer);
out:
    agent_stop(&new);
    agent_stop(&old);
    return good;
}

/* RFC 3327: registered through an edge proxy, and reached through it. */
static bool path_leads_through_the_edge(stage *s, int how)
{
    agent alice = {0}, bob = {0};
    char path[LOCATION_VALUE_MAX] = "", edge[64];
    unsigned passed = server_logged(s, &s->edge, "edge MESSAGE bob");
    bool good = agent_register(&alice, s, &s->edge, (via)how, &(agent_options){.user = "alice"}) &&
                agent_register(&bob, s, &s->first, (via)how, &(agent_options){.user = "bob"});

    if (!good)
        goto out;
    snprintf(edge, sizeof(edge), "@127.0.0.1:%d", s->edge.port);
    NEED(s, location_bindings(s, &s->first, "alice") == 1, "not one binding: %s", s->answer);
    NEED(s, location_field(s, "Path", path) && strstr(path, edge) && strstr(path, ";ob"),
         "the Path is '%s'", path);
    NEED(s, pipit_ua_outbound(alice.ua), "the registrar did not require outbound");
    NEED(s, agent_say(&bob, "alice", "on the path") == 200 && alice.messages == 1,
         "a message does not reach it by its path");
    NEED(s, agent_say(&alice, "bob", "and back") == 200 && bob.messages == 1,
         "a message from behind the edge does not arrive");
    NEED(s, server_logged(s, &s->edge, "edge MESSAGE bob") > passed, "it did not pass the edge");
out:
    agent_stop(&alice);
    agent_stop(&bob);
    return good;
}

const test_case outbound_cases[] = {
    {"a GRUU reaches one of two instances, the address both", gruu_means_one, VIA_WS},
    {"outbound: a new flow replaces the binding of the old one", a_flow_replaces_its_binding,
     VIA_WS},
    {"path: registered and reached through an edge proxy, ws", path_leads_through_the_edge, VIA_WS},
    {"path: registered and reached through an edge proxy, wss", path_leads_through_the_edge,
     VIA_WSS},
    {"path: registered and reached through an edge proxy, tcp", path_leads_through_the_edge,
     VIA_TCP},
    {"path: registered and reached through an edge proxy, tls", path_leads_through_the_edge,
     VIA_TLS},
    {"path: registered and reached through an edge proxy, udp", path_leads_through_the_edge,
     VIA_UDP},
    {0},
};
