/* memory.c - tests of data channels whose memory runs out: nothing crashes or is kept, and what is left works. */
#include "support/pair.h"
#include "support/scarce.h"

static uint8_t large[100000];

static int connect_end(end *e, bool client)
{
    const pp_channels_terms terms = {.client = client, .local_port = 5000, .remote_port = 5000};

    return pp_channels_connect(e->channels, &terms);
}

static int create(end *e, const pipit_data_channel_options *options)
{
    pipit_data_channel *channel = NULL;
    int err = pp_channels_create(e->channels, "label", options, &channel);

    if (!err)
        (void)pipit_data_channel_send(channel, large, sizeof(large));
    if (!err)
        (void)pipit_data_channel_send_text(channel, "hello");
    pipit_data_channel_unref(channel);
    return err;
}

/* Every step may fail with PIPIT_ERR_MEMORY and with nothing else. */
static void live(pair *p)
{
    int err = connect_end(&p->a, true);

    assert_true(err == 0 || err == PIPIT_ERR_MEMORY);
    err = connect_end(&p->b, false);
    assert_true(err == 0 || err == PIPIT_ERR_MEMORY);
    for (int i = 0; i < 2; i++) {
        err = create(i ? &p->b : &p->a, NULL);
        assert_true(err == 0 || err == PIPIT_ERR_MEMORY || err == PIPIT_ERR_STATE);
    }
    pair_run_ms(p, 3000);
    err = create(&p->a, &(pipit_data_channel_options){.negotiated = true, .id = 100});
    assert_true(err == 0 || err == PIPIT_ERR_MEMORY || err == PIPIT_ERR_STATE);
    pair_run_ms(p, 1000);
}

static void the_lack_of_any_one_piece_of_memory_is_survived(void **state)
{
    uint64_t n = 0;
    bool failed = true;

    (void)state;
    for (n = 1; failed; n += n < 100 ? 1 : 7) {
        pair p = {.seed = 1};

        scarce_begin(0);
        pair_open(&p);
        scarce_fail(n);
        live(&p);
        failed = scarce_memory.failed;
        scarce_relax();
        pair_close(&p);
        assert_int_equal(scarce_end(), 0);
    }
    assert_true(n > 100);
}

static void the_lack_of_all_memory_is_survived(void **state)
{
    bool failed = true;

    (void)state;
    for (uint64_t n = 1; failed; n += n < 50 ? 1 : 13) {
        pair p = {.seed = 1};

        scarce_begin(0);
        pair_open(&p);
        scarce_fail_from(n);
        live(&p);
        failed = scarce_memory.failed;
        scarce_relax();
        pair_close(&p);
        assert_int_equal(scarce_end(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lack_of_any_one_piece_of_memory_is_survived),
        cmocka_unit_test(the_lack_of_all_memory_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
