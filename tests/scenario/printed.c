/* printed.c - everything we print is right by the strict grammar: two user agents and a switchboard
 * make their calls, and each message on the wire is judged as it goes. */
#include "support/abnf/abnf.h"
#include "support/cast/cast.h"
#include "support/cast/wire.h"

#include <stdio.h>
#include <stdlib.h>

static struct {
    char kind[16]; /* "INVITE", "200" */
    unsigned count;
} kinds[64];
static unsigned judged;

static void count_kind(pp_str message)
{
    pp_str rest = message, kind = pp_str_word(&rest);
    size_t i = 0;

    if (pp_str_starts(kind, "SIP/"))
        kind = pp_str_word(&rest);
    while (kinds[i].count && !pp_str_eq_c(kind, kinds[i].kind))
        assert_true(++i < sizeof(kinds) / sizeof(kinds[0]));
    snprintf(kinds[i].kind, sizeof(kinds[i].kind), "%.*s", PP_STR(kind));
    kinds[i].count++;
}

static void judge(void *arg, bool to_server, pp_str message)
{
    char why[600];

    (void)arg;
    (void)to_server;
    if (!abnf_sip_printed(message.p, message.n, why, sizeof(why)))
        fail_msg("%s in:\n%.*s", why, PP_STR(message));
    count_kind(message);
    judged++;
}

typedef struct scene {
    cast *c;
    wire *w;
} scene;

static scene new_scene(const cast_options *options)
{
    scene at = {0};

    assert_int_equal(cast_new(options, &at.c), 0);
    at.w = wire_tap(at.c->s, judge, NULL);
    return at;
}

static scene registered_scene(uint64_t seed)
{
    scene at = new_scene(&(cast_options){.seed = seed, .codecs = "PCMU"});

    cast_start(at.c);
    return at;
}

static void end_scene(scene at)
{
    pipit_ua_stop(at.c->alice.ua);
    pipit_ua_stop(at.c->bob.ua);
    sim_advance_ms(at.c->s, 5000);
    wire_free(at.w);
    cast_free(at.c);
}

static void a_whole_call_is_printed_right(void **state)
{
    scene at = registered_scene(1);
    cast *c = at.c;

    (void)state;
    assert_int_equal(cast_call(&c->alice, "bob"), 0);
    assert_true(cast_wait(c, &c->bob.media_up, 5000));
    sim_advance_ms(c->s, 500);
    assert_int_equal(
        pipit_session_send_dtmf(c->alice.session, "1", &(pipit_dtmf_options){.info = true}), 0);
    assert_int_equal(
        pipit_session_send_info(c->bob.session, "text/plain;charset=utf-8", "h\xC3\xA9", NULL), 0);
    assert_int_equal(cast_message(&c->alice, "bob", "h\xC3\xA9llo"), 0);
    assert_true(cast_wait(c, &c->alice.message_done, 2000));
    sim_advance_ms(c->s, 1000);
    assert_int_equal(pipit_session_terminate(c->bob.session,
                                             &(pipit_terminate_options){
                                                 .status_code = 487,
                                                 .reason_phrase = "say \"bye\" \\",
                                             }),
                     0);
    assert_true(cast_wait(c, &c->alice.over, 2000));
    end_scene(at);
}

static void a_call_that_does_not_come_about_is_printed_right(void **state)
{
    scene at = registered_scene(2);
    cast *c = at.c;

    (void)state;
    assert_int_equal(cast_call(&c->alice, "carol"), 0); /* 404 */
    assert_true(cast_wait(c, &c->alice.over, 5000));
    c->bob.manual = true;
    assert_int_equal(cast_call(&c->alice, "bob"), 0); /* refused */
    sim_advance_ms(c->s, 500);
    assert_int_equal(
        pipit_session_terminate(c->bob.session, &(pipit_terminate_options){.status_code = 603}), 0);
    assert_true(cast_wait(c, &c->alice.over, 5000));
    assert_int_equal(cast_call(&c->alice, "bob"), 0); /* given up */
    sim_advance_ms(c->s, 500);
    assert_int_equal(pipit_session_terminate(c->alice.session,
                                             &(pipit_terminate_options){
                                                 .status_code = 480,
                                                 .reason_phrase = "caf\xC3\xA9",
                                             }),
                     0);
    assert_true(cast_wait(c, &c->bob.over, 5000));
    assert_int_equal(cast_call(&c->alice, "bob"), 0); /* nobody answers */
    assert_true(cast_wait(c, &c->alice.over, 90000));
    pipit_ua_stop(c->bob.ua);
    sim_advance_ms(c->s, 3000);
    assert_int_equal(cast_call(&c->alice, "bob"), 0); /* 480 */
    assert_true(cast_wait(c, &c->alice.over, 5000));
    end_scene(at);
}

static void a_wrong_password_and_a_lost_connection_are_printed_right(void **state)
{
    scene at = new_scene(&(cast_options){.seed = 3, .wrong_password = "looking-glass"});

    (void)state;
    assert_int_equal(pipit_ua_start(at.c->alice.ua), 0);
    assert_int_equal(pipit_ua_start(at.c->bob.ua), 0);
    sim_advance_ms(at.c->s, 5000);
    sim_break_streams(at.c->s);
    sim_advance_ms(at.c->s, 10000);
    assert_true(at.c->bob.registered);
    end_scene(at);
}

static void a_call_with_odd_names_and_headers_is_printed_right(void **state)
{
    static const char *const extra[] = {"X-Odd: ;;,,\"(", "Subject: caf\xC3\xA9  au lait",
                                        "Alert-Info: <http://example.com/ring.wav>;x=\"a,b\"",
                                        NULL};
    static const char *const names[] = {"Alice", "Alice in \"Wonderland\" \\ Ltd, (UK); <x>",
                                        "\xC3\x84rger", " ", "sip:x"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        scene at = registered_scene(10 + i);
        const pipit_call_options options = {
            .extra_headers = extra,
            .anonymous = i == 0,
            .from_display_name = i ? names[i] : NULL,
            .from_user_name = i > 1 ? "o'dd us\"er;x=%41?#" : NULL,
            .media_stream = {.audio_source = at.c->alice.source, .audio_sink = at.c->alice.sink},
        };
        int err = pipit_ua_call(at.c->alice.ua, "sip:bob@example.com", &options, NULL);

        if (err)
            fail_msg("%s: %s", names[i], pipit_error_message());
        sim_advance_ms(at.c->s, 2000);
        end_scene(at);
    }
}

static void the_grammar_was_asked(void **state)
{
    static const char *const expected[] = {"REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "MESSAGE",
                                           "INFO",     "100",    "180", "200", "401",    "404",
                                           "407",      "480",    "487", "603"};
    char line[1024];
    int n =
        snprintf(line, sizeof(line), "figure: %u messages of ours judged by the grammar:", judged);

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && kinds[i].count; i++)
        n += snprintf(line + n, sizeof(line) - (size_t)n, " %s %u", kinds[i].kind, kinds[i].count);
    printf("%s\n", line);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        size_t k = 0;

        while (kinds[k].count && strcmp(kinds[k].kind, expected[i]) != 0)
            k++;
        if (!kinds[k].count)
            fail_msg("no %s was printed", expected[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_call_is_printed_right),
        cmocka_unit_test(a_call_that_does_not_come_about_is_printed_right),
        cmocka_unit_test(a_wrong_password_and_a_lost_connection_are_printed_right),
        cmocka_unit_test(a_call_with_odd_names_and_headers_is_printed_right),
        cmocka_unit_test(the_grammar_was_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
