/* provisional.c - what goes between INVITE and answer: reliable responses of ours and their PRACK (RFC 3262), early media, offers in
 * UPDATE (RFC 3311). */
#include "unit/ua/support/stage.h"

#define SUPPORTED "Supported: 100rel\r\n"
#define REQUIRED  "Require: 100rel\r\n"
#define RSEQ(n)   CONTACT "Require: 100rel\r\nRSeq: " n "\r\n"

static stage *stage_with(pipit_reliable_provisionals reliable)
{
    stage *at = stage_new(&(pipit_ua_configuration){
        .uri = "sip:alice@example.com", .no_register = true, .reliable_provisionals = reliable});

    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    check_events(at, "connected ");
    return at;
}

static void ring_with(stage *at, const char *lines, const char *body)
{
    char both[1024];

    snprintf(both, sizeof(both), CONTACT "%s", lines ? lines : "");
    come(at, &(coming){.method = "INVITE", .branch = "invite", .lines = both, .body = body});
}

/* --- asked for or not -------------------------------------------------------------------------- */

static void nothing_is_acknowledged_where_that_is_not_wanted(void **state)
{
    stage *at = stage_with(PIPIT_RELIABLE_NONE);

    (void)state;
    call_out(at);
    assert_false(pp_message_lists(at->invite, PP_HEADER_SUPPORTED, "100rel"));
    answer(at, at->invite, "180 Ringing", "far", RSEQ("7"), NULL);
    expect_silence(at);
    ring_with(at, REQUIRED, OFFER);
    expect_sent(at, "SIP/2.0 420 ");
    check_header(at->last, "Unsupported", "100rel");
    stage_free(at);
}

static void what_is_required_is_said(void **state)
{
    stage *at = stage_with(PIPIT_RELIABLE_REQUIRED);

    (void)state;
    call_out(at);
    check_header(at->invite, "Require", "100rel");
    ring_with(at, NULL, OFFER);
    expect_sent(at, "SIP/2.0 421 Extension Required");
    check_header(at->last, "Require", "100rel");
    come(at,
         &(coming){
             .method = "INVITE", .call_id = "call-2", .lines = CONTACT SUPPORTED, .body = OFFER});
    expect_sent(at, "SIP/2.0 180 ");
    check_header(at->last, "Require", "100rel");
    stage_free(at);
}

/* --- ours ------------------------------------------------------------------------------------- */

static char rseq_text[32];

/* What went is reliable. */
static void expect_reliable(stage *at, const char *start)
{
    expect_sent(at, start);
    check_header(at->last, "Require", "100rel");
    snprintf(rseq_text, sizeof(rseq_text), "%.*s",
             PP_STR(pp_message_header(at->last, PP_HEADER_RSEQ, 0)));
    assert_true(*rseq_text);
}

static void prack(stage *at, unsigned cseq, const char *tag, const char *body)
{
    char lines[128];

    snprintf(lines, sizeof(lines), "RAck: %s 1 INVITE\r\n", rseq_text);
    come(at,
         &(coming){.method = "PRACK", .cseq = cseq, .to_tag = tag, .lines = lines, .body = body});
}

static void our_ringing_is_reliable_where_the_caller_requires_it(void **state)
{
    static const unsigned after_ms[] = {500, 1000, 2000, 4000, 8000};
    stage *at = stage_connected();
    char tag[64], lines[64];

    (void)state;
    ring_with(at, REQUIRED, OFFER);
    expect_reliable(at, "SIP/2.0 180 ");
    snprintf(tag, sizeof(tag), "%s", to_tag(at));
    for (size_t i = 0; i < sizeof(after_ms) / sizeof(after_ms[0]); i++) {
        advance_ms(at, after_ms[i] - 10);
        expect_silence(at);
        advance_ms(at, 10);
        expect_sent(at, "SIP/2.0 180 ");
    }
    snprintf(lines, sizeof(lines), "RAck: 99 1 INVITE\r\n");
    come(at, &(coming){.method = "PRACK", .cseq = 2, .to_tag = tag, .lines = lines});
    expect_sent(at, "SIP/2.0 481 ");
    come(at, &(coming){.method = "PRACK", .cseq = 3, .to_tag = tag, .lines = "RAck: x\r\n"});
    expect_sent(at, "SIP/2.0 400 ");
    prack(at, 4, tag, NULL);
    expect_sent(at, "SIP/2.0 200 ");
    advance_ms(at, 30000);
    expect_silence(at);
    prack(at, 5, tag, NULL); /* a second one acknowledges nothing */
    expect_sent(at, "SIP/2.0 481 ");
    stage_free(at);
}

