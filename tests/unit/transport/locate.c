/* locate.c - from a server's name to where it is, in virtual time. */
#include "transport/locate.h"
#include "base/records.h"

#include "support/dice.h"
#include "support/files.h"
#include "support/scarce.h"
#include "support/sim.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdio.h>

typedef struct world {
    sim *s;
    pp_locate *locate;
    unsigned done;
    int error;
    char found[1024]; /* "UDP 192.0.2.9 5060;…" */
    char reason[320];
} world;

static void on_done(void *arg, int error, const char *reason, pp_hops *hops)
{
    world *w = arg;
    size_t size = 0;

    w->locate = NULL;
    w->done++;
    w->error = error;
    w->found[0] = '\0';
    snprintf(w->reason, sizeof(w->reason), "%s", reason);
    for (size_t i = 0; i < hops->count; i++)
        size += (size_t)snprintf(w->found + size, sizeof(w->found) - size, "%s %s %u;",
                                 pp_way_via(hops->items[i].way), hops->items[i].host,
                                 hops->items[i].port);
    pp_hops_free(hops);
}

static void open_world(world *w)
{
    *w = (world){0};
    assert_int_equal(sim_new(1, &w->s), 0);
    sim_add_host(w->s, "example.test", "192.0.2.1");
    sim_add_host(w->s, "a.test", "192.0.2.10");
    sim_add_host(w->s, "b.test", "192.0.2.11");
    sim_add_host(w->s, "b.test", "2001:db8::11");
}

static const char *locate(world *w, const char *uri)
{
    pp_server_uri server;

    assert_int_equal(pp_server_uri_parse(pp_str_c(uri), &server), 0);
    w->done = 0;
    assert_int_equal(pp_locate_start(sim_loop(w->s), &server, on_done, w, &w->locate), 0);
    pp_server_uri_free(&server);
    assert_int_equal(w->done, 0); /* never from inside */
    sim_advance_ms(w->s, 1000);
    assert_int_equal(w->done, 1);
    return w->found;
}

static void add_naptr(world *w, uint16_t order, uint16_t preference, const char *service,
                      const char *name)
{
    sim_add_record(w->s, PP_RECORD_NAPTR, "example.test",
                   &(pp_record){.order = order,
                                .preference = preference,
                                .flags = "s",
                                .service = service,
                                .name = name});
}

static void add_srv(world *w, const char *name, uint16_t priority, const char *target)
{
    sim_add_record(w->s, PP_RECORD_SRV, name,
                   &(pp_record){.order = priority, .port = 5070, .name = target});
}

static void an_address_or_a_port_is_taken_as_it_is(void **state)
{
    static const char *const cases[][2] = {
        {"sip:192.0.2.7", "UDP 192.0.2.7 5060;"},
        {"sip:192.0.2.7;transport=tls", "TLS 192.0.2.7 5061;"},
        {"sips:[2001:DB8::7]", "TLS 2001:db8::7 5061;"},
        {"sips:192.0.2.7:5071;transport=tcp", "TLS 192.0.2.7 5071;"},
        {"sip:a.test:5080", "UDP 192.0.2.10 5080;"},
        {"sip:b.test:5080;transport=udp", "UDP 192.0.2.11 5080;UDP 2001:db8::11 5080;"},
        {"sip:A.test:5080;transport=TCP", "TCP a.test 5080;"},
    };
    world w;

    (void)state;
    open_world(&w);
    add_srv(&w, "_sip._udp.a.test", 1, "b.test"); /* which nobody asks for */
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_string_equal(locate(&w, cases[i][0]), cases[i][1]);
    sim_free(w.s);
}

static void a_name_alone_is_asked_for_its_services(void **state)
{
    world w;

    (void)state;
    open_world(&w);
    add_naptr(&w, 20, 1, "SIP+D2T", "_tcp.test");
    add_naptr(&w, 10, 9, "sip+d2u", "_udp.test");
    add_naptr(&w, 10, 5, "SIPS+D2T", "_tls.test");
    add_naptr(&w, 1, 1, "SIP+D2S", "_sctp.test"); /* not ours */
    add_srv(&w, "_udp.test", 2, "a.test");
    add_srv(&w, "_udp.test", 1, "b.test");
    add_srv(&w, "_tcp.test", 1, "b.test");
    add_srv(&w, "_tls.test", 1, "a.test");
    assert_string_equal(locate(&w, "sip:example.test"),
                        "TLS a.test 5070;UDP 192.0.2.11 5070;UDP 2001:db8::11 5070;"
                        "UDP 192.0.2.10 5070;TCP b.test 5070;");
    assert_string_equal(locate(&w, "sips:example.test"), "TLS example.test 5061;");
    add_srv(&w, "_sips._tcp.example.test", 1, "b.test");
    assert_string_equal(locate(&w, "sips:example.test"), "TLS b.test 5070;");
    sim_free(w.s);
}

