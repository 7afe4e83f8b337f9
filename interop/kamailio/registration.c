/* registration.c - REGISTER against Kamailio, looked at from both sides. */
#include <stdlib.h>
#include <string.h>

#include "interop/kamailio/agent.h"
#include "interop/kamailio/cases.h"
#include "interop/kamailio/location.h"

#define ONE_ID "11111111-2222-4333-8444-555555555555"
#define TWO_ID "66666666-7777-4888-9999-aaaaaaaaaaaa"

static bool registers(stage *s, int how)
{
    agent alice = {0};
    char value[LOCATION_VALUE_MAX];
    bool good = agent_register(&alice, s, &s->first, (via)how, &(agent_options){.user = "alice"});

    if (!good)
        goto out;
    NEED(s, location_bindings(s, &s->first, "alice") == 1,
         "the registrar has another number of bindings: %s", s->answer);
    NEED(s, location_field(s, "Address", value) && strcmp(value, alice.contact) == 0,
         "the binding is no Contact of ours: %s", value);
    NEED(s, location_field(s, "Reg-Id", value) && strcmp(value, "1") == 0,
         "the registrar noted no reg-id: %s", s->answer);
    agent_stop(&alice);
    NEED(s, alice.stopped == 1, "it did not stop");
    NEED(s, location_bindings(s, &s->first, "alice") == 0,
         "the binding is still there after the stop: %s", s->answer);
out:
    agent_stop(&alice);
    return good;
}

static bool wrong_password(stage *s, int how)
{
    agent alice = {0};
    bool good = agent_start(&alice, s, &s->first, (via)how,
                            &(agent_options){.user = "alice", .password = "mirror"});

    if (!good)
        goto out;
    NEED(s, agent_wait(&alice, &alice.registration_failed, 1, 3000), "no failure was reported");
    NEED(s, alice.cause == PIPIT_CAUSE_AUTHENTICATION_ERROR, "the cause is '%s'",
         pipit_cause_name(alice.cause));
    NEED(s, agent_wire(&alice, "> REGISTER") == 2, "%u REGISTER were sent, not two",
         agent_wire(&alice, "> REGISTER"));
    NEED(s, location_bindings(s, &s->first, "alice") == 0, "there is a binding: %s", s->answer);
out:
    agent_stop(&alice);
    return good;
}

static bool refreshes(stage *s, int how)
{
    agent alice = {0};
    char first[LOCATION_VALUE_MAX] = "", second[LOCATION_VALUE_MAX] = "";
    uint64_t start_ms = stage_now_ms();
    bool good = agent_register(&alice, s, &s->first, (via)how,
                               &(agent_options){.user = "alice", .expires = 10});

    if (!good)
        goto out;
    location_bindings(s, &s->first, "alice");
    NEED(s, location_field(s, "CSeq", first), "there is no binding: %s", s->answer);
    while (agent_wire(&alice, "< SIP/2.0 200") < 2 && stage_now_ms() < start_ms + 9000)
        stage_rest(s, 50);
    NEED(s, location_bindings(s, &s->first, "alice") == 1, "another number of bindings: %s",
         s->answer);
    location_field(s, "CSeq", second);
    NEED(s, strcmp(first, second) != 0, "not refreshed within 9 s of 10");
    location_field(s, "Expires", second);
    NEED(s, strtol(second, NULL, 10) >= 9, "the refreshed binding runs out in %s s", second);
    NEED(s, alice.registered == 1, "`registered` came %u times", alice.registered);
    good = stage_note(s, "after %.1f s of 10", (double)(stage_now_ms() - start_ms) / 1000);
out:
    agent_stop(&alice);
    return good;
}

static bool lengthens(stage *s, int how)
{
    agent alice = {0};
    bool good = agent_register(&alice, s, &s->first, (via)how,
                               &(agent_options){.user = "alice", .expires = 5});

    if (!good)
        goto out;
    NEED(s, agent_wire(&alice, "< SIP/2.0 423") == 1, "there was no 423");
    NEED(s, pipit_ua_registration_expires(alice.ua) == 10, "granted are %u s",
         pipit_ua_registration_expires(alice.ua));
out:
    agent_stop(&alice);
    return good;
}

/* Two user agents of one account; the first removes its own binding, then the second everybody's. */
static bool unregisters(stage *s, int how)
{
    agent one = {0}, two = {0};
    bool good = agent_register(&one, s, &s->first, (via)how,
                               &(agent_options){.user = "alice", .instance_id = ONE_ID}) &&
                agent_register(&two, s, &s->first, (via)how,
                               &(agent_options){.user = "alice", .instance_id = TWO_ID});

    if (!good)
        goto out;
    NEED(s, location_bindings(s, &s->first, "alice") == 2, "not two bindings: %s", s->answer);
    NEED(s, pipit_ua_unregister(one.ua, false) == 0, "refused: %s", pipit_error_message());
    NEED(s, agent_wait(&one, &one.unregistered, 1, 2000), "no `unregistered`");
    NEED(s, location_bindings(s, &s->first, "alice") == 1 && strstr(s->answer, TWO_ID),
         "not the second's binding alone: %s", s->answer);
    NEED(s, pipit_ua_register(one.ua) == 0 && agent_wait(&one, &one.registered, 2, 2000),
         "it did not register again");
    NEED(s, location_bindings(s, &s->first, "alice") == 2, "not two bindings again: %s", s->answer);
    NEED(s, pipit_ua_unregister(two.ua, true) == 0, "refused: %s", pipit_error_message());
    NEED(s, agent_wait(&two, &two.unregistered, 1, 2000), "no `unregistered` after all");
    NEED(s, location_bindings(s, &s->first, "alice") == 0, "bindings are left: %s", s->answer);
out:
    agent_stop(&one);
    agent_stop(&two);
    return good;
}

