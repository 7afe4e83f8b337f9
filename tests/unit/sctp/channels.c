/* channels.c - tests of data channels: opened, used and closed between two ends. */
#include "support/pair.h"

static void a_channel_carries_what_is_said_both_ways(void **state)
{
    pair p = {.seed = 1};
    heard *ours, *theirs;

    (void)state;
    pair_open(&p);
    pair_connect(&p);
    ours = pair_create(&p.a, "chat", &(pipit_data_channel_options){.protocol = "simple"});
    assert_int_equal(pipit_data_channel_ready_state(ours->channel), PIPIT_DATA_CHANNEL_CONNECTING);
    assert_int_equal(pipit_data_channel_id(ours->channel), -1);
    p.b.echoes = true;
    pair_run_ms(&p, 200);
    assert_int_equal(ours->opened, 1);
    assert_int_equal(pipit_data_channel_id(ours->channel), 0);
    theirs = pair_other(&p.b, ours);
    assert_non_null(theirs);
    assert_int_equal(theirs->opened, 1);
    assert_string_equal(pipit_data_channel_label(theirs->channel), "chat");
    assert_string_equal(pipit_data_channel_protocol(theirs->channel), "simple");
    assert_true(pipit_data_channel_ordered(theirs->channel));
    assert_int_equal(pipit_data_channel_max_retransmits(theirs->channel), -1);
    assert_int_equal(pipit_data_channel_max_packet_life_time(theirs->channel), -1);
    assert_int_equal(pipit_data_channel_send_text(ours->channel, "gr\xC3\xBC\xC3\x9F dich"), 0);
    assert_int_equal(pipit_data_channel_send_text(ours->channel, ""), 0);
    assert_int_equal(pipit_data_channel_send_text(ours->channel, NULL), 0);
    assert_int_equal(pipit_data_channel_send(ours->channel, "\0\1\2", 3), 0);
    assert_int_equal(pipit_data_channel_send(ours->channel, NULL, 0), 0);
    pair_run_ms(&p, 200);
    for (int i = 0; i < 2; i++) {
        const heard *h = i ? ours : theirs;

        assert_int_equal(h->texts, 3);
        assert_int_equal(h->binaries, 2);
        assert_int_equal(h->empty, 3);
        assert_int_equal(h->octets, 12 + 3 - 1);
    }
    pair_close(&p);
}

static void a_connection_without_traffic_costs_nothing(void **state)
{
    pair p = {.seed = 1};
    sim_counts before, after;
    uint64_t packets;

    (void)state;
    pair_open(&p);
    pair_connect(&p);
    pair_create(&p.a, "", NULL);
    pair_run_ms(&p, 5000);
    before = sim_get_counts(p.sim);
    packets = p.packets;
    pair_run_ms(&p, 3600000);
    after = sim_get_counts(p.sim);
    assert_int_equal(packets, p.packets);
    assert_int_equal(before.turns, after.turns);
    assert_int_equal(pipit_data_channel_send_text(p.a.heard->channel, "still there?"), 0);
    pair_run_ms(&p, 20);
    assert_int_equal(p.b.heard->texts, 1);
    pair_close(&p);
}

static void what_is_sent_before_the_connection_waits_for_it(void **state)
{
    pair p = {.seed = 1};
    heard *ours;

    (void)state;
    pair_open(&p);
    ours = pair_create(&p.b, "early", NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pipit_data_channel_send_text(ours->channel, "early"), 0);
    assert_int_equal(pipit_data_channel_buffered_amount(ours->channel), 15);
    pair_run_ms(&p, 100);
    assert_int_equal(p.packets, 0);
    pair_connect(&p);
    pair_run_ms(&p, 200);
    assert_int_equal(pipit_data_channel_id(ours->channel), 1);
    assert_int_equal(ours->low, 1);
    assert_int_equal(p.a.heard->texts, 3);
    pair_close(&p);
}

static void both_ends_may_open_channels_at_once(void **state)
{
    pair p = {.seed = 1};

    (void)state;
    pair_open(&p);
    pair_connect(&p);
    for (int i = 0; i < 20; i++) {
        pair_create(&p.a, "a", NULL);
        pair_create(&p.b, "b", NULL);
        if (i == 10)
            pair_run_ms(&p, 200);
    }
    pair_run_ms(&p, 200);
    assert_int_equal(p.a.incoming, 20);
    assert_int_equal(p.b.incoming, 20);
    for (const heard *h = p.a.heard; h; h = h->next) {
        const heard *other = pair_other(&p.b, h);

        assert_int_equal(h->opened, 1);
        assert_non_null(other);
        assert_string_equal(pipit_data_channel_label(h->channel),
                            pipit_data_channel_label(other->channel));
        assert_int_equal(pipit_data_channel_label(h->channel)[0] == 'a',
                         pipit_data_channel_id(h->channel) % 2 == 0);
    }
    pair_close(&p);
}

