/* records.c - SRV and NAPTR records over real sockets, from a server of the test. */
#include "support/files.h"
#include "support/name_server.h"

#include "io/resolver.h"
#include "pipit/error.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct world {
    pipit_loop *loop;
    name_server server;
    unsigned answers;
    int error;
    char found[512]; /* "10 20 5060 name flags service; …" */
    pp_addr addresses[8];
    size_t count;
} world;

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Sorted: the order of an answer is the server's. */
static void on_records(void *arg, int error, const pp_record *records, size_t count)
{
    world *w = arg;
    char lines[8][100];

    w->answers++;
    w->error = error;
    assert_true(count <= 8);
    for (size_t i = 0; i < count; i++)
        snprintf(lines[i], sizeof(lines[i]), "%u %u %u %s %s %s;", records[i].order,
                 records[i].preference, records[i].port, records[i].name,
                 records[i].flags ? records[i].flags : "-",
                 records[i].service ? records[i].service : "-");
    qsort(lines, count, sizeof(lines[0]), compare);
    for (size_t i = 0; i < count; i++)
        strcat(w->found, lines[i]);
    pipit_loop_stop(w->loop);
}

static void on_addresses(void *arg, int error, const pp_addr *addresses, size_t count)
{
    world *w = arg;

    w->answers++;
    w->error = error;
    w->count = count;
    memcpy(w->addresses, addresses, count * sizeof(*addresses));
    pipit_loop_stop(w->loop);
}

static void open_world(world *w)
{
    *w = (world){0};
    assert_int_equal(pipit_loop_new(&w->loop), 0);
    assert_int_equal(pp_io_use_name_servers(w->loop, name_server_start(&w->server, w->loop)), 0);
    name_server_add(&w->server, PP_RECORD_SRV, "_sip._udp.example.test",
                    &(pp_record){.order = 10, .preference = 60, .port = 5070, .name = "a.test"});
    name_server_add(&w->server, PP_RECORD_SRV, "_sip._udp.example.test",
                    &(pp_record){.order = 20, .port = 5060, .name = "b.test"});
    name_server_add(&w->server, PP_RECORD_NAPTR, "example.test",
                    &(pp_record){.order = 50,
                                 .preference = 60,
                                 .flags = "s",
                                 .service = "SIP+D2U",
                                 .name = "_sip._udp.example.test"});
    name_server_add_host(&w->server, "a.test", "192.0.2.9");
    name_server_add_host(&w->server, "a.test", "2001:db8::9");
}

static void close_world(world *w)
{
    name_server_stop(&w->server);
    pipit_loop_unref(w->loop);
}

static pp_lookup *ask(world *w, pp_record_kind kind, const char *name)
{
    const pp_record_question question = {kind, name, on_records, w};
    pp_lookup *lookup = NULL;

    w->found[0] = '\0';
    assert_int_equal(w->loop->ops->records(w->loop, &question, &lookup), 0);
    assert_int_equal(w->answers, 0); /* never from inside */
    return lookup;
}

static void run_until_answer(world *w)
{
    assert_int_equal(pipit_loop_run(w->loop), 0);
    assert_int_equal(w->answers, 1);
    w->answers = 0;
}

static void a_service_is_found_with_all_its_records(void **state)
{
    world w;

    (void)state;
    open_world(&w);
    ask(&w, PP_RECORD_SRV, "_sip._udp.example.test");
    run_until_answer(&w);
    assert_int_equal(w.error, 0);
    assert_string_equal(w.found, "10 60 5070 a.test - -;20 0 5060 b.test - -;");
    ask(&w, PP_RECORD_NAPTR, "example.test");
    run_until_answer(&w);
    assert_string_equal(w.found, "50 60 0 _sip._udp.example.test s SIP+D2U;");
    close_world(&w);
}

static void a_service_that_is_not_there_is_not_found(void **state)
{
    world w;

    (void)state;
    open_world(&w);
    ask(&w, PP_RECORD_SRV, "_sips._tcp.example.test");
    run_until_answer(&w);
    assert_int_equal(w.error, PIPIT_ERR_NOT_FOUND);
    assert_string_equal(w.found, "");
    ask(&w, PP_RECORD_NAPTR, "no..such..name");
    run_until_answer(&w);
    assert_int_equal(w.error, PIPIT_ERR_NOT_FOUND);
    close_world(&w);
}

static void a_host_has_its_addresses_of_both_families(void **state)
{
    pp_lookup *lookup = NULL;
    world w;

    (void)state;
    open_world(&w);
    assert_int_equal(w.loop->ops->lookup(w.loop, "a.test", on_addresses, &w, &lookup), 0);
    run_until_answer(&w);
    assert_int_equal(w.error, 0);
    assert_int_equal(w.count, 2);
    close_world(&w);
}

static void a_question_taken_back_is_silent(void **state)
{
    world w;
    pp_lookup *lookup;

    (void)state;
    open_world(&w);
    w.server.mute = true;
    lookup = ask(&w, PP_RECORD_SRV, "_sip._udp.example.test");
    pipit_loop_run_once(w.loop);
    assert_null(pp_lookup_cancel(lookup));
    name_server_stop(&w.server);
    assert_int_equal(pipit_loop_run(w.loop), 0); /* and lets the loop end */
    assert_int_equal(w.answers, 0);
    pipit_loop_unref(w.loop);
}

static void the_way_to_an_address_starts_at_an_own_one(void **state)
{
    pp_addr to, from;
    char text[PP_ADDR_TEXT];
    world w;

    (void)state;
    open_world(&w);
    assert_true(pp_addr_parse(PP_LIT("127.0.0.1"), 5060, &to));
    assert_int_equal(w.loop->ops->route(w.loop, &to, &from), 0);
    assert_string_equal(pp_addr_text(&from, text), "127.0.0.1:0");
    close_world(&w);
}

static void large_datagrams_are_taken_where_they_are_wanted(void **state)
{
    world w;
    pp_addr at;
    pp_udp *udp = NULL;
    static uint8_t octets[60000];

    (void)state;
    open_world(&w);
    assert_true(pp_addr_parse(PP_LIT("127.0.0.1"), 0, &at));
    w.server.mute = true;
    assert_int_equal(w.loop->ops->udp_open(w.loop, &at, NULL, NULL, &udp), 0);
    assert_int_equal(pp_udp_send(udp, &w.server.udp->local, octets, sizeof(octets)),
                     PIPIT_ERR_LIMIT);
    udp->largest = sizeof(octets);
    assert_int_equal(pp_udp_send(udp, &w.server.udp->local, octets, sizeof(octets)), 0);
    assert_int_equal(pp_udp_send(udp, &w.server.udp->local, octets, 2000), 0);
    for (unsigned i = 0; i < 100 && !w.server.asked; i++)
        pipit_loop_run_once(w.loop);
    assert_int_equal(w.server.asked, 1); /* the short one */
    w.server.udp->largest = sizeof(octets);
    assert_int_equal(pp_udp_send(udp, &w.server.udp->local, octets, sizeof(octets)), 0);
    for (unsigned i = 0; i < 100 && w.server.asked < 2; i++)
        pipit_loop_run_once(w.loop);
    assert_int_equal(w.server.asked, 2);
    pp_udp_close(udp);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_is_found_with_all_its_records),
        cmocka_unit_test(a_service_that_is_not_there_is_not_found),
        cmocka_unit_test(a_host_has_its_addresses_of_both_families),
        cmocka_unit_test(a_question_taken_back_is_silent),
        cmocka_unit_test(the_way_to_an_address_starts_at_an_own_one),
        cmocka_unit_test(large_datagrams_are_taken_where_they_are_wanted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
