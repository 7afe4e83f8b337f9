/* own_media.c - calls with media of an application's own: what they are asked for, and what they report. */
#include "unit/ua/support/stage.h"

typedef struct own {
    pipit_own_media *media;
    char log[512];
    bool silent; /* is described later, by the test */
    bool refuses, held, far_holds, released;
    struct own *next; /* what it gives to another far end; NULL: none */
} own;

static void note(own *o, const char *text)
{
    size_t n = strlen(o->log);

    snprintf(o->log + n, sizeof(o->log) - n, "%s ", text);
}

static void check_log(own *o, const char *expected)
{
    assert_string_equal(o->log, expected);
    o->log[0] = '\0';
}

static int create_offer(void *self)
{
    own *o = self;

    note(o, "offer");
    return o->silent ? 0 : pipit_own_media_described(o->media, "v=0 own offer\r\n", NULL);
}

static int create_answer(void *self)
{
    own *o = self;

    note(o, "answer");
    return o->silent ? 0 : pipit_own_media_described(o->media, "v=0 own answer\r\n", NULL);
}

static int set_remote(void *self, bool is_offer, const char *sdp)
{
    char text[128];

    snprintf(text, sizeof(text), "%s:%s", is_offer ? "their_offer" : "their_answer", sdp);
    note(self, text);
    return ((own *)self)->refuses ? PIPIT_ERR_MEDIA : 0;
}

static void rollback(void *self)
{
    note(self, "rollback");
}

static int hold(void *self, bool held)
{
    ((own *)self)->held = held;
    return 0;
}

static bool remote_holds(void *self)
{
    return ((own *)self)->far_holds;
}

static int send_dtmf(void *self, char tone, unsigned duration_ms, unsigned gap_ms)
{
    char text[64];

    snprintf(text, sizeof(text), "tone:%c:%u:%u", tone, duration_ms, gap_ms);
    note(self, text);
    return 0;
}

static void mute(void *self, bool audio)
{
    note(self, audio ? "muted" : "unmuted");
}

static void close_it(void *self)
{
    note(self, "closed");
}

static void release(void *self)
{
    ((own *)self)->released = true;
}

static int fork_it(void *self, pipit_own_media **out)
{
    own *o = self;

    note(o, "fork");
    if (o->refuses)
        return PIPIT_ERR_MEDIA;
    *out = o->next ? pipit_own_media_ref(o->next->media) : NULL;
    return 0;
}

static int hand_over(void *self, void *to)
{
    note(self, "gave");
    note(to, "got");
    return 0;
}

static const pipit_own_media_interface whole = {create_offer, create_answer, set_remote, rollback,
                                                hold,         remote_holds,  send_dtmf,  mute,
                                                close_it,     release,       fork_it,    hand_over};
static const pipit_own_media_interface least = {
    .create_offer = create_offer, .create_answer = create_answer, .set_remote = set_remote};

static void make(own *o, const pipit_own_media_interface *functions)
{
    *o = (own){.log = ""};
    assert_int_equal(pipit_own_media_new(functions, o, &o->media), 0);
}

static void call_with(stage *at, own *o)
{
    pipit_call_options options = *call_options(at);

    options.own_media = o->media;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), 0);
    advance_ms(at, 1);
}

static stage *in_call(own *o)
{
    stage *at = stage_connected();

    call_with(at, o);
    expect_sent(at, "INVITE ");
    assert_true(pp_str_starts(at->last->body, "v=0 own offer"));
    at->invite = pp_message_ref(at->last);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_log(o, "offer their_answer:" ANSWER " ");
    pp_buf_clear(&at->log);
    return at;
}

static void drop(stage *at, own *o)
{
    stage_free(at);
    pipit_own_media_unref(o->media);
}

static void a_call_out_takes_the_applications_media(void **state)
{
    own o;
    stage *at;

    (void)state;
    make(&o, &whole);
    at = in_call(&o);
    assert_int_equal(at->medias, 0);
    assert_int_equal(pipit_own_media_state(o.media, PIPIT_MEDIA_CHECKING, NULL), 0);
    assert_int_equal(pipit_own_media_state(o.media, PIPIT_MEDIA_CONNECTED, NULL), 0);
    assert_int_equal(pipit_own_media_dtmf(o.media, '5', 120), 0);
    assert_int_equal(pipit_own_media_dtmf(o.media, 'x', 120), PIPIT_ERR_ARGUMENT);
    check_events(at, ""); /* never from inside */
    advance_ms(at, 1);
    check_events(at, "media:checking media:connected dtmf:remote:5:120:rtp ");
    assert_int_equal(pipit_session_send_dtmf(at->session, "7", NULL), 0);
    assert_int_equal(pipit_session_mute(at->session, NULL), 0);
    check_log(&o, "tone:7:100:100 muted ");
    pipit_session_terminate(at->session, NULL);
    check_log(&o, "closed ");
    assert_int_equal(pipit_own_media_state(o.media, PIPIT_MEDIA_CONNECTED, NULL), PIPIT_ERR_STATE);
    drop(at, &o);
    assert_true(o.released);
}