static void without_naptr_every_service_is_tried(void **state)
{
    world w;

    (void)state;
    open_world(&w);
    add_srv(&w, "_sip._udp.example.test", 1, "a.test");
    assert_string_equal(locate(&w, "sip:example.test"), "UDP 192.0.2.10 5070;");
    add_srv(&w, "_sip._tcp.example.test", 1, "a.test");
    assert_string_equal(locate(&w, "sip:example.test"), "TCP a.test 5070;UDP 192.0.2.10 5070;");
    assert_string_equal(locate(&w, "sip:example.test;transport=udp"), "UDP 192.0.2.10 5070;");
    assert_string_equal(locate(&w, "sip:example.test;transport=tls"), "TLS example.test 5061;");
    sim_free(w.s);
}

static void without_any_record_it_is_the_host_itself(void **state)
{
    world w;

    (void)state;
    open_world(&w);
    add_srv(&w, "_sip._tcp.a.test", 1, "."); /* says that there is none */
    assert_string_equal(locate(&w, "sip:a.test"), "UDP 192.0.2.10 5060;");
    assert_string_equal(locate(&w, "sip:a.test;transport=tcp"), "TCP a.test 5060;");
    assert_string_equal(locate(&w, "sip:nowhere.test"), "");
    assert_int_equal(w.error, PIPIT_ERR_NOT_FOUND);
    assert_string_equal(w.reason, "the host name 'nowhere.test' could not be found");
    sim_free(w.s);
}

/* RFC 2782: 3 of 4 for the heavier, and the other behind it; weight 0 hardly ever. */
static void equal_servers_share_the_load_by_weight(void **state)
{
    uint64_t seed = 7;
    pp_rng rng = dice_rng(&seed);
    unsigned first[3] = {0};

    (void)state;
    for (unsigned i = 0; i < 4000; i++) {
        pp_record records[] = {{.order = 2, .preference = 9, .port = 4},
                               {.order = 1, .preference = 30, .port = 1},
                               {.order = 1, .preference = 10, .port = 2},
                               {.order = 1, .preference = 0, .port = 3}};
        unsigned seen = 0;

        pp_records_order_srv(records, 4, &rng);
        assert_int_equal(records[3].port, 4);
        for (unsigned k = 0; k < 4; k++)
            seen |= 1u << records[k].port;
        assert_int_equal(seen, 0x1E);
        first[records[0].port - 1]++;
    }
    assert_in_range(first[0], 2750, 3100);
    assert_in_range(first[1], 850, 1150);
    assert_in_range(first[2], 1, 250);
}

static void a_search_can_be_given_up(void **state)
{
    pp_server_uri server;
    world w;

    (void)state;
    open_world(&w);
    assert_int_equal(pp_server_uri_parse(PP_LIT("sip:example.test"), &server), 0);
    for (unsigned us = 0; us < 6000; us += 500) {
        assert_int_equal(pp_locate_start(sim_loop(w.s), &server, on_done, &w, &w.locate), 0);
        sim_set_delay(w.s, 1000, 0);
        for (unsigned i = 0; i < us / 1000; i++)
            sim_advance_ms(w.s, 1);
        w.locate = w.locate ? pp_locate_cancel(w.locate) : NULL;
    }
    pp_server_uri_free(&server);
    sim_free(w.s); /* nothing is left */
}

static void a_uri_that_is_no_server_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "tel:1",
                                      "wss://a.test",
                                      "sip:alice@a.test",
                                      "sip:a.test?a=b",
                                      "sip:a.test;transport=ws",
                                      "sip:a.test;transport=sctp",
                                      "sips:a.test;transport=udp"};
    pp_server_uri server;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(pp_server_uri_parse(pp_str_c(bad[i]), &server), PIPIT_ERR_SYNTAX);
}

/* --- without memory --------------------------------------------------------------------------- */

static int search(void)
{
    pp_server_uri server;
    world w;
    int err;

    scarce_pause();
    open_world(&w);
    add_naptr(&w, 10, 9, "SIP+D2U", "_udp.test");
    add_naptr(&w, 11, 9, "SIP+D2T", "_tcp.test");
    add_srv(&w, "_udp.test", 1, "b.test");
    scarce_resume();
    err = pp_server_uri_parse(PP_LIT("sip:example.test"), &server);
    if (!err) {
        err = pp_locate_start(sim_loop(w.s), &server, on_done, &w, &w.locate);
        pp_server_uri_free(&server);
    }
    if (!err) {
        sim_advance_ms(w.s, 1000);
        assert_int_equal(w.done, 1);
        err = w.error;
    }
    sim_free(w.s);
    return err;
}

static void a_search_without_memory_ends(void **state)
{
    (void)state;
    assert_true(scarce_sweep(search, false) > 5);
    assert_true(scarce_sweep(search, true) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_or_a_port_is_taken_as_it_is),
        cmocka_unit_test(a_name_alone_is_asked_for_its_services),
        cmocka_unit_test(without_naptr_every_service_is_tried),
        cmocka_unit_test(without_any_record_it_is_the_host_itself),
        cmocka_unit_test(equal_servers_share_the_load_by_weight),
        cmocka_unit_test(a_search_can_be_given_up),
        cmocka_unit_test(a_uri_that_is_no_server_is_refused),
        cmocka_unit_test(a_search_without_memory_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
