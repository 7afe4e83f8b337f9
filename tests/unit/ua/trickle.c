/* trickle.c - tests of candidates that follow a call's descriptions in INFO requests, message by message (RFC 8840), and of INFO
 * packages in general (RFC 6086). */
#include "unit/ua/support/stage.h"

#define TRICKLES "Supported: timer, trickle-ice\r\nRecv-Info: trickle-ice\r\n"
#define PACKAGE  "Info-Package: trickle-ice\r\nContent-Type: application/trickle-ice-sdpfrag\r\n"

static void find(stage *at, unsigned more)
{
    for (unsigned i = 0; i < more; i++) {
        at->candidates++;
        at->media->handlers->candidate_behind(at->media->arg,
                                              PP_LIT("1 1 udp 1 192.0.2.1 5 typ host"));
    }
}

static void expect_info(stage *at, const char *body)
{
    expect_sent(at, "INFO sip:bob@far.invalid;transport=ws SIP/2.0");
    check_header(at->last, "Info-Package", "trickle-ice");
    check_header(at->last, "Content-Type", "application/trickle-ice-sdpfrag");
    check_header(at->last, "Content-Disposition", "Info-Package");
    if (!pp_str_eq_c(at->last->body, body))
        fail_msg("it says '%.*s', not '%s'", PP_STR(at->last->body), body);
}

static void accept_info(stage *at)
{
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
}

/* Our INVITE is out. */
static stage *stage_trickling(void)
{
    stage *at = stage_connected();
    pipit_call_options options = *call_options(at);

    options.pc_config.trickle_ice = PIPIT_TRICKLE_ICE_HALF;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    assert_true(pp_message_lists(at->last, PP_HEADER_SUPPORTED, "trickle-ice"));
    check_header(at->last, "Recv-Info", "trickle-ice");
    pp_message_unref(at->invite);
    at->invite = pp_message_ref(at->last);
    check_events(at, "new_rtc_session:local connecting sending ");
    return at;
}

static stage *stage_trickling_in_call(void)
{
    stage *at = stage_trickling();

    answer(at, at->invite, "200 OK", "far", CONTACT TRICKLES, ANSWER);
    expect_sent(at, "ACK ");
    check_events(at, "accepted:remote confirmed:local ");
    return at;
}

static void candidates_are_collected_and_told_one_info_at_a_time(void **state)
{
    stage *at = stage_trickling_in_call();

    (void)state;
    advance_ms(at, 1000);
    expect_silence(at); /* the offer had them all */
    find(at, 3);
    expect_silence(at);
    advance_ms(at, 60);
    expect_info(at, "3 candidates\r\n");
    find(at, 2);
    advance_ms(at, 1000);
    expect_silence(at);
    accept_info(at);
    advance_ms(at, 60);
    expect_info(at, "5 candidates\r\n");
    accept_info(at);
    at->media->handlers->candidate_behind(at->media->arg, PP_STR_NONE); /* no more */
    advance_ms(at, 60);
    expect_info(at, "5 candidates\r\n");
    accept_info(at);
    advance_ms(at, 60000);
    expect_silence(at);
    stage_free(at);
}

static void what_one_info_lost_the_next_one_brings(void **state)
{
    stage *at = stage_trickling_in_call();

    (void)state;
    find(at, 1);
    advance_ms(at, 60);
    expect_info(at, "1 candidates\r\n");
    find(at, 1);
    wait_sent(at, "INFO ", 40000); /* nobody has answered: and the call goes on */
    expect_silence(at);
    assert_true(pp_str_eq_c(at->last->body, "2 candidates\r\n"));
    answer(at, at->last, "500 Busy", NULL, NULL, NULL);
    wait_sent(at, "INFO ", 5000);
    answer(at, at->last, "481 No", NULL, NULL, NULL);
    find(at, 1);
    advance_ms(at, 60000);
    expect_silence(at); /* nobody wants them */
    check_events(at, "");
    stage_free(at);
}

static void a_far_end_that_never_answers_is_left_alone(void **state)
{
    stage *at = stage_trickling_in_call();
    unsigned sent = 0;

    (void)state;
    find(at, 1);
    for (unsigned i = 0; i < 600; i++) {
        advance_ms(at, 1000);
        while (next_sent(at))
            sent++;
    }
    assert_int_equal(sent, 5);
    check_events(at, "");
    stage_free(at);
}

static void who_does_not_say_that_he_understands_is_told_nothing(void **state)
{
    stage *at = stage_trickling();

    (void)state;
    answer(at, at->invite, "200 OK", "far", CONTACT "Supported: trickle-ice\r\n", ANSWER);
    expect_sent(at, "ACK ");
    find(at, 2);
    advance_ms(at, 60000);
    expect_silence(at);
    stage_free(at);
}