static void a_call_in_takes_the_applications_media(void **state)
{
    own o;
    stage *at = stage_ringing();

    (void)state;
    make(&o, &whole);
    o.silent = true;
    assert_int_equal(
        pipit_session_answer(at->session, &(pipit_answer_options){.own_media = o.media}), 0);
    advance_ms(at, 5000);
    expect_silence(at);
    assert_int_equal(pipit_own_media_described(o.media, "v=0 late answer\r\n", NULL), 0);
    assert_int_equal(pipit_own_media_described(o.media, "v=0 twice\r\n", NULL), PIPIT_ERR_STATE);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_true(pp_str_starts(at->last->body, "v=0 late answer"));
    check_log(&o, "their_offer:" OFFER " answer ");
    drop(at, &o);
}

static void held_and_offered_anew(void **state)
{
    own o;
    stage *at;

    (void)state;
    make(&o, &whole);
    at = in_call(&o);
    assert_int_equal(pipit_session_hold(at->session, NULL), 0);
    assert_true(o.held);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    o.far_holds = true;
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER " two");
    expect_sent(at, "ACK ");
    check_log(&o, "offer their_answer:" ANSWER " two ");
    check_events(at, "hold:local hold:remote reoffered:local ");
    assert_int_equal(pipit_session_unhold(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    answer(at, at->last, "488 Not Acceptable Here", NULL, NULL, NULL);
    check_log(&o, "offer rollback ");
    assert_true(o.held);
    drop(at, &o);
}

static void what_they_lack_is_done_without(void **state)
{
    own o;
    stage *at;

    (void)state;
    make(&o, &least);
    at = in_call(&o);
    assert_int_equal(pipit_session_hold(at->session, NULL), PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pipit_own_media_state(o.media, PIPIT_MEDIA_CONNECTED, NULL), 0);
    advance_ms(at, 1);
    assert_int_equal(pipit_session_mute(at->session, NULL), 0);
    assert_int_equal(pipit_session_send_dtmf(at->session, "7", NULL), 0);
    expect_sent(at, "INFO ");
    drop(at, &o);
}

static void a_failure_of_theirs_ends_the_call(void **state)
{
    own o;
    stage *at = stage_connected();

    (void)state;
    make(&o, &whole);
    o.silent = true;
    call_with(at, &o);
    assert_int_equal(pipit_own_media_described(o.media, NULL, "the codec is on holiday"), 0);
    advance_ms(at, 1);
    expect_silence(at);
    assert_string_equal(at->reason, "the codec is on holiday");
    check_events(at,
                 "new_rtc_session:local connecting failed:system:WebRTC Error createofferfailed ");
    check_log(&o, "offer closed ");
    o.silent = false; /* and may serve the next call */
    call_with(at, &o);
    expect_sent(at, "INVITE ");
    pp_buf_clear(&at->log);
    o.refuses = true;
    answer(at, at->last, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    expect_sent(at, "BYE ");
    check_events(at, "failed:remote:Bad Media Description setremotedescriptionfailed ");
    drop(at, &o);

    make(&o, &whole);
    at = in_call(&o);
    assert_int_equal(pipit_own_media_state(o.media, PIPIT_MEDIA_FAILED, "the cable was cut"), 0);
    advance_ms(at, 1);
    assert_string_equal(at->reason, "the cable was cut");
    drop(at, &o);
}

static void they_serve_one_call_at_a_time(void **state)
{
    own o;
    stage *at;
    pipit_call_options options = {0};

    (void)state;
    assert_int_equal(pipit_own_media_new(&(pipit_own_media_interface){0}, &o, &o.media),
                     PIPIT_ERR_ARGUMENT);
    make(&o, &whole);
    assert_int_equal(pipit_own_media_described(o.media, "v=0", NULL), PIPIT_ERR_STATE);
    at = in_call(&o);
    options.own_media = o.media;
    assert_int_equal(pipit_ua_call(at->ua, "carol", &options, NULL), PIPIT_ERR_STATE);
    o.media = pipit_own_media_unref(o.media);
    assert_false(o.released); /* the call has them */
    pipit_session_terminate(at->session, NULL);
    assert_true(o.released);
    stage_free(at);
}

#define AT(who) "Contact: <sip:" who "@far.invalid>\r\n"

/* The call rings at two places, and both describe. */
static stage *ringing_at_two(own *o)
{
    stage *at = stage_connected();

    call_with(at, o);
    expect_sent(at, "INVITE ");
    at->invite = pp_message_ref(at->last);
    at->log_branches = true;
    answer(at, at->invite, "183 Session Progress", "one", AT("one"), "v=0 one");
    pp_buf_clear(&at->log);
    answer(at, at->invite, "183 Session Progress", "two", AT("two"), "v=0 two");
    return at;
}

static void each_far_end_gets_some(void **state)
{
    own o, other;
    stage *at;

    (void)state;
    make(&o, &whole);
    make(&other, &whole);
    o.next = &other;
    at = ringing_at_two(&o);
    check_events(at, "early_media:two:there progress:remote ");
    check_log(&o, "offer their_answer:v=0 one fork ");
    check_log(&other, "their_answer:v=0 two ");
    assert_int_equal(pipit_own_media_state(other.media, PIPIT_MEDIA_CONNECTED, NULL), 0);
    advance_ms(at, 1);
    check_events(at, ""); /* it is not heard */
    assert_int_equal(pipit_session_hear_branch(at->session, "two"), 0);
    check_log(&o, "gave ");
    check_log(&other, "got ");
    answer(at, at->invite, "200 OK", "two", AT("two"), "v=0 two");
    expect_sent(at, "ACK ");
    check_log(&o, "closed ");
    check_log(&other, "");
    pipit_session_terminate(at->session, NULL);
    check_log(&other, "closed ");
    pipit_own_media_unref(other.media);
    assert_true(other.released);
    drop(at, &o);
    assert_true(o.released);
}

static void a_call_that_is_sent_elsewhere_gets_others(void **state)
{
    pipit_call_options options;
    own o, other;
    stage *at = stage_connected();

    (void)state;
    make(&o, &whole);
    make(&other, &whole);
    o.next = &other;
    options = *call_options(at);
    options.own_media = o.media;
    options.follow_redirects = 1;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    answer(at, at->last, "183 Session Progress", "one", AT("one"), "v=0 one");
    answer(at, at->last, "302 Moved", "one", "Contact: <sip:carol@example.com>\r\n", NULL);
    check_log(&o, "offer their_answer:v=0 one fork gave closed ");
    expect_sent(at, "ACK ");
    expect_sent(at, "INVITE sip:carol@example.com SIP/2.0");
    assert_true(pp_str_starts(at->last->body, "v=0 own offer"));
    answer(at, at->last, "200 OK", "three", AT("three"), "v=0 three");
    expect_sent(at, "ACK ");
    check_log(&other, "got their_answer:v=0 three ");
    stage_free(at);
    pipit_own_media_unref(other.media);
    pipit_own_media_unref(o.media);
}

/* The second is not heard before it answers, and then has what there is. */
static void those_for_one_far_end_only_serve_who_answers(void **state)
{
    own o;

    (void)state;
    for (unsigned i = 0; i < 2; i++) { /* none in the second, either */
        stage *at;

        make(&o, i ? &whole : &least);
        at = ringing_at_two(&o);
        check_events(at, "progress:remote ");
        assert_int_equal(pipit_session_hear_branch(at->session, "two"), PIPIT_ERR_STATE);
        answer(at, at->invite, "200 OK", "two", AT("two"), "v=0 two");
        expect_sent(at, "ACK ");
        assert_non_null(strstr(o.log, "their_answer:v=0 two "));
        assert_true(pipit_session_is_established(at->session));
        drop(at, &o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_out_takes_the_applications_media),
        cmocka_unit_test(a_call_in_takes_the_applications_media),
        cmocka_unit_test(held_and_offered_anew),
        cmocka_unit_test(what_they_lack_is_done_without),
        cmocka_unit_test(a_failure_of_theirs_ends_the_call),
        cmocka_unit_test(they_serve_one_call_at_a_time),
        cmocka_unit_test(each_far_end_gets_some),
        cmocka_unit_test(a_call_that_is_sent_elsewhere_gets_others),
        cmocka_unit_test(those_for_one_far_end_only_serve_who_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
