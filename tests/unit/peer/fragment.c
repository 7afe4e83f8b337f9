/* fragment.c - tests of candidates that follow a description of a call as a text of their own (RFC 8840 section 4.3). */
#include "base/error.h"
#include "peer/peer.h"
#include "support/files.h"
#include "support/scarce.h"
#include "support/turn/turn_sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct side {
    pp_peer *peer;
    pp_peer_state state;
    pp_buf said; /* its last description */
} side;

typedef struct scene {
    sim *s;
    turn_sim *turn;
    side a, b;
} scene;

static void on_state(void *arg, pp_peer_state state, const char *reason)
{
    (void)reason;
    ((side *)arg)->state = state;
}

static const pp_peer_handlers handlers = {.state = on_state};

static void open_side(scene *c, side *out, bool offerer)
{
    const pipit_ice_server server = {
        .urls = "turn:203.0.113.1", .username = TURN_USER, .credential = TURN_PASSWORD};
    const pipit_peer_configuration configuration = {.codecs = "PCMU",
                                                    .ice_servers = &server,
                                                    .ice_server_count = 1,
                                                    .ice_transport_policy = PIPIT_ICE_RELAY,
                                                    .trickle_ice = PIPIT_TRICKLE_ICE_FULL};
    const pipit_media_stream none = {0};

    assert_int_equal(
        pp_peer_new(sim_loop(c->s), &configuration, &none, offerer, &handlers, out, &out->peer), 0);
}

static void open_scene(scene *c)
{
    *c = (scene){.s = NULL};
    assert_int_equal(sim_new(3, &c->s), 0);
    c->turn = turn_sim_new(c->s, "203.0.113.1", NULL);
    open_side(c, &c->a, true);
    open_side(c, &c->b, false);
}

static void close_scene(scene *c)
{
    pp_peer_free(c->a.peer);
    pp_peer_free(c->b.peer);
    pp_buf_free(&c->a.said);
    pp_buf_free(&c->b.said);
    sim_advance_ms(c->s, 1000);
    turn_sim_free(c->turn);
    sim_free(c->s);
}

/* At once, and the other has it. */
static void describe(side *from, side *to, bool offer)
{
    pp_buf_clear(&from->said);
    assert_int_equal(offer ? pp_peer_create_offer(from->peer, &from->said)
                           : pp_peer_create_answer(from->peer, &from->said),
                     0);
    assert_int_equal(pp_peer_set_remote(to->peer, offer, pp_buf_text(&from->said)), 0);
}

static void exchange(scene *c)
{
    describe(&c->a, &c->b, true);
    describe(&c->b, &c->a, false);
}

static bool says(const pp_buf *text, const char *part)
{
    char *copy = strndup((const char *)text->p, text->n);
    bool found = strstr(copy, part) != NULL;

    free(copy);
    return found;
}

static void tell(side *from, side *to)
{
    pp_buf text = {0};

    assert_int_equal(pp_peer_write_fragment(from->peer, &text), 0);
    assert_int_equal(pp_peer_take_fragment(to->peer, pp_buf_text(&text)), 0);
    pp_buf_free(&text);
}

static void candidates_that_follow_make_the_call(void **state)
{
    scene c;

    (void)state;
    open_scene(&c);
    exchange(&c);
    assert_false(says(&c.a.said, "a=candidate"));
    assert_false(says(&c.a.said, "a=end-of-candidates"));
    assert_true(says(&c.a.said, "a=ice-options:trickle\r\n"));
    assert_true(says(&c.b.said, "a=ice-options:trickle\r\n"));
    assert_true(says(&c.b.said, "m=audio 9 "));
    sim_advance_ms(c.s, 5000);
    assert_int_equal(c.a.state, PP_PEER_CONNECTING);
    tell(&c.a, &c.b);
    tell(&c.b, &c.a);
    sim_advance_ms(c.s, 2000);
    assert_int_equal(c.a.state, PP_PEER_CONNECTED);
    assert_int_equal(c.b.state, PP_PEER_CONNECTED);
    close_scene(&c);
}

static void a_fragment_says_whose_candidates_they_are_and_whether_there_are_more(void **state)
{
    static const char beginning[] = "a=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF ";
    pp_buf early = {0}, late = {0};
    scene c;

    (void)state;
    open_scene(&c);
    assert_int_equal(pp_peer_write_fragment(c.a.peer, &early), PIPIT_ERR_STATE);
    exchange(&c);
    assert_int_equal(pp_peer_write_fragment(c.a.peer, &early), 0);
    assert_true(pp_str_starts(pp_buf_text(&early), beginning));
    assert_true(says(&early, "\r\na=mid:0\r\n"));
    assert_true(says(&early, "\r\na=ice-ufrag:"));
    assert_true(says(&early, "\r\na=ice-pwd:"));
    assert_false(says(&early, "a=end-of-candidates"));
    sim_advance_ms(c.s, 3000);
    assert_int_equal(pp_peer_write_fragment(c.a.peer, &late), 0);
    assert_true(says(&late, "\r\na=candidate:"));
    assert_true(says(&late, "typ relay"));
    assert_true(says(&late, "\r\na=end-of-candidates\r\n"));
    pp_buf_free(&early);
    pp_buf_free(&late);
    close_scene(&c);
}