/* Section 4.3.1.2: he may not trickle before he knows that his response came. */
static void who_rings_unreliably_hears_that_it_came(void **state)
{
    stage *at = stage_trickling();

    (void)state;
    answer(at, at->invite, "180 Ringing", "far", CONTACT TRICKLES, NULL);
    advance_ms(at, 60);
    expect_info(at, "0 candidates\r\n");
    accept_info(at);
    answer(at, at->invite, "180 Ringing", "far", CONTACT TRICKLES, NULL);
    advance_ms(at, 1000);
    expect_silence(at);
    stage_free(at);
}

static void a_prack_says_so_too(void **state)
{
    stage *at = stage_trickling();

    (void)state;
    answer(at, at->invite, "183 Progress", "far", CONTACT TRICKLES "Require: 100rel\r\nRSeq: 7\r\n",
           ANSWER);
    expect_sent(at, "PRACK ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    advance_ms(at, 1000);
    expect_silence(at);
    find(at, 1);
    advance_ms(at, 60);
    expect_info(at, "1 candidates\r\n");
    accept_info(at);
    stage_free(at);
}

#define RELIABLE CONTACT TRICKLES "Require: 100rel\r\nRSeq: 7\r\n"

/* Each far end has media of ours to itself: what the one that is heard is told is nothing to the others. */
static void who_made_an_offer_of_his_own_is_told_of_his_own_media(void **state)
{
    stage *at = stage_connected();
    pipit_call_options options = *call_options(at);

    (void)state;
    options.offerless = true;
    options.pc_config.trickle_ice = PIPIT_TRICKLE_ICE_HALF;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    at->invite = pp_message_ref(at->last);
    for (unsigned i = 0; i < 2; i++) {
        answer(at, at->invite, "183 Progress", i ? "two" : "one", RELIABLE, OFFER);
        advance_ms(at, 1);
        expect_sent(at, "PRACK ");
        answer(at, at->last, "200 OK", NULL, NULL, NULL);
    }
    find(at, 1);
    advance_ms(at, 60);
    expect_info(at, "1 candidates\r\n");
    assert_true(pp_str_eq_c(at->last->to_tag, "one"));
    accept_info(at);
    advance_ms(at, 1000);
    expect_silence(at);
    stage_free(at);
}

/* Their INVITE, and what we tell them before anything comes from inside the dialog. */
static stage *stage_answering(void)
{
    static const pipit_answer_options options = {
        .pc_config = {.trickle_ice = PIPIT_TRICKLE_ICE_HALF}};
    stage *at = stage_connected();

    call_in(at, TRICKLES, OFFER);
    assert_int_equal(pipit_session_answer(at->session, &options), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_true(pp_message_lists(at->last, PP_HEADER_SUPPORTED, "trickle-ice"));
    check_header(at->last, "Recv-Info", "trickle-ice");
    assert_true(at->media->can_trickle);
    find(at, 1);
    advance_ms(at, 100);
    expect_silence(at);
    return at;
}

static void who_answers_waits_for_the_ack(void **state)
{
    stage *at = stage_answering();

    (void)state;
    acknowledge(at, NULL);
    advance_ms(at, 60);
    expect_info(at, "1 candidates\r\n");
    stage_free(at);
}

static void who_answers_may_be_reached_by_an_info_as_well(void **state)
{
    stage *at = stage_answering();

    (void)state;
    come(at, &(coming){.method = "INFO",
                       .to_tag = to_tag(at),
                       .cseq = 2,
                       .lines = PACKAGE,
                       .body = "theirs",
                       .typed = true});
    expect_sent(at, "SIP/2.0 200 OK");
    assert_non_null(strstr(at->remotes.p, "candidates:theirs "));
    check_events(at, "new_rtc_session:remote progress:local connecting accepted:local ");
    advance_ms(at, 60);
    expect_info(at, "1 candidates\r\n");
    stage_free(at);
}

static void candidates_may_overtake_their_description(void **state)
{
    stage *at = stage_trickling();

    (void)state;
    answer(at, at->invite, "180 Ringing", "far", CONTACT TRICKLES, NULL);
    advance_ms(at, 60);
    expect_info(at, "0 candidates\r\n");
    accept_info(at);
    for (unsigned i = 1; i <= 2; i++) {
        come_in_ours(at, (coming){.method = "INFO",
                                  .cseq = i,
                                  .lines = PACKAGE,
                                  .body = i == 1 ? "one" : "one two",
                                  .typed = true});
        expect_sent(at, "SIP/2.0 200 OK");
    }
    assert_int_equal(at->remotes.n, 0);
    answer(at, at->invite, "200 OK", "far", CONTACT TRICKLES, ANSWER);
    assert_string_equal(at->remotes.p, "answer:" ANSWER " candidates:one two ");
    stage_free(at);
}

static void candidates_that_are_none_are_refused(void **state)
{
    stage *at = stage_trickling_in_call();

    (void)state;
    come_in_ours(at, (coming){.method = "INFO",
                              .cseq = 1,
                              .lines = "Info-Package: trickle-ice\r\nContent-Type: text/plain\r\n",
                              .body = "x",
                              .typed = true});
    expect_sent(at, "SIP/2.0 415 ");
    at->take_error = PIPIT_ERR_SYNTAX;
    come_in_ours(
        at, (coming){.method = "INFO", .cseq = 2, .lines = PACKAGE, .body = "x", .typed = true});
    expect_sent(at, "SIP/2.0 400 ");
    at->take_error = PIPIT_ERR_LIMIT;
    come_in_ours(
        at, (coming){.method = "INFO", .cseq = 3, .lines = PACKAGE, .body = "x", .typed = true});
    expect_sent(at, "SIP/2.0 200 OK");
    come_in_ours(at,
                 (coming){.method = "INFO", .cseq = 4, .lines = "Info-Package: trickle-ice\r\n"});
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "");
    stage_free(at);
}

static void a_package_that_nobody_takes_is_refused(void **state)
{
    stage *at = stage_answered();

    (void)state;
    come(at, &(coming){.method = "INFO",
                       .to_tag = to_tag(at),
                       .cseq = 2,
                       .lines = PACKAGE,
                       .body = "x",
                       .typed = true});
    expect_sent(at, "SIP/2.0 469 Bad Info Package");
    check_header(at->last, "Recv-Info", "");
    check_events(at, "");
    stage_free(at);
}

static void a_package_of_the_applications_is_shown(void **state)
{
    const pipit_ua_configuration configuration = {
        .uri = "sip:alice@example.com", .no_register = true, .recv_info = "foo, Bar"};
    stage *at = stage_new(&configuration);

    (void)state;
    pipit_ua_start(at->ua);
    advance_ms(at, 10);
    call_out(at);
    check_header(at->invite, "Recv-Info", "foo, Bar");
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_events(at, "connected new_rtc_session:local connecting sending "
                     "accepted:remote confirmed:local ");
    come_in_ours(at, (coming){.method = "INFO",
                              .cseq = 1,
                              .lines = "Info-Package: bar;x=y\r\nContent-Type: text/plain\r\n",
                              .body = "hello",
                              .typed = true});
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "info:remote:text/plain:hello ");
    come_in_ours(at, (coming){.method = "INFO", .cseq = 2, .lines = "Info-Package: baz\r\n"});
    expect_sent(at, "SIP/2.0 469 ");
    check_header(at->last, "Recv-Info", "foo, Bar");
    stage_free(at);
}

