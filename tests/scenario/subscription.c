/* subscription.c - alice is told of bob's presence through the switchboard, in virtual time, also when connections break. */
#include "support/cast/cast.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct play {
    cast *c;
    pipit_subscriber *subscriber;
    pipit_notifier *notifier;
    pipit_request *last;
    char log[1024];
    unsigned subscribes, notifies;
    bool active, over, told_over;
    char body[64];
} play;

static void on_active(pipit_subscriber *s, void *user)
{
    (void)s;
    ((play *)user)->active = true;
}

static void on_notify(pipit_subscriber *s, const pipit_notify_event *e, void *user)
{
    play *p = user;

    (void)s;
    p->notifies++;
    snprintf(p->body, sizeof(p->body), "%s", e->body);
}

static void on_terminated(pipit_subscriber *s, const pipit_subscription_end_event *e, void *user)
{
    (void)s;
    assert_int_equal(e->code, PIPIT_SUBSCRIBER_FINAL_NOTIFY_RECEIVED);
    ((play *)user)->over = true;
}

static const pipit_subscriber_handlers subscriber_handlers = {
    .active = on_active, .notify = on_notify, .terminated = on_terminated};

static void on_subscribe(pipit_notifier *n, const pipit_subscribe_event *e, void *user)
{
    play *p = user;
    char body[32];

    p->subscribes++;
    snprintf(body, sizeof(body), "state %u", p->subscribes);
    if (!e->is_unsubscribe)
        assert_int_equal(pipit_notifier_notify(n, body), 0);
}

static void on_told_over(pipit_notifier *n, const pipit_notifier_end_event *e, void *user)
{
    (void)n;
    (void)e;
    ((play *)user)->told_over = true;
}

static const pipit_notifier_handlers notifier_handlers = {.subscribe = on_subscribe,
                                                          .terminated = on_told_over};

static void on_new_subscribe(pipit_ua *ua, const pipit_new_subscribe_event *e, void *user)
{
    play *p = user;
    const pipit_notifier_options options = {.handlers = &notifier_handlers, .user = p};

    assert_int_equal(pipit_ua_notify(ua, e->request, "text/plain", &options, &p->notifier), 0);
    assert_int_equal(pipit_notifier_start(p->notifier), 0);
}

static const pipit_ua_handlers listening = {.new_subscribe = on_new_subscribe};

static const pipit_subscriber_options *subscriber_options(play *p)
{
    static pipit_subscriber_options options;

    options =
        (pipit_subscriber_options){.expires = 600, .handlers = &subscriber_handlers, .user = p};
    return &options;
}

/* Both are there, and bob tells of what he is asked for. */
static void meet(play *p, uint64_t seed)
{
    p->c = cast_on_stage(&(cast_options){.seed = seed});
    assert_int_equal(pipit_ua_add_handlers(p->c->bob.ua, &listening, p), 0);
}

static void begin(play *p, uint64_t seed)
{
    meet(p, seed);
    assert_int_equal(pipit_ua_subscribe(p->c->alice.ua, "bob", "weather", "text/plain",
                                        subscriber_options(p), &p->subscriber),
                     0);
    assert_int_equal(pipit_subscriber_subscribe(p->subscriber, NULL), 0);
    assert_true(cast_wait(p->c, &p->active, 2000));
    assert_string_equal(p->body, "state 1");
}

static void end(play *p)
{
    pipit_subscriber_unref(p->subscriber);
    pipit_notifier_unref(p->notifier);
    cast_free(p->c);
}

static void a_subscription_lives_through_the_switchboard(void **state)
{
    play p = {0};

    (void)state;
    begin(&p, 1);
    assert_int_equal(pipit_notifier_notify(p.notifier, "sunny"), 0);
    sim_advance_ms(p.c->s, 100);
    assert_string_equal(p.body, "sunny");
    sim_advance_ms(p.c->s, 3000000); /* five times as long as was asked for */
    assert_in_range(p.subscribes, 5, 11);
    assert_false(p.over);
    assert_int_equal(pipit_subscriber_terminate(p.subscriber, NULL), 0);
    assert_true(cast_wait(p.c, &p.over, 2000));
    assert_true(p.told_over);
    end(&p);
}

static void a_subscription_outlives_the_connections_of_both(void **state)
{
    play p = {0};

    (void)state;
    begin(&p, 2);
    for (unsigned i = 0; i < 5; i++) {
        unsigned before = p.subscribes;

        sim_break_streams(p.c->s);
        sim_advance_ms(p.c->s, 100);
        assert_int_equal(pipit_notifier_notify(p.notifier, "missed"), 0);
        sim_advance_ms(p.c->s, 60000);
        assert_true(p.subscribes > before);
        assert_false(p.over || p.told_over);
    }
    assert_int_equal(pipit_notifier_notify(p.notifier, "still here"), 0);
    sim_advance_ms(p.c->s, 100);
    assert_string_equal(p.body, "still here");
    pipit_ua_stop(p.c->alice.ua);
    assert_true(cast_wait(p.c, &p.over, 2000));
    assert_true(p.told_over);
    end(&p);
}

static void a_notifier_that_stops_tells_so(void **state)
{
    play p = {0};

    (void)state;
    begin(&p, 3);
    pipit_ua_stop(p.c->bob.ua);
    assert_true(cast_wait(p.c, &p.over, 2000));
    end(&p);
}

static void a_subscription_in_a_call_goes_on_behind_its_end(void **state)
{
    play p = {0};
    cast *c;

    (void)state;
    meet(&p, 4);
    c = p.c;
    assert_int_equal(cast_call(&c->alice, "bob"), 0);
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
    assert_int_equal(pipit_session_subscribe(c->alice.session, "weather", "text/plain",
                                             subscriber_options(&p), &p.subscriber),
                     0);
    assert_int_equal(pipit_subscriber_subscribe(p.subscriber, NULL), 0);
    assert_true(cast_wait(c, &p.active, 2000));
    assert_int_equal(pipit_session_hold(c->alice.session, NULL), 0);
    sim_advance_ms(c->s, 1000);
    assert_true(pipit_session_is_on_hold(c->bob.session).remote);
    assert_int_equal(pipit_session_terminate(c->bob.session, NULL), 0);
    assert_true(cast_wait(c, &c->alice.over, 3000));
    assert_int_equal(pipit_notifier_notify(p.notifier, "rain"), 0);
    sim_advance_ms(c->s, 100);
    assert_string_equal(p.body, "rain");
    sim_advance_ms(c->s, 3000000);
    assert_false(p.over);
    assert_int_equal(pipit_subscriber_terminate(p.subscriber, NULL), 0);
    assert_true(cast_wait(c, &p.over, 2000));
    assert_true(p.told_over);
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subscription_lives_through_the_switchboard),
        cmocka_unit_test(a_subscription_outlives_the_connections_of_both),
        cmocka_unit_test(a_notifier_that_stops_tells_so),
        cmocka_unit_test(a_subscription_in_a_call_goes_on_behind_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
