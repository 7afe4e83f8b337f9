/* races.c - messages that cross: a row for each pair of RFC 3261, 3262, 3264, 3311, 3515 and 6337 that applies to a user agent, with
 * what is left at the end: one last event, one final answer to each request, nothing alive that is over. */
#include "unit/ua/support/stage.h"

/* --- the far end of a call of ours, and of one of its --------------------------------------------- */

static pp_message *keep(stage *at, const char *start)
{
    return pp_message_ref(expect_sent(at, start));
}

/* What is left to say is said, and the call is over without anything alive. */
static void over(stage *at, const char *events)
{
    advance_ms(at, 70000);
    check_events(at, events);
    assert_int_equal(at->medias, 0);
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 0);
    assert_int_equal(at->ua->calls, 0);
    stage_free(at);
}

static void goes_on(stage *at, const char *events)
{
    check_events(at, events);
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_CONFIRMED);
    assert_int_equal(at->ua->calls, 1);
    stage_free(at);
}

/* --- the beginning ---------------------------------------------------------------------------- */

static void our_cancel_and_their_200(void)
{
    stage *at = stage_calling();

    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "CANCEL ");
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    expect_sent(at, "BYE ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    over(at, "progress:remote failed:local:Canceled ");
}

static void our_cancel_and_their_486(void)
{
    stage *at = stage_calling();

    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "CANCEL ");
    answer(at, at->invite, "486 Busy Here", "far", NULL, NULL);
    expect_sent(at, "ACK ");
    over(at, "progress:remote failed:local:Canceled ");
}

static void their_cancel_and_our_200(void)
{
    stage *at = stage_ringing();

    pipit_session_answer(at->session, NULL);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    come(at, &(coming){.method = "CANCEL", .branch = "invite"});
    expect_sent(at, "SIP/2.0 200 OK");
    assert_int_equal(at->last->method, PP_CANCEL);
    acknowledge(at, NULL);
    goes_on(at, "connecting accepted:local confirmed:remote ");
}

static void their_cancel_and_our_answer_in_the_making(void)
{
    stage *at = stage_ringing();

    pipit_session_answer(at->session, NULL);
    come(at, &(coming){.method = "CANCEL", .branch = "invite"});
    expect_sent(at, "SIP/2.0 200 OK");
    expect_sent(at, "SIP/2.0 487 ");
    advance_ms(at, 1);
    over(at, "failed:remote:Canceled ");
}

static void their_cancel_and_our_refusal(void)
{
    stage *at = stage_ringing();

    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "SIP/2.0 480 ");
    come(at, &(coming){.method = "CANCEL", .branch = "invite"});
    expect_sent(at, "SIP/2.0 200 OK");
    over(at, "failed:local:Rejected ");
}