static void ringing_that_nobody_acknowledges_ends_the_call(void **state)
{
    stage *at = stage_connected();

    (void)state;
    ring_with(at, REQUIRED, OFFER);
    expect_reliable(at, "SIP/2.0 180 ");
    for (unsigned i = 0; i < 5; i++)
        wait_sent(at, "SIP/2.0 180 ", 16000);
    wait_sent(at, "SIP/2.0 180 ", 17000);
    wait_sent(at, "SIP/2.0 500 ", 2000);
    check_events(at, "new_rtc_session:remote progress:local failed:remote:No ACK ");
    stage_free(at);
}

static void a_call_may_be_answered_before_ringing_is_acknowledged(void **state)
{
    stage *at = stage_connected();

    (void)state;
    ring_with(at, REQUIRED, OFFER);
    expect_reliable(at, "SIP/2.0 180 ");
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    acknowledge(at, NULL);
    advance_ms(at, 60000);
    expect_silence(at);
    stage_free(at);
}

static void early_media_flow_and_the_2xx_waits_for_its_prack(void **state)
{
    static const char *const lines[] = {"X-Why: announcement", NULL};
    const pipit_progress_options early = {
        .early_media = true, .reason_phrase = "Listen", .extra_headers = lines};
    stage *at = stage_connected();
    char tag[64];

    (void)state;
    at->log_sdp = true;
    ring_with(at, SUPPORTED, OFFER);
    expect_sent(at, "SIP/2.0 180 ");
    check_header(at->last, "RSeq", NULL); /* no description: not worth it */
    assert_int_equal(pipit_session_progress(at->session, &early), 0);
    assert_int_equal(pipit_session_progress(at->session, &early), PIPIT_ERR_STATE);
    advance_ms(at, 1);
    expect_reliable(at, "SIP/2.0 183 Listen");
    check_header(at->last, "X-Why", "announcement");
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    snprintf(tag, sizeof(tag), "%s", to_tag(at));
    check_events(at, "new_rtc_session:remote progress:local sdp:remote:offer connecting "
                     "sdp:local:answer progress:local ");
    assert_int_equal(
        pipit_session_progress(at->session, &(pipit_progress_options){.status_code = 182}),
        0); /* it goes by itself: it is not reliable */
    expect_sent(at, "SIP/2.0 182 Queued");
    assert_int_equal(at->last->body.n, 0);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 10);
    expect_silence(at);
    prack(at, 2, tag, NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_true(pp_str_eq_c(at->last->method_name, "") || at->last->method == PP_PRACK);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_int_equal(at->last->method, PP_INVITE);
    assert_int_equal(at->last->body.n, 0);
    acknowledge(at, NULL);
    check_events(at, "progress:local accepted:local confirmed:remote ");
    assert_int_equal(at->medias, 1);
    stage_free(at);
}

static void early_media_for_a_caller_without_prack_come_again_in_the_2xx(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    assert_int_equal(
        pipit_session_progress(at->session, &(pipit_progress_options){.early_media = true}), 0);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0); /* at once: it waits */
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 183 ");
    check_header(at->last, "RSeq", NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    acknowledge(at, NULL);
    check_events(at, "connecting progress:local accepted:local confirmed:remote ");
    stage_free(at);
}

