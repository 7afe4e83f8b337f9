/* resolver.c - names that need no server, and look-ups that are taken back. */
#include "support/files.h"

#include "base/loop.h"
#include "pipit/error.h"

#include <stdio.h>

typedef struct answer {
    unsigned count;
    int error;
    pp_addr addresses[16];
    size_t found;
} answer;

static void on_found(void *arg, int error, const pp_addr *addresses, size_t count)
{
    answer *a = arg;

    a->count++;
    a->error = error;
    a->found = count < 16 ? count : 16;
    for (size_t i = 0; i < a->found; i++)
        a->addresses[i] = addresses[i];
}

static answer look_up(const char *name)
{
    pipit_loop *loop = NULL;
    pp_lookup *lookup = NULL;
    answer a = {0};

    assert_int_equal(pipit_loop_new(&loop), 0);
    assert_int_equal(loop->ops->lookup(loop, name, on_found, &a, &lookup), 0);
    assert_int_equal(a.count, 0); /* never from inside */
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_int_equal(a.count, 1);
    pipit_loop_unref(loop);
    return a;
}

static void check_first(const char *name, const char *ip, size_t count)
{
    char text[PP_ADDR_TEXT];
    answer a = look_up(name);

    assert_int_equal(a.error, 0);
    assert_int_equal(a.found, count);
    assert_string_equal(pp_addr_ip_text(&a.addresses[0], text), ip);
    assert_int_equal(a.addresses[0].port, 0);
}

static void a_literal_is_its_own_answer(void **state)
{
    (void)state;
    check_first("192.0.2.7", "192.0.2.7", 1);
    check_first("2001:db8::7", "2001:db8::7", 1);
}

static void localhost_is_this_machine(void **state)
{
    (void)state;
    check_first("localhost", "127.0.0.1", 2);
    check_first("LocalHost.", "127.0.0.1", 2);
    check_first("sip.localhost", "127.0.0.1", 2);
}

static void a_name_of_the_hosts_file_is_found(void **state)
{
    char host[256] = "", line[512];
    FILE *hosts = fopen("/etc/hosts", "r");
    answer a;

    (void)state;
    if (!hosts)
        skip();
    while (!host[0] && fgets(line, sizeof(line), hosts)) {
        char ip[64], name[256];

        if (line[0] != '#' && sscanf(line, "%63s %255s", ip, name) == 2 &&
            !strstr(name, "localhost"))
            snprintf(host, sizeof(host), "%s", name);
    }
    fclose(hosts);
    if (!host[0])
        skip();
    a = look_up(host);
    assert_int_equal(a.error, 0);
    assert_true(a.found >= 1);
}

static void a_bad_name_is_not_found(void **state)
{
    answer a = look_up("no..such..name");

    (void)state;
    assert_int_equal(a.error, PIPIT_ERR_NOT_FOUND);
    assert_int_equal(a.found, 0);
}

static void a_cancelled_look_up_is_silent_and_lets_the_loop_end(void **state)
{
    static const char *const names[] = {"127.0.0.1", "pipit-test.invalid"};
    pipit_loop *loop = NULL;
    uint64_t start;

    (void)state;
    assert_int_equal(pipit_loop_new(&loop), 0);
    start = pipit_loop_now_ms(loop);
    for (size_t i = 0; i < 2; i++) {
        pp_lookup *lookup = NULL;
        answer a = {0};

        assert_int_equal(loop->ops->lookup(loop, names[i], on_found, &a, &lookup), 0);
        lookup = pp_lookup_cancel(lookup);
        assert_int_equal(pipit_loop_run(loop), 0);
        assert_int_equal(a.count, 0);
    }
    assert_true(pipit_loop_now_ms(loop) - start < 1500);
    pipit_loop_unref(loop);
}

static void a_loop_may_go_with_a_cancelled_look_up(void **state)
{
    pipit_loop *loop = NULL;
    pp_lookup *lookup = NULL;
    answer a = {0};

    (void)state;
    assert_int_equal(pipit_loop_new(&loop), 0);
    assert_int_equal(loop->ops->lookup(loop, "pipit-test.invalid", on_found, &a, &lookup), 0);
    pp_lookup_cancel(lookup);
    pipit_loop_unref(loop);
    assert_int_equal(a.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_literal_is_its_own_answer),
        cmocka_unit_test(localhost_is_this_machine),
        cmocka_unit_test(a_name_of_the_hosts_file_is_found),
        cmocka_unit_test(a_bad_name_is_not_found),
        cmocka_unit_test(a_cancelled_look_up_is_silent_and_lets_the_loop_end),
        cmocka_unit_test(a_loop_may_go_with_a_cancelled_look_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
