/* messages.c - tests of what becomes of messages on networks good and bad. */
#include "support/pair.h"

static uint8_t large[PP_LIMIT_DATA_MESSAGE + 1];

static void put_number(uint8_t *out, uint32_t number)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* A channel from a to b on a network that is as `p` says, and what b has of it. */
static heard *connect_pair(pair *p, const pipit_data_channel_options *options)
{
    unsigned loss = p->loss_percent;
    heard *ours;

    p->loss_percent = 0;
    pair_open(p);
    pair_connect(p);
    ours = pair_create(&p->a, "", options);
    pair_run_ms(p, 500);
    assert_int_equal(p->b.incoming, 1);
    p->loss_percent = loss;
    return ours;
}

static void send_numbers(pair *p, heard *ours, unsigned count, size_t size, unsigned every_ms)
{
    for (unsigned i = 1; i <= count; i++) {
        put_number(large, i);
        assert_int_equal(pipit_data_channel_send(ours->channel, large, size), 0);
        if (every_ms)
            pair_run_ms(p, every_ms);
    }
}

static void a_long_message_goes_in_pieces_and_comes_whole(void **state)
{
    pair p = {.seed = 1};
    heard *ours = connect_pair(&p, NULL);

    (void)state;
    p.b.heard->echoes = true;
    for (size_t size = 1000; size <= PP_LIMIT_DATA_MESSAGE; size = size * 2 + 1)
        assert_int_equal(pipit_data_channel_send(ours->channel, large, size), 0);
    assert_int_equal(pipit_data_channel_max_message_size(ours->channel), PP_LIMIT_DATA_MESSAGE);
    assert_int_equal(pipit_data_channel_send(ours->channel, large, PP_LIMIT_DATA_MESSAGE), 0);
    assert_int_equal(pipit_data_channel_send(ours->channel, large, PP_LIMIT_DATA_MESSAGE + 1),
                     PIPIT_ERR_LIMIT);
    pair_run_ms(&p, 20000);
    assert_int_equal(ours->binaries, p.b.heard->binaries);
    assert_int_equal(ours->octets, p.b.heard->octets);
    assert_int_equal(ours->largest, PP_LIMIT_DATA_MESSAGE);
    pair_close(&p);
}

static void a_message_is_no_longer_than_the_far_end_takes(void **state)
{
    pair p = {.seed = 1};
    heard *ours = connect_pair(&p, NULL);

    (void)state;
    pp_channels_set_max_message_size(p.a.channels, 65536);
    assert_int_equal(pipit_data_channel_max_message_size(ours->channel), 65536);
    assert_int_equal(pipit_data_channel_send(ours->channel, large, 65536), 0);
    assert_int_equal(pipit_data_channel_send(ours->channel, large, 65537), PIPIT_ERR_LIMIT);
    pair_close(&p);
}

static void a_reliable_channel_loses_nothing_and_keeps_the_order(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        pair p = {.seed = i + 1, .loss_percent = 10 * i, .jitter_us = 30000};
        heard *ours = connect_pair(&p, NULL);

        send_numbers(&p, ours, 500, 700, 2);
        pair_run_ms(&p, 120000);
        assert_int_equal(p.b.heard->binaries, 500);
        assert_int_equal(p.b.heard->last, 500);
        assert_int_equal(p.b.heard->backwards, 0);
        pair_close(&p);
    }
}

static void an_unordered_channel_loses_nothing_and_does_not_wait(void **state)
{
    pair p = {.seed = 5, .loss_percent = 10};
    heard *ours = connect_pair(&p, &(pipit_data_channel_options){.unordered = true});

    (void)state;
    assert_false(pipit_data_channel_ordered(p.b.heard->channel));
    send_numbers(&p, ours, 300, 700, 5);
    pair_run_ms(&p, 60000);
    assert_int_equal(p.b.heard->binaries, 300);
    assert_true(p.b.heard->backwards > 5);
    pair_close(&p);
}

static void a_message_is_not_sent_again_more_often_than_asked(void **state)
{
    const uint16_t none = 0;
    pair p = {.seed = 7, .loss_percent = 20};
    heard *ours = connect_pair(
        &p, &(pipit_data_channel_options){.unordered = true, .max_retransmits = &none});

    (void)state;
    assert_int_equal(pipit_data_channel_max_retransmits(p.b.heard->channel), 0);
    send_numbers(&p, ours, 500, 700, 20);
    pair_run_ms(&p, 60000);
    assert_in_range(p.b.heard->binaries, 300, 450);
    assert_int_equal(pipit_data_channel_buffered_amount(ours->channel), 0);
    pair_close(&p);
}

static void a_message_is_given_up_when_its_time_is_over(void **state)
{
    const uint16_t life_ms = 200;
    pair p = {.seed = 9};
    heard *ours = connect_pair(&p, &(pipit_data_channel_options){.max_packet_life_time = &life_ms});

    (void)state;
    assert_int_equal(pipit_data_channel_max_packet_life_time(p.b.heard->channel), 200);
    p.cut = true;
    send_numbers(&p, ours, 50, 700, 20);
    p.cut = false;
    pair_run_ms(&p, 2000);
    assert_in_range(p.b.heard->binaries, 0, 11); /* those of the last 200 ms may have come */
    assert_int_equal(pipit_data_channel_buffered_amount(ours->channel), 0);
    send_numbers(&p, ours, 100, 700, 20);
    pair_run_ms(&p, 2000);
    assert_in_range(p.b.heard->binaries, 100, 111);
    assert_int_equal(p.b.heard->last, 100);
    pair_close(&p);
}

