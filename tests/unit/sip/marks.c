/* marks.c - messages read by their marks, as every kind of processor finds them, and without: always the same. */
#include "sip/message_pool.h"
#include "support/files.h"
#include "support/message_text.h"

#include <stdio.h>
#include <stdlib.h>

/* What may be put where: octets that mean something, and some that should not be there. */
static const char troublesome[] =
    "\r\n\t \"<>;:,=@?%\\()[]{}/+*&$!'~#|^`.-_09aZsipTAG\x01\x7f\x80\xff";

static uint32_t seed;

static uint32_t chance(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % below;
}

static void reads_the_same(pp_str wire)
{
    pp_marks_finder *finders[] = {pp_marks_scalar(), pp_marks_sse2(), pp_marks_avx2()};
    pp_buf plain = {.max = 16u << 20};
    char *exact = malloc(wire.n ? wire.n : 1); /* so that a look behind it is noticed */

    memcpy(exact, wire.p, wire.n);
    wire.p = exact;
    read_text(NULL, wire, &plain);
    for (size_t i = 0; i < sizeof(finders) / sizeof(*finders); i++) {
        pp_buf marked = {.max = 16u << 20};
        if (!finders[i])
            continue;
        read_text(finders[i], wire, &marked);
        if (marked.n != plain.n || memcmp(marked.p, plain.p, plain.n) != 0) {
            size_t at = 0;
            while (at < marked.n && at < plain.n && marked.p[at] == plain.p[at])
                at++;
            at -= at < 40 ? at : 40;
            fail_msg("finder %zu reads \"%.*s\", and without marks it is \"%.*s\" in\n%.*s", i,
                     PP_STR(pp_str_sub(pp_buf_text(&marked), at, at + 100)),
                     PP_STR(pp_str_sub(pp_buf_text(&plain), at, at + 100)), PP_STR(wire));
        }
        pp_buf_free(&marked);
    }
    pp_buf_free(&plain);
    free(exact);
}

/* One octet changed, put in or taken out, now and then several. */
static pp_str spoil(pp_str wire, char *room)
{
    size_t n = wire.n;

    memcpy(room, wire.p, n);
    for (uint32_t times = 1 + chance(3) * chance(2); times && n > 1; times--) {
        size_t at = chance((uint32_t)n);
        char c = troublesome[chance(sizeof(troublesome))];
        switch (chance(3)) {
        case 0:
            room[at] = c;
            break;
        case 1:
            memmove(room + at + 1, room + at, n - at);
            room[at] = c;
            n++;
            break;
        default:
            memmove(room + at, room + at + 1, n - at - 1);
            n--;
        }
    }
    return pp_str_n(room, n);
}

static void spoiled_in_many_ways(const char *name, pp_str wire, void *arg)
{
    unsigned times = *(unsigned *)arg;
    char *room = malloc(wire.n + 8);

    (void)name;
    reads_the_same(wire);
    for (unsigned i = 0; i < times; i++)
        reads_the_same(spoil(wire, room));
    free(room);
}

static const char *const samples[] = {
    "INVITE sip:bob@example.com;transport=ws;ob SIP/2.0\r\n"
    "Via: SIP/2.0/WSS a1.invalid;branch=z9hG4bK1;rport, SIP/2.0/WSS "
    "192.0.2.1:8443;branch=z9hG4bK2\r\n"
    "Via: SIP/2.0/TCP [2001:db8::1]:5060;received=192.0.2.9;branch=z9hG4bK3\r\n"
    "Max-Forwards: 69\r\n"
    "To: Bob <sip:+49-30;ext=5@example.com:5061;user=phone>\r\n"
    "From: \"Alice, who else\" <sips:alice@example.com>;tag=q2w3;x=\"a;b\"\r\n"
    "Call-ID: 8f2m1q0v@host.example\r\nCSeq: 5021 INVITE\r\n"
    "Contact: <sip:a@b.invalid;transport=ws>;+sip.instance=\"<urn:uuid:1>\";expires=60 , "
    "<sip:c@d>\r\n"
    "Record-Route: <sip:p1.example.com:7443;lr>,\"a\\\"b,\" <sip:p2.example.com;lr;x=a,b> ;y, "
    "sip:p3;z\r\n"
    "Allow: INVITE,ACK, CANCEL ,, BYE\r\nSupported: path,gruu\r\n"
    "Subject: anything\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody",

    "SIP/2.0 200 OK\r\nv: SIP/2.0/WSS a1.invalid;branch=z9hG4bK1\r\n"
    "t: <sip:bob@example.com>;tag=7h5g\r\nf: \"A\"\r\n  <sip:alice@example.com>\r\n\t;tag=q2\r\n"
    "i: 1\r\nCSeq: 5021 \r\n INVITE\r\nm: <sip:bob@n5.invalid>;q=0.5\r\nm: *\r\nl: 0\r\n\r\n",

    "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n"
    "From: sip:a@b;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\nContact: *\r\n"
    "Expires: 0\r\n\r\n",
};

static void a_message_is_read_by_its_marks_as_without(void **state)
{
    unsigned times = 1000;

    (void)state;
    seed = 20260803;
    for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
        spoiled_in_many_ways("", pp_str_c(samples[i]), &times);
}

static void a_message_of_the_corpora_is_read_by_its_marks_as_without(void **state)
{
    unsigned times = 40;

    (void)state;
    seed = 4475;
    each_corpus_file("sip-torture/rfc4475", spoiled_in_many_ways, &times);
    each_corpus_file("sip-torture/rfc5118", spoiled_in_many_ways, &times);
}

