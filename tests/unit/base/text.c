/* text.c - tests of slices, the writer, the reader and addresses. */
#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/map.h"
#include "base/reader.h"
#include "support/files.h"
#include "support/scarce.h"

#include <arpa/inet.h>

static void a_slice_is_cut_trimmed_and_compared(void **state)
{
    pp_str rest = PP_LIT(" a , b,, c"), words = PP_LIT("  one\t two\r\n ");

    (void)state;
    assert_true(pp_str_eq_c(pp_str_trim(pp_str_split(&rest, ',')), "a"));
    assert_true(pp_str_eq_c(pp_str_trim(pp_str_split(&rest, ',')), "b"));
    assert_true(pp_str_empty(pp_str_split(&rest, ',')));
    assert_true(pp_str_eq_c(pp_str_trim(pp_str_split(&rest, ',')), "c"));
    assert_null(rest.p);
    assert_true(pp_str_eq_c(pp_str_word(&words), "one"));
    assert_true(pp_str_eq_c(pp_str_word(&words), "two"));
    assert_true(pp_str_empty(pp_str_word(&words)));
    assert_true(pp_str_ieq_c(PP_LIT("cAlL-Id"), "Call-ID"));
    assert_false(pp_str_ieq_c(PP_LIT("Call_ID"), "Call-ID"));
    assert_true(pp_str_istarts(PP_LIT("SIP:bob"), "sip:"));
    assert_false(pp_str_istarts(PP_LIT("SI"), "sip:"));
}

static void a_number_has_a_range_and_nothing_around_it(void **state)
{
    static const char *const bad[] = {
        "", " 1", "1 ", "+1", "-1", "1a", "4294967296", "18446744073709551616", "0x10"};
    uint32_t value = 77;
    uint64_t large;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(pp_str_to_u32(pp_str_c(bad[i]), 0, UINT32_MAX, &value));
    assert_int_equal(value, 77);
    assert_true(pp_str_to_u32(PP_LIT("4294967295"), 0, UINT32_MAX, &value));
    assert_true(value == UINT32_MAX);
    assert_false(pp_str_to_u32(PP_LIT("9"), 10, 20, &value));
    assert_true(pp_str_to_u64(PP_LIT("18446744073709551615"), 0, UINT64_MAX, &large));
}

