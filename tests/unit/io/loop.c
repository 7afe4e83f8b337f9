/* loop.c - what keeps the real loop running, in which order things happen, and how foreign loops drive it. */
#include "support/files.h"

#include "base/loop.h"
#include "pipit/error.h"

#include <poll.h>
#include <uv.h>

static char said[64];

static void say(void *arg)
{
    size_t n = strlen(said);

    if (n + 1 < sizeof(said))
        said[n] = *(const char *)arg;
}

static pipit_loop *new_loop(void)
{
    pipit_loop *loop = NULL;

    memset(said, 0, sizeof(said));
    assert_int_equal(pipit_loop_new(&loop), 0);
    return loop;
}

static void an_idle_loop_ends_at_once(void **state)
{
    pipit_loop *loop = new_loop();

    (void)state;
    assert_int_equal(pipit_loop_timeout_ms(loop), -1);
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_int_equal(pipit_loop_run(loop), 0);
    pipit_loop_unref(loop);
}

static void timers_fire_in_order_and_keep_the_loop(void **state)
{
    pipit_loop *loop = new_loop();
    uint64_t start = pipit_loop_now_ms(loop);

    (void)state;
    assert_int_equal(pipit_loop_after(loop, 20, say, "c"), 0);
    assert_int_equal(pipit_loop_after(loop, 0, say, "a"), 0);
    assert_int_equal(pipit_loop_after(loop, 5, say, "b"), 0);
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_string_equal(said, "abc");
    assert_true(pipit_loop_now_ms(loop) - start >= 20);
    pipit_loop_unref(loop);
}

static void a_stopped_timer_does_not_keep_the_loop(void **state)
{
    pipit_loop *loop = new_loop();
    uint64_t start = pipit_loop_now_ms(loop);
    pp_timer late = {0}, early = {0};

    (void)state;
    pp_loop_start_timer(loop, &early, 10, say, "e");
    pp_loop_start_timer(loop, &late, 60000, say, "l");
    pp_loop_stop_timer(loop, &late);
    assert_int_equal(pipit_loop_run(loop), 0);
    pp_loop_start_timer(loop, &late, 60000, say, "l");
    pp_loop_stop_timer(loop, &late);
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_string_equal(said, "e");
    assert_true(pipit_loop_now_ms(loop) - start < 10000);
    pipit_loop_unref(loop);
}

struct again {
    pipit_loop *loop;
    pp_timer timer;
    pp_post post;
    unsigned count;
};

static void start_again(void *arg)
{
    struct again *a = arg;

    if (++a->count < 1000)
        pp_loop_start_timer(a->loop, &a->timer, 0, start_again, a);
}

static void post_again(void *arg)
{
    struct again *a = arg;

    if (++a->count < 1000)
        pp_loop_post(a->loop, &a->post, post_again, a);
}

static void a_timer_or_post_that_renews_itself_does_not_starve_others(void **state)
{
    pipit_loop *loop = new_loop();
    struct again timer = {.loop = loop}, post = {.loop = loop};

    (void)state;
    start_again(&timer);
    post_again(&post);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(pipit_loop_run_once(loop), 0);
    assert_true(post.count < 100); /* a turn came back although there was more to do */
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_int_equal(timer.count, 1000);
    assert_int_equal(post.count, 1000);
    pipit_loop_unref(loop);
}

static void a_post_runs_although_nothing_else_does(void **state)
{
    pipit_loop *loop = new_loop();
    pp_post post = {0};

    (void)state;
    assert_int_equal(pipit_loop_post(loop, say, "1"), 0);
    assert_int_equal(pipit_loop_post(loop, say, "2"), 0);
    pp_loop_post(loop, &post, say, "3");
    assert_int_equal(pipit_loop_timeout_ms(loop), 0);
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_string_equal(said, "123");
    pipit_loop_unref(loop);
}

static void stop_it(void *arg)
{
    say("s");
    pipit_loop_stop(arg);
}

static void a_stopped_loop_can_run_again(void **state)
{
    pipit_loop *loop = new_loop();

    (void)state;
    pipit_loop_stop(loop); /* not running: nothing */
    pipit_loop_after(loop, 1, stop_it, loop);
    pipit_loop_after(loop, 30, say, "t");
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_string_equal(said, "s");
    assert_int_equal(pipit_loop_post(loop, stop_it, loop), 0);
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_string_equal(said, "ss");
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_string_equal(said, "sst");
    pipit_loop_unref(loop);
}

static int nested = 1;

