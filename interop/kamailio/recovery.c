/* recovery.c - a Kamailio that is killed and started again, and one that is frozen: half-open connections. */
#include <string.h>

#include "interop/kamailio/agent.h"
#include "interop/kamailio/cases.h"
#include "interop/kamailio/location.h"

#define BACK_OFF_MS 1000u /* as the agents are configured */
#define GRACE_MS    2000u /* issue: registered again within so long, plus the back-off */
#define PING_MS     500u

static const char *const users[VIA_COUNT] = {"alice", "bob", "carol", "dave", "erin"};

typedef struct troupe {
    agent agents[VIA_CONNECTED]; /* one for each transport */
    unsigned registered;         /* how often each has */
} troupe;

static bool all_registered(void *arg)
{
    const troupe *all = arg;

    for (int how = 0; how < VIA_CONNECTED; how++)
        if (all->agents[how].registered < all->registered)
            return false;
    return true;
}

static bool all_lost(void *arg)
{
    const troupe *all = arg;

    for (int how = 0; how < VIA_CONNECTED; how++)
        if (all->agents[how].unregistered < all->registered)
            return false;
    return true;
}

static bool check_bindings(stage *s, unsigned round)
{
    for (int how = 0; how < VIA_CONNECTED; how++) {
        int n = location_bindings(s, &s->first, users[how]);

        if (n != 1)
            return stage_fail(s, "round %u: the registrar holds %d bindings over %s: %s", round, n,
                              via_names[how], s->answer);
    }
    return true;
}

/* Once: killed, seen by all, started, all are back. @return the time that took since it listens, 0 after a failure */
static unsigned kill_and_start(stage *s, troupe *all, unsigned round)
{
    uint64_t start_ms;

    server_kill(&s->first);
    if (!stage_wait(s, all_lost, all, 2000)) {
        stage_fail(s, "round %u: not all noticed that the server was killed", round);
        return 0;
    }
    if (round % 10 == 5) /* sometimes the first attempts must fail */
        stage_rest(s, BACK_OFF_MS + 200);
    all->registered++;
    if (!server_start(s, &s->first)) {
        stage_fail(s, "round %u: the server did not start", round);
        return 0;
    }
    start_ms = stage_now_ms();
    if (!stage_wait(s, all_registered, all, BACK_OFF_MS + GRACE_MS)) {
        stage_fail(s, "round %u: not all were registered within %u ms", round,
                   BACK_OFF_MS + GRACE_MS);
        return 0;
    }
    return check_bindings(s, round) ? (unsigned)(stage_now_ms() - start_ms) + 1 : 0;
}

static bool survives_restarts(stage *s, int unused)
{
    troupe all = {.registered = 1};
    unsigned longest_ms = 0, sum_ms = 0;
    bool good = true;

    (void)unused;
    for (int how = 0; good && how < VIA_CONNECTED; how++)
        good = agent_register(&all.agents[how], s, &s->first, (via)how,
                              &(agent_options){.user = users[how]});
    for (unsigned round = 1; good && round <= s->restarts; round++) {
        unsigned ms = kill_and_start(s, &all, round);

        good = ms > 0;
        sum_ms += ms;
        longest_ms = ms > longest_ms ? ms : longest_ms;
    }
    for (int how = 0; how < VIA_CONNECTED; how++)
        agent_stop(&all.agents[how]);
    return good && stage_note(s, "%u times, %u ms at the longest, %u on average", s->restarts,
                              longest_ms, sum_ms / s->restarts);
}

/* Killed again the moment it listens, so that it hits every step of connecting and registering. */
static bool survives_a_crash_loop(stage *s, int how)
{
    agent alice = {0};
    unsigned before;
    bool good = agent_register(&alice, s, &s->first, (via)how, &(agent_options){.user = "alice"});

    for (unsigned round = 0; good && round < 6; round++) {
        server_kill(&s->first);
        NEED(s, server_start(s, &s->first), "the server did not start");
        before = alice.connected;
        if (round % 2)
            agent_wait(&alice, &alice.connected, before + 1, 1500);
        stage_rest(s, round);
    }
    if (!good)
        goto out;
    NEED(s, agent_wait(&alice, &alice.registered, alice.unregistered + 1, BACK_OFF_MS + GRACE_MS),
         "not registered after it");
    NEED(s, location_bindings(s, &s->first, "alice") == 1, "the registrar has not one binding: %s",
         s->answer);
out:
    agent_stop(&alice);
    return good;
}

