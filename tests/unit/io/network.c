/* network.c - tests of noticing that the machine's addresses change, in a network namespace of the test's own. Skipped where that is not
 * allowed. */
#include "base/network.h"
#include "support/files.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static pp_network_change last;
static unsigned times;

static void on_changed(void *arg, pp_network_change change)
{
    last = change;
    times++;
    pipit_loop_stop(arg);
}

static void on_late(void *arg)
{
    pipit_loop_stop(arg);
}

/* The loopback interface takes any address. */
static void set_address(const char *name, const char *ip)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct ifreq request = {.ifr_flags = 0};
    int control = socket(AF_INET, SOCK_DGRAM, 0);

    assert_true(control >= 0);
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    assert_int_equal(inet_pton(AF_INET, ip, &address.sin_addr), 1);
    memcpy(&request.ifr_addr, &address, sizeof(address));
    assert_int_equal(ioctl(control, SIOCSIFADDR, &request), 0);
    request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
    assert_int_equal(ioctl(control, SIOCSIFFLAGS, &request), 0);
    close(control);
}

static void run(pipit_loop *loop, unsigned ms)
{
    assert_int_equal(pipit_loop_after(loop, ms, on_late, loop), 0);
    assert_int_equal(pipit_loop_run(loop), 0);
}

static void a_loop_notices_addresses_that_come_and_go(void **state)
{
    pp_network_ear ear = {0};
    pipit_loop *loop = NULL;

    (void)state;
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        skip();
    set_address("lo", "127.0.0.1");
    assert_int_equal(pipit_loop_new(&loop), 0);
    assert_int_equal(pp_loop_hear_network(loop, &ear, on_changed, loop), 0);
    assert_int_equal(pipit_loop_run(loop), 0); /* it does not keep the loop */
    set_address("lo:1", "192.0.2.1");
    run(loop, 20000);
    assert_int_equal(times, 1);
    assert_true(last.came && !last.went);
    set_address("lo:1", "192.0.2.2");
    run(loop, 20000);
    assert_int_equal(times, 2);
    assert_true(last.came && last.went);
    pp_loop_unhear_network(loop, &ear);
    set_address("lo:1", "192.0.2.3");
    run(loop, 1500);
    assert_int_equal(times, 2);
    assert_int_equal(pp_loop_hear_network(loop, &ear, on_changed, loop), 0);
    pp_loop_unhear_network(loop, &ear);
    pipit_loop_unref(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loop_notices_addresses_that_come_and_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