/* RFC 7616 section 3.3: with qop a nonce may be used again, counting up. */
static bool reuses_a_nonce(stage *s, int how)
{
    agent alice = {0};
    unsigned challenges, logged = server_logged(s, &s->first, "challenged REGISTER");
    bool good = agent_register(&alice, s, &s->first, (via)how, &(agent_options){.user = "alice"});

    for (unsigned i = 0; good && i < 10; i++) {
        unsigned before = agent_wire(&alice, "< SIP/2.0 200");

        NEED(s, pipit_ua_register(alice.ua) == 0, "refused: %s", pipit_error_message());
        for (unsigned ms = 0; agent_wire(&alice, "< SIP/2.0 200") == before && ms < 2000; ms += 10)
            stage_rest(s, 10);
        NEED(s, agent_wire(&alice, "< SIP/2.0 200") == before + 1, "refresh %u was not granted", i);
    }
    if (!good)
        goto out;
    challenges = agent_wire(&alice, "< SIP/2.0 401");
    logged = server_logged(s, &s->first, "challenged REGISTER") - logged;
    NEED(s, challenges == 1 && logged == 1, "%u challenges for 11 requests, the server counts %u",
         challenges, logged);
    good = stage_note(s, "1 challenge for 11 requests");
out:
    agent_stop(&alice);
    return good;
}

/* Neither the system nor anybody else vouches for the server. */
static bool refuses_a_stranger(stage *s, int how)
{
    agent alice = {0};
    const pipit_transport_error *why;
    bool good = agent_start(&alice, s, &s->first, (via)how,
                            &(agent_options){.user = "alice", .no_authority = true});

    if (!good)
        goto out;
    NEED(s, agent_wait(&alice, &alice.disconnected, 1, 3000), "it did not fail");
    why = pipit_ua_last_transport_error(alice.ua);
    NEED(s, why && strstr(why->reason, "certificate"), "the reason is '%s'",
         why ? why->reason : "");
    NEED(s, alice.connected == 0 && alice.registered == 0, "it connected");
out:
    agent_stop(&alice);
    return good;
}

static bool adds_contact_params(stage *s, int how)
{
    static const char *const params[] = {"q=0.5", NULL};
    agent alice = {0};
    char value[LOCATION_VALUE_MAX] = "";
    bool good = agent_register(&alice, s, &s->first, (via)how, &(agent_options){.user = "alice"});

    if (!good)
        goto out;
    NEED(s, pipit_ua_set_registrator_extra_contact_params(alice.ua, params) == 0, "refused: %s",
         pipit_error_message());
    NEED(s, pipit_ua_register(alice.ua) == 0, "refused: %s", pipit_error_message());
    stage_rest(s, 200);
    location_bindings(s, &s->first, "alice");
    NEED(s, location_field(s, "Q", value) && strcmp(value, "0.500000") == 0,
         "the registrar has '%s' as q", value);
out:
    agent_stop(&alice);
    return good;
}

static bool uses_sha256(stage *s, int how)
{
    agent alice = {0};
    bool good = agent_register(&alice, s, &s->second, (via)how, &(agent_options){.user = "alice"});

    if (good && !server_logged(s, &s->second, "are SHA-256"))
        good = stage_fail(s, "the credentials were no SHA-256");
    agent_stop(&alice);
    return good;
}

const test_case registration_cases[] = {
    {"registers over ws, and unregisters when it stops", registers, VIA_WS},
    {"registers over wss with an authority of its own, and unregisters", registers, VIA_WSS},
    {"registers over tcp, and unregisters", registers, VIA_TCP},
    {"registers over tls with an authority of its own, and unregisters", registers, VIA_TLS},
    {"registers over udp, and unregisters", registers, VIA_UDP},
    {"a wrong password is an Authentication Error after one try", wrong_password, VIA_WS},
    {"wss: a server of an unknown authority is refused", refuses_a_stranger, VIA_WSS},
    {"tls: a server of an unknown authority is refused", refuses_a_stranger, VIA_TLS},
    {"a binding of 10 s is refreshed", refreshes, VIA_WS},
    {"423: asks again for as long as Min-Expires says", lengthens, VIA_WS},
    {"unregisters one of two, then all", unregisters, VIA_WS},
    {"digest with MD5: a nonce is used again", reuses_a_nonce, VIA_WS},
    {"a parameter of the application's arrives with the Contact", adds_contact_params, VIA_WS},
    {"digest with SHA-256 at the second server", uses_sha256, VIA_WSS},
    {0},
};
