/* data_channel.c - calls with data channels beside the sound: opened by either side, held, ended. */
#include "support/cast/cast.h"
#include "support/time_of_day.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct hearing {
    pipit_data_channel *channel; /* a reference; NULL: none came */
    unsigned incoming, opened, closed, errors, messages;
    char text[64];
    size_t octets;
    bool ends_the_call;
    pipit_session *session;
} hearing;

static hearing alice, bob;

static void on_open(pipit_data_channel *channel, void *user)
{
    (void)channel;
    ((hearing *)user)->opened++;
}

static void on_message(pipit_data_channel *channel, const pipit_data_channel_message_event *event,
                       void *user)
{
    hearing *h = user;

    (void)channel;
    h->messages++;
    h->octets += event->size;
    snprintf(h->text, sizeof(h->text), "%s", (const char *)event->data);
    if (h->ends_the_call)
        assert_int_equal(pipit_session_terminate(h->session, NULL), 0);
}

static void on_error(pipit_data_channel *channel, const pipit_data_channel_error_event *event,
                     void *user)
{
    (void)channel;
    (void)event;
    ((hearing *)user)->errors++;
}

static void on_close(pipit_data_channel *channel, void *user)
{
    (void)channel;
    ((hearing *)user)->closed++;
}

static const pipit_data_channel_handlers channel_handlers = {
    .open = on_open, .message = on_message, .error = on_error, .close = on_close};

static void on_data_channel(pipit_session *session, const pipit_data_channel_event *event,
                            void *user)
{
    hearing *h = user;

    h->incoming++;
    h->session = session;
    pipit_data_channel_unref(h->channel);
    h->channel = pipit_data_channel_ref(event->channel);
    pipit_data_channel_set_handlers(event->channel, &channel_handlers, h);
}

static const pipit_session_handlers more = {.data_channel = on_data_channel};

static cast *set_up(bool data_channels)
{
    cast *c = NULL;

    alice = bob = (hearing){0};
    assert_int_equal(cast_new(&(cast_options){.seed = 1, .data_channels = data_channels}, &c), 0);
    time_of_day_from(c->s);
    cast_start(c);
    return c;
}

static void tear_down(cast *c)
{
    cast_free(c);
    time_of_day_from(NULL);
    pipit_data_channel_unref(alice.channel);
    pipit_data_channel_unref(bob.channel);
}

static void talk(cast *c)
{
    assert_int_equal(cast_call(&c->alice, "bob"), 0);
    assert_int_equal(pipit_session_add_handlers(c->alice.session, &more, &alice), 0);
    assert_true(cast_wait(c, &c->bob.confirmed, 5000));
    assert_int_equal(pipit_session_add_handlers(c->bob.session, &more, &bob), 0);
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
    assert_true(cast_wait(c, &c->bob.media_up, 5000));
}

static void create(pipit_session *session, hearing *h)
{
    const pipit_data_channel_options options = {.handlers = &channel_handlers, .user = h};

    assert_int_equal(pipit_session_create_data_channel(session, "chat", &options, &h->channel), 0);
}

static void a_call_carries_messages_beside_its_sound(void **state)
{
    static uint8_t data[100000];
    cast *c = set_up(true);

    (void)state;
    talk(c);
    create(c->alice.session, &alice);
    assert_int_equal(pipit_data_channel_send_text(alice.channel, "hello"), 0);
    sim_advance_ms(c->s, 500);
    assert_int_equal(bob.incoming, 1);
    assert_string_equal(bob.text, "hello");
    assert_int_equal(pipit_data_channel_send(bob.channel, data, sizeof(data)), 0);
    sim_advance_ms(c->s, 2000);
    assert_int_equal(alice.octets, sizeof(data));
    cast_check_sound(c, 1000, 440);
    assert_int_equal(pipit_session_hold(c->alice.session, NULL), 0);
    sim_advance_ms(c->s, 1000);
    assert_int_equal(pipit_data_channel_send_text(alice.channel, "on hold"), 0);
    sim_advance_ms(c->s, 500);
    assert_string_equal(bob.text, "on hold");
    assert_int_equal(pipit_session_terminate(c->alice.session, NULL), 0);
    assert_int_equal(alice.closed, 0); /* never inside of a call */
    sim_advance_ms(c->s, 500);
    assert_int_equal(alice.closed, 1);
    assert_int_equal(bob.closed, 1);
    assert_int_equal(alice.errors + bob.errors, 0);
    tear_down(c);
}

static void the_called_one_may_open_channels_too(void **state)
{
    cast *c = set_up(true);

    (void)state;
    talk(c);
    create(c->bob.session, &bob);
    assert_int_equal(pipit_data_channel_send_text(bob.channel, "from bob"), 0);
    sim_advance_ms(c->s, 500);
    assert_int_equal(alice.incoming, 1);
    assert_string_equal(alice.text, "from bob");
    tear_down(c);
}

static void a_message_may_end_the_call(void **state)
{
    cast *c = set_up(true);

    (void)state;
    talk(c);
    create(c->alice.session, &alice);
    sim_advance_ms(c->s, 500);
    bob.ends_the_call = true;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pipit_data_channel_send_text(alice.channel, "bye"), 0);
    sim_advance_ms(c->s, 1000);
    assert_true(c->alice.over && c->bob.over);
    assert_int_equal(bob.messages, 1);
    assert_int_equal(alice.closed, 1);
    assert_int_equal(bob.closed, 1);
    tear_down(c);
}

static void a_call_has_no_channels_unless_it_is_said(void **state)
{
    cast *c = set_up(false);
    pipit_data_channel *channel = NULL;

    (void)state;
    talk(c);
    assert_int_equal(pipit_session_create_data_channel(c->alice.session, "", NULL, &channel),
                     PIPIT_ERR_STATE);
    assert_int_equal(pipit_session_create_data_channel(NULL, "", NULL, &channel),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_session_create_data_channel(c->alice.session, "", NULL, NULL),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_session_terminate(c->alice.session, NULL), 0);
    assert_int_equal(pipit_session_create_data_channel(c->alice.session, "", NULL, &channel),
                     PIPIT_ERR_STATE);
    assert_null(channel);
    tear_down(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_carries_messages_beside_its_sound),
        cmocka_unit_test(the_called_one_may_open_channels_too),
        cmocka_unit_test(a_message_may_end_the_call),
        cmocka_unit_test(a_call_has_no_channels_unless_it_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