static void a_message_cut_anywhere_is_read_by_its_marks_as_without(void **state)
{
    pp_str wire = pp_str_c(samples[0]);

    (void)state;
    for (size_t n = 0; n <= wire.n; n++)
        reads_the_same(pp_str_n(wire.p, n));
}

/* The empty line, a CR without LF, and a fold at every place of a block of 64 octets. */
static void a_line_may_end_anywhere_in_a_block(void **state)
{
    static const char *const tails[] = {"\r\n\r\n",   "\r\n\r\n\r\n\r\nbody", "\r\n x\r\n\r\n",
                                        "\r\r\n\r\n", "\n\r\n\r\n",           "\r\n\r",
                                        "\r\n\r\t",   "\r\n\n\r\n\r\n"};
    char line[400];

    (void)state;
    for (size_t fill = 0; fill < 200; fill++) {
        for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
            snprintf(line, sizeof(line),
                     "BYE sip:a SIP/2.0\r\nv: SIP/2.0/WSS a\r\nt: <sip:a>\r\nf: <sip:b>\r\ni: 1\r\n"
                     "CSeq: 1 BYE\r\nX: %.*s%s",
                     (int)fill,
                     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                     "xxxxxxx"
                     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                     "xxxxxxx"
                     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                     tails[i]);
            reads_the_same(pp_str_c(line));
        }
    }
}

static void a_head_too_long_for_marks_is_read_all_the_same(void **state)
{
    pp_buf wire = {0};

    (void)state;
    pp_buf_c(&wire, "BYE sip:a SIP/2.0\r\nv: SIP/2.0/WSS a\r\nt: <sip:a>\r\nf: <sip:b>\r\ni: 1\r\n"
                    "CSeq: 1 BYE\r\n");
    while (wire.n < 2 * PP_MARKS_HEAD) {
        pp_buf_c(&wire, "Subject: a line\r\n of two\r\n");
        pp_buf_c(&wire, "\r\n");
        reads_the_same(pp_buf_text(&wire));
        wire.n -= 2;
    }
    pp_buf_free(&wire);
}

/* As a stream is cut: the marks are those of all that came, the message is the first of it. */
static void a_message_may_have_marks_that_were_found_with_more_behind_it(void **state)
{
    (void)state;
    for (int pad = 0; pad < 130; pad++) {
        pp_buf came = {0}, plain = {0}, marked = {0};
        pp_message *message = NULL;
        pp_wire wire;
        pp_marks marks;

        pp_buf_format(&came,
                      "MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKa\r\n"
                      "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\n"
                      "Subject: %0*d\r\n folded\r\nl: 3\r\n\r\n\"<>",
                      pad, 0);
        wire.text = pp_str_n(came.p, came.n);
        read_text(NULL, wire.text, &plain);
        pp_buf_c(&came, "BYE sip:<\"@;\r\n\r\n, sip:\r\n\r\n");
        wire = (pp_wire){pp_str_n(came.p, wire.text.n), &marks};
        assert_true(pp_marks_find(pp_buf_text(&came), &marks));
        assert_int_equal(pp_message_parse_pooled(NULL, &wire, &message), 0);
        pp_buf_c(&marked, "0\n");
        message_text(message, &marked);
        assert_true(pp_str_eq(pp_buf_text(&marked), pp_buf_text(&plain)));
        pp_message_unref(message);
        pp_buf_free(&came);
        pp_buf_free(&plain);
        pp_buf_free(&marked);
    }
}

static bool same_marks(pp_marks_finder *find, pp_str text)
{
    pp_marks a = {.head = 0}, b = {.head = 0};
    bool found = pp_marks_scalar()(text, &a);
    size_t words = (a.head + 63) / 64;

    if (!find)
        return true;
    if (find(text, &b) != found)
        return false;
    return !found || (a.head == b.head && a.lines == b.lines && a.nul == b.nul &&
                      memcmp(a.ends, b.ends, a.lines * sizeof(*a.ends)) == 0 &&
                      memcmp(a.special, b.special, words * 8) == 0);
}

static void every_octet_has_the_same_mark_everywhere(void **state)
{
    char text[64 * 5 + 4];

    (void)state;
    seed = 64;
    for (unsigned i = 0; i < 20000; i++) {
        for (size_t k = 0; k < sizeof(text) - 4; k++) {
            text[k] = (char)chance(256);
            if ((text[k] == '\r' || text[k] == '\n') && i % 8)
                text[k] = ' ';
        }
        memcpy(text + 64 + chance(250), "\r\n", 2);
        memcpy(text + 1 + chance(250), "\r\n\r\n", 4);
        memcpy(text + sizeof(text) - 4, "\r\n\r\n", 4);
        assert_true(same_marks(pp_marks_sse2(), pp_str_n(text, sizeof(text))));
        assert_true(same_marks(pp_marks_avx2(), pp_str_n(text, sizeof(text))));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_read_by_its_marks_as_without),
        cmocka_unit_test(a_message_of_the_corpora_is_read_by_its_marks_as_without),
        cmocka_unit_test(a_message_cut_anywhere_is_read_by_its_marks_as_without),
        cmocka_unit_test(a_line_may_end_anywhere_in_a_block),
        cmocka_unit_test(a_head_too_long_for_marks_is_read_all_the_same),
        cmocka_unit_test(a_message_may_have_marks_that_were_found_with_more_behind_it),
        cmocka_unit_test(every_octet_has_the_same_mark_everywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
