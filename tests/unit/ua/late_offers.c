/* late_offers.c - a call of ours without an offer that rings at several places: each of them makes one, and gets its own answer
 * (RFC 3261 section 13.2.2.4, RFC 3262 section 5). */
#include "unit/ua/support/stage.h"

#define AT(who)      "Contact: <sip:" who "@far.invalid>\r\n"
#define RSEQ(who, n) AT(who) "Require: 100rel\r\nRSeq: " n "\r\n"
#define REAL                                                                                       \
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\nc=IN IP4 "          \
    "192.0.2.1\r\n"

static stage *stage_without_offer(unsigned redirects)
{
    stage *at = stage_calling_without_offer(redirects);

    at->log_branches = true;
    return at;
}

/* Its PRACK with our answer is in at->last. */
static void offer_early(stage *at, const char *tag, const char *lines, const char *sdp)
{
    answer(at, at->invite, "183 Session Progress", tag, lines, sdp);
    advance_ms(at, 1);
    expect_sent(at, "PRACK ");
    assert_true(pp_str_eq_c(at->last->to_tag, tag));
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
}

static stage *stage_with_two(void)
{
    stage *at = stage_without_offer(2);

    offer_early(at, "one", RSEQ("one", "1"), "v=0 one");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    offer_early(at, "two", RSEQ("two", "7"), "v=0 two");
    check_events(at,
                 "progress:remote early_media:one:heard progress:remote early_media:two:there ");
    assert_string_equal(at->remotes.p, "offer:v=0 one offer:v=0 two ");
    assert_int_equal(at->medias, 2);
    return at;
}

static void each_far_end_gets_an_answer_of_its_own(void **state)
{
    stage *at = stage_with_two();

    (void)state;
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    answer(at, at->invite, "183 Session Progress", "two", RSEQ("two", "7"), "v=0 two"); /* again */
    expect_silence(at);
    assert_int_equal(pipit_session_hear_branch(at->session, "two"), 0);
    check_events(at, "early_media:two:heard ");
    answer(at, at->invite, "200 OK", "one", AT("one"), NULL);
    expect_sent(at, "ACK sip:one@far.invalid");
    assert_int_equal(at->last->body.n, 0);
    check_events(at, "accepted:remote confirmed:local ");
    assert_int_equal(at->medias, 1);
    stage_free(at);
}

static void one_that_makes_its_offer_with_its_answer_gets_media_of_its_own(void **state)
{
    stage *at = stage_with_two();

    (void)state;
    answer(at, at->invite, "200 OK", "three", AT("three"), "v=0 three");
    assert_int_equal(at->medias, 1);
    advance_ms(at, 1);
    expect_sent(at, "ACK sip:three@far.invalid");
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    check_events(at, "accepted:remote confirmed:local ");
    assert_string_equal(at->remotes.p, "offer:v=0 one offer:v=0 two offer:v=0 three ");
    stage_free(at);
}

/* Its 2xx is faster than our answer, which still goes in the PRACK. */
static void one_that_is_being_answered_may_win(void **state)
{
    stage *at = stage_without_offer(0);

    (void)state;
    offer_early(at, "one", RSEQ("one", "1"), "v=0 one");
    answer(at, at->invite, "183 Session Progress", "two", RSEQ("two", "7"), "v=0 two");
    assert_int_equal(pipit_session_hear_branch(at->session, "two"), PIPIT_ERR_STATE);
    answer(at, at->invite, "200 OK", "two", AT("two"), NULL);
    assert_int_equal(at->medias, 1);
    advance_ms(at, 1);
    expect_sent(at, "PRACK sip:two@far.invalid");
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    expect_sent(at, "ACK sip:two@far.invalid");
    assert_int_equal(at->last->body.n, 0);
    check_events(at, "progress:remote early_media:one:heard progress:remote accepted:remote "
                     "confirmed:local ");
    stage_free(at);
}

