/* refer.c - REFER and its NOTIFYs, both ways, and calls that take the place of others. */
#include "unit/ua/support/stage.h"

static char heard[512]; /* of our REFERs */

static void hear(const char *name, const pipit_refer_progress_event *e)
{
    size_t n = strlen(heard);

    snprintf(heard + n, sizeof(heard) - n, "%s:%d:%s%s%s ", name, e->status_code, e->reason_phrase,
             e->cause ? ":" : "", pipit_cause_name(e->cause));
}

#define HEAR(name)                                                                                 \
    static void on_##name(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,  \
                          void *user)                                                              \
    {                                                                                              \
        (void)refer;                                                                               \
        (void)user;                                                                                \
        hear(#name, event);                                                                        \
    }
HEAR(request_succeeded)
HEAR(request_failed)
HEAR(trying)
HEAR(progress)
HEAR(accepted)
HEAR(failed)

static void on_authenticated(pipit_refer_subscriber *refer, void *user)
{
    (void)refer;
    (void)user;
    snprintf(heard + strlen(heard), sizeof(heard) - strlen(heard), "authenticated ");
}

static const pipit_refer_handlers refer_handlers = {
    on_request_succeeded, on_request_failed, on_trying,       on_progress,
    on_accepted,          on_failed,         on_authenticated};

static void check_heard(const char *expected)
{
    assert_string_equal(heard, expected);
    heard[0] = '\0';
}

/* A NOTIFY with a status line. */
static void notify(stage *at, unsigned cseq, const char *event, const char *state, const char *body)
{
    char lines[256];

    snprintf(lines, sizeof(lines),
             "Event: %s\r\nSubscription-State: %s\r\nContent-Type: message/sipfrag\r\n" CONTACT,
             event, state);
    come_in_ours(
        at,
        (coming){.method = "NOTIFY", .cseq = cseq, .lines = lines, .body = body, .typed = true});
}

static void refer(stage *at, const char *target, const pipit_refer_options *options)
{
    assert_int_equal(pipit_session_refer(at->session, target, options, NULL), 0);
    expect_sent(at, "REFER sip:bob@far.invalid;transport=ws SIP/2.0");
}

/* --- out -------------------------------------------------------------------------------------- */

static void a_transfer_is_asked_for_and_followed(void **state)
{
    stage *at = stage_in_call();
    pipit_refer_options options = {.handlers = &refer_handlers};
    char event[64];

    (void)state;
    refer(at, "carol", &options);
    check_header(at->last, "Refer-To", "<sip:carol@example.com>");
    check_header(at->last, "Referred-By", "<sip:alice@example.com>");
    assert_true(header_holds(at->last, "Contact", "<sip:"));
    snprintf(event, sizeof(event), "refer;id=%u", at->last->cseq);
    answer(at, at->last, "202 Accepted", NULL, CONTACT, NULL);
    check_heard("request_succeeded:202:Accepted ");
    notify(at, 2, event, "active;expires=60", "SIP/2.0 100 Trying\r\n");
    expect_sent(at, "SIP/2.0 200 OK");
    notify(at, 3, "refer", "active", "SIP/2.0 183 Session Progress"); /* there is only one */
    expect_sent(at, "SIP/2.0 200 OK");
    notify(at, 4, event, "terminated;reason=noresource", "SIP/2.0 200 OK\r\nTo: <sip:x@y>\r\n");
    expect_sent(at, "SIP/2.0 200 OK");
    check_heard("trying:100:Trying progress:183:Session Progress accepted:200:OK ");
    notify(at, 5, event, "terminated", "SIP/2.0 200 OK\r\n");
    expect_sent(at, "SIP/2.0 481 ");
    check_heard("");
    check_events(at, "");
    stage_free(at);
}

/* What hides in From does not show in Referred-By. */
static void a_transfer_says_no_more_of_us_than_its_call(void **state)
{
    static const struct {
        pipit_call_options options;
        const char *referred_by;
    } cases[] = {{{.anonymous = true}, NULL},
                 {{.from_user_name = "sales"}, "<sip:sales@example.com>"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        stage *at = stage_connected();
        pipit_call_options options = cases[i].options;

        options.handlers = &session_handlers;
        options.user = at;
        assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), 0);
        advance_ms(at, 1);
        expect_sent(at, "INVITE ");
        at->invite = pp_message_ref(at->last);
        answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
        expect_sent(at, "ACK ");
        refer(at, "carol", NULL);
        check_header(at->last, "Referred-By", cases[i].referred_by);
        stage_free(at);
    }
}

