/* bandwidth.c - the estimate on paths whose rate is known: a bottleneck with a queue, loss by chance, a bound. */
#include "rtp/bandwidth.h"

#include "support/files.h"

enum { PACKET = 1000, FEEDBACK_US = 100000 };

struct path {
    uint32_t rate;    /* of the bottleneck */
    double loss;      /* by chance */
    uint64_t free_us; /* when the bottleneck is free again */
    uint64_t now_us;
    uint16_t sequence;
    pp_arrivals arrivals;
    pp_bandwidth bandwidth;
    uint32_t seed;
};

static void take_body(void *arg, const uint8_t *body, size_t size)
{
    struct path *path = arg;

    assert_int_equal(pp_bandwidth_feedback(&path->bandwidth, body, size, path->now_us), 0);
}

static void send_packet(struct path *path)
{
    uint64_t begin_us = path->free_us > path->now_us ? path->free_us : path->now_us;

    path->seed = path->seed * 1664525 + 1013904223;
    pp_bandwidth_sent(&path->bandwidth, path->sequence, PACKET, path->now_us);
    if ((path->seed >> 8) / (double)(1 << 24) >= path->loss) {
        path->free_us = begin_us + (uint64_t)PACKET * 8000000 / path->rate;
        pp_arrivals_add(&path->arrivals, path->sequence, path->free_us + 20000);
    }
    path->sequence++;
}

static void feed_back(struct path *path)
{
    static const pp_rtcp_handlers handlers = {.transport = take_body};
    pp_buf out = {0};

    while (pp_arrivals_write(&path->arrivals, (pp_feedback_ends){1, 2}, &out)) {
        assert_int_equal(pp_rtcp_parse((const uint8_t *)out.p, out.n, &handlers, path), 0);
        pp_buf_clear(&out);
    }
    pp_buf_free(&out);
}

/* Sends at the rate that is aimed at; returns the average of the last half. */
static double run(struct path *path, unsigned seconds)
{
    uint64_t end_us = path->now_us + seconds * 1000000ull;
    uint64_t feedback_us = path->now_us + FEEDBACK_US;
    double sum = 0;
    unsigned count = 0;

    while (path->now_us < end_us) {
        send_packet(path);
        path->now_us += (uint64_t)PACKET * 8000000 / pp_bandwidth_target(&path->bandwidth);
        if (path->now_us < feedback_us)
            continue;
        feed_back(path);
        feedback_us += FEEDBACK_US;
        if (path->now_us > end_us - seconds * 500000ull) {
            sum += pp_bandwidth_target(&path->bandwidth);
            count++;
        }
    }
    return sum / count;
}

static struct path *begin(uint32_t rate, double loss)
{
    static struct path path;

    path = (struct path){.rate = rate, .loss = loss, .now_us = 1000000, .seed = 1};
    pp_bandwidth_init(&path.bandwidth, 300000, 50000, 2500000);
    return &path;
}

static void a_wide_path_is_used_to_the_bound(void **state)
{
    struct path *path = begin(20000000, 0);

    (void)state;
    assert_true(run(path, 60) > 2000000);
    assert_int_equal(pp_bandwidth_target(&path->bandwidth), 2500000);
}

static void a_narrow_path_is_filled_without_a_long_queue(void **state)
{
    struct path *path = begin(1000000, 0);
    double target;

    (void)state;
    run(path, 40);
    target = run(path, 40);
    assert_true(target > 600000 && target < 1100000);
    assert_true(path->free_us < path->now_us + 500000);
}

static void a_path_that_becomes_narrow_is_given_way(void **state)
{
    struct path *path = begin(5000000, 0);

    (void)state;
    run(path, 30);
    path->rate = 400000;
    assert_true(run(path, 20) < 480000);
}

static void a_little_loss_by_chance_does_no_harm(void **state)
{
    struct path *path = begin(20000000, 0.01);

    (void)state;
    assert_true(run(path, 60) > 1000000);
}

static void much_loss_lowers_the_rate_to_the_least(void **state)
{
    struct path *path = begin(20000000, 0.4);

    (void)state;
    assert_true(run(path, 30) < 100000);
    assert_true(pp_bandwidth_target(&path->bandwidth) >= 50000);
}

static void reported_loss_lowers_the_rate_and_its_end_raises_it(void **state)
{
    struct path *path = begin(20000000, 0);
    pp_bandwidth *bandwidth = &path->bandwidth;
    uint32_t low;

    (void)state;
    for (unsigned i = 1; i <= 10; i++)
        pp_bandwidth_loss(bandwidth, 0.2, i * 1000000);
    low = pp_bandwidth_target(bandwidth);
    assert_true(low < 150000);
    for (unsigned i = 11; i <= 30; i++)
        pp_bandwidth_loss(bandwidth, 0, i * 1000000);
    assert_true(pp_bandwidth_target(bandwidth) > 2 * low);
}

static void the_receivers_bound_is_kept(void **state)
{
    struct path *path = begin(20000000, 0);

    (void)state;
    pp_bandwidth_cap(&path->bandwidth, 120000);
    assert_int_equal(pp_bandwidth_target(&path->bandwidth), 120000);
    pp_bandwidth_cap(&path->bandwidth, 1000);
    assert_int_equal(pp_bandwidth_target(&path->bandwidth), 50000);
    pp_bandwidth_cap(&path->bandwidth, UINT64_MAX);
    assert_int_equal(pp_bandwidth_target(&path->bandwidth), 300000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wide_path_is_used_to_the_bound),
        cmocka_unit_test(a_narrow_path_is_filled_without_a_long_queue),
        cmocka_unit_test(a_path_that_becomes_narrow_is_given_way),
        cmocka_unit_test(a_little_loss_by_chance_does_no_harm),
        cmocka_unit_test(much_loss_lowers_the_rate_to_the_least),
        cmocka_unit_test(reported_loss_lowers_the_rate_and_its_end_raises_it),
        cmocka_unit_test(the_receivers_bound_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