static void the_one_that_was_being_answered_may_lose(void **state)
{
    stage *at = stage_without_offer(0);

    (void)state;
    answer(at, at->invite, "183 Session Progress", "one", RSEQ("one", "1"), "v=0 one");
    answer(at, at->invite, "200 OK", "two", AT("two"), "v=0 two");
    advance_ms(at, 1);
    expect_sent(at, "ACK sip:two@far.invalid");
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    expect_silence(at);
    assert_int_equal(at->medias, 1);
    check_events(at, "progress:remote accepted:remote confirmed:local ");
    stage_free(at);
}

static void check_refusal(stage *at)
{
    check_header(at->last, "Content-Type", "application/sdp");
    assert_non_null(strstr(at->last->body.p, "m=audio 0 RTP/AVP 0"));
}

static void a_second_answer_is_refused_in_its_ack_and_hung_up(void **state)
{
    stage *at = stage_without_offer(0);

    (void)state;
    answer(at, at->invite, "200 OK", "one", AT("one"), REAL);
    advance_ms(at, 1);
    expect_sent(at, "ACK sip:one@far.invalid");
    answer(at, at->invite, "200 OK", "two", AT("two"), REAL);
    expect_sent(at, "ACK sip:two@far.invalid");
    check_refusal(at);
    expect_sent(at, "BYE sip:two@far.invalid");
    assert_true(pp_str_eq_c(at->last->to_tag, "two"));
    answer(at, at->invite, "200 OK", "two", AT("two"), REAL); /* again */
    expect_sent(at, "ACK sip:two@far.invalid");
    check_refusal(at);
    expect_silence(at);
    check_events(at, "accepted:remote confirmed:local ");
    stage_free(at);
}

static void one_that_had_its_answer_before_is_hung_up_without_another(void **state)
{
    stage *at = stage_with_two();

    (void)state;
    answer(at, at->invite, "200 OK", "one", AT("one"), NULL);
    expect_sent(at, "ACK sip:one@far.invalid");
    answer(at, at->invite, "200 OK", "two", AT("two"), REAL); /* a repeat of what was agreed */
    expect_sent(at, "ACK sip:two@far.invalid");
    assert_int_equal(at->last->body.n, 0);
    expect_sent(at, "BYE sip:two@far.invalid");
    stage_free(at);
}

static void a_call_that_is_ended_over_the_offer_of_its_answer_says_so(void **state)
{
    stage *at = stage_without_offer(0);

    (void)state;
    answer(at, at->invite, "200 OK", "one", AT("one"), REAL);
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    expect_sent(at, "ACK sip:one@far.invalid");
    check_refusal(at);
    expect_sent(at, "BYE sip:one@far.invalid");
    check_events(at, "failed:local:Terminated ");
    stage_free(at);
}

static void an_answer_that_one_of_them_refuses_ends_that_one(void **state)
{
    stage *at = stage_with_two();

    (void)state;
    answer(at, at->last, "488 Not Acceptable Here", NULL, NULL, NULL);
    assert_int_equal(at->medias, 1);
    assert_int_equal(pipit_session_hear_branch(at->session, "two"), PIPIT_ERR_STATE);
    answer(at, at->invite, "200 OK", "one", AT("one"), NULL);
    expect_sent(at, "ACK ");
    check_events(at, "accepted:remote confirmed:local ");
    stage_free(at);
}

static void an_offer_that_cannot_be_answered_is_left_alone(void **state)
{
    stage *at = stage_without_offer(0);

    (void)state;
    offer_early(at, "one", RSEQ("one", "1"), "v=0 one");
    answer(at, at->invite, "183 Session Progress", "two", RSEQ("two", "1"), "v=1 nothing fits");
    advance_ms(at, 1);
    expect_silence(at);
    at->describe_error = pp_error(PIPIT_ERR_MEDIA, "media: there is none");
    answer(at, at->invite, "183 Session Progress", "three", RSEQ("three", "1"), "v=0 three");
    advance_ms(at, 1);
    expect_silence(at);
    at->describe_error = 0;
    assert_int_equal(at->medias, 1);
    offer_early(at, "three", RSEQ("three", "1"), "v=0 three"); /* it comes again */
    assert_int_equal(at->medias, 2);
    stage_free(at);
}

