/* branches.c - a call of ours that is heard from at several places before it is answered: early media of each. */
#include "unit/ua/support/stage.h"

#define RSEQ(n) CONTACT "Require: 100rel\r\nRSeq: " n "\r\n"
#define AT(who) "Contact: <sip:" who "@far.invalid>\r\n"

/* One and two have both described their media. */
static stage *stage_with_two(void)
{
    stage *at = stage_calling();

    at->log_branches = true;
    answer(at, at->invite, "183 Session Progress", "one", AT("one"), "v=0 one");
    answer(at, at->invite, "183 Session Progress", "two", AT("two"), "v=0 two");
    answer(at, at->invite, "183 Session Progress", "two", AT("two"), "v=0 two");
    check_events(at, "early_media:one:heard progress:remote early_media:two:there progress:remote "
                     "progress:remote ");
    assert_int_equal(at->medias, 2);
    assert_string_equal(at->remotes.p, "answer:v=0 one answer:v=0 two ");
    return at;
}

static void report(fake_media *media, pp_media_state state)
{
    media->handlers->state(media->arg, state, "");
}

static void end_it(pipit_session *session, const char *name, const void *event, void *user)
{
    (void)event;
    (void)user;
    if (strcmp(name, "earlyMedia") == 0)
        pipit_session_terminate(session, NULL);
}

static char heard_branch[64];

static void on_early(pipit_session *session, const pipit_early_media_event *event, void *user)
{
    (void)session;
    (void)user;
    snprintf(heard_branch, sizeof(heard_branch), "%s", event->branch);
}

/* Its name is good until the last handler has returned, whatever those before have done. */
static void early_media_are_told_to_all_though_the_call_ends(void **state)
{
    static const pipit_session_handlers hasty = {.any = end_it, .early_media = on_early};
    stage *at = stage_calling();

    (void)state;
    assert_int_equal(pipit_session_add_handlers(at->session, &hasty, at), 0);
    answer(at, at->invite, "183 Session Progress", "a-far-end-with-a-long-name", AT("one"),
           "v=0 one");
    assert_string_equal(heard_branch, "a-far-end-with-a-long-name");
    assert_true(pipit_session_is_ended(at->session));
    stage_free(at);
}

static void each_far_end_has_media_of_its_own(void **state)
{
    stage *at = stage_with_two();
    fake_media *first = at->media;

    (void)state;
    assert_int_equal(pipit_session_hear_branch(at->session, "three"), PIPIT_ERR_STATE);
    assert_int_equal(pipit_session_hear_branch(at->session, NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_session_hear_branch(at->session, "one"), 0);
    check_events(at, "");
    assert_int_equal(pipit_session_hear_branch(at->session, "two"), 0);
    check_events(at, "early_media:two:heard ");
    assert_ptr_not_equal(at->media, first);
    report(first, PP_MEDIA_FAILED); /* it is not heard: nobody is told, and nothing ends */
    report(at->media, PP_MEDIA_CONNECTED);
    check_events(at, "media:connected ");
    assert_int_equal(pipit_session_hear_branch(at->session, "one"), 0);
    assert_ptr_equal(at->media, first);
    check_events(at, "early_media:one:heard ");
    answer(at, at->invite, "200 OK", "one", AT("one"), "v=0 one");
    expect_sent(at, "ACK sip:one@far.invalid SIP/2.0");
    assert_int_equal(at->medias, 1);
    assert_int_equal(pipit_session_hear_branch(at->session, "two"), PIPIT_ERR_STATE);
    check_events(at, "accepted:remote confirmed:local ");
    assert_string_equal(at->remotes.p, "answer:v=0 one answer:v=0 two ");
    stage_free(at);
}

static void the_one_that_answers_is_heard(void **state)
{
    stage *at = stage_with_two();
    fake_media *first = at->media;

    (void)state;
    answer(at, at->invite, "200 OK", "two", AT("two"), "v=0 two");
    expect_sent(at, "ACK sip:two@far.invalid SIP/2.0");
    assert_ptr_not_equal(at->media, first);
    assert_int_equal(at->medias, 1);
    assert_string_equal(at->remotes.p, "answer:v=0 one answer:v=0 two ");
    check_events(at, "accepted:remote confirmed:local ");
    report(at->media, PP_MEDIA_CONNECTED);
    check_events(at, "media:connected ");
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE sip:two@far.invalid SIP/2.0");
    assert_int_equal(at->medias, 0);
    stage_free(at);
}

static void one_that_answers_without_early_media_gets_its_own(void **state)
{
    stage *at = stage_calling();
    fake_media *first = at->media;

    (void)state;
    answer(at, at->invite, "183 Session Progress", "one", RSEQ("1"), "v=0 one");
    expect_sent(at, "PRACK ");
    assert_int_equal(pipit_session_hold(at->session, NULL), 0); /* of what is void then */
    advance_ms(at, 1);
    expect_sent(at, "UPDATE ");
    answer(at, at->invite, "200 OK", "two", AT("two"), "v=0 two");
    expect_sent(at, "ACK sip:two@far.invalid SIP/2.0");
    assert_ptr_not_equal(at->media, first);
    assert_int_equal(at->medias, 1);
    assert_string_equal(at->remotes.p, "answer:v=0 one answer:v=0 two ");
    check_events(at, "progress:remote hold:local accepted:remote confirmed:local ");
    advance_ms(at, 1);
    expect_sent(at, "INVITE sip:two@far.invalid SIP/2.0"); /* it has not heard of the hold */
    stage_free(at);
}

static void far_ends_with_media_are_limited_and_may_leave(void **state)
{
    stage *at = stage_calling();
    char tag[16];

    (void)state;
    for (unsigned i = 0; i < PP_LIMIT_BRANCHES + 3; i++) {
        snprintf(tag, sizeof(tag), "fork%u", i);
        answer(at, at->invite, "183 Session Progress", tag, CONTACT, ANSWER);
    }
    assert_int_equal(at->medias, PP_LIMIT_BRANCHES);
    answer(at, at->invite, "199 Early Dialog Terminated", "fork1", NULL, NULL);
    assert_int_equal(at->medias, PP_LIMIT_BRANCHES - 1);
    answer(at, at->invite, "183 Session Progress", "other", CONTACT, "rubbish");
    assert_int_equal(at->medias, PP_LIMIT_BRANCHES - 1);
    answer(at, at->invite, "200 OK", "other", CONTACT, ANSWER);
    assert_int_equal(at->medias, 1);
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_CONFIRMED);
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_media_are_told_to_all_though_the_call_ends),
        cmocka_unit_test(each_far_end_has_media_of_its_own),
        cmocka_unit_test(the_one_that_answers_is_heard),
        cmocka_unit_test(one_that_answers_without_early_media_gets_its_own),
        cmocka_unit_test(far_ends_with_media_are_limited_and_may_leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
