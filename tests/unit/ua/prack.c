/* prack.c - reliable responses of the far end, and the PRACK each of them gets (RFC 3262), as far as the end of a branch (RFC 6228). */
#include "unit/ua/support/stage.h"

#define RSEQ(n) CONTACT "Require: 100rel\r\nRSeq: " n "\r\n"

static void check_rack(stage *at, const char *rseq)
{
    char expected[64];

    snprintf(expected, sizeof(expected), "%s %u INVITE", rseq, (unsigned)at->invite->cseq);
    check_header(at->last, "RAck", expected);
}

static void a_reliable_response_gets_a_prack(void **state)
{
    stage *at = stage_calling();

    (void)state;
    assert_true(pp_message_lists(at->invite, PP_HEADER_SUPPORTED, "100rel"));
    assert_true(pp_message_lists(at->invite, PP_HEADER_ALLOW, "PRACK"));
    answer(at, at->invite, "180 Ringing", "far", RSEQ("7"), NULL);
    expect_sent(at, "PRACK sip:bob@far.invalid;transport=ws SIP/2.0");
    check_rack(at, "7");
    assert_int_equal(at->last->cseq, at->invite->cseq + 1);
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    answer(at, at->invite, "180 Ringing", "far", RSEQ("7"), NULL);            /* again */
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("9"), ANSWER); /* 8 is missing */
    expect_silence(at);
    check_events(at, "progress:remote ");
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("8"), ANSWER);
    expect_sent(at, "PRACK ");
    check_rack(at, "8");
    assert_string_equal(at->remotes.p, "answer:" ANSWER " ");
    answer(at, at->invite, "200 OK", "far", CONTACT, NULL);
    expect_sent(at, "ACK ");
    assert_int_equal(at->last->cseq, at->invite->cseq);
    check_events(at, "progress:remote accepted:remote confirmed:local ");
    stage_free(at);
}

static void each_far_end_counts_by_itself(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "180 Ringing", "one", RSEQ("1"), NULL);
    expect_sent(at, "PRACK ");
    assert_true(pp_str_eq_c(at->last->to_tag, "one"));
    answer(at, at->invite, "180 Ringing", "two", RSEQ("400"), NULL);
    expect_sent(at, "PRACK ");
    assert_true(pp_str_eq_c(at->last->to_tag, "two"));
    assert_int_equal(at->last->cseq, at->invite->cseq + 1);
    /* and meets its own challenge */
    answer(at, at->last, "407 Proxy Authentication Required", NULL,
           "Proxy-Authenticate: Digest realm=\"x\", nonce=\"n\"\r\n", NULL);
    expect_sent(at, "PRACK ");
    assert_true(pp_str_eq_c(at->last->to_tag, "two"));
    assert_int_equal(at->last->cseq, at->invite->cseq + 2);
    answer(at, at->invite, "180 Ringing", "one", RSEQ("2"), NULL);
    expect_sent(at, "PRACK ");
    check_rack(at, "2");
    assert_int_equal(at->last->cseq, at->invite->cseq + 2);
    stage_free(at);
}

static void a_reliable_response_without_a_dialog_is_taken_as_any_other(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "183 Session Progress", "far", "Require: 100rel\r\nRSeq: 1\r\n", ANSWER);
    expect_silence(at);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_events(at, "progress:remote accepted:remote confirmed:local ");
    assert_string_equal(at->remotes.p, "answer:" ANSWER " ");
    stage_free(at);
}

static void what_was_agreed_reliably_is_not_changed_by_the_2xx(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("1"), ANSWER);
    expect_sent(at, "PRACK ");
    answer(at, at->invite, "200 OK", "far", CONTACT, "v=0 something else");
    expect_sent(at, "ACK ");
    check_events(at, "progress:remote accepted:remote confirmed:local ");
    assert_string_equal(at->remotes.p, "answer:" ANSWER " ");
    stage_free(at);
}

static void a_branch_that_gave_up_is_forgotten(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "180 Ringing", "one", CONTACT, NULL);
    answer(at, at->invite, "180 Ringing", "two", CONTACT, NULL);
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 2);
    answer(at, at->invite, "199 Early Dialog Terminated", "two", NULL, NULL);
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 1);
    check_events(at, "progress:remote progress:remote ");
    answer(at, at->invite, "200 OK", "one", CONTACT, ANSWER);
    check_events(at, "accepted:remote confirmed:local ");
    stage_free(at);
}

/* RFC 6228 section 6: who was required to be reliable repeats it until it is acknowledged. */
static void the_end_of_a_branch_may_be_reliable(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "180 Ringing", "one", CONTACT, NULL);
    answer(at, at->invite, "180 Ringing", "two", RSEQ("1"), NULL);
    expect_sent(at, "PRACK ");
    answer(at, at->invite, "199 Early Dialog Terminated", "two", RSEQ("2"), NULL);
    expect_sent(at, "PRACK ");
    assert_true(pp_str_eq_c(at->last->to_tag, "two"));
    check_rack(at, "2");
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 1);
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    answer(at, at->invite, "199 Early Dialog Terminated", "three", RSEQ("9"), NULL);
    expect_sent(at, "PRACK ");
    check_rack(at, "9");
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 1);
    check_events(at, "progress:remote progress:remote ");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reliable_response_gets_a_prack),
        cmocka_unit_test(each_far_end_counts_by_itself),
        cmocka_unit_test(a_reliable_response_without_a_dialog_is_taken_as_any_other),
        cmocka_unit_test(what_was_agreed_reliably_is_not_changed_by_the_2xx),
        cmocka_unit_test(a_branch_that_gave_up_is_forgotten),
        cmocka_unit_test(the_end_of_a_branch_may_be_reliable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