/* How long after the freeze each notices: its pings and what it waits for the answer (RFC 5626 section 4.4.1: 10 s). */
static const unsigned notices_ms[VIA_COUNT] = {
    [VIA_WS] = 2 * PING_MS,      [VIA_WSS] = 2 * PING_MS,     [VIA_TCP] = PING_MS + 10000,
    [VIA_TLS] = PING_MS + 10000, [VIA_UDP] = PING_MS + 32000,
};

/* Waits until an agent has noticed and is registered at the second server. */
static bool has_moved(stage *s, agent *it, via how, uint64_t frozen_ms)
{
    uint64_t latest_ms = frozen_ms + notices_ms[how] + 500, now_ms = stage_now_ms();

    if (!agent_wait(it, &it->disconnected, 1,
                    latest_ms > now_ms ? (unsigned)(latest_ms - now_ms) : 0))
        return stage_fail(s, "over %s: not noticed within %u ms", via_names[how],
                          notices_ms[how] + 500);
    if (!agent_wait(it, &it->registered, 2, BACK_OFF_MS + GRACE_MS))
        return stage_fail(s, "over %s: it did not register at the second server", via_names[how]);
    return location_bindings(s, &s->second, it->user) == 1 ||
           stage_fail(s, "over %s: the second registrar has not one binding: %s", via_names[how],
                      s->answer);
}

/* Nothing closes the connections: only pings tell. The second server takes over. */
static bool leave_a_frozen_server(stage *s, via first, via last)
{
    agent agents[VIA_COUNT] = {0};
    uint64_t start_ms;
    bool good = true;

    for (via how = first; good && how <= last; how++)
        good = agent_register(
            &agents[how], s, &s->first, how,
            &(agent_options){.user = users[how], .ping_ms = PING_MS, .second = &s->second});
    if (!good)
        goto out;
    stage_rest(s, 2 * PING_MS); /* what was never answered may not be understood */
    server_freeze(&s->first);
    start_ms = stage_now_ms();
    for (via how = first; good && how <= last; how++)
        good = has_moved(s, &agents[how], how, start_ms);
    if (!good)
        goto out;
    stage_note(s, "elsewhere after %.1f s", (double)(stage_now_ms() - start_ms) / 1000);
    NEED(s,
         first == last || (agent_say(&agents[first], users[last], "here, too?") == 200 &&
                           agents[last].messages == 1),
         "a message does not pass the second server");
out:
    server_thaw(&s->first);
    for (via how = first; how <= last; how++)
        agent_stop(&agents[how]);
    return good;
}

static bool connections_leave_a_frozen_server(stage *s, int unused)
{
    (void)unused;
    return leave_a_frozen_server(s, VIA_WS, VIA_TLS);
}

static bool datagrams_leave_a_frozen_server(stage *s, int unused)
{
    (void)unused;
    return leave_a_frozen_server(s, VIA_UDP, VIA_UDP);
}

/* There is no second: when it goes on it has us again, with one binding. */
static bool comes_back_to_a_thawed_server(stage *s, int how)
{
    agent alice = {0};
    bool good = agent_register(&alice, s, &s->first, (via)how,
                               &(agent_options){.user = "alice", .ping_ms = PING_MS});

    if (!good)
        goto out;
    server_freeze(&s->first);
    NEED(s, agent_wait(&alice, &alice.unregistered, 1, 2 * PING_MS + 500), "not noticed");
    stage_rest(s, BACK_OFF_MS + 500);
    server_thaw(&s->first);
    NEED(s, agent_wait(&alice, &alice.registered, 2, 2 * BACK_OFF_MS + GRACE_MS),
         "not registered again after the thaw");
    NEED(s, location_bindings(s, &s->first, "alice") == 1, "not one binding: %s", s->answer);
    NEED(s, strstr(s->answer, alice.contact), "the binding is another one: %s", s->answer);
out:
    server_thaw(&s->first);
    agent_stop(&alice);
    return good;
}