static void so_many_far_ends_have_media_and_no_more(void **state)
{
    stage *at = stage_with_two();

    (void)state;
    offer_early(at, "three", RSEQ("three", "1"), "v=0 three");
    offer_early(at, "four", RSEQ("four", "1"), "v=0 four");
    answer(at, at->invite, "183 Session Progress", "five", RSEQ("five", "1"), "v=0 five");
    advance_ms(at, 1);
    expect_silence(at);
    assert_int_equal(at->medias, PP_LIMIT_BRANCHES);
    answer(at, at->invite, "199 Early Dialog Terminated", "three", NULL, NULL);
    offer_early(at, "five", RSEQ("five", "1"), "v=0 five");
    answer(at, at->invite, "200 OK", "six", AT("six"), "v=0 six"); /* and one that never rang */
    advance_ms(at, 1);
    expect_sent(at, "ACK sip:six@far.invalid");
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    assert_int_equal(at->medias, 1);
    stage_free(at);
}

static void hold_in_update(stage *at, const char *tag, const char *sdp)
{
    char call_id[128], ours[64];

    snprintf(call_id, sizeof(call_id), "%s", pipit_session_call_id(at->session));
    snprintf(ours, sizeof(ours), "%.*s", PP_STR(at->invite->from_tag));
    come(at, &(coming){.method = "UPDATE",
                       .call_id = call_id,
                       .from_tag = tag,
                       .to_tag = ours,
                       .lines = CONTACT,
                       .body = sdp});
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 ");
}

/* Everything is as at the start; what is on its way to the first ones means nothing any more. */
static void a_call_without_an_offer_goes_on_elsewhere(void **state)
{
    stage *at = stage_with_two();
    pp_message *prack = pp_message_ref(at->last);
    const fake_media *first = at->media;

    (void)state;
    hold_in_update(at, "one", "v=0 one held");
    check_events(at, "update hold:remote reoffered:remote ");
    answer(at, at->invite, "302 Moved", "proxy", "Contact: <sip:bob@example.org>\r\n", NULL);
    expect_sent(at, "ACK ");
    expect_sent(at, "INVITE sip:bob@example.org SIP/2.0");
    assert_int_equal(at->last->body.n, 0);
    pp_message_unref(at->invite);
    at->invite = pp_message_ref(at->last);
    check_events(at, "unhold:remote ");
    assert_ptr_not_equal(at->media, first);
    assert_int_equal(at->medias, 1);
    answer(at, prack, "481 Call/Transaction Does Not Exist", NULL, NULL, NULL);
    pp_message_unref(prack);
    offer_early(at, "one", RSEQ("there", "9"), "v=0 there"); /* whatever tag it has */
    answer(at, at->invite, "200 OK", "one", AT("there"), NULL);
    expect_sent(at, "ACK sip:there@far.invalid");
    check_events(at, "progress:remote early_media:one:heard accepted:remote confirmed:local ");
    assert_int_equal(at->medias, 1);
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_far_end_gets_an_answer_of_its_own),
        cmocka_unit_test(one_that_makes_its_offer_with_its_answer_gets_media_of_its_own),
        cmocka_unit_test(one_that_is_being_answered_may_win),
        cmocka_unit_test(the_one_that_was_being_answered_may_lose),
        cmocka_unit_test(a_second_answer_is_refused_in_its_ack_and_hung_up),
        cmocka_unit_test(one_that_had_its_answer_before_is_hung_up_without_another),
        cmocka_unit_test(a_call_that_is_ended_over_the_offer_of_its_answer_says_so),
        cmocka_unit_test(an_answer_that_one_of_them_refuses_ends_that_one),
        cmocka_unit_test(an_offer_that_cannot_be_answered_is_left_alone),
        cmocka_unit_test(so_many_far_ends_have_media_and_no_more),
        cmocka_unit_test(a_call_without_an_offer_goes_on_elsewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
