/* refer_outside.c - REFER outside of calls, both ways: its dialog, its NOTIFYs, its end. */
#include "unit/ua/support/stage.h"

static char heard[512]; /* of our REFERs */

static void hear(const char *name, const pipit_refer_progress_event *e)
{
    size_t n = strlen(heard);

    snprintf(heard + n, sizeof(heard) - n, "%s:%d%s%s ", name, e->status_code, e->cause ? ":" : "",
             pipit_cause_name(e->cause));
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

static const pipit_refer_handlers refer_handlers = {.request_succeeded = on_request_succeeded,
                                                    .request_failed = on_request_failed,
                                                    .trying = on_trying,
                                                    .progress = on_progress,
                                                    .accepted = on_accepted,
                                                    .failed = on_failed};

static void check_heard(const char *expected)
{
    assert_string_equal(heard, expected);
    heard[0] = '\0';
}

/* --- out -------------------------------------------------------------------------------------- */

static char call_id[128], our_tag[64]; /* of the last REFER */

static void refer(stage *at, const pipit_refer_options *options)
{
    assert_int_equal(pipit_ua_refer(at->ua, "bob", "carol", options, NULL), 0);
    expect_sent(at, "REFER sip:bob@example.com SIP/2.0");
    snprintf(call_id, sizeof(call_id), "%.*s", PP_STR(at->last->call_id));
    snprintf(our_tag, sizeof(our_tag), "%.*s", PP_STR(at->last->from_tag));
}

static void notify_from(stage *at, const char *tag, unsigned cseq, const char *state,
                        const char *body)
{
    char lines[256];

    snprintf(lines, sizeof(lines),
             "Event: refer\r\nSubscription-State: %s\r\nContent-Type: message/sipfrag\r\n" CONTACT,
             state);
    come(at, &(coming){.method = "NOTIFY",
                       .call_id = call_id,
                       .from_tag = tag,
                       .to_tag = our_tag,
                       .cseq = cseq,
                       .lines = lines,
                       .body = body,
                       .typed = true});
}

static void notify(stage *at, unsigned cseq, const char *state, const char *body)
{
    notify_from(at, "far", cseq, state, body);
    expect_sent(at, "SIP/2.0 200 OK");
}

static const pipit_refer_options followed = {.handlers = &refer_handlers};

static void a_refer_outside_of_calls_is_followed(void **state)
{
    stage *at = stage_connected();

    (void)state;
    refer(at, &followed);
    check_header(at->last, "Refer-To", "<sip:carol@example.com>");
    check_header(at->last, "Referred-By", "<sip:alice@example.com>");
    check_header(at->last, "Target-Dialog", NULL);
    assert_true(header_holds(at->last, "Contact", "<sip:"));
    assert_true(header_holds(at->last, "Supported", "norefersub,tdialog"));
    answer(at, at->last, "202 Accepted", "far", CONTACT, NULL);
    notify(at, 1, "active;expires=60", "SIP/2.0 100 Trying\r\n");
    notify(at, 2, "active;expires=60", "SIP/2.0 180 Ringing\r\n");
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 1);
    notify(at, 3, "terminated;reason=noresource", "SIP/2.0 200 OK\r\n");
    check_heard("request_succeeded:202 trying:100 progress:180 accepted:200 ");
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 0);
    notify_from(at, "far", 4, "terminated", "SIP/2.0 200 OK\r\n");
    expect_sent(at, "SIP/2.0 481 ");
    advance_ms(at, 100000);
    check_heard("");
    check_events(at, "");
    stage_free(at);
}

/* A NOTIFY may overtake the answer, and one of a fork gets no hearing. */
static void the_first_notify_makes_the_dialog(void **state)
{
    stage *at = stage_connected();
    pp_message *request;

    (void)state;
    refer(at, &followed);
    request = pp_message_ref(at->last);
    notify(at, 1, "active;expires=60", "SIP/2.0 100 Trying\r\n");
    notify_from(at, "fork", 1, "active;expires=60", "SIP/2.0 100 Trying\r\n");
    expect_sent(at, "SIP/2.0 481 ");
    answer(at, request, "202 Accepted", "fork", CONTACT, NULL);
    notify(at, 2, "terminated;reason=noresource", "SIP/2.0 486 Busy Here\r\n");
    check_heard("trying:100 request_succeeded:202 failed:486:Busy ");
    pp_message_unref(request);
    stage_free(at);
}