/* pipit_ua_stop() has 2 s when the registrar says nothing any more. */
static bool stops_while_frozen(stage *s, int how)
{
    agent alice = {0};
    uint64_t start_ms;
    bool good = agent_register(&alice, s, &s->first, (via)how, &(agent_options){.user = "alice"});

    if (!good)
        goto out;
    server_freeze(&s->first);
    start_ms = stage_now_ms();
    agent_stop(&alice);
    NEED(s, alice.stopped == 1 && stage_now_ms() - start_ms < 2500, "it took %u ms to stop",
         (unsigned)(stage_now_ms() - start_ms));
out:
    server_thaw(&s->first);
    agent_stop(&alice);
    return good;
}

/* The preferred server dies; the second serves until the first is back. */
static bool returns_to_the_preferred(stage *s, int how)
{
    agent alice = {0}, bob = {0};
    const agent_options options = {.user = "alice", .second = &s->second, .return_s = 1};
    bool good = agent_register(&alice, s, &s->first, (via)how, &options);

    if (!good)
        goto out;
    server_kill(&s->first);
    NEED(s, agent_wait(&alice, &alice.registered, 2, BACK_OFF_MS + GRACE_MS),
         "not registered at the second server");
    NEED(s, location_bindings(s, &s->second, "alice") == 1, "the second has not one binding: %s",
         s->answer);
    NEED(s, server_start(s, &s->first), "the server did not start");
    NEED(s, agent_wait(&alice, &alice.registered, 3, 1250 + GRACE_MS),
         "not registered at the first server again");
    NEED(s, location_bindings(s, &s->first, "alice") == 1, "the first has not one binding: %s",
         s->answer);
    good = agent_register(&bob, s, &s->first, (via)how, &(agent_options){.user = "bob"});
    NEED(s, good && agent_say(&bob, "alice", "are you back?") == 200 && alice.messages == 1,
         "a message does not reach it through the first server");
out:
    if (!s->first.pid)
        server_start(s, &s->first);
    agent_stop(&alice);
    agent_stop(&bob);
    return good;
}

/* The kernel of a frozen server still accepts connections, but nobody answers. */
static bool leaves_a_server_frozen_from_the_start(stage *s, int how)
{
    agent alice = {0};
    bool good;

    server_freeze(&s->first);
    good = agent_start(&alice, s, &s->first, (via)how,
                       &(agent_options){.user = "alice", .second = &s->second});
    if (!good)
        goto out;
    NEED(s, agent_wait(&alice, &alice.registered, 1, 1000 + BACK_OFF_MS + GRACE_MS),
         "it did not register at the second server");
    NEED(s, location_bindings(s, &s->second, "alice") == 1,
         "the second registrar has not one binding: %s", s->answer);
out:
    server_thaw(&s->first);
    agent_stop(&alice);
    return good;
}

const test_case recovery_cases[] = {
    {"the server is killed and started: registered again", survives_restarts, 0},
    {"the server is killed the moment it listens, 6 times", survives_a_crash_loop, VIA_WS},
    {"the server is frozen: ws, wss, tcp and tls notice, the second takes over",
     connections_leave_a_frozen_server, 0},
    {"the server is frozen for a while and goes on", comes_back_to_a_thawed_server, VIA_WSS},
    {"the server is frozen while we stop", stops_while_frozen, VIA_WS},
    {"the server is killed: the second serves until the first is back", returns_to_the_preferred,
     VIA_WS},
    {"the server is frozen before we connect", leaves_a_server_frozen_from_the_start, VIA_WS},
    {0},
};

const test_case long_cases[] = {
    {"the server is frozen: udp notices, the second takes over", datagrams_leave_a_frozen_server,
     0},
    {0},
};