static int take(side *to, const char *text)
{
    return pp_peer_take_fragment(to->peer, pp_str_c(text));
}

static void what_belongs_to_another_description_is_not_taken(void **state)
{
    scene c;

    (void)state;
    open_scene(&c);
    assert_int_equal(take(&c.b, "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=ice-ufrag:abcd\r\n"
                                "a=ice-pwd:0123456789012345678901\r\n"),
                     PIPIT_ERR_STATE);
    exchange(&c);
    assert_int_equal(take(&c.b, "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=ice-ufrag:abcd\r\n"
                                "a=ice-pwd:0123456789012345678901\r\n"),
                     PIPIT_ERR_STATE);
    assert_int_equal(take(&c.b, "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n"), PIPIT_ERR_SYNTAX);
    assert_int_equal(take(&c.b, "nonsense"), PIPIT_ERR_SYNTAX);
    close_scene(&c);
}

/* Of the offer, with these lines in it. */
static void fragment_of(const side *s, const char *mid, const char *lines, pp_buf *out)
{
    static const char *const names[] = {"a=ice-ufrag:", "a=ice-pwd:"};

    pp_buf_clear(out);
    for (size_t i = 0; i < 2; i++) { /* of the session: every section has them */
        pp_str rest = pp_buf_text(&s->said);

        while (rest.n) {
            pp_str line = pp_str_split(&rest, '\n');

            if (pp_str_starts(line, names[i])) {
                pp_buf_str(out, line);
                pp_buf_char(out, '\n');
                break;
            }
        }
    }
    pp_buf_format(out, "m=audio 9 RTP/AVP 0\r\na=mid:%s\r\n%s", mid, lines);
}

static void what_is_known_or_cannot_be_read_is_skipped(void **state)
{
    static const char one[] = "a=candidate:1 1 udp 2130706431 192.0.2.9 50000 typ host\r\n";
    char many[70 * 64];
    pp_buf text = {0};
    size_t n = 0;
    scene c;

    (void)state;
    open_scene(&c);
    exchange(&c);
    fragment_of(&c.a, "7", one, &text);
    assert_int_equal(pp_peer_take_fragment(c.b.peer, pp_buf_text(&text)), PIPIT_ERR_SYNTAX);
    fragment_of(&c.a, "0", "a=candidate:nonsense\r\n", &text);
    assert_int_equal(pp_peer_take_fragment(c.b.peer, pp_buf_text(&text)), 0);
    fragment_of(&c.a, "0", one, &text);
    for (unsigned i = 0; i < 70; i++) /* it is one, however often it is told */
        assert_int_equal(pp_peer_take_fragment(c.b.peer, pp_buf_text(&text)), 0);
    for (unsigned i = 0; i < 65; i++)
        n += (size_t)snprintf(many + n, sizeof(many) - n,
                              "a=candidate:1 1 udp 2130706431 192.0.2.9 %u typ host\r\n", 1024 + i);
    fragment_of(&c.a, "0", many, &text);
    assert_int_equal(pp_peer_take_fragment(c.b.peer, pp_buf_text(&text)), PIPIT_ERR_LIMIT);
    pp_buf_free(&text);
    close_scene(&c);
}

static void memory_may_be_short_for_candidates(void **state)
{
    pp_buf text = {0};
    int err = PIPIT_ERR_MEMORY;
    scene c;

    (void)state;
    scarce_begin(0);
    open_scene(&c);
    exchange(&c);
    sim_advance_ms(c.s, 3000);
    for (unsigned i = 0; err; i++) {
        assert_true(i < 1000);
        pp_buf_free(&text);
        scarce_fail(i + 1);
        err = pp_peer_write_fragment(c.a.peer, &text);
        scarce_relax();
        assert_true(err == 0 || err == PIPIT_ERR_MEMORY);
    }
    err = PIPIT_ERR_MEMORY;
    for (unsigned i = 0; err; i++) {
        assert_true(i < 1000);
        scarce_fail(i + 1);
        err = pp_peer_take_fragment(c.b.peer, pp_buf_text(&text));
        scarce_relax();
        assert_true(err == 0 || err == PIPIT_ERR_MEMORY);
    }
    tell(&c.b, &c.a);
    pp_buf_free(&text);
    close_scene(&c);
    assert_int_equal(scarce_end(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(candidates_that_follow_make_the_call),
        cmocka_unit_test(a_fragment_says_whose_candidates_they_are_and_whether_there_are_more),
        cmocka_unit_test(what_belongs_to_another_description_is_not_taken),
        cmocka_unit_test(what_is_known_or_cannot_be_read_is_skipped),
        cmocka_unit_test(memory_may_be_short_for_candidates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