static void other_requests_in_its_dialog_are_answered(void **state)
{
    static const struct {
        const char *method, *lines, *status;
    } rows[] = {
        {"NOTIFY", "Event: presence\r\nSubscription-State: active\r\n", "SIP/2.0 489 "},
        {"NOTIFY", "Subscription-State: active\r\n", "SIP/2.0 400 "},
        {"OPTIONS", NULL, "SIP/2.0 200 "},
        {"SUBSCRIBE", "Event: refer\r\n", "SIP/2.0 405 "},
    };
    stage *at = stage_connected();

    (void)state;
    refer(at, &followed);
    answer(at, at->last, "202 Accepted", "far", CONTACT, NULL);
    notify(at, 1, "active;expires=60", "SIP/2.0 100 Trying\r\n");
    for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        come(at, &(coming){.method = rows[i].method,
                           .call_id = call_id,
                           .to_tag = our_tag,
                           .cseq = i + 2,
                           .lines = rows[i].lines});
        expect_sent(at, rows[i].status);
    }
    check_heard("request_succeeded:202 trying:100 ");
    stage_free(at);
    check_heard("");
}

static void a_refer_that_nobody_tells_of_ends(void **state)
{
    stage *at = stage_connected();

    (void)state;
    refer(at, &followed);
    answer(at, at->last, "202 Accepted", "far", CONTACT, NULL);
    advance_ms(at, 31000);
    check_heard("request_succeeded:202 ");
    advance_ms(at, 2000);
    check_heard("failed:0:Expires ");
    refer(at, &followed);
    answer(at, at->last, "202 Accepted", "far", CONTACT, NULL);
    notify(at, 1, "active;expires=60", "SIP/2.0 100 Trying\r\n");
    advance_ms(at, 50000);
    notify(at, 2, "active;expires=60", "SIP/2.0 180 Ringing\r\n");
    advance_ms(at, 59000);
    check_heard("request_succeeded:202 trying:100 progress:180 ");
    advance_ms(at, 2000);
    check_heard("failed:0:Expires ");
    stage_free(at);
}