static void reliable_responses_go_one_after_the_other(void **state)
{
    stage *at = stage_connected();
    char tag[64];
    unsigned long first;

    (void)state;
    ring_with(at, REQUIRED, OFFER);
    expect_reliable(at, "SIP/2.0 180 ");
    first = strtoul(rseq_text, NULL, 10);
    snprintf(tag, sizeof(tag), "%s", to_tag(at));
    assert_int_equal(
        pipit_session_progress(at->session, &(pipit_progress_options){.status_code = 182}), 0);
    assert_int_equal(pipit_session_progress(at->session, NULL), 0);
    expect_silence(at);
    prack(at, 2, tag, NULL);
    expect_sent(at, "SIP/2.0 200 ");
    expect_reliable(at, "SIP/2.0 182 ");
    assert_int_equal(strtoul(rseq_text, NULL, 10), first + 1);
    prack(at, 3, tag, NULL);
    expect_sent(at, "SIP/2.0 200 ");
    expect_reliable(at, "SIP/2.0 183 ");
    stage_free(at);
}

static void an_offer_in_a_reliable_response_is_answered_by_its_prack(void **state)
{
    static const char *const bodies[] = {ANSWER, NULL, "rubbish"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        stage *at = stage_connected();
        char tag[64];

        ring_with(at, SUPPORTED, NULL);
        expect_sent(at, "SIP/2.0 180 ");
        assert_int_equal(
            pipit_session_progress(at->session, &(pipit_progress_options){.early_media = true}), 0);
        advance_ms(at, 1);
        expect_reliable(at, "SIP/2.0 183 ");
        assert_true(pp_str_starts(at->last->body, "v=0 our offer"));
        snprintf(tag, sizeof(tag), "%s", to_tag(at));
        assert_int_equal(pipit_session_answer(at->session, NULL), 0);
        prack(at, 2, tag, bodies[i]);
        if (i == 0) {
            expect_sent(at, "SIP/2.0 200 OK");
            advance_ms(at, 1);
            expect_sent(at, "SIP/2.0 200 OK");
            assert_int_equal(at->last->body.n, 0);
            assert_string_equal(at->remotes.p, "answer:" ANSWER " ");
            acknowledge(at, NULL); /* brings nothing, and need not */
            check_events(at, "new_rtc_session:remote progress:local connecting progress:local "
                             "accepted:local confirmed:remote ");
        } else {
            expect_sent(at, i == 1 ? "SIP/2.0 400 " : "SIP/2.0 488 ");
            expect_sent(at, i == 1 ? "SIP/2.0 400 " : "SIP/2.0 488 ");
            assert_int_equal(at->last->method, PP_INVITE);
            assert_true(pipit_session_is_ended(at->session));
        }
        stage_free(at);
    }
}

/* A handler that is shown the answer in the PRACK tells of more. */
static void tell_more(stage *at, const char *name)
{
    if (strcmp(name, "sdp") == 0) {
        at->on_event = NULL;
        assert_int_equal(pipit_session_progress(at->session, NULL), 0);
    }
}

static void what_a_handler_says_during_a_prack_goes_once(void **state)
{
    stage *at = stage_connected();
    char tag[64], number[32];

    (void)state;
    ring_with(at, REQUIRED, NULL);
    expect_reliable(at, "SIP/2.0 180 ");
    snprintf(tag, sizeof(tag), "%s", to_tag(at));
    assert_int_equal(
        pipit_session_progress(at->session, &(pipit_progress_options){.early_media = true}), 0);
    prack(at, 2, tag, NULL);
    expect_sent(at, "SIP/2.0 200 ");
    advance_ms(at, 1);
    expect_reliable(at, "SIP/2.0 183 ");
    at->log_sdp = true;
    at->on_event = tell_more;
    prack(at, 3, tag, ANSWER);
    assert_null(at->on_event);
    expect_reliable(at, "SIP/2.0 183 ");
    snprintf(number, sizeof(number), "%s", rseq_text);
    expect_sent(at, "SIP/2.0 200 ");
    expect_silence(at); /* not once more with another number */
    advance_ms(at, 500);
    expect_reliable(at, "SIP/2.0 183 ");
    assert_string_equal(rseq_text, number);
    assert_int_equal(pp_message_count(at->last, PP_HEADER_RSEQ), 1);
    stage_free(at);
}