static void two_200_of_two_forks(void)
{
    stage *at = stage_calling();

    answer(at, at->invite, "200 OK", "one", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    answer(at, at->invite, "200 OK", "two", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    assert_true(pp_str_eq_c(at->last->to_tag, "two"));
    expect_sent(at, "BYE ");
    assert_true(pp_str_eq_c(at->last->to_tag, "two"));
    goes_on(at, "accepted:remote confirmed:local ");
}

static void a_200_and_a_late_180_of_another_fork(void)
{
    stage *at = stage_calling();

    answer(at, at->invite, "200 OK", "one", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    answer(at, at->invite, "180 Ringing", "two", CONTACT, NULL);
    expect_silence(at);
    goes_on(at, "accepted:remote confirmed:local ");
}

static void our_200_and_a_repeated_invite(void)
{
    stage *at = stage_ringing();

    pipit_session_answer(at->session, NULL);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    come(at, &(coming){.method = "INVITE", .branch = "invite", .lines = CONTACT, .body = OFFER});
    expect_silence(at); /* RFC 6026: the 2xx is repeated by its timer */
    acknowledge(at, NULL);
    goes_on(at, "connecting accepted:local confirmed:remote ");
}

static void our_cancel_and_their_302(void)
{
    stage *at = stage_connected();
    pipit_call_options options = *call_options(at);

    options.follow_redirects = 3;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    at->invite = pp_message_ref(at->last);
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "CANCEL ");
    answer(at, at->invite, "302 Moved Temporarily", "far", CONTACT, NULL);
    expect_sent(at, "ACK ");
    expect_silence(at); /* nobody wants to go on */
    over(at, "new_rtc_session:local connecting sending progress:remote failed:local:Canceled ");
}

static void our_prack_and_their_487(void)
{
    stage *at = stage_calling();
    pp_message *prack;

    answer(at, at->invite, "180 Ringing", "far", CONTACT "Require: 100rel\r\nRSeq: 1\r\n", NULL);
    prack = keep(at, "PRACK ");
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "CANCEL ");
    answer(at, at->invite, "487 Request Terminated", "far", NULL, NULL);
    expect_sent(at, "ACK ");
    answer(at, prack, "481 Gone", NULL, NULL, NULL);
    pp_message_unref(prack);
    over(at, "progress:remote failed:local:Canceled ");
}

static stage *ringing_reliably(char tag[64], char rack[64])
{
    stage *at = stage_connected();

    come(at, &(coming){.method = "INVITE",
                       .branch = "invite",
                       .lines = CONTACT "Require: 100rel\r\n",
                       .body = OFFER});
    expect_sent(at, "SIP/2.0 180 ");
    snprintf(tag, 64, "%s", to_tag(at));
    snprintf(rack, 64, "RAck: %.*s 1 INVITE\r\n",
             PP_STR(pp_message_header(at->last, PP_HEADER_RSEQ, 0)));
    check_events(at, "new_rtc_session:remote progress:local ");
    return at;
}

static void their_prack_and_their_cancel(void)
{
    char tag[64], rack[64];
    stage *at = ringing_reliably(tag, rack);

    come(at, &(coming){.method = "CANCEL", .branch = "invite"});
    expect_sent(at, "SIP/2.0 200 OK");
    expect_sent(at, "SIP/2.0 487 ");
    come(at, &(coming){.method = "PRACK", .cseq = 2, .to_tag = tag, .lines = rack});
    expect_sent(at, "SIP/2.0 481 "); /* nothing waits for it */
    over(at, "failed:remote:Canceled ");
}

static void their_prack_and_our_200(void)
{
    char tag[64], rack[64];
    stage *at = ringing_reliably(tag, rack);

    pipit_session_answer(at->session, NULL);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    come(at, &(coming){.method = "PRACK", .cseq = 2, .to_tag = tag, .lines = rack});
    expect_sent(at, "SIP/2.0 200 OK"); /* RFC 3262 section 3: it still is good */
    come(at, &(coming){.method = "ACK", .to_tag = tag});
    goes_on(at, "connecting accepted:local confirmed:remote ");
}

/* --- the end ---------------------------------------------------------------------------------- */

static void bye_and_bye(void)
{
    stage *at = stage_in_call();
    pp_message *bye;

    pipit_session_terminate(at->session, NULL);
    bye = keep(at, "BYE ");
    bye_in(at, "far");
    expect_sent(at, "SIP/2.0 ");
    assert_true(at->last->status == 200 || at->last->status == 481);
    answer(at, bye, "481 Gone", NULL, NULL, NULL);
    pp_message_unref(bye);
    over(at, "ended:local:Terminated ");
}

static void their_bye_and_our_reinvite(void)
{
    stage *at = stage_in_call();
    pp_message *invite;

    pipit_session_hold(at->session, NULL);
    advance_ms(at, 1);
    invite = keep(at, "INVITE ");
    bye_in(at, "far");
    expect_sent(at, "SIP/2.0 200 OK");
    answer(at, invite, "487 Request Terminated", NULL, NULL, NULL);
    expect_sent(at, "ACK ");
    pp_message_unref(invite);
    over(at, "hold:local ended:remote:Terminated ");
}

static void our_bye_and_the_200_of_our_reinvite(void)
{
    stage *at = stage_in_call();
    pp_message *invite;

    pipit_session_hold(at->session, NULL);
    advance_ms(at, 1);
    invite = keep(at, "INVITE ");
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    answer(at, invite, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK "); /* or the far end repeats it for 32 s */
    pp_message_unref(invite);
    over(at, "hold:local ended:local:Terminated ");
}

static void our_bye_and_their_reinvite(void)
{
    stage *at = stage_in_call();

    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE ");
    come_in_ours(at, (coming){.method = "INVITE", .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 481 ");
    over(at, "ended:local:Terminated ");
}

static void their_bye_and_our_answer_to_their_reinvite(void)
{
    stage *at = stage_in_call();

    come_in_ours(at, (coming){.method = "INVITE", .lines = CONTACT, .body = OFFER});
    come_in_ours(at, (coming){.method = "BYE", .cseq = 2});
    expect_sent(at, "SIP/2.0 200 OK");
    assert_int_equal(at->last->method, PP_BYE);
    expect_sent(at, "SIP/2.0 487 ");
    advance_ms(at, 1);
    over(at, "reinvite ended:remote:Terminated ");
}

static void our_bye_before_their_ack(void)
{
    stage *at = stage_ringing();
    char tag[64];

    pipit_session_answer(at->session, NULL);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    snprintf(tag, sizeof(tag), "%s", to_tag(at));
    pipit_session_terminate(at->session, NULL);
    expect_silence(at);
    come(at, &(coming){.method = "ACK", .to_tag = tag});
    expect_sent(at, "BYE ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    expect_silence(at);
    over(at, "connecting accepted:local ended:local:Terminated ");
}

static void our_refer_and_their_bye(void)
{
    stage *at = stage_in_call();
    pp_message *refer;

    assert_int_equal(pipit_session_refer(at->session, "carol", NULL, NULL), 0);
    refer = keep(at, "REFER ");
    bye_in(at, "far");
    expect_sent(at, "SIP/2.0 200 OK");
    answer(at, refer, "481 Gone", NULL, NULL, NULL);
    pp_message_unref(refer);
    over(at, "ended:remote:Terminated ");
}

static void their_refer_and_our_bye(void)
{
    stage *at = stage_in_call();

    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE ");
    come_in_ours(
        at, (coming){.method = "REFER", .lines = CONTACT "Refer-To: <sip:carol@example.com>\r\n"});
    expect_sent(at, "SIP/2.0 481 ");
    over(at, "ended:local:Terminated ");
}

/* --- offers ----------------------------------------------------------------------------------- */

/* Ours is open; theirs must wait, and ours is answered. */
static void meet(bool update, const char *method)
{
    stage *at = stage_in_call();
    pp_message *ours;

    pipit_session_renegotiate(at->session, &(pipit_reoffer_options){.use_update = update});
    advance_ms(at, 1);
    ours = keep(at, update ? "UPDATE " : "INVITE ");
    come_in_ours(at, (coming){.method = method, .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 491 ");
    answer(at, ours, "200 OK", NULL, CONTACT, ANSWER);
    if (!update)
        expect_sent(at, "ACK ");
    pp_message_unref(ours);
    goes_on(at, "reoffered:local ");
}

static void reinvite_and_reinvite(void)
{
    meet(false, "INVITE");
}

static void our_reinvite_and_their_update(void)
{
    meet(false, "UPDATE");
}

static void our_update_and_their_reinvite(void)
{
    meet(true, "INVITE");
}

static void update_and_update(void)
{
    meet(true, "UPDATE");
}

static void hold_and_hold(void)
{
    stage *at = stage_in_call();

    pipit_session_hold(at->session, NULL);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    answer(at, at->last, "491 Request Pending", NULL, NULL, NULL);
    expect_sent(at, "ACK ");
    come_in_ours(at, (coming){.method = "INVITE", .lines = CONTACT, .body = OFFER " held"});
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    come_in_ours(at, (coming){.method = "ACK"});
    wait_sent(at, "INVITE ", 5000);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER " held");
    expect_sent(at, "ACK ");
    assert_true(pipit_session_is_on_hold(at->session).local);
    assert_true(pipit_session_is_on_hold(at->session).remote);
    goes_on(at, "hold:local reinvite hold:remote reoffered:remote reoffered:local ");
}

static void their_reinvite_before_their_ack(void)
{
    stage *at = stage_ringing();
    char tag[64];

    pipit_session_answer(at->session, NULL);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    snprintf(tag, sizeof(tag), "%s", to_tag(at));
    come(at,
         &(coming){.method = "INVITE", .cseq = 2, .to_tag = tag, .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 491 "); /* RFC 6337 section 4.2 */
    come(at, &(coming){.method = "ACK", .to_tag = tag});
    goes_on(at, "connecting accepted:local confirmed:remote ");
}

static void two_reinvites_of_theirs(void)
{
    stage *at = stage_in_call();

    come_in_ours(at, (coming){.method = "INVITE", .lines = CONTACT, .body = OFFER});
    come_in_ours(at, (coming){.method = "INVITE", .cseq = 2, .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 500 ");
    assert_true(pp_message_count(at->last, PP_HEADER_RETRY_AFTER) == 1);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_int_equal(at->last->cseq, 1);
    come_in_ours(at, (coming){.method = "ACK"});
    goes_on(at, "reinvite reoffered:remote ");
}

static void their_cancel_and_our_answer_to_their_reinvite(void)
{
    stage *at = stage_in_call();

    come_in_ours(at, (coming){.method = "INVITE", .branch = "re", .lines = CONTACT, .body = OFFER});
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    come_in_ours(at, (coming){.method = "CANCEL", .branch = "re"});
    expect_sent(at, "SIP/2.0 ");
    come_in_ours(at, (coming){.method = "ACK"});
    goes_on(at, "reinvite reoffered:remote ");
}

static void our_early_update_and_their_200(void)
{
    stage *at = stage_calling();
    pp_message *update;

    answer(at, at->invite, "183 Session Progress", "far", CONTACT "Require: 100rel\r\nRSeq: 1\r\n",
           ANSWER);
    expect_sent(at, "PRACK ");
    pipit_session_renegotiate(at->session, NULL);
    advance_ms(at, 1);
    update = keep(at, "UPDATE ");
    answer(at, at->invite, "200 OK", "far", CONTACT, NULL);
    expect_sent(at, "ACK ");
    answer(at, update, "200 OK", NULL, CONTACT, ANSWER);
    pp_message_unref(update);
    goes_on(at, "progress:remote accepted:remote confirmed:local reoffered:local ");
}

static void early_update_and_update(void)
{
    stage *at = stage_calling();
    pp_message *update;

    answer(at, at->invite, "183 Session Progress", "far", CONTACT "Require: 100rel\r\nRSeq: 1\r\n",
           ANSWER);
    expect_sent(at, "PRACK ");
    pipit_session_renegotiate(at->session, NULL);
    advance_ms(at, 1);
    update = keep(at, "UPDATE ");
    come_in_ours(at, (coming){.method = "UPDATE", .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 491 ");
    answer(at, update, "491 Request Pending", NULL, NULL, NULL);
    wait_sent(at, "UPDATE ", 5000);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    pp_message_unref(update);
    answer(at, at->invite, "200 OK", "far", CONTACT, NULL);
    expect_sent(at, "ACK ");
    goes_on(at, "progress:remote reoffered:local accepted:remote confirmed:local ");
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct race {
    const char *name;
    void (*run)(void);
} races[] = {
    {"our CANCEL and their 200", our_cancel_and_their_200},
    {"our CANCEL and their 486", our_cancel_and_their_486},
    {"their CANCEL and our 200", their_cancel_and_our_200},
    {"their CANCEL and our answer in the making", their_cancel_and_our_answer_in_the_making},
    {"their CANCEL and our refusal", their_cancel_and_our_refusal},
    {"two 200 of two forks", two_200_of_two_forks},
    {"a 200 and a late 180 of another fork", a_200_and_a_late_180_of_another_fork},
    {"our 200 and a repeated INVITE", our_200_and_a_repeated_invite},
    {"our CANCEL and their 302", our_cancel_and_their_302},
    {"our PRACK and their 487", our_prack_and_their_487},
    {"their PRACK and their CANCEL", their_prack_and_their_cancel},
    {"their PRACK and our 200", their_prack_and_our_200},
    {"BYE and BYE", bye_and_bye},
    {"their BYE and our re-INVITE", their_bye_and_our_reinvite},
    {"our BYE and the 200 of our re-INVITE", our_bye_and_the_200_of_our_reinvite},
    {"our BYE and their re-INVITE", our_bye_and_their_reinvite},
    {"their BYE and our answer to their re-INVITE", their_bye_and_our_answer_to_their_reinvite},
    {"our BYE before their ACK", our_bye_before_their_ack},
    {"our REFER and their BYE", our_refer_and_their_bye},
    {"their REFER and our BYE", their_refer_and_our_bye},
    {"re-INVITE and re-INVITE", reinvite_and_reinvite},
    {"our re-INVITE and their UPDATE", our_reinvite_and_their_update},
    {"our UPDATE and their re-INVITE", our_update_and_their_reinvite},
    {"UPDATE and UPDATE", update_and_update},
    {"hold and hold", hold_and_hold},
    {"their re-INVITE before their ACK", their_reinvite_before_their_ack},
    {"two re-INVITEs of theirs", two_reinvites_of_theirs},
    {"their CANCEL and our answer to their re-INVITE",
     their_cancel_and_our_answer_to_their_reinvite},
    {"our early UPDATE and their 200", our_early_update_and_their_200},
    {"early UPDATE and UPDATE", early_update_and_update},
};

static void the_races_of_the_rfcs_end_well(void **state)
{
    size_t count = sizeof(races) / sizeof(races[0]), won = 0;

    (void)state;
    for (size_t i = 0; i < count; i++) {
        print_message("race: %s\n", races[i].name); /* the last one is the one that failed */
        races[i].run();
        won++;
    }
    print_message("figure: races %zu of %zu\n", won, count);
    assert_int_equal(won, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_races_of_the_rfcs_end_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