/* A NOTIFY may overtake the answer. */
static void a_transfer_says_nothing_after_its_end(void **state)
{
    stage *at = stage_in_call();
    pipit_refer_options options = {.handlers = &refer_handlers};
    char event[64];

    (void)state;
    refer(at, "carol", &options);
    snprintf(event, sizeof(event), "refer;id=%u", at->last->cseq);
    notify(at, 2, event, "terminated;reason=noresource", "SIP/2.0 200 OK\r\n");
    check_heard("accepted:200:OK ");
    stage_free(at);
    check_heard("");
}

static void a_transfer_ends_with_its_call(void **state)
{
    stage *at = stage_in_call();
    pipit_refer_options options = {.handlers = &refer_handlers};

    (void)state;
    refer(at, "carol", &options);
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    check_heard("request_failed:0::Terminated ");
    answer(at, at->last, "202 Accepted", NULL, CONTACT, NULL);
    check_heard("");
    stage_free(at);
}

static void a_refused_transfer_is_told(void **state)
{
    static const char *const lines[] = {"Referred-By: <sip:boss@example.com>", NULL};
    static const char *const bad[] = {"X: a\r\nY: b", NULL};
    stage *at = stage_in_call();
    pipit_refer_options options = {.handlers = &refer_handlers, .extra_headers = bad};

    (void)state;
    assert_int_equal(pipit_session_refer(at->session, "carol", &options, NULL), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_session_refer(at->session, NULL, NULL, NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_session_refer(at->session, "sip:", NULL, NULL), PIPIT_ERR_SYNTAX);
    options.extra_headers = lines;
    refer(at, "carol", &options);
    check_header(at->last, "Referred-By", "<sip:boss@example.com>");
    answer(at, at->last, "603 Decline", NULL, NULL, NULL);
    check_heard("request_failed:603:Decline:Rejected ");
    refer(at, "carol", &options);
    advance_ms(at, 33000);
    check_heard("request_failed:0::Request Timeout ");
    check_events(at, "ended:system:Request Timeout ");
    stage_free(at);
}

static void a_notify_that_fits_no_refer_is_refused(void **state)
{
    stage *at = stage_in_call();
    pipit_refer_options options = {.handlers = &refer_handlers};
    char event[64];

    (void)state;
    notify(at, 2, "refer", "active", "SIP/2.0 100 Trying\r\n");
    expect_sent(at, "SIP/2.0 481 ");
    refer(at, "carol", &options);
    snprintf(event, sizeof(event), "refer;id=%u", at->last->cseq);
    answer(at, at->last, "202 Accepted", NULL, CONTACT, NULL);
    check_heard("request_succeeded:202:Accepted ");
    notify(at, 3, "refer;id=4711", "active", "SIP/2.0 100 Trying\r\n");
    expect_sent(at, "SIP/2.0 481 ");
    notify(at, 4, "presence", "active", "SIP/2.0 100 Trying\r\n");
    expect_sent(at, "SIP/2.0 489 ");
    come_in_ours(at, (coming){.method = "NOTIFY", .cseq = 5, .lines = CONTACT});
    expect_sent(at, "SIP/2.0 400 ");
    notify(at, 6, event, "active", "SIP/3.0 nonsense");
    expect_sent(at, "SIP/2.0 200 OK");
    check_heard("");
    notify(at, 7, event, "terminated;reason=timeout", "SIP/2.0 180 Ringing\r\n");
    expect_sent(at, "SIP/2.0 200 OK");
    check_heard("progress:180:Ringing failed:180::Expires ");
    stage_free(at);
}

static void a_bare_terminated_with_a_provisional_status_ends_nothing(void **state)
{
    stage *at = stage_in_call();
    pipit_refer_options options = {.handlers = &refer_handlers};

    (void)state;
    refer(at, "carol", &options);
    answer(at, at->last, "202 Accepted", NULL, CONTACT, NULL);
    notify(at, 2, "refer", "terminated", "SIP/2.0 100 Trying");
    expect_sent(at, "SIP/2.0 200 OK");
    notify(at, 3, "refer", "terminated", "SIP/2.0 200 OK");
    expect_sent(at, "SIP/2.0 200 OK");
    check_heard("request_succeeded:202:Accepted trying:100:Trying accepted:200:OK ");
    refer(at, "carol", &options);
    answer(at, at->last, "202 Accepted", NULL, CONTACT, NULL);
    notify(at, 4, "refer", "terminated", "nonsense");
    expect_sent(at, "SIP/2.0 200 OK");
    check_heard("request_succeeded:202:Accepted failed:0::Expires ");
    stage_free(at);
}

static void a_challenged_refer_is_known_by_its_last_number(void **state)
{
    stage *at = stage_in_call();
    pipit_refer_options options = {.handlers = &refer_handlers};
    pipit_refer_subscriber *subscriber = NULL;
    char event[64];

    (void)state;
    assert_int_equal(pipit_session_refer(at->session, "carol", &options, &subscriber), 0);
    expect_sent(at, "REFER ");
    assert_int_equal(pipit_refer_subscriber_id(subscriber), at->last->cseq);
    answer(at, at->last, "407 Proxy Authentication Required", NULL,
           "Proxy-Authenticate: Digest realm=\"x\", nonce=\"n\"\r\n", NULL);
    expect_sent(at, "REFER ");
    snprintf(event, sizeof(event), "refer;id=%u", at->last->cseq);
    {
        pp_message *request = pp_message_ref(at->last);

        notify(at, 2, event, "active", "SIP/2.0 100 Trying\r\n"); /* it may overtake the 202 */
        expect_sent(at, "SIP/2.0 200 OK");
        answer(at, request, "202 Accepted", NULL, CONTACT, NULL);
        assert_int_equal(pipit_refer_subscriber_id(subscriber), request->cseq);
        pp_message_unref(request);
    }
    check_heard("trying:100:Trying authenticated request_succeeded:202:Accepted ");
    pipit_refer_subscriber_unref(subscriber);
    stage_free(at);
}

static void a_transfer_may_go_without_notifys(void **state)
{
    stage *at = stage_in_call();
    pipit_refer_options options = {.handlers = &refer_handlers, .no_subscription = true};

    (void)state;
    refer(at, "carol", &options);
    check_header(at->last, "Refer-Sub", "false");
    answer(at, at->last, "202 Accepted", NULL, CONTACT "Refer-Sub: false\r\n", NULL);
    check_heard("request_succeeded:202:Accepted ");
    notify(at, 2, "refer", "active", "SIP/2.0 100 Trying\r\n");
    expect_sent(at, "SIP/2.0 481 ");
    stage_free(at);
}

/* --- in --------------------------------------------------------------------------------------- */

typedef struct plan {
    void (*decide)(pipit_refer_notifier *refer);
    pipit_refer_notifier *kept;
} plan;

static plan the_plan;

static void on_refer(pipit_session *session, const pipit_refer_event *event, void *user)
{
    (void)session;
    (void)user;
    if (the_plan.decide)
        the_plan.decide(event->refer);
}

static void on_ended(pipit_session *session, const pipit_end_event *event, void *user)
{
    (void)session;
    (void)event;
    (void)user;
}

static const pipit_session_handlers refer_session_handlers = {.refer = on_refer, .ended = on_ended};

static stage *stage_listening(void (*decide)(pipit_refer_notifier *refer))
{
    stage *at = stage_in_call();

    the_plan = (plan){.decide = decide};
    pipit_session_set_handlers(at->session, &refer_session_handlers, at);
    return at;
}

static void refer_in(stage *at, unsigned cseq, const char *lines)
{
    char all[512];

    snprintf(all, sizeof(all), CONTACT "%s", lines);
    come_in_ours(at, (coming){.method = "REFER", .cseq = cseq, .lines = all});
}

#define TRYING "active;expires=300"
#define OVER   "terminated;reason=noresource"

static void accept_it(pipit_refer_notifier *refer)
{
    pipit_session *call = NULL;

    assert_int_equal(pipit_refer_accept(refer, NULL, &call), 0);
    assert_int_equal(pipit_refer_accept(refer, NULL, NULL), PIPIT_ERR_STATE);
    assert_int_equal(pipit_refer_reject(refer, NULL), PIPIT_ERR_STATE);
    pipit_session_unref(call);
}

static void a_refer_makes_a_call_that_is_told_of(void **state)
{
    stage *at = stage_listening(accept_it);
    pp_message *invite;

    (void)state;
    refer_in(at, 2,
             "Refer-To: <sip:carol@example.com?Replaces=c%40x%3Bto-tag%3D1%3Bfrom-tag%3D2&X=y>\r\n"
             "Referred-By: <sip:bob@example.com>\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    assert_true(header_holds(at->last, "Contact", "<sip:"));
    expect_refer_notify(at, 2, TRYING, "SIP/2.0 100 Trying\r\n");
    advance_ms(at, 1);
    expect_sent(at, "INVITE sip:carol@example.com SIP/2.0");
    check_header(at->last, "Replaces", "c@x;to-tag=1;from-tag=2");
    check_header(at->last, "Referred-By", "<sip:bob@example.com>");
    assert_false(header_holds(at->last, "X", "y")); /* no other header of a stranger's making */
    invite = pp_message_ref(at->last);
    answer(at, invite, "180 Ringing", "carol", CONTACT, NULL);
    expect_refer_notify(at, 2, TRYING, "SIP/2.0 180 Ringing\r\n");
    answer(at, invite, "200 OK", "carol", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    expect_refer_notify(at, 2, OVER, "SIP/2.0 200 OK\r\n");
    pp_message_unref(invite);
    stage_free(at);
}

static void a_call_that_fails_is_told_of(void **state)
{
    stage *at = stage_listening(accept_it);

    (void)state;
    refer_in(at, 2, "Refer-To: sip:carol@example.com\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    expect_refer_notify(at, 2, TRYING, "SIP/2.0 100 Trying\r\n");
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    answer(at, at->last, "486 Busy Here", "carol", NULL, NULL);
    expect_sent(at, "ACK ");
    expect_refer_notify(at, 2, OVER, "SIP/2.0 486 Busy Here\r\n");
    refer_in(at, 3, "Refer-To: sip:dave@example.com\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    expect_refer_notify(at, 3, TRYING, "SIP/2.0 100 Trying\r\n");
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    pipit_session_terminate(at->session, NULL); /* the new one: at->session is the last */
    expect_refer_notify(at, 3, OVER, "SIP/2.0 487 Canceled\r\n");
    stage_free(at);
}

static void a_far_end_that_does_not_listen_is_not_notified_again(void **state)
{
    stage *at = stage_listening(accept_it);
    pp_message *invite;

    (void)state;
    refer_in(at, 2, "Refer-To: sip:carol@example.com\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    expect_sent(at, "NOTIFY ");
    answer(at, at->last, "481 Gone", NULL, NULL, NULL); /* the subscription, not the call */
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    invite = pp_message_ref(at->last);
    answer(at, invite, "180 Ringing", "carol", CONTACT, NULL);
    expect_silence(at);
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 2);
    pp_message_unref(invite);
    stage_free(at);
}

static void a_refer_that_asks_for_no_notifys_gets_none(void **state)
{
    stage *at = stage_listening(accept_it);

    (void)state;
    refer_in(at, 2, "Refer-To: sip:carol@example.com\r\nRefer-Sub: false\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    check_header(at->last, "Refer-Sub", "false");
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    answer(at, at->last, "180 Ringing", "carol", CONTACT, NULL);
    expect_silence(at);
    stage_free(at);
}

static void subscribe(stage *at, unsigned cseq, const char *lines)
{
    come_in_ours(at, (coming){.method = "SUBSCRIBE", .cseq = cseq, .lines = lines});
}

/* RFC 3515 section 2.4.6: they may ask for more time, or for no more. */
static void who_transfers_may_hear_no_more(void **state)
{
    stage *at = stage_listening(accept_it);
    pp_message *invite;

    (void)state;
    refer_in(at, 2, "Refer-To: sip:carol@example.com\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    expect_refer_notify(at, 2, TRYING, "SIP/2.0 100 Trying\r\n");
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    invite = pp_message_ref(at->last);
    subscribe(at, 3, CONTACT "Event: refer\r\nExpires: 60\r\n");
    expect_sent(at, "SIP/2.0 200 OK");
    check_header(at->last, "Expires", "60");
    expect_refer_notify(at, 2, TRYING, "SIP/2.0 100 Trying\r\n");
    subscribe(at, 4, CONTACT "Event: refer;id=4711\r\n");
    expect_sent(at, "SIP/2.0 481 ");
    subscribe(at, 5, CONTACT "Event: presence\r\n");
    expect_sent(at, "SIP/2.0 489 ");
    subscribe(at, 6, CONTACT "Event: refer;id=2\r\nExpires: 0\r\n");
    expect_sent(at, "SIP/2.0 200 OK");
    expect_refer_notify(at, 2, "terminated;reason=timeout", "SIP/2.0 100 Trying\r\n");
    answer(at, invite, "180 Ringing", "carol", CONTACT, NULL);
    expect_silence(at);
    subscribe(at, 7, CONTACT "Event: refer;id=2\r\n");
    expect_sent(at, "SIP/2.0 481 ");
    pp_message_unref(invite);
    stage_free(at);
}

static void a_malformed_refer_is_refused(void **state)
{
    stage *at = stage_listening(accept_it);

    (void)state;
    refer_in(at, 2, "");
    expect_sent(at, "SIP/2.0 400 ");
    refer_in(at, 3, "Refer-To: sip:a@b\r\nRefer-To: sip:c@d\r\n");
    expect_sent(at, "SIP/2.0 400 ");
    refer_in(at, 4, "Refer-To: <sip:@@>\r\n");
    expect_sent(at, "SIP/2.0 400 ");
    refer_in(at, 5, "Refer-To: <http://example.com/>\r\n");
    expect_sent(at, "SIP/2.0 416 ");
    refer_in(at, 6, "Refer-To: <sip:carol@example.com?Replaces=a%0D%0AX-Evil:%20b>\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    expect_refer_notify(at, 6, TRYING, "SIP/2.0 100 Trying\r\n");
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    assert_null(pp_message_header_named(at->last, PP_LIT("X-Evil"), 0).p);
    assert_null(pp_message_header_named(at->last, PP_LIT("Replaces"), 0).p);
    stage_free(at);
}

static void reject_it(pipit_refer_notifier *refer)
{
    assert_int_equal(pipit_refer_reject(refer, &(pipit_reply_options){.status_code = 200}),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_refer_reject(refer, &(pipit_reply_options){.status_code = 488}), 0);
}

static void keep_it(pipit_refer_notifier *refer)
{
    the_plan.kept = pipit_refer_notifier_ref(refer);
}

static void a_refer_is_refused_now_or_later_or_by_nobody(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    refer_in(at, 2, "Refer-To: sip:carol@example.com\r\n"); /* there is no handler */
    expect_sent(at, "SIP/2.0 603 ");
    the_plan = (plan){.decide = NULL};
    pipit_session_set_handlers(at->session, &refer_session_handlers, at);
    refer_in(at, 3, "Refer-To: sip:carol@example.com\r\n"); /* it does nothing */
    expect_sent(at, "SIP/2.0 603 ");
    the_plan.decide = reject_it;
    refer_in(at, 4, "Refer-To: sip:carol@example.com\r\n");
    expect_sent(at, "SIP/2.0 488 ");
    the_plan.decide = keep_it;
    refer_in(at, 5, "Refer-To: sip:carol@example.com\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    expect_refer_notify(at, 5, TRYING, "SIP/2.0 100 Trying\r\n");
    assert_int_equal(pipit_refer_reject(the_plan.kept, NULL), 0);
    expect_refer_notify(at, 5, OVER, "SIP/2.0 603 Decline\r\n");
    the_plan.kept = pipit_refer_notifier_unref(the_plan.kept);
    refer_in(at, 6, "Refer-To: sip:carol@example.com\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    expect_refer_notify(at, 6, TRYING, "SIP/2.0 100 Trying\r\n");
    the_plan.kept = pipit_refer_notifier_unref(the_plan.kept); /* forgotten */
    expect_refer_notify(at, 6, OVER, "SIP/2.0 603 Decline\r\n");
    refer_in(at, 7, "Refer-To: sip:carol@example.com\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    expect_refer_notify(at, 7, TRYING, "SIP/2.0 100 Trying\r\n");
    assert_int_equal(pipit_refer_accept(the_plan.kept, NULL, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE sip:carol@example.com SIP/2.0");
    the_plan.kept = pipit_refer_notifier_unref(the_plan.kept);
    stage_free(at);
}

static void an_application_may_reach_the_target_in_its_own_way(void **state)
{
    stage *at = stage_listening(keep_it);
    pipit_refer_notifier *refer;

    (void)state;
    refer_in(at, 2, "Refer-To: sip:carol@example.com\r\nReferred-By: <sip:bob@example.com>\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    expect_refer_notify(at, 2, TRYING, "SIP/2.0 100 Trying\r\n");
    refer = the_plan.kept;
    assert_string_equal(pipit_refer_target(refer), "sip:carol@example.com");
    assert_string_equal(pipit_refer_referred_by(refer), "<sip:bob@example.com>");
    assert_null(pipit_refer_replaces(refer));
    assert_int_equal(pipit_refer_notify(refer, 99, NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_refer_notify(refer, 183, "a\r\nb"), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_refer_notify(refer, 183, "Dialling"), 0);
    expect_refer_notify(at, 2, TRYING, "SIP/2.0 183 Dialling\r\n");
    assert_int_equal(pipit_refer_accept(refer, NULL, NULL), PIPIT_ERR_STATE);
    assert_int_equal(pipit_refer_notify(refer, 200, NULL), 0);
    expect_refer_notify(at, 2, OVER, "SIP/2.0 200 OK\r\n");
    assert_int_equal(pipit_refer_notify(refer, 200, NULL), PIPIT_ERR_STATE);
    pipit_refer_notifier_unref(refer);
    stage_free(at);
}

static void a_refer_outlives_its_call_in_hand_only(void **state)
{
    stage *at = stage_listening(keep_it);

    (void)state;
    refer_in(at, 2, "Refer-To: sip:carol@example.com\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    expect_sent(at, "NOTIFY ");
    pipit_session_terminate(at->session, NULL);
    assert_int_equal(pipit_refer_accept(the_plan.kept, NULL, NULL), PIPIT_ERR_STATE);
    assert_string_equal(pipit_refer_target(the_plan.kept), "sip:carol@example.com");
    pipit_refer_notifier_unref(the_plan.kept);
    stage_free(at);
}

/* --- Replaces --------------------------------------------------------------------------------- */

static void replace(stage *at, const char *format)
{
    char lines[512];
    const char *tag = at->ua->sessions ? at->ua->sessions->local_tag : "gone";
    static unsigned cseq;

    snprintf(lines, sizeof(lines), CONTACT "Replaces: call-1;to-tag=%s;from-tag=far%s\r\n", tag,
             format);
    come(at, &(coming){.method = "INVITE",
                       .call_id = "call-2",
                       .from_tag = "carol",
                       .cseq = ++cseq,
                       .lines = lines,
                       .body = OFFER});
}

static void a_call_takes_the_place_of_another(void **state)
{
    stage *at = stage_answered();
    pipit_session *old = pipit_session_ref(at->session);

    (void)state;
    replace(at, "");
    expect_sent(at, "SIP/2.0 180 Ringing");
    check_events(at, "replaces new_rtc_session:remote progress:local ");
    assert_ptr_not_equal(at->session, old);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_false(pipit_session_is_ended(old));
    come(at, &(coming){.method = "ACK",
                       .call_id = "call-2",
                       .from_tag = "carol",
                       .to_tag = to_tag(at),
                       .cseq = at->last->cseq});
    expect_sent(at, "BYE sip:bob@far.invalid;transport=ws SIP/2.0");
    check_events(at, "connecting accepted:local ended:local:Terminated confirmed:remote ");
    assert_true(pipit_session_is_ended(old));
    pipit_session_unref(old);
    stage_free(at);
}

static void refuse_it(stage *at, const char *name)
{
    if (strcmp(name, "replaces") == 0)
        assert_int_equal(pipit_session_reject_replaces(at->session, NULL), 0);
}

static void end_it(stage *at, const char *name)
{
    if (strcmp(name, "replaces") == 0)
        assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
}

static void a_call_may_end_when_its_place_is_asked_for(void **state)
{
    stage *at = stage_answered();

    (void)state;
    at->on_event = end_it;
    replace(at, "");
    expect_sent(at, "BYE sip:bob@far.invalid;transport=ws SIP/2.0");
    expect_sent(at, "SIP/2.0 180 Ringing");
    check_events(at, "replaces ended:local:Terminated new_rtc_session:remote progress:local ");
    assert_int_equal(at->ua->calls, 1);
    at->on_event = NULL;
    stage_free(at);
}

static void a_call_that_cannot_be_replaced_is_not(void **state)
{
    stage *at = stage_answered();

    (void)state;
    assert_int_equal(pipit_session_reject_replaces(at->session, NULL), PIPIT_ERR_STATE);
    replace(at, ";early-only");
    expect_sent(at, "SIP/2.0 486 ");
    replace(at, "x");
    expect_sent(at, "SIP/2.0 481 ");
    replace(at, ";to-tag=again");
    expect_sent(at, "SIP/2.0 400 ");
    replace(at, "\r\nReplaces: other;to-tag=1;from-tag=2");
    expect_sent(at, "SIP/2.0 400 ");
    check_events(at, "");
    at->on_event = refuse_it;
    replace(at, "");
    expect_sent(at, "SIP/2.0 486 ");
    check_events(at, "replaces ");
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_CONFIRMED);
    at->on_event = NULL;
    stage_free(at);
}

static void a_phone_that_rings_here_is_not_replaced(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    replace(at, "");
    expect_sent(at, "SIP/2.0 481 ");
    check_events(at, "");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transfer_says_nothing_after_its_end),
        cmocka_unit_test(a_transfer_ends_with_its_call),
        cmocka_unit_test(a_transfer_is_asked_for_and_followed),
        cmocka_unit_test(a_transfer_says_no_more_of_us_than_its_call),
        cmocka_unit_test(a_refused_transfer_is_told),
        cmocka_unit_test(a_notify_that_fits_no_refer_is_refused),
        cmocka_unit_test(a_bare_terminated_with_a_provisional_status_ends_nothing),
        cmocka_unit_test(a_challenged_refer_is_known_by_its_last_number),
        cmocka_unit_test(a_transfer_may_go_without_notifys),
        cmocka_unit_test(a_refer_makes_a_call_that_is_told_of),
        cmocka_unit_test(a_call_that_fails_is_told_of),
        cmocka_unit_test(a_far_end_that_does_not_listen_is_not_notified_again),
        cmocka_unit_test(a_refer_that_asks_for_no_notifys_gets_none),
        cmocka_unit_test(who_transfers_may_hear_no_more),
        cmocka_unit_test(a_malformed_refer_is_refused),
        cmocka_unit_test(a_refer_is_refused_now_or_later_or_by_nobody),
        cmocka_unit_test(an_application_may_reach_the_target_in_its_own_way),
        cmocka_unit_test(a_refer_outlives_its_call_in_hand_only),
        cmocka_unit_test(a_call_takes_the_place_of_another),
        cmocka_unit_test(a_call_may_end_when_its_place_is_asked_for),
        cmocka_unit_test(a_call_that_cannot_be_replaced_is_not),
        cmocka_unit_test(a_phone_that_rings_here_is_not_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
