/* data_lossy.c - data channels over a network that loses a fifth of all datagrams: everything comes back, and in time. */
#include "support/time_of_day.h"
#include "unit/peer/support/couple.h"

#include <stdio.h>

#define LOST      200 /* of 1,000 */
#define DELAY_US  20000
#define JITTER_US 10000

enum { MESSAGES = 3, MESSAGE = 10000 };

static void on_open(pipit_data_channel *channel, void *user)
{
    static const uint8_t data[MESSAGE];

    (void)user;
    for (int i = 0; i < MESSAGES; i++)
        assert_int_equal(pipit_data_channel_send(channel, data, sizeof(data)), 0);
}

static void on_back(pipit_data_channel *channel, const pipit_data_channel_message_event *event,
                    void *user)
{
    (void)channel;
    *(size_t *)user += event->size;
}

static void on_message(pipit_data_channel *channel, const pipit_data_channel_message_event *event,
                       void *user)
{
    (void)user;
    assert_int_equal(pipit_data_channel_send(channel, event->data, event->size), 0);
}

static const pipit_data_channel_handlers ours = {.open = on_open, .message = on_back};
static const pipit_data_channel_handlers theirs = {.message = on_message};

static void on_channel(pipit_peer *peer, pipit_data_channel *channel, void *user)
{
    (void)peer;
    (void)user;
    pipit_data_channel_set_handlers(channel, &theirs, NULL);
}

static bool is_back(void *arg)
{
    return *(size_t *)arg == MESSAGES * MESSAGE;
}

static void data_come_back_although_a_fifth_is_lost(void **state)
{
    static const pipit_peer_handlers with_channel = {.data_channel = on_channel};
    uint64_t longest_ms = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        size_t back = 0;
        const pipit_data_channel_options options = {.handlers = &ours, .user = &back};
        pipit_data_channel *channel;
        uint64_t began_us;
        couple c;

        begin_couple(&c, seed);
        time_of_day_from(c.s);
        assert_int_equal(pipit_peer_add_handlers(c.b.peer, &with_channel, NULL), 0);
        assert_int_equal(pipit_peer_create_data_channel(c.a.peer, "back", &options, &channel), 0);
        sim_set_delay(c.s, DELAY_US, JITTER_US);
        sim_set_loss(c.s, LOST, 0);
        negotiate(&c.a, &c.b);
        began_us = sim_now_us(c.s);
        assert_true(sim_run_until(c.s, is_back, &back, 30000));
        if (sim_now_us(c.s) - began_us > longest_ms * 1000)
            longest_ms = (sim_now_us(c.s) - began_us) / 1000;
        pipit_data_channel_unref(channel);
        time_of_day_from(NULL);
        end_couple(&c);
    }
    printf("figure: a fifth of all datagrams lost: 30,000 octets of data there and back after %u "
           "ms at most\n",
           (unsigned)longest_ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_come_back_although_a_fifth_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