static void the_buffered_amount_tells_what_waits(void **state)
{
    pair p = {.seed = 1};
    heard *ours = connect_pair(&p, NULL);
    size_t before, sent = 0;

    (void)state;
    pipit_data_channel_set_buffered_amount_low_threshold(ours->channel, 1 << 20);
    assert_int_equal(pipit_data_channel_buffered_amount_low_threshold(ours->channel), 1 << 20);
    while (pipit_data_channel_send(ours->channel, large, 100000) == 0)
        sent += 100000;
    assert_int_equal(pipit_data_channel_send(ours->channel, large, 100000), PIPIT_ERR_LIMIT);
    before = pipit_data_channel_buffered_amount(ours->channel);
    assert_in_range(before, PP_LIMIT_DATA_QUEUE - 100000, PP_LIMIT_DATA_QUEUE);
    assert_true(sent - before <= PP_LIMIT_DATA_IN_FLIGHT);
    pair_run_ms(&p, 60000);
    assert_int_equal(ours->low, 1);
    assert_int_equal(pipit_data_channel_buffered_amount(ours->channel), 0);
    assert_int_equal(p.b.heard->octets, sent);
    pair_close(&p);
}

static void a_channel_with_much_to_say_does_not_keep_others_from_speaking(void **state)
{
    pair p = {.seed = 1};
    heard *loud = connect_pair(&p, NULL), *quiet = pair_create(&p.a, "quiet", NULL);

    (void)state;
    pair_run_ms(&p, 100);
    for (int i = 0; i < 150; i++)
        assert_int_equal(pipit_data_channel_send(loud->channel, large, 100000), 0);
    assert_int_equal(pipit_data_channel_send_text(quiet->channel, "me too"), 0);
    pair_run_ms(&p, 500);
    assert_int_equal(pair_other(&p.b, quiet)->texts, 1);
    assert_true(pipit_data_channel_buffered_amount(loud->channel) > 0);
    pair_close(&p);
}

static void as_many_channels_as_the_limit_work_at_once(void **state)
{
    pair p = {.seed = 1, .loss_percent = 2};
    pipit_data_channel *one_more = NULL;

    (void)state;
    pair_open(&p);
    pair_connect(&p);
    for (unsigned i = 0; i < PP_LIMIT_DATA_CHANNELS; i++)
        pair_create(&p.a, "many", NULL)->echoes = false;
    assert_int_equal(pp_channels_create(p.a.channels, "", NULL, &one_more), PIPIT_ERR_LIMIT);
    p.b.echoes = true;
    for (const heard *h = p.a.heard; h; h = h->next)
        assert_int_equal(pipit_data_channel_send_text(h->channel, "hello"), 0);
    pair_run_ms(&p, 60000);
    assert_int_equal(p.b.incoming, PP_LIMIT_DATA_CHANNELS);
    for (const heard *h = p.a.heard; h; h = h->next)
        assert_true(h->opened == 1 && h->texts == 1);
    for (const heard *h = p.a.heard; h; h = h->next)
        pipit_data_channel_close(h->channel);
    pair_run_ms(&p, 60000);
    for (const heard *h = p.b.heard; h; h = h->next)
        assert_int_equal(h->closed, 1);
    pair_create(&p.a, "again", NULL);
    pair_close(&p);
}

static void a_connection_has_counts(void **state)
{
    pair p = {.seed = 1};
    heard *ours = connect_pair(&p, NULL);
    pipit_data_channel_stats sent, received;
    pp_channels_stats of_all;

    (void)state;
    assert_int_equal(pipit_data_channel_send(ours->channel, large, 1234), 0);
    assert_int_equal(pipit_data_channel_send_text(ours->channel, ""), 0);
    pair_run_ms(&p, 200);
    pipit_data_channel_get_stats(ours->channel, &sent);
    pipit_data_channel_get_stats(p.b.heard->channel, &received);
    assert_int_equal(sent.messages_sent, 2);
    assert_int_equal(sent.bytes_sent, 1234);
    assert_int_equal(received.messages_received, 2);
    assert_int_equal(received.bytes_received, 1234);
    pipit_data_channel_close(ours->channel);
    pair_run_ms(&p, 200);
    pp_channels_get_stats(p.b.channels, &of_all);
    assert_int_equal(of_all.opened, 1);
    assert_int_equal(of_all.closed, 1);
    assert_int_equal(of_all.messages_unexpected, 0);
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_message_goes_in_pieces_and_comes_whole),
        cmocka_unit_test(a_message_is_no_longer_than_the_far_end_takes),
        cmocka_unit_test(a_reliable_channel_loses_nothing_and_keeps_the_order),
        cmocka_unit_test(an_unordered_channel_loses_nothing_and_does_not_wait),
        cmocka_unit_test(a_message_is_not_sent_again_more_often_than_asked),
        cmocka_unit_test(a_message_is_given_up_when_its_time_is_over),
        cmocka_unit_test(the_buffered_amount_tells_what_waits),
        cmocka_unit_test(a_channel_with_much_to_say_does_not_keep_others_from_speaking),
        cmocka_unit_test(as_many_channels_as_the_limit_work_at_once),
        cmocka_unit_test(a_connection_has_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
