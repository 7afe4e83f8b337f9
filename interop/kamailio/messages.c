/* messages.c - MESSAGE and OPTIONS through Kamailio, between user agents on unlike transports. */
#include <string.h>

#include "interop/kamailio/agent.h"
#include "interop/kamailio/cases.h"

#define ROUTE(from, to) ((from)*VIA_COUNT + (to))

static bool says(agent *from, agent *to, const char *target, const char *text)
{
    unsigned before = to->messages;
    int status = agent_say(from, target, text);
    stage *s = from->stage;

    if (status != 200)
        return stage_fail(s, "%s's message was answered %d", from->user, status);
    if (to->messages != before + 1 || strcmp(to->message ? to->message : "", text) != 0)
        return stage_fail(s, "%s got %u messages, the last is '%.60s'", to->user,
                          to->messages - before, to->message ? to->message : "");
    return true;
}

static bool queries(agent *from, agent *to, const char *target)
{
    int status = agent_query(from, target);
    stage *s = from->stage;

    if (status != 200)
        return stage_fail(s, "%s's OPTIONS were answered %d", from->user, status);
    return agent_wire(to, "< OPTIONS") == 1 ||
           stage_fail(s, "%u OPTIONS came to %s", agent_wire(to, "< OPTIONS"), to->user);
}

static bool both_ways(stage *s, via from, via to)
{
    agent alice = {0}, bob = {0};
    bool good = agent_register(&alice, s, &s->first, from, &(agent_options){.user = "alice"}) &&
                agent_register(&bob, s, &s->first, to, &(agent_options){.user = "bob"}) &&
                says(&alice, &bob, "bob", "hello, Bob") &&
                says(&bob, &alice, "sip:alice@" DOMAIN, "Grüße 🐦 \"1\" %2 \\3") &&
                queries(&alice, &bob, "bob") && queries(&bob, &alice, "alice");

    agent_stop(&alice);
    agent_stop(&bob);
    return good;
}

static bool both_ways_with_each(stage *s, int from)
{
    char reason[sizeof(s->reason)];

    for (int to = from; to < VIA_COUNT; to++)
        if (!both_ways(s, (via)from, (via)to)) {
            snprintf(reason, sizeof(reason), "%s", s->reason);
            return stage_fail(s, "%s and %s: %.500s", via_names[from], via_names[to], reason);
        }
    return true;
}

static bool is_long(stage *s, int how)
{
    agent alice = {0}, bob = {0};
    static char text[8000];
    bool good = agent_register(&alice, s, &s->first, (via)how, &(agent_options){.user = "alice"}) &&
                agent_register(&bob, s, &s->first, (via)how, &(agent_options){.user = "bob"});

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)('a' + i % 26);
    text[sizeof(text) - 1] = '\0';
    good = good && says(&alice, &bob, "bob", text);
    agent_stop(&alice);
    agent_stop(&bob);
    return good;
}

/* The server does not see the first copy of any request: each is sent again after T1 (RFC 3261 section 17.1.2.2). */
static bool sends_again(stage *s, int how)
{
    static const char *const lose[] = {"X-Lose: yes", NULL};
    agent alice = {0}, bob = {0};
    bool good = agent_register(&alice, s, &s->first, (via)how,
                               &(agent_options){.user = "alice", .extra_headers = lose}) &&
                agent_register(&bob, s, &s->first, (via)how, &(agent_options){.user = "bob"}) &&
                says(&alice, &bob, "bob", "do you hear me?");
    unsigned tries;

    agent_stop(&alice);
    agent_stop(&bob);
    tries = server_logged(s, &s->first, "lost");
    if (good && tries < 4) /* REGISTER and MESSAGE, with and without credentials */
        return stage_fail(s, "%u requests were lost", tries);
    return good && stage_note(s, "%u requests were lost", tries);
}

static bool nobody_there(stage *s, int how)
{
    agent alice = {0};
    bool good = agent_register(&alice, s, &s->first, (via)how, &(agent_options){.user = "alice"});
    int status;

    if (!good)
        goto out;
    status = agent_say(&alice, "dave", "are you there?");
    NEED(s, status == 480, "a message to somebody who is not registered: %d", status);
    status = agent_say(&alice, "nemo", "are you there?");
    NEED(s, status == 404, "a message to somebody unknown: %d", status);
out:
    agent_stop(&alice);
    return good;
}

/* A request out of a dialog that no user agent of ours sends. */
static bool answers_options(stage *s, int how)
{
    agent alice = {0};
    char next_hop[64];
    const char *const question[] = {
        "tm.t_uac_wait_block",
        "OPTIONS",
        "sip:alice@" DOMAIN,
        next_hop,
        ".",
        "From: <sip:probe@" DOMAIN ">;tag=probe\r\nTo: <sip:alice@" DOMAIN
        ">\r\nContent-Type: text/plain\r\n",
        NULL,
    };
    bool good = agent_register(&alice, s, &s->first, (via)how, &(agent_options){.user = "alice"});

    if (!good)
        goto out;
    snprintf(next_hop, sizeof(next_hop), "sip:127.0.0.1:%d;transport=udp", s->first.port);
    NEED(s, stage_ask(s, &s->first, question), "kamcmd: %s", s->answer);
    NEED(s, strstr(s->answer, "code: 200"), "OPTIONS of the server was answered so: %s", s->answer);
    NEED(s, agent_wire(&alice, "< OPTIONS") == 1 && agent_wire(&alice, "> SIP/2.0 200") == 1,
         "%u OPTIONS came", agent_wire(&alice, "< OPTIONS"));
out:
    agent_stop(&alice);
    return good;
}

const test_case message_cases[] = {
    {"MESSAGE and OPTIONS both ways, ws with ws, wss, tcp, tls and udp", both_ways_with_each,
     VIA_WS},
    {"MESSAGE and OPTIONS both ways, wss with wss, tcp, tls and udp", both_ways_with_each, VIA_WSS},
    {"MESSAGE and OPTIONS both ways, tcp with tcp, tls and udp", both_ways_with_each, VIA_TCP},
    {"MESSAGE and OPTIONS both ways, tls with tls and udp", both_ways_with_each, VIA_TLS},
    {"MESSAGE and OPTIONS both ways, udp with udp", both_ways_with_each, VIA_UDP},
    {"a message of 8,000 octets arrives whole, wss", is_long, VIA_WSS},
    {"a message of 8,000 octets arrives whole, tcp", is_long, VIA_TCP},
    {"a message of 8,000 octets arrives whole, udp", is_long, VIA_UDP},
    {"what the server does not see over udp is sent again", sends_again, VIA_UDP},
    {"a message to nobody: 480, to somebody unknown: 404", nobody_there, VIA_WS},
    {"OPTIONS of the server is answered over ws", answers_options, VIA_WS},
    {"OPTIONS of the server is answered over wss", answers_options, VIA_WSS},
    {"OPTIONS of the server is answered over tcp", answers_options, VIA_TCP},
    {"OPTIONS of the server is answered over tls", answers_options, VIA_TLS},
    {"OPTIONS of the server is answered over udp", answers_options, VIA_UDP},
    {0},
};