static void nothing_can_be_offered_early_to_who_knows_no_prack(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_in(at, NULL, NULL);
    assert_int_equal(
        pipit_session_progress(at->session, &(pipit_progress_options){.early_media = true}),
        PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(
        pipit_session_progress(at->session, &(pipit_progress_options){.status_code = 200}),
        PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_session_progress(
                         at->session, &(pipit_progress_options){.reason_phrase = "a\r\nb: c"}),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_session_progress(NULL, NULL), PIPIT_ERR_ARGUMENT);
    expect_silence(at);
    stage_free(at);
    at = stage_calling();
    assert_int_equal(pipit_session_progress(at->session, NULL), PIPIT_ERR_STATE);
    stage_free(at);
}

static void no_text_of_the_application_begins_a_new_line(void **state)
{
    static const char *const lines[] = {"X-A: b\r\nX-C: d", NULL};
    stage *at = stage_ringing();

    (void)state;
    for (unsigned early = 0; early < 2; early++) {
        assert_int_equal(
            pipit_session_progress(at->session, &(pipit_progress_options){.extra_headers = lines,
                                                                          .early_media = early}),
            PIPIT_ERR_SYNTAX);
        assert_int_equal(
            pipit_session_progress(at->session, &(pipit_progress_options){.reason_phrase = "a\nb",
                                                                          .early_media = early}),
            PIPIT_ERR_SYNTAX);
    }
    advance_ms(at, 10);
    expect_silence(at);
    check_events(at, "");
    assert_int_equal(at->medias, 0);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0); /* nothing was begun */
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    stage_free(at);
}

static void an_early_call_can_be_cancelled_and_hung_up(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        stage *at = stage_connected();

        ring_with(at, REQUIRED, OFFER);
        expect_reliable(at, "SIP/2.0 180 ");
        pipit_session_progress(at->session, &(pipit_progress_options){.early_media = true});
        if (i)
            advance_ms(at, 1); /* it is made, and waits behind the 180 */
        if (i == 1) {
            come(at, &(coming){.method = "CANCEL", .branch = "invite"});
            expect_sent(at, "SIP/2.0 200 ");
            expect_sent(at, "SIP/2.0 487 ");
        } else {
            pipit_session_terminate(at->session, NULL);
            expect_sent(at, "SIP/2.0 480 ");
        }
        advance_ms(at, 60000);
        while (next_sent(at)) /* repeats of the refusal */
            assert_false(pp_str_starts(at->last->wire, "SIP/2.0 1"));
        assert_int_equal(at->medias, 0);
        stage_free(at);
    }
}

/* --- offers before the answer ----------------------------------------------------------------- */

static void update_in(stage *at, unsigned cseq, const char *from_tag, const char *body)
{
    come_in_ours(at, (coming){.method = "UPDATE",
                              .cseq = cseq,
                              .from_tag = from_tag,
                              .lines = CONTACT,
                              .body = body});
}

static void the_callee_may_offer_in_an_update_once_he_has_answered(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    update_in(at, 1, "far", OFFER);
    expect_sent(at, "SIP/2.0 491 "); /* our offer is open */
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("1"), ANSWER);
    expect_sent(at, "PRACK ");
    update_in(at, 2, "far", OFFER " held");
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    check_events(at, "progress:remote progress:remote update hold:remote reoffered:remote ");
    answer(at, at->invite, "180 Ringing", "other", CONTACT, NULL);
    update_in(at, 1, "other", OFFER); /* that one has not answered */
    expect_sent(at, "SIP/2.0 491 ");
    answer(at, at->invite, "200 OK", "far", CONTACT, NULL);
    expect_sent(at, "ACK ");
    check_events(at, "progress:remote accepted:remote confirmed:local ");
    stage_free(at);
}