static void a_negotiated_channel_needs_no_words(void **state)
{
    pair p = {.seed = 1};
    const pipit_data_channel_options options = {.negotiated = true, .id = 1000};
    heard *ours, *theirs;

    (void)state;
    pair_open(&p);
    pair_connect(&p);
    ours = pair_create(&p.a, "agreed", &options);
    theirs = pair_create(&p.b, "called otherwise", &options);
    pair_run_ms(&p, 200);
    assert_int_equal(ours->opened + theirs->opened, 2);
    assert_int_equal(p.a.incoming + p.b.incoming, 0);
    assert_int_equal(pipit_data_channel_id(ours->channel), 1000);
    assert_int_equal(pipit_data_channel_send_text(ours->channel, "x"), 0);
    assert_int_equal(pipit_data_channel_send_text(theirs->channel, "x"), 0);
    pair_run_ms(&p, 200);
    assert_int_equal(ours->texts + theirs->texts, 2);
    pair_close(&p);
}

static void options_that_cannot_be_are_refused(void **state)
{
    static char long_label[PP_LIMIT_DATA_LABEL + 2];
    const struct {
        const char *label;
        pipit_data_channel_options options;
        int err;
    } cases[] = {
        {"", {.negotiated = true, .id = 1023}, PIPIT_ERR_LIMIT},
        {"", {.negotiated = true, .id = 7}, PIPIT_ERR_STATE},
        {"",
         {.max_retransmits = &(uint16_t){0}, .max_packet_life_time = &(uint16_t){0}},
         PIPIT_ERR_ARGUMENT},
        {"\xFF", {0}, PIPIT_ERR_SYNTAX},
        {"", {.protocol = "\xC3"}, PIPIT_ERR_SYNTAX},
        {long_label, {0}, PIPIT_ERR_LIMIT},
        {"", {.protocol = long_label}, PIPIT_ERR_LIMIT},
    };
    pair p = {.seed = 1};
    pipit_data_channel *out = NULL;

    (void)state;
    memset(long_label, 'x', sizeof(long_label) - 1);
    pair_open(&p);
    pair_create(&p.a, "", &(pipit_data_channel_options){.negotiated = true, .id = 7});
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(pp_channels_create(p.a.channels, cases[i].label, &cases[i].options, &out),
                         cases[i].err);
        assert_null(out);
    }
    long_label[PP_LIMIT_DATA_LABEL] = '\0';
    pair_connect(&p);
    pair_create(&p.a, long_label, &(pipit_data_channel_options){.protocol = long_label});
    pair_run_ms(&p, 1000);
    assert_int_equal(p.b.incoming, 1);
    assert_string_equal(pipit_data_channel_protocol(p.b.heard->channel), long_label);
    assert_int_equal(pipit_data_channel_send_text(p.a.heard->channel, "\xE2\x82"),
                     PIPIT_ERR_SYNTAX);
    pair_close(&p);
}

static void a_close_is_for_both_ends_and_frees_the_id(void **state)
{
    pair p = {.seed = 1};

    (void)state;
    pair_open(&p);
    pair_connect(&p);
    for (int i = 0; i < 5; i++) {
        heard *ours = pair_create(&p.a, "again", NULL), *theirs;

        pair_run_ms(&p, 200);
        assert_int_equal(pipit_data_channel_id(ours->channel), 0);
        theirs = pair_other(&p.b, ours);
        assert_non_null(theirs);
        assert_int_equal(pipit_data_channel_send_text(ours->channel, "last words"), 0);
        pipit_data_channel_close(i % 2 ? ours->channel : theirs->channel);
        pipit_data_channel_close(i % 2 ? ours->channel : theirs->channel);
        if (i % 2) {
            assert_int_equal(pipit_data_channel_ready_state(ours->channel),
                             PIPIT_DATA_CHANNEL_CLOSING);
            assert_int_equal(pipit_data_channel_send_text(ours->channel, "x"), PIPIT_ERR_STATE);
        }
        pair_run_ms(&p, 500);
        assert_int_equal(theirs->texts, 1);
        assert_int_equal(ours->closed, 1);
        assert_int_equal(theirs->closed, 1);
        assert_int_equal(ours->closing, i % 2 == 0);
        assert_int_equal(theirs->closing, i % 2);
        assert_int_equal(ours->errors + theirs->errors, 0);
        assert_int_equal(pipit_data_channel_send_text(ours->channel, "x"), PIPIT_ERR_STATE);
    }
    pair_close(&p);
}

