/* udp.c - datagrams over real sockets on loopback. */
#include "unit/io/pair.h"

#include "pipit/error.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct end {
    pipit_loop *loop;
    pp_udp *udp;
    pp_addr from;
    pp_buf in;
    unsigned count, stop_at;
    bool close_at_data;
} end;

static void on_datagram(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    end *e = arg;

    e->from = *from;
    pp_buf_add(&e->in, data, size);
    if (e->close_at_data)
        e->udp = pp_udp_close(e->udp);
    if (++e->count == e->stop_at)
        pipit_loop_stop(e->loop);
}

static void open_end(end *e, pipit_loop *loop, const char *ip)
{
    pp_addr at = {0};

    assert_true(pp_addr_parse(pp_str_c(ip), 0, &at));
    e->loop = loop;
    assert_int_equal(loop->ops->udp_open(loop, &at, on_datagram, e, &e->udp), 0);
    assert_int_not_equal(e->udp->local.port, 0);
}

static void close_end(end *e)
{
    e->udp = pp_udp_close(e->udp);
    pp_buf_free(&e->in);
}

static void a_datagram_arrives_with_its_sender(void **state)
{
    pipit_loop *loop = NULL;
    end a = {0}, b = {.stop_at = 1};

    (void)state;
    assert_int_equal(pipit_loop_new(&loop), 0);
    open_end(&a, loop, "127.0.0.1");
    open_end(&b, loop, "127.0.0.1");
    assert_int_equal(pp_udp_send(a.udp, &b.udp->local, "hello", 5), 0);
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_true(pp_addr_eq(&b.from, &a.udp->local));
    assert_memory_equal(b.in.p, "hello", 5);
    close_end(&a);
    close_end(&b);
    assert_int_equal(pipit_loop_run(loop), 0); /* nothing is left */
    pipit_loop_unref(loop);
}

static void many_datagrams_keep_their_order_and_bounds(void **state)
{
    pipit_loop *loop = NULL;
    end a = {0}, b = {.stop_at = 100};

    (void)state;
    assert_int_equal(pipit_loop_new(&loop), 0);
    open_end(&a, loop, "127.0.0.1");
    open_end(&b, loop, "127.0.0.1");
    for (uint8_t i = 0; i < 100; i++)
        assert_int_equal(pp_udp_send(a.udp, &b.udp->local, &i, 1), 0);
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_int_equal(b.in.n, 100);
    for (uint8_t i = 0; i < 100; i++)
        assert_int_equal((uint8_t)b.in.p[i], i);
    close_end(&a);
    close_end(&b);
    pipit_loop_unref(loop);
}

static void a_refused_datagram_does_not_deafen(void **state)
{
    pipit_loop *loop = NULL;
    end a = {0}, b = {.stop_at = 1}, gone = {0};
    pp_addr nobody;

    (void)state;
    assert_int_equal(pipit_loop_new(&loop), 0);
    open_end(&a, loop, "127.0.0.1");
    open_end(&b, loop, "127.0.0.1");
    open_end(&gone, loop, "127.0.0.1");
    nobody = gone.udp->local;
    close_end(&gone);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(pp_udp_send(a.udp, &nobody, "x", 1), 0);
        assert_int_equal(pipit_loop_run_once(loop), 0);
    }
    a.stop_at = 1;
    assert_int_equal(pp_udp_send(a.udp, &b.udp->local, "1", 1), 0);
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_int_equal(pp_udp_send(b.udp, &a.udp->local, "2", 1), 0);
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_int_equal(a.count, 1);
    close_end(&a);
    close_end(&b);
    pipit_loop_unref(loop);
}