static void we_may_offer_in_an_update_before_the_answer(void **state)
{
    stage *at = stage_calling();

    (void)state;
    assert_int_equal(pipit_session_hold(at->session, NULL), PIPIT_ERR_STATE);
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("1"), ANSWER);
    expect_sent(at, "PRACK ");
    assert_true(pipit_session_is_ready_to_reoffer(at->session));
    assert_int_equal(pipit_session_hold(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "UPDATE sip:bob@far.invalid;transport=ws SIP/2.0"); /* an INVITE is open */
    assert_int_equal(at->last->cseq, at->invite->cseq + 2);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    check_events(at, "progress:remote hold:local reoffered:local ");
    assert_int_equal(pipit_session_unhold(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "UPDATE ");
    answer(at, at->last, "481 Gone", NULL, NULL, NULL);
    check_events(at, "unhold:local hold:local "); /* refused; the INVITE decides about the call */
    answer(at, at->invite, "200 OK", "far", CONTACT, NULL);
    expect_sent(at, "ACK ");
    check_events(at, "accepted:remote confirmed:local ");
    stage_free(at);
}

static void the_caller_may_offer_once_we_have_answered_reliably(void **state)
{
    stage *at = stage_connected();
    coming update = {.method = "UPDATE", .lines = CONTACT, .body = OFFER " held"};
    char tag[64];

    (void)state;
    ring_with(at, SUPPORTED, OFFER);
    expect_sent(at, "SIP/2.0 180 ");
    snprintf(tag, sizeof(tag), "%s", to_tag(at));
    update.to_tag = tag;
    update.cseq = 2;
    come(at, &update);
    expect_sent(at, "SIP/2.0 500 ");
    assert_true(header_holds(at->last, "Retry-After", ""));
    pipit_session_progress(at->session, &(pipit_progress_options){.early_media = true});
    advance_ms(at, 1);
    expect_reliable(at, "SIP/2.0 183 ");
    prack(at, 3, tag, NULL);
    expect_sent(at, "SIP/2.0 200 ");
    check_events(at, "new_rtc_session:remote progress:local connecting progress:local ");
    update.cseq = 4;
    come(at, &update);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0); /* waits for that one */
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_int_equal(at->last->method, PP_UPDATE);
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_int_equal(at->last->method, PP_INVITE);
    assert_int_equal(at->last->body.n, 0);
    check_events(at, "update hold:remote reoffered:remote accepted:local ");
    stage_free(at);
}

static void a_prack_may_bring_another_offer(void **state)
{
    stage *at = stage_connected();
    char tag[64];

    (void)state;
    ring_with(at, SUPPORTED, OFFER);
    expect_sent(at, "SIP/2.0 180 ");
    pipit_session_progress(at->session, &(pipit_progress_options){.early_media = true});
    advance_ms(at, 1);
    expect_reliable(at, "SIP/2.0 183 ");
    snprintf(tag, sizeof(tag), "%s", to_tag(at));
    prack(at, 2, tag, OFFER " held");
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_int_equal(at->last->method, PP_PRACK);
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    check_header(at->last, "Contact", NULL);
    check_events(at, "new_rtc_session:remote progress:local connecting progress:local "
                     "hold:remote reoffered:remote ");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_acknowledged_where_that_is_not_wanted),
        cmocka_unit_test(what_is_required_is_said),
        cmocka_unit_test(our_ringing_is_reliable_where_the_caller_requires_it),
        cmocka_unit_test(ringing_that_nobody_acknowledges_ends_the_call),
        cmocka_unit_test(a_call_may_be_answered_before_ringing_is_acknowledged),
        cmocka_unit_test(early_media_flow_and_the_2xx_waits_for_its_prack),
        cmocka_unit_test(early_media_for_a_caller_without_prack_come_again_in_the_2xx),
        cmocka_unit_test(reliable_responses_go_one_after_the_other),
        cmocka_unit_test(an_offer_in_a_reliable_response_is_answered_by_its_prack),
        cmocka_unit_test(what_a_handler_says_during_a_prack_goes_once),
        cmocka_unit_test(nothing_can_be_offered_early_to_who_knows_no_prack),
        cmocka_unit_test(no_text_of_the_application_begins_a_new_line),
        cmocka_unit_test(an_early_call_can_be_cancelled_and_hung_up),
        cmocka_unit_test(the_callee_may_offer_in_an_update_once_he_has_answered),
        cmocka_unit_test(we_may_offer_in_an_update_before_the_answer),
        cmocka_unit_test(the_caller_may_offer_once_we_have_answered_reliably),
        cmocka_unit_test(a_prack_may_bring_another_offer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