static void a_channel_that_closes_sends_what_was_said_before(void **state)
{
    static uint8_t data[200000];
    pair p = {.seed = 3, .loss_percent = 5};
    heard *ours;

    (void)state;
    pair_open(&p);
    pair_connect(&p);
    ours = pair_create(&p.a, "", NULL);
    pair_run_ms(&p, 3000);
    for (int i = 0; i < 20; i++)
        assert_int_equal(pipit_data_channel_send(ours->channel, data, sizeof(data)), 0);
    assert_true(pipit_data_channel_buffered_amount(ours->channel) > 1000000);
    pipit_data_channel_close(ours->channel);
    assert_int_equal(ours->closed, 0);
    pair_run_ms(&p, 120000);
    assert_int_equal(p.b.heard->octets, 20 * sizeof(data));
    assert_int_equal(ours->closed, 1);
    assert_int_equal(p.b.heard->closed, 1);
    pair_close(&p);
}

static void a_channel_may_be_closed_before_it_was_opened(void **state)
{
    pair p = {.seed = 1};
    heard *ours, *theirs;

    (void)state;
    pair_open(&p);
    ours = pair_create(&p.a, "", NULL);
    pipit_data_channel_close(ours->channel);
    assert_int_equal(ours->closed, 0);
    pair_run_ms(&p, 1);
    assert_int_equal(ours->closed, 1);
    pair_connect(&p);
    theirs = pair_create(&p.b, "", NULL);
    theirs->close_when_opened = true;
    pair_run_ms(&p, 1000);
    assert_int_equal(ours->opened, 0);
    assert_int_equal(p.a.incoming, 1);
    assert_int_equal(theirs->opened, 1);
    assert_int_equal(theirs->closed, 1);
    assert_int_equal(p.a.heard->closed, 1);
    pair_close(&p);
}

static void the_end_of_the_association_closes_all_channels(void **state)
{
    pair p = {.seed = 1};

    (void)state;
    pair_open(&p);
    pair_connect(&p);
    for (int i = 0; i < 3; i++)
        pair_create(&p.a, "", NULL);
    pair_run_ms(&p, 200);
    p.a.channels = pp_channels_free(p.a.channels);
    for (const heard *h = p.a.heard; h; h = h->next)
        assert_int_equal(h->closed, 0);
    pair_run_ms(&p, 50);
    for (const heard *h = p.a.heard; h; h = h->next)
        assert_int_equal(h->closed, 1);
    for (const heard *h = p.b.heard; h; h = h->next)
        assert_true(h->closed == 1 && h->errors == 0);
    assert_int_equal(p.b.closed, 1);
    assert_int_equal(p.b.error, 0);
    assert_int_equal(pp_channels_create(p.b.channels, "", NULL, &(pipit_data_channel *){NULL}),
                     PIPIT_ERR_STATE);
    pair_close(&p);
}

static void a_silent_far_end_is_given_up(void **state)
{
    pair p = {.seed = 1};

    (void)state;
    pair_open(&p);
    pair_connect(&p);
    pair_create(&p.a, "", NULL);
    pair_run_ms(&p, 200);
    p.cut = true;
    assert_int_equal(pipit_data_channel_send_text(p.a.heard->channel, "hello?"), 0);
    pair_run_ms(&p, 300000);
    assert_int_equal(p.a.heard->errors, 1);
    assert_int_equal(p.a.heard->error, PIPIT_ERR_TIMEOUT);
    assert_int_equal(p.a.heard->closed, 1);
    assert_int_equal(p.a.closed, 1);
    pair_close(&p);
}

static void a_handler_may_end_everything(void **state)
{
    pair p = {.seed = 1};

    (void)state;
    pair_open(&p);
    pair_connect(&p);
    pair_create(&p.a, "", NULL);
    pair_run_ms(&p, 200);
    p.b.heard->free_ends_when_message = true;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pipit_data_channel_send_text(p.a.heard->channel, "x"), 0);
    pair_run_ms(&p, 200);
    assert_int_equal(p.b.heard->texts, 1);
    assert_int_equal(p.b.heard->closed, 1);
    assert_int_equal(p.a.heard->closed, 1);
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_channel_carries_what_is_said_both_ways),
        cmocka_unit_test(a_connection_without_traffic_costs_nothing),
        cmocka_unit_test(what_is_sent_before_the_connection_waits_for_it),
        cmocka_unit_test(both_ends_may_open_channels_at_once),
        cmocka_unit_test(a_negotiated_channel_needs_no_words),
        cmocka_unit_test(options_that_cannot_be_are_refused),
        cmocka_unit_test(a_close_is_for_both_ends_and_frees_the_id),
        cmocka_unit_test(a_channel_that_closes_sends_what_was_said_before),
        cmocka_unit_test(a_channel_may_be_closed_before_it_was_opened),
        cmocka_unit_test(the_end_of_the_association_closes_all_channels),
        cmocka_unit_test(a_silent_far_end_is_given_up),
        cmocka_unit_test(a_handler_may_end_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