static void a_receiver_may_close_its_socket(void **state)
{
    pipit_loop *loop = NULL;
    end a = {0}, b = {.close_at_data = true};

    (void)state;
    assert_int_equal(pipit_loop_new(&loop), 0);
    open_end(&a, loop, "127.0.0.1");
    open_end(&b, loop, "127.0.0.1");
    assert_int_equal(pp_udp_send(a.udp, &b.udp->local, "x", 1), 0);
    assert_int_equal(pp_udp_send(a.udp, &b.udp->local, "y", 1), 0);
    close_end(&a); /* what was sent still leaves */
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_int_equal(b.count, 1);
    close_end(&b);
    pipit_loop_unref(loop);
}

static void a_datagram_has_a_longest_length(void **state)
{
    static const char data[2049];
    pipit_loop *loop = NULL;
    end a = {.stop_at = 1};

    (void)state;
    assert_int_equal(pipit_loop_new(&loop), 0);
    open_end(&a, loop, "127.0.0.1");
    assert_int_equal(pp_udp_send(a.udp, &a.udp->local, data, 2049), PIPIT_ERR_LIMIT);
    assert_int_equal(pp_udp_send(a.udp, &a.udp->local, data, 2048), 0);
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_int_equal(a.in.n, 2048);
    close_end(&a);
    pipit_loop_unref(loop);
}

/* --- a system that is busy -------------------------------------------------------------------- */

/* Stands in front of the system's own: of each call but every third it takes a few datagrams or none. */
static int busy_with; /* an errno; 0: never busy */
static unsigned sends;

int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    if (busy_with && ++sends % 3) {
        errno = busy_with;
        if (sends % 3 == 1)
            return -1;
        count = count > 5 ? 5 : count;
    }
    return (int)syscall(SYS_sendmmsg, fd, messages, count, flags);
}

static void what_the_system_does_not_take_now_goes_later_in_order(void **state)
{
    pipit_loop *loop = NULL;
    end a = {0}, b = {.stop_at = 200};

    (void)state;
    assert_int_equal(pipit_loop_new(&loop), 0);
    open_end(&a, loop, "127.0.0.1");
    open_end(&b, loop, "127.0.0.1");
    busy_with = EAGAIN;
    for (unsigned i = 0; i < 200; i++) {
        uint8_t number = (uint8_t)i;

        assert_int_equal(pp_udp_send(a.udp, &b.udp->local, &number, 1), 0);
        if (i == 100) /* in the middle of it more comes */
            assert_int_equal(pipit_loop_run_once(loop), 0);
    }
    assert_int_equal(pipit_loop_run(loop), 0);
    busy_with = 0;
    assert_int_equal(b.in.n, 200);
    for (unsigned i = 0; i < 200; i++)
        assert_int_equal((uint8_t)b.in.p[i], i);
    close_end(&a);
    close_end(&b);
    pipit_loop_unref(loop);
}

static void a_busy_system_is_not_given_more_than_a_queue_holds(void **state)
{
    static const uint8_t large[2000];
    pipit_loop *loop = NULL;
    unsigned taken = 0;
    end a = {0};

    (void)state;
    assert_int_equal(pipit_loop_new(&loop), 0);
    open_end(&a, loop, "::1");
    busy_with = EAGAIN;
    sends = 0;
    while (taken < 1000 && pp_udp_send(a.udp, &a.udp->local, large, sizeof(large)) == 0) {
        sends = 0; /* always busy */
        taken++;
    }
    assert_in_range(taken, 100, 200);
    busy_with = ENOBUFS; /* what this is said of is lost, and the next one goes */
    sends = 0;
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(pipit_loop_run_once(loop), 0);
    busy_with = 0;
    assert_in_range(a.count, taken / 2, taken - 1);
    close_end(&a);
    pipit_loop_unref(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_datagram_arrives_with_its_sender),
        cmocka_unit_test(many_datagrams_keep_their_order_and_bounds),
        cmocka_unit_test(a_refused_datagram_does_not_deafen),
        cmocka_unit_test(a_receiver_may_close_its_socket),
        cmocka_unit_test(a_datagram_has_a_longest_length),
        cmocka_unit_test(what_the_system_does_not_take_now_goes_later_in_order),
        cmocka_unit_test(a_busy_system_is_not_given_more_than_a_queue_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