static void a_refer_that_is_refused_is_told(void **state)
{
    static const char *const bad[] = {"X: a\r\nY: b", NULL};
    const pipit_refer_options o = {.extra_headers = bad};
    stage *at = stage_connected();

    (void)state;
    assert_int_equal(pipit_ua_refer(at->ua, "bob", "carol", &o, NULL), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_refer(at->ua, "bob", "sip:", NULL, NULL), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_refer(at->ua, "sip:", "carol", NULL, NULL), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_refer(at->ua, NULL, "carol", NULL, NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_ua_refer(at->ua, "bob", NULL, NULL, NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_ua_refer(NULL, "bob", "carol", NULL, NULL), PIPIT_ERR_ARGUMENT);
    expect_silence(at);
    refer(at, &followed);
    answer(at, at->last, "603 Decline", "far", NULL, NULL);
    check_heard("request_failed:603:Rejected ");
    refer(at, &followed);
    advance_ms(at, 33000);
    check_heard("request_failed:0:Request Timeout ");
    refer(at, &followed);
    pipit_socket_disconnected(at->socket, true, 1006, "");
    advance_ms(at, 1);
    check_heard("request_failed:0:Connection Error ");
    stage_free(at);
}

static void a_challenge_is_met(void **state)
{
    stage *at = stage_connected();
    pipit_refer_subscriber *made = NULL;

    (void)state;
    assert_int_equal(pipit_ua_refer(at->ua, "bob", "carol", &followed, &made), 0);
    expect_sent(at, "REFER ");
    assert_int_equal(pipit_refer_subscriber_id(made), at->last->cseq);
    answer(at, at->last, "407 Proxy Authentication Required", "p",
           "Proxy-Authenticate: Digest realm=\"x\", nonce=\"n\"\r\n", NULL);
    expect_sent(at, "REFER ");
    assert_true(header_holds(at->last, "Proxy-Authorization", "response="));
    assert_int_equal(pipit_refer_subscriber_id(made) + 1, at->last->cseq);
    answer(at, at->last, "202 Accepted", "far", CONTACT, NULL);
    assert_int_equal(pipit_refer_subscriber_id(made), at->last->cseq);
    check_heard("request_succeeded:202 ");
    stage_free(at); /* and the object outlives it */
    assert_true(pipit_refer_subscriber_id(made));
    pipit_refer_subscriber_unref(made);
}

static void a_refer_may_go_without_notifys(void **state)
{
    const pipit_refer_options o = {.handlers = &refer_handlers, .no_subscription = true};
    stage *at = stage_connected();

    (void)state;
    refer(at, &o);
    check_header(at->last, "Refer-Sub", "false");
    answer(at, at->last, "202 Accepted", "far", CONTACT "Refer-Sub: false\r\n", NULL);
    check_heard("request_succeeded:202 ");
    notify_from(at, "far", 1, "active;expires=60", "SIP/2.0 100 Trying\r\n");
    expect_sent(at, "SIP/2.0 481 ");
    advance_ms(at, 100000);
    check_heard("");
    stage_free(at);
}

/* RFC 5589 section 6: the transferor asks where the far end of his call is, and names the call. */
static void a_refer_names_the_call_it_is_trusted_by(void **state)
{
    stage *at = stage_in_call();
    pipit_refer_options o = {.target_dialog = at->session, .replaces = at->session};
    char expected[256];

    (void)state;
    snprintf(expected, sizeof(expected), "%.*s;local-tag=far;remote-tag=%.*s",
             PP_STR(at->invite->call_id), PP_STR(at->invite->from_tag));
    assert_int_equal(pipit_ua_refer(at->ua, NULL, NULL, &o, NULL), 0);
    expect_sent(at, "REFER sip:bob@far.invalid;transport=ws SIP/2.0");
    check_header(at->last, "Target-Dialog", expected);
    assert_true(header_holds(at->last, "Refer-To", "<sip:bob@example.com?Replaces="));
    assert_int_equal(at->last->to_tag.n, 0);
    answer(at, at->last, "603 Decline", "p", NULL, NULL);
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE ");
    assert_int_equal(pipit_ua_refer(at->ua, "bob", "carol", &o, NULL), PIPIT_ERR_STATE);
    o.replaces = NULL;
    assert_int_equal(pipit_ua_refer(at->ua, "bob", "carol", &o, NULL), PIPIT_ERR_STATE);
    stage_free(at);
}

static void a_refer_ends_with_its_user_agent(void **state)
{
    stage *at = stage_connected();

    (void)state;
    refer(at, &followed);
    answer(at, at->last, "202 Accepted", "far", CONTACT, NULL);
    notify(at, 1, "active;expires=600", "SIP/2.0 100 Trying\r\n");
    refer(at, &followed); /* this one has no answer */
    check_heard("request_succeeded:202 trying:100 ");
    pipit_ua_stop(at->ua);
    assert_int_equal(pipit_ua_refer(at->ua, "bob", "carol", NULL, NULL), PIPIT_ERR_STATE);
    advance_ms(at, 3000);
    check_heard("failed:0:Expires request_failed:0:Connection Error ");
    check_events(at, "disconnected stopped ");
    assert_int_equal(pp_loop_next_us(at->loop), PP_NEVER);
    stage_free(at);
    check_heard("");
}

/* --- in --------------------------------------------------------------------------------------- */

typedef struct plan {
    void (*decide)(stage *at, pipit_refer_notifier *refer);
    pipit_refer_notifier *kept;
    pipit_session *target_dialog;
    unsigned times;
} plan;

static plan the_plan;

static void on_new_refer(pipit_ua *ua, const pipit_new_refer_event *e, void *user)
{
    const char *method = e->request ? pipit_request_method(e->request) : "";

    (void)ua;
    the_plan.times++;
    the_plan.target_dialog = e->target_dialog;
    if (!scarce_memory.failed)
        assert_string_equal(method, "REFER");
    if (the_plan.decide)
        the_plan.decide(user, e->refer);
}

static const pipit_ua_handlers of_refers = {.new_refer = on_new_refer};

static void expect_refers(stage *at, void (*decide)(stage *at, pipit_refer_notifier *refer))
{
    the_plan = (plan){.decide = decide};
    assert_int_equal(pipit_ua_add_handlers(at->ua, &of_refers, at), 0);
}

static unsigned refer_cseq; /* of the last REFER that came */

static void refer_in(stage *at, const char *lines)
{
    refer_cseq += 10;
    come(at, &(coming){.method = "REFER", .call_id = "refer", .cseq = refer_cseq, .lines = lines});
}

/* In the dialog that our 202 made. */
static void subscribe_in(stage *at, unsigned more, const char *tag, const char *lines)
{
    unsigned cseq = refer_cseq + more;
    char all[256];

    snprintf(all, sizeof(all), CONTACT "%s", lines);
    come(at,
         &(coming){
             .method = "SUBSCRIBE", .call_id = "refer", .cseq = cseq, .to_tag = tag, .lines = all});
}

static void expect_notify(stage *at, const char *state, const char *status)
{
    expect_refer_notify(at, refer_cseq, state, status);
}

#define GOES_ON "active;expires=300"
#define OVER    "terminated;reason=noresource"
#define CAROL   CONTACT "Refer-To: <sip:carol@example.com>\r\n"

static void accept_it(stage *at, pipit_refer_notifier *refer)
{
    pipit_call_options options = *call_options(at);

    assert_int_equal(pipit_refer_accept(refer, &options, NULL), 0);
    assert_int_equal(pipit_refer_accept(refer, NULL, NULL), PIPIT_ERR_STATE);
}

static void a_refer_from_outside_makes_a_call_that_is_told_of(void **state)
{
    stage *at = stage_connected();
    pp_message *invite;
    char tag[64];

    (void)state;
    expect_refers(at, accept_it);
    refer_in(at,
             CONTACT "Refer-To: <sip:carol@example.com;x=y;method=INVITE?Replaces=c%40x%3Bto-tag"
                     "%3D1%3Bfrom-tag%3D2>\r\nReferred-By: <sip:boss@example.com>\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    snprintf(tag, sizeof(tag), "%s", to_tag(at));
    assert_true(header_holds(at->last, "Contact", "<sip:"));
    expect_notify(at, GOES_ON, "SIP/2.0 100 Trying\r\n");
    assert_string_equal(to_tag(at), "far");
    assert_true(pp_str_eq_c(at->last->from_tag, tag));
    advance_ms(at, 1);
    expect_sent(at, "INVITE sip:carol@example.com;x=y SIP/2.0");
    check_header(at->last, "Replaces", "c@x;to-tag=1;from-tag=2");
    check_header(at->last, "Referred-By", "<sip:boss@example.com>");
    invite = pp_message_ref(at->last);
    answer(at, invite, "180 Ringing", "carol", CONTACT, NULL);
    expect_notify(at, GOES_ON, "SIP/2.0 180 Ringing\r\n");
    subscribe_in(at, 1, tag, "Event: refer\r\nExpires: 1000\r\n");
    expect_sent(at, "SIP/2.0 200 OK");
    check_header(at->last, "Expires", "300");
    expect_notify(at, GOES_ON, "SIP/2.0 180 Ringing\r\n");
    answer(at, invite, "200 OK", "carol", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    expect_notify(at, OVER, "SIP/2.0 200 OK\r\n");
    subscribe_in(at, 2, tag, "Event: refer\r\n");
    expect_sent(at, "SIP/2.0 481 ");
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 0);
    pp_message_unref(invite);
    stage_free(at);
}

static void who_asked_may_hear_no_more(void **state)
{
    stage *at = stage_connected();
    pp_message *invite;
    char tag[64];

    (void)state;
    expect_refers(at, accept_it);
    refer_in(at, CAROL);
    expect_sent(at, "SIP/2.0 202 ");
    snprintf(tag, sizeof(tag), "%s", to_tag(at));
    expect_notify(at, GOES_ON, "SIP/2.0 100 Trying\r\n");
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    invite = pp_message_ref(at->last);
    subscribe_in(at, 1, tag, "Event: presence\r\n");
    expect_sent(at, "SIP/2.0 489 ");
    subscribe_in(at, 2, tag, "Event: refer\r\nExpires: x\r\n");
    expect_sent(at, "SIP/2.0 400 ");
    subscribe_in(at, 3, tag, "");
    expect_sent(at, "SIP/2.0 400 ");
    come(at,
         &(coming){.method = "INFO", .call_id = "refer", .cseq = refer_cseq + 4, .to_tag = tag});
    expect_sent(at, "SIP/2.0 405 ");
    subscribe_in(at, 5, tag, "Event: refer\r\nExpires: 0\r\n");
    expect_sent(at, "SIP/2.0 200 OK");
    expect_notify(at, "terminated;reason=timeout", "SIP/2.0 100 Trying\r\n");
    answer(at, invite, "180 Ringing", "carol", CONTACT, NULL);
    expect_silence(at); /* and the call goes on */
    assert_true(pipit_session_is_in_progress(at->session));
    pp_message_unref(invite);
    stage_free(at);
}

static void keep_it(stage *at, pipit_refer_notifier *refer)
{
    (void)at;
    the_plan.kept = pipit_refer_notifier_ref(refer);
}

static void reject_it(stage *at, pipit_refer_notifier *refer)
{
    (void)at;
    assert_int_equal(pipit_refer_reject(refer, &(pipit_reply_options){.status_code = 200}),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_refer_reject(refer, &(pipit_reply_options){.status_code = 486}), 0);
}

static void a_refer_from_outside_is_refused_by_somebody_or_nobody(void **state)
{
    stage *at = stage_connected();

    (void)state;
    refer_in(at, CAROL);
    expect_sent(at, "SIP/2.0 603 ");
    expect_refers(at, NULL);
    refer_in(at, CAROL);
    expect_sent(at, "SIP/2.0 603 ");
    the_plan.decide = reject_it;
    refer_in(at, CAROL);
    expect_sent(at, "SIP/2.0 486 ");
    the_plan.decide = keep_it;
    refer_in(at, CAROL);
    expect_sent(at, "SIP/2.0 202 ");
    expect_notify(at, GOES_ON, "SIP/2.0 100 Trying\r\n");
    advance_ms(at, 60000);
    pipit_refer_notifier_unref(the_plan.kept);
    expect_notify(at, OVER, "SIP/2.0 603 Decline\r\n");
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 0);
    stage_free(at);
}

static void a_malformed_refer_from_outside_is_refused(void **state)
{
    stage *at = stage_connected();

    (void)state;
    expect_refers(at, accept_it);
    refer_in(at, CONTACT);
    expect_sent(at, "SIP/2.0 400 ");
    refer_in(at, "Refer-To: <sip:carol@example.com>\r\n"); /* no Contact: no dialog */
    expect_sent(at, "SIP/2.0 400 ");
    refer_in(at, CONTACT "Refer-To: <http://example.com/>\r\n");
    expect_sent(at, "SIP/2.0 416 ");
    assert_int_equal(the_plan.times, 0);
    refer_in(at, "Refer-To: <sip:carol@example.com>\r\nRefer-Sub: false\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    check_header(at->last, "Refer-Sub", "false");
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 0);
    stage_free(at);
}

static void do_otherwise(stage *at, pipit_refer_notifier *refer)
{
    (void)at;
    assert_string_equal(pipit_refer_method(refer), "BYE");
    assert_string_equal(pipit_refer_target(refer), "sip:carol@example.com");
    assert_int_equal(pipit_refer_accept(refer, NULL, NULL), PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pipit_refer_notify(refer, 200, "Gone"), 0);
    assert_int_equal(pipit_refer_notify(refer, 200, NULL), PIPIT_ERR_STATE);
}

static void a_refer_may_ask_for_something_else_than_a_call(void **state)
{
    stage *at = stage_connected();

    (void)state;
    expect_refers(at, do_otherwise);
    refer_in(at, CONTACT "Refer-To: <sip:carol@example.com;method=BYE>\r\n");
    expect_sent(at, "SIP/2.0 202 ");
    expect_notify(at, OVER, "SIP/2.0 200 Gone\r\n");
    assert_int_equal(the_plan.times, 1);
    stage_free(at);
}

static void a_refer_is_shown_with_the_call_it_names(void **state)
{
    stage *at = stage_in_call();
    const char *const tags[][2] = {{"ours", "far"}, {"far", "ours"}, {"far", "far"}, {NULL, NULL}};

    (void)state;
    expect_refers(at, NULL);
    for (size_t i = 0; i < 4; i++) {
        char lines[512], local[64], remote[64], ours[64];

        snprintf(ours, sizeof(ours), "%.*s", PP_STR(at->invite->from_tag));
        snprintf(local, sizeof(local), "%s", tags[i][0] && *tags[i][0] == 'o' ? ours : "far");
        snprintf(remote, sizeof(remote), "%s", tags[i][1] && *tags[i][1] == 'o' ? ours : "far");
        snprintf(lines, sizeof(lines), CAROL "Require: tdialog\r\nTarget-Dialog: %.*s%s%s%s%s\r\n",
                 PP_STR(at->invite->call_id), tags[i][0] ? ";local-tag=" : "",
                 tags[i][0] ? local : "", tags[i][1] ? ";remote-tag=" : "",
                 tags[i][1] ? remote : "");
        refer_in(at, lines);
        expect_sent(at, "SIP/2.0 603 ");
        assert_ptr_equal(the_plan.target_dialog, i < 2 ? at->session : NULL);
    }
    stage_free(at);
}

static void a_stop_tells_those_who_asked(void **state)
{
    stage *at = stage_connected();

    (void)state;
    expect_refers(at, keep_it);
    refer_in(at, CAROL);
    expect_sent(at, "SIP/2.0 202 ");
    expect_notify(at, GOES_ON, "SIP/2.0 100 Trying\r\n");
    pipit_ua_stop(at->ua);
    expect_notify(at, OVER, "SIP/2.0 480 Temporarily Unavailable\r\n");
    advance_ms(at, 1);
    assert_int_equal(pipit_refer_accept(the_plan.kept, NULL, NULL), PIPIT_ERR_STATE);
    assert_int_equal(pp_loop_next_us(at->loop), PP_NEVER);
    at->ua = pipit_ua_unref(at->ua);
    assert_int_equal(pipit_refer_notify(the_plan.kept, 200, NULL), PIPIT_ERR_STATE);
    assert_string_equal(pipit_refer_target(the_plan.kept), "sip:carol@example.com");
    pipit_refer_notifier_unref(the_plan.kept);
    stage_free(at);
}

static void release_all(stage *at, pipit_refer_notifier *refer)
{
    (void)refer;
    at->ua = pipit_ua_unref(at->ua);
}

static void a_user_agent_may_go_while_a_refer_is_told(void **state)
{
    stage *at = stage_connected();

    (void)state;
    expect_refers(at, release_all);
    refer_in(at, CAROL);
    assert_null(at->ua);
    stage_free(at);
}

/* --- short memory ----------------------------------------------------------------------------- */

static void both_ways(stage *at)
{
    pp_message *request;

    if (pipit_ua_refer(at->ua, "bob", "carol", &followed, NULL) == 0 && next_sent(at)) {
        request = pp_message_ref(at->last);
        snprintf(call_id, sizeof(call_id), "%.*s", PP_STR(request->call_id));
        snprintf(our_tag, sizeof(our_tag), "%.*s", PP_STR(request->from_tag));
        answer(at, request, "202 Accepted", "far", CONTACT, NULL);
        notify_from(at, "far", 1, "active;expires=60", "SIP/2.0 100 Trying\r\n");
        notify_from(at, "far", 2, OVER, "SIP/2.0 200 OK\r\n");
        pp_message_unref(request);
    }
    refer_in(at, CAROL);
    advance_ms(at, 10);
    pipit_ua_terminate_sessions(at->ua, NULL);
    advance_ms(at, 60000);
}

static void accept_if_it_can(stage *at, pipit_refer_notifier *refer)
{
    pipit_call_options options = *call_options(at);

    pipit_refer_accept(refer, &options, NULL);
}

static uint64_t a_day_with(uint64_t failing)
{
    uint64_t taken;
    stage *at;

    scarce_begin(0);
    at = stage_connected();
    expect_refers(at, accept_if_it_can);
    scarce_fail(failing);
    both_ways(at);
    taken = scarce_memory.count;
    scarce_relax();
    stage_free(at);
    heard[0] = '\0';
    assert_int_equal(scarce_end(), 0);
    return taken;
}

static void nothing_is_lost_with_short_memory(void **state)
{
    uint64_t total = a_day_with(0);

    (void)state;
    for (uint64_t i = 1; i <= total; i++)
        a_day_with(i);
    assert_true(total > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refer_outside_of_calls_is_followed),
        cmocka_unit_test(the_first_notify_makes_the_dialog),
        cmocka_unit_test(other_requests_in_its_dialog_are_answered),
        cmocka_unit_test(a_refer_that_nobody_tells_of_ends),
        cmocka_unit_test(a_refer_that_is_refused_is_told),
        cmocka_unit_test(a_challenge_is_met),
        cmocka_unit_test(a_refer_may_go_without_notifys),
        cmocka_unit_test(a_refer_names_the_call_it_is_trusted_by),
        cmocka_unit_test(a_refer_ends_with_its_user_agent),
        cmocka_unit_test(a_refer_from_outside_makes_a_call_that_is_told_of),
        cmocka_unit_test(who_asked_may_hear_no_more),
        cmocka_unit_test(a_refer_from_outside_is_refused_by_somebody_or_nobody),
        cmocka_unit_test(a_malformed_refer_from_outside_is_refused),
        cmocka_unit_test(a_refer_may_ask_for_something_else_than_a_call),
        cmocka_unit_test(a_refer_is_shown_with_the_call_it_names),
        cmocka_unit_test(a_stop_tells_those_who_asked),
        cmocka_unit_test(a_user_agent_may_go_while_a_refer_is_told),
        cmocka_unit_test(nothing_is_lost_with_short_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