static void run_nested(void *arg)
{
    nested = pipit_loop_run(arg);
    assert_int_equal(pipit_loop_run_once(arg), PIPIT_ERR_STATE);
}

static void a_running_loop_is_not_run_again(void **state)
{
    pipit_loop *loop = new_loop();

    (void)state;
    pipit_loop_after(loop, 0, run_nested, loop);
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_int_equal(nested, PIPIT_ERR_STATE);
    pipit_loop_unref(loop);
}

static void drop(void *arg)
{
    pipit_loop_unref(arg);
}

static void a_loop_may_be_released_while_it_runs(void **state)
{
    pipit_loop *loop = new_loop();

    (void)state;
    pipit_loop_after(loop, 0, drop, loop);
    assert_int_equal(pipit_loop_run(loop), 0);
}

static void a_foreign_loop_drives_ours(void **state)
{
    pipit_loop *loop = new_loop();
    struct pollfd poll_fd = {.fd = pipit_loop_fd(loop), .events = POLLIN};
    int timeout;

    (void)state;
    pipit_loop_after(loop, 10, say, "a");
    pipit_loop_after(loop, 20, say, "b");
    while ((timeout = pipit_loop_timeout_ms(loop)) >= 0) {
        assert_true(timeout <= 20);
        assert_true(poll(&poll_fd, 1, timeout) >= 0);
        assert_int_equal(pipit_loop_run_once(loop), 0);
    }
    assert_string_equal(said, "ab");
    pipit_loop_unref(loop);
}

static void a_program_runs_its_own_uv_loop(void **state)
{
    uv_loop_t uv;
    pipit_loop *loop = NULL;

    (void)state;
    memset(said, 0, sizeof(said));
    assert_int_equal(pipit_loop_wrap(NULL, &loop), PIPIT_ERR_ARGUMENT);
    assert_int_equal(uv_loop_init(&uv), 0);
    assert_int_equal(pipit_loop_wrap(&uv, &loop), 0);
    pipit_loop_after(loop, 5, say, "t");
    pipit_loop_post(loop, say, "p");
    assert_int_equal(uv_run(&uv, UV_RUN_DEFAULT), 0);
    assert_string_equal(said, "pt");
    pipit_loop_unref(loop);
    assert_int_equal(uv_run(&uv, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&uv), 0);
}

static void a_call_that_was_put_off_goes_with_its_loop(void **state)
{
    pipit_loop *loop = new_loop();

    (void)state;
    pipit_loop_after(loop, 60000, say, "x");
    pipit_loop_after(loop, 0, stop_it, loop);
    assert_int_equal(pipit_loop_run(loop), 0);
    pipit_loop_unref(loop); /* LeakSanitizer looks at the rest */
    assert_string_equal(said, "s");
}

static void the_machine_has_a_loopback_address(void **state)
{
    pipit_loop *loop = new_loop();
    pp_local_address addresses[64];
    size_t count = loop->ops->local_addresses(loop, addresses, 64);
    bool found = false;

    (void)state;
    for (size_t i = 0; i < count; i++)
        found = found || (pp_addr_is_loopback(&addresses[i].address) &&
                          strcmp(addresses[i].interface, "lo") == 0);
    assert_true(found);
    assert_int_equal(loop->ops->local_addresses(loop, addresses, 1), 1);
    pipit_loop_unref(loop);
}

static void the_clocks_of_a_loop_are_sane(void **state)
{
    pipit_loop *loop = new_loop();

    (void)state;
    assert_true(pp_loop_wall_us(loop) > 1600000000ull * 1000000);
    assert_true(pp_loop_now_us(loop) <= pp_loop_now_us(loop));
    pipit_loop_unref(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_loop_ends_at_once),
        cmocka_unit_test(timers_fire_in_order_and_keep_the_loop),
        cmocka_unit_test(a_stopped_timer_does_not_keep_the_loop),
        cmocka_unit_test(a_timer_or_post_that_renews_itself_does_not_starve_others),
        cmocka_unit_test(a_post_runs_although_nothing_else_does),
        cmocka_unit_test(a_stopped_loop_can_run_again),
        cmocka_unit_test(a_running_loop_is_not_run_again),
        cmocka_unit_test(a_loop_may_be_released_while_it_runs),
        cmocka_unit_test(a_foreign_loop_drives_ours),
        cmocka_unit_test(a_program_runs_its_own_uv_loop),
        cmocka_unit_test(a_call_that_was_put_off_goes_with_its_loop),
        cmocka_unit_test(the_machine_has_a_loopback_address),
        cmocka_unit_test(the_clocks_of_a_loop_are_sane),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
