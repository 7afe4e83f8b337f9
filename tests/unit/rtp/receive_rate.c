/* receive_rate.c - the receiver's estimate on paths whose rate is known, and a sender that does as it is told. */
#include "rtp/receive_rate.h"

#include "support/files.h"

enum { PACKET = 1000, STEP_US = 20000 };

struct path {
    uint32_t rate; /* of the bottleneck */
    unsigned lose; /* one packet in so many; 0: none */
    uint32_t hz;   /* of the stamps */
    uint64_t now_us, free_us, asked_us;
    uint32_t wish, aim; /* the sender's, bits a second */
    uint16_t sequence;
    unsigned told;
    pp_rtp_receiver receiver;
    pp_receive_rate estimate;
};

static void send_packet(struct path *path)
{
    uint64_t begin_us = path->free_us > path->now_us ? path->free_us : path->now_us;
    uint32_t stamp = (uint32_t)(path->now_us * path->hz / 1000000);
    const pp_rtp packet = {.sequence = path->sequence++, .timestamp = stamp};

    if (path->lose && path->sequence % path->lose == 0)
        return;
    path->free_us = begin_us + (uint64_t)PACKET * 8000000 / path->rate;
    (void)pp_rtp_receiver_add(&path->receiver, &packet, path->free_us);
    pp_receive_rate_add(&path->estimate, stamp, path->hz, PACKET, path->free_us);
}

/* Feedback takes no time here: a packet in a queue has come in the future. The average aim of the last half. */
static double run(struct path *path, unsigned seconds)
{
    uint64_t end_us = path->now_us + seconds * 1000000ull;
    double sum = 0, count = 0;

    while (path->now_us < end_us) {
        uint32_t told = 0;

        send_packet(path);
        path->now_us += (uint64_t)PACKET * 8000000 / path->aim;
        if (path->free_us >= path->asked_us + STEP_US) {
            path->asked_us = path->free_us;
            told = pp_receive_rate_due(&path->estimate, &path->receiver, path->free_us);
        }
        path->told += told != 0;
        if (told)
            path->aim = told < path->wish ? told : path->wish;
        if (path->now_us > end_us - seconds * 500000ull) {
            sum += path->aim;
            count++;
        }
    }
    return sum / count;
}

static struct path *begin(uint32_t rate, uint32_t wish, uint32_t hz)
{
    static struct path path;

    path = (struct path){.rate = rate, .hz = hz, .now_us = 60000000, .wish = wish, .aim = wish};
    pp_rtp_receiver_init(&path.receiver, 1, 90000);
    pp_receive_rate_init(&path.estimate);
    return &path;
}

static void a_sender_within_the_path_is_left_alone(void **state)
{
    struct path *path = begin(5000000, 800000, 1u << 26);

    (void)state;
    assert_true(run(path, 20) == 800000);
    assert_in_range(path->told, 15, 40);
}

static void a_sender_beyond_the_path_is_brought_below_it(void **state)
{
    static const uint32_t clocks[] = {1u << 26, 90000};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct path *path = begin(600000, 2000000, clocks[i]);

        assert_in_range(run(path, 40), 350000, 630000);
        assert_true(path->free_us < path->now_us + 500000); /* no queue is left standing */
    }
}

static void loss_by_chance_is_not_answered_but_much_of_it_is(void **state)
{
    struct path *path = begin(5000000, 800000, 1u << 26);

    (void)state;
    path->lose = 70;
    assert_true(run(path, 20) == 800000);
    path->lose = 5;
    assert_true(run(path, 20) < 300000);
}

static void nothing_is_told_before_anything_is_known(void **state)
{
    struct path *path = begin(5000000, 800000, 90000);

    (void)state;
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(
            pp_receive_rate_due(&path->estimate, &path->receiver, 100000 + i * 200000ull), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sender_within_the_path_is_left_alone),
        cmocka_unit_test(a_sender_beyond_the_path_is_brought_below_it),
        cmocka_unit_test(loss_by_chance_is_not_answered_but_much_of_it_is),
        cmocka_unit_test(nothing_is_told_before_anything_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
