/* mdns.c - tests of names below .local: questions, answers, and a simulated network where somebody knows the name or nobody does. */
#include "gather/mdns.h"
#include "pipit/error.h"
#include "support/files.h"
#include "support/scarce.h"
#include "support/sim.h"

#include <stdlib.h>

#define NAME "fc2f4a45-6a3b-4b2e-8d9f-0a1b2c3d4e5f.local"

static const pp_str name = PP_LIT_INIT(NAME);

/* An answer with our question in it and the name as a pointer to there, as a responder makes one. */
static void put_answer(pp_buf *out, unsigned type, pp_str address)
{
    pp_mdns_write_query(name, out);
    pp_buf_set_u16(out, 2, 0x8400);
    pp_buf_set_u16(out, 6, 1);
    pp_buf_u16(out, 0xC00C);
    pp_buf_u16(out, type);
    pp_buf_u16(out, 0x8001);
    pp_buf_u32(out, 120);
    pp_buf_u16(out, (unsigned)address.n);
    pp_buf_str(out, address);
}

static void names_are_told_from_others(void **state)
{
    static const char *const good[] = {NAME, "a.local", "A-1.b.LOCAL"};
    static const char *const bad[] = {
        "",          "local",
        ".local",    "a..local",
        "a.local.",  "a.example.org",
        "a_b.local", "a b.local",
        "192.0.2.1", "a.local\r\n",
        "a.locals",  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.local"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(pp_mdns_is_name(pp_str_c(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(pp_mdns_is_name(pp_str_c(bad[i])));
}

static void a_question_is_written_as_rfc_1035_has_it(void **state)
{
    static const char expected[] =
        "\0\0\0\0\0\2\0\0\0\0\0\0\1a\5local\0\0\1\x80\1\1a\5local\0\0\x1c\x80\1";
    pp_buf out = {0};

    (void)state;
    pp_mdns_write_query(PP_LIT("a.local"), &out);
    assert_int_equal(out.n, sizeof(expected) - 1);
    assert_memory_equal(out.p, expected, out.n);
    pp_buf_free(&out);
}

static void an_answer_gives_the_address(void **state)
{
    pp_buf out = {0};
    pp_addr found[2];
    char text[PP_ADDR_TEXT];

    (void)state;
    put_answer(&out, 1, PP_LIT("\xC0\0\2\7"));
    assert_int_equal(pp_mdns_read_answer(pp_buf_text(&out), name, found, 2), 1);
    assert_string_equal(pp_addr_ip_text(&found[0], text), "192.0.2.7");
    assert_int_equal(pp_mdns_read_answer(pp_buf_text(&out), PP_LIT("other.local"), found, 2), 0);
    assert_int_equal(
        pp_mdns_read_answer(pp_str_sub(pp_buf_text(&out), 0, out.n - 1), name, found, 2), 0);
    pp_buf_set_u16(&out, 2, 0); /* a question is no answer */
    assert_int_equal(pp_mdns_read_answer(pp_buf_text(&out), name, found, 2), 0);
    pp_buf_clear(&out);
    put_answer(&out, 28, PP_LIT("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7"));
    assert_int_equal(pp_mdns_read_answer(pp_buf_text(&out), name, found, 2), 1);
    assert_string_equal(pp_addr_ip_text(&found[0], text), "2001:db8::7");
    pp_buf_clear(&out);
    put_answer(&out, 1, PP_LIT("\xE0\0\0\1")); /* nobody has such an address */
    assert_int_equal(pp_mdns_read_answer(pp_buf_text(&out), name, found, 2), 0);
    pp_buf_free(&out);
}

static void a_name_that_points_at_itself_is_none(void **state)
{
    static const char circle[] = "\0\0\x84\0\0\0\0\1\0\0\0\0\xC0\x0C\0\1\0\1\0\0\0\0\0\4\xC0\0\2\7";
    pp_addr found;

    (void)state;
    assert_int_equal(pp_mdns_read_answer(pp_str_n(circle, sizeof(circle) - 1), name, &found, 1), 0);
}

/* --- on a network ----------------------------------------------------------------------------- */

typedef struct world {
    sim *s;
    pp_udp *responder;
    unsigned asked, told;
    bool to_all, silent;
    int error;
    pp_addr found;
} world;

static void on_query(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    world *w = arg;
    pp_buf out = {0};
    pp_addr known;

    (void)data;
    assert_true(size > 12);
    assert_int_equal(pp_mdns_read_answer(pp_str_n(data, size), name, &known, 1), 0);
    if (w->asked++ < 1 || w->silent) /* the first is lost */
        return;
    put_answer(&out, 1, PP_LIT("\xC0\0\2\7"));
    (void)pp_udp_send(w->responder, from, out.p, out.n);
    pp_buf_free(&out);
}

static void on_found(void *arg, int error, const pp_addr *address)
{
    world *w = arg;

    w->told++;
    w->error = error;
    w->found = *address;
}

static int look_up(world *w, pp_mdns **out)
{
    pp_addr from = {0};
    const pp_mdns_question question = {.name = name, .from = &from, .from_count = 1};

    assert_true(pp_addr_parse(PP_LIT("192.0.2.1"), 9, &from));
    return pp_mdns_start(sim_loop(w->s), &question, on_found, w, out);
}

static void open_world(world *w)
{
    pp_addr group = {0};

    *w = (world){0};
    assert_int_equal(sim_new(1, &w->s), 0);
    assert_true(pp_addr_parse(PP_LIT("224.0.0.251"), 5353, &group));
    assert_int_equal(
        sim_loop(w->s)->ops->udp_open(sim_loop(w->s), &group, on_query, w, &w->responder), 0);
}

static void close_world(world *w)
{
    pp_udp_close(w->responder);
    sim_free(w->s);
}

static void a_name_is_asked_for_until_somebody_answers(void **state)
{
    pp_mdns *mdns;
    char text[PP_ADDR_TEXT];
    world w;

    (void)state;
    open_world(&w);
    assert_int_equal(look_up(&w, &mdns), 0);
    sim_advance_ms(w.s, 1500);
    assert_int_equal(w.asked, 2);
    assert_int_equal(w.told, 1);
    assert_int_equal(w.error, 0);
    assert_string_equal(pp_addr_text(&w.found, text), "192.0.2.7:0");
    close_world(&w);
}

static void an_answer_to_everybody_is_heard_too(void **state)
{
    pp_addr group = {0}, from = {0};
    pp_buf out = {0};
    pp_mdns *mdns;
    world w;

    (void)state;
    open_world(&w);
    group = w.responder->local;
    w.responder = pp_udp_close(w.responder);
    assert_int_equal(look_up(&w, &mdns), 0);
    put_answer(&out, 1, PP_LIT("\xC0\0\2\7"));
    assert_true(pp_addr_parse(PP_LIT("192.0.2.7"), 5353, &from));
    sim_inject_datagram(w.s, &from, &group, out.p, out.n);
    sim_inject_datagram(w.s, &from, &group, out.p, out.n);
    sim_advance_ms(w.s, 100);
    assert_int_equal(w.told, 1);
    assert_int_equal(w.error, 0);
    pp_buf_free(&out);
    close_world(&w);
}

static void a_name_that_nobody_knows_is_given_up(void **state)
{
    pp_mdns *mdns;
    world w;

    (void)state;
    open_world(&w);
    w.silent = true;
    assert_int_equal(look_up(&w, &mdns), 0);
    sim_advance_ms(w.s, 2900);
    assert_int_equal(w.told, 0);
    sim_advance_ms(w.s, 200);
    assert_int_equal(w.told, 1);
    assert_int_equal(w.error, PIPIT_ERR_NOT_FOUND);
    assert_int_equal(w.asked, 3);
    close_world(&w);
}

static void a_search_may_be_called_off(void **state)
{
    pp_mdns *mdns;
    world w;

    (void)state;
    open_world(&w);
    assert_int_equal(look_up(&w, &mdns), 0);
    assert_null(pp_mdns_cancel(mdns));
    sim_advance_ms(w.s, 5000);
    assert_int_equal(w.told, 0);
    assert_null(pp_mdns_cancel(NULL));
    close_world(&w);
}

static void a_search_short_of_memory_is_none(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 12; n++) {
        pp_mdns *mdns = NULL;
        world w;

        open_world(&w);
        scarce_begin(n);
        if (look_up(&w, &mdns) == 0) {
            scarce_pause();
            w.silent = true;
            scarce_resume();
            sim_advance_ms(w.s, 5000);
            assert_int_equal(w.told, 1);
        }
        assert_int_equal(scarce_end(), 0);
        close_world(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_told_from_others),
        cmocka_unit_test(a_question_is_written_as_rfc_1035_has_it),
        cmocka_unit_test(an_answer_gives_the_address),
        cmocka_unit_test(a_name_that_points_at_itself_is_none),
        cmocka_unit_test(a_name_is_asked_for_until_somebody_answers),
        cmocka_unit_test(an_answer_to_everybody_is_heard_too),
        cmocka_unit_test(a_name_that_nobody_knows_is_given_up),
        cmocka_unit_test(a_search_may_be_called_off),
        cmocka_unit_test(a_search_short_of_memory_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