static void utf8_is_told_from_what_only_looks_like_it(void **state)
{
    static const char *const good[] = {"",
                                       "abc",
                                       "i\xC3\xB1"
                                       "aki",
                                       "\xE2\x82\xAC",
                                       "\xF0\x9F\x98\x80",
                                       "\xF4\x8F\xBF\xBF"};
    static const char *const bad[] = {"\x80",
                                      "\xC0\x80",
                                      "\xC3",
                                      "\xE0\x80\x80",
                                      "\xED\xA0\x80",
                                      "\xF4\x90\x80\x80",
                                      "\xF8\x88\x80\x80\x80"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(pp_str_is_utf8(pp_str_c(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(pp_str_is_utf8(pp_str_c(bad[i])));
    assert_false(pp_str_is_line(PP_LIT("a\r\nb")));
    assert_false(pp_str_is_line(PP_LIT("a\0b")));
    assert_true(pp_str_is_line(PP_LIT("a\tb")));
}

/* They are looked at in words: an octet must be seen at each place of one, and behind the last. */
static void a_bad_octet_is_seen_at_every_place(void **state)
{
    static const char bad[] = {'\r', '\n', '\0'};
    char text[21];

    (void)state;
    for (size_t at = 0; at < sizeof(text); at++) {
        for (size_t i = 0; i < sizeof(bad); i++) {
            memset(text, 0x0B, sizeof(text));
            assert_true(pp_str_is_line(pp_str_n(text, sizeof(text))));
            text[at] = bad[i];
            assert_false(pp_str_is_line(pp_str_n(text, sizeof(text))));
        }
        memset(text, 0x7F, sizeof(text));
        assert_true(pp_str_is_utf8(pp_str_n(text, sizeof(text))));
        text[at] = (char)0x80;
        assert_false(pp_str_is_utf8(pp_str_n(text, sizeof(text))));
    }
}

static void a_buffer_fails_once_and_stays_failed(void **state)
{
    pp_buf buf = {.max = 8};
    char *text = NULL;

    (void)state;
    pp_buf_c(&buf, "1234");
    pp_buf_format(&buf, "%d", 5678);
    assert_int_equal(pp_buf_error(&buf), 0);
    pp_buf_char(&buf, '9');
    pp_buf_clear(&buf);
    pp_buf_c(&buf, "123456789");
    assert_int_equal(pp_buf_error(&buf), PIPIT_ERR_LIMIT);
    pp_buf_c(&buf, "1");
    assert_int_equal(buf.n, 0);
    assert_int_equal(pp_buf_take(&buf, &text), PIPIT_ERR_LIMIT);
    assert_null(text);
    pp_buf_c(&buf, "again");
    assert_int_equal(pp_buf_take(&buf, &text), 0);
    assert_string_equal(text, "again");
    pp_free(text);
}

static void base64_goes_both_ways(void **state)
{
    static const char *const pairs[][2] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
    static const char *const bad[] = {"Z", "Zg=", "Zg=a", "Z===", "Zm9v!aaa", "=Zm9"};

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) { /* RFC 4648 section 10 */
        pp_buf text = {0}, data = {0};

        pp_buf_base64(&text, (const uint8_t *)pairs[i][0], strlen(pairs[i][0]));
        assert_true(pp_str_eq_c(pp_buf_text(&text), pairs[i][1]));
        assert_int_equal(pp_base64_decode(pp_buf_text(&text), &data), 0);
        assert_true(pp_str_eq_c(pp_buf_text(&data), pairs[i][0]));
        pp_buf_free(&text);
        pp_buf_free(&data);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        pp_buf data = {0};

        assert_int_equal(pp_base64_decode(pp_str_c(bad[i]), &data), PIPIT_ERR_SYNTAX);
        pp_buf_free(&data);
    }
}

static void a_reader_never_leaves_its_part(void **state)
{
    static const uint8_t packet[] = {0, 3, 1, 2, 3, 9, 0xFF};
    pp_reader whole = pp_reader_of(packet, sizeof(packet));
    pp_reader part = pp_reader_sub(&whole, pp_reader_u16(&whole));

    (void)state;
    assert_int_equal(pp_reader_u16(&part), 0x0102);
    assert_int_equal(pp_reader_u16(&part), 0);
    assert_true(part.failed);
    assert_int_equal(pp_reader_u8(&part), 0);
    assert_int_equal(pp_reader_u8(&whole), 9);
    part = pp_reader_sub(&whole, 200);
    assert_true(part.failed);
    assert_int_equal(part.n, 0);
}

static void an_address_is_read_printed_and_told_what_it_is(void **state)
{
    char text[PP_ADDR_TEXT];
    pp_addr a, b;

    (void)state;
    assert_true(pp_addr_parse(PP_LIT("192.0.2.1"), 5060, &a));
    assert_string_equal(pp_addr_text(&a, text), "192.0.2.1:5060");
    assert_true(pp_addr_parse(PP_LIT("2001:db8::1"), 443, &b));
    assert_string_equal(pp_addr_text(&b, text), "[2001:db8::1]:443");
    assert_false(pp_addr_eq(&a, &b));
    assert_false(pp_addr_parse(PP_LIT("example.com"), 1, &a));
    assert_false(pp_addr_parse(PP_LIT("192.0.2.256"), 1, &a));
    assert_true(pp_addr_parse(PP_LIT("::ffff:127.0.0.1"), 1, &a));
    assert_int_equal(a.family, 4);
    assert_true(pp_addr_is_loopback(&a));
    assert_true(pp_addr_parse(PP_LIT("fe80::1"), 1, &a));
    assert_true(pp_addr_is_link_local(&a) && pp_addr_is_unicast(&a));
    assert_true(pp_addr_parse(PP_LIT("224.0.0.251"), 1, &a));
    assert_false(pp_addr_is_unicast(&a));
    assert_true(pp_addr_parse(PP_LIT("::"), 1, &a));
    assert_true(pp_addr_is_any(&a) && !pp_addr_is_unicast(&a));
}

static const char *const numbers[] = {"0",   "1",   "00",   "01", "9", "10",
                                      "255", "256", "1000", "",   "a", "1 "};
#define NUMBERS (sizeof(numbers) / sizeof(*numbers))

static void an_ipv4_address_is_what_the_system_takes_for_one(void **state)
{
    unsigned good = 0;
    uint8_t ip[4];

    (void)state;
    for (unsigned i = 0; i < NUMBERS * NUMBERS * NUMBERS * NUMBERS; i++) {
        uint8_t ours[5] = {0, 0, 0, 0, 7}, theirs[4] = {0};
        char text[64];
        unsigned rest = i;
        int is;

        *text = '\0';
        for (unsigned k = 0; k < 4; k++, rest /= NUMBERS) {
            strcat(text, numbers[rest % NUMBERS]);
            strcat(text, k < 3 ? "." : i % 7 ? "" : i % 2 ? ".1" : ".");
        }
        is = inet_pton(AF_INET, text, theirs);
        assert_int_equal(pp_addr_parse_v4(pp_str_c(text), ours), is);
        assert_memory_equal(ours, theirs, is ? 4 : 0);
        assert_int_equal(ours[4], 7);
        good += is == 1;
    }
    assert_true(good > 100);
    assert_false(pp_addr_parse_v4(PP_LIT("1.2.3"), ip));
    assert_false(pp_addr_parse_v4(PP_STR_NONE, ip));
}

static void a_socket_address_comes_back_the_same(void **state)
{
    static const char *const texts[] = {"198.51.100.7", "2001:db8::7"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct sockaddr_storage storage;
        pp_addr in, out;

        assert_true(pp_addr_parse(pp_str_c(texts[i]), 9, &in));
        pp_addr_to_sockaddr(&in, &storage);
        assert_true(pp_addr_from_sockaddr((struct sockaddr *)&storage, &out));
        assert_true(pp_addr_eq(&in, &out));
    }
}

static void the_keyed_hash_is_siphash(void **state)
{
    uint8_t key[16], data[15];

    (void)state;
    for (uint8_t i = 0; i < 16; i++)
        key[i] = i;
    for (uint8_t i = 0; i < 15; i++)
        data[i] = i;
    assert_true(pp_siphash(key, data, sizeof(data)) ==
                UINT64_C(0xa129ca6149be45e5)); /* the paper's appendix A */
}

static void a_failed_allocation_is_an_error_with_a_sentence(void **state)
{
    pp_buf buf = {0};

    (void)state;
    scarce_begin(0);
    scarce_fail_from(1);
    pp_buf_c(&buf, "x");
    assert_null(pp_alloc(10));
    assert_null(pp_strdup("x"));
    assert_int_equal(scarce_end(), 0);
    assert_int_equal(pp_buf_error(&buf), PIPIT_ERR_MEMORY);
    assert_true(pp_str_starts(pp_str_c(pipit_error_message()), "memory: "));
    assert_null(pp_array(SIZE_MAX / 2, 3));
}

static void an_error_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(pipit_error_name(PIPIT_ERR_SYNTAX), "PIPIT_ERR_SYNTAX");
    assert_string_equal(pipit_error_name(PIPIT_ERR_THREAD), "PIPIT_ERR_THREAD");
    assert_string_equal(pipit_error_name(-1000), "PIPIT_ERR_UNKNOWN");
    assert_string_equal(pipit_error_name(3), "PIPIT_ERR_UNKNOWN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slice_is_cut_trimmed_and_compared),
        cmocka_unit_test(a_number_has_a_range_and_nothing_around_it),
        cmocka_unit_test(utf8_is_told_from_what_only_looks_like_it),
        cmocka_unit_test(a_buffer_fails_once_and_stays_failed),
        cmocka_unit_test(base64_goes_both_ways),
        cmocka_unit_test(a_reader_never_leaves_its_part),
        cmocka_unit_test(an_address_is_read_printed_and_told_what_it_is),
        cmocka_unit_test(an_ipv4_address_is_what_the_system_takes_for_one),
        cmocka_unit_test(a_socket_address_comes_back_the_same),
        cmocka_unit_test(the_keyed_hash_is_siphash),
        cmocka_unit_test(a_failed_allocation_is_an_error_with_a_sentence),
        cmocka_unit_test(an_error_has_a_name),
        cmocka_unit_test(a_bad_octet_is_seen_at_every_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