static void a_list_of_packages_is_checked(void **state)
{
    stage *at = stage_connected();
    pipit_ua_configuration configuration = {
        .uri = "sip:alice@example.com", .sockets = {{at->socket, 0}}, .recv_info = "foo\r\nX: y"};
    pipit_ua *ua = NULL;

    (void)state;
    assert_int_equal(pipit_ua_new(at->loop, &configuration, &ua), PIPIT_ERR_CONFIGURATION);
    assert_non_null(strstr(pipit_error_message(), "recv_info"));
    stage_free(at);
}

/* A call with candidates both ways, with every allocation failing in its turn. */
static void memory_may_be_short_for_them(void **state)
{
    (void)state;
    for (unsigned n = 1; n < 400; n++) {
        stage *at;
        bool failed;

        scarce_begin(0);
        at = stage_trickling_in_call();
        scarce_fail(n);
        at->candidates++;
        at->media->handlers->candidate_behind(at->media->arg, PP_LIT("x"));
        advance_ms(at, 60);
        come_in_ours(
            at,
            (coming){
                .method = "INFO", .cseq = 1, .lines = PACKAGE, .body = "theirs", .typed = true});
        failed = scarce_memory.failed;
        scarce_relax();
        stage_free(at);
        assert_int_equal(scarce_end(), 0);
        if (!failed)
            return;
    }
    fail_msg("it never came to an end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(candidates_are_collected_and_told_one_info_at_a_time),
        cmocka_unit_test(what_one_info_lost_the_next_one_brings),
        cmocka_unit_test(a_far_end_that_never_answers_is_left_alone),
        cmocka_unit_test(who_does_not_say_that_he_understands_is_told_nothing),
        cmocka_unit_test(who_rings_unreliably_hears_that_it_came),
        cmocka_unit_test(a_prack_says_so_too),
        cmocka_unit_test(who_made_an_offer_of_his_own_is_told_of_his_own_media),
        cmocka_unit_test(who_answers_waits_for_the_ack),
        cmocka_unit_test(who_answers_may_be_reached_by_an_info_as_well),
        cmocka_unit_test(candidates_may_overtake_their_description),
        cmocka_unit_test(candidates_that_are_none_are_refused),
        cmocka_unit_test(a_package_that_nobody_takes_is_refused),
        cmocka_unit_test(a_package_of_the_applications_is_shown),
        cmocka_unit_test(a_list_of_packages_is_checked),
        cmocka_unit_test(memory_may_be_short_for_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
