/* stun.c - messages against the vectors of RFC 5769, and against hostile ones. */
#include "stun/stun.h"
#include "base/alloc.h"
#include "crypto/hash.h"
#include "pipit/error.h"
#include "support/files.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static const pp_str no_key = PP_STR_NONE;

typedef struct vector {
    cJSON *all, *json;
    uint8_t data[256];
    size_t size;
    pp_stun message;
} vector;

static const char *field(const vector *v, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(v->json, name));
}

static vector load(int index)
{
    pp_str text = read_corpus("vectors/stun-rfc5769.json");
    vector v = {.all = cJSON_ParseWithLength(text.p, text.n)};
    const char *hex;

    free((void *)text.p);
    assert_non_null(v.all);
    v.json = cJSON_GetArrayItem(v.all, index);
    hex = field(&v, "hex");
    for (; hex[0] && hex[1]; hex += 2) {
        const char octet[3] = {hex[0], hex[1], 0};
        v.data[v.size++] = (uint8_t)strtoul(octet, NULL, 16);
    }
    assert_true(pp_stun_is(v.data, v.size));
    return v;
}

static void assert_text(pp_str text, const char *expected)
{
    assert_int_equal(text.n, strlen(expected));
    assert_memory_equal(text.p, expected, text.n);
}

static void the_request_of_rfc_5769_is_read(void **state)
{
    vector v = load(0);

    (void)state;
    assert_int_equal(pp_stun_parse(v.data, v.size, &v.message), 0);
    assert_int_equal(v.message.kind, PP_STUN_REQUEST);
    assert_int_equal(v.message.method, PP_STUN_BINDING);
    assert_text(v.message.username, field(&v, "username"));
    assert_int_equal(v.message.priority, 0x6e0001ff);
    assert_true(v.message.has_controlled);
    assert_false(v.message.has_controlling);
    assert_true(v.message.tie_breaker == 0x932ff9b151263b36);
    assert_true(v.message.has_fingerprint);
    assert_int_equal(v.message.unknown_required, 0);
    assert_true(pp_stun_check_integrity(&v.message, pp_str_c(field(&v, "key"))));
    assert_false(pp_stun_check_integrity(&v.message, PP_LIT("VOkJxbRl1RmTxUk/WvJxBu")));
    cJSON_Delete(v.all);
}

static void check_response(int index)
{
    vector v = load(index);
    char text[PP_ADDR_TEXT];

    assert_int_equal(pp_stun_parse(v.data, v.size, &v.message), 0);
    assert_int_equal(v.message.kind, PP_STUN_SUCCESS);
    assert_true(v.message.has_mapped);
    assert_string_equal(pp_addr_text(&v.message.mapped, text), field(&v, "xor_mapped"));
    assert_true(pp_stun_check_integrity(&v.message, pp_str_c(field(&v, "key"))));
    cJSON_Delete(v.all);
}

static void the_responses_of_rfc_5769_are_read(void **state)
{
    (void)state;
    check_response(1);
    check_response(2);
}

static void the_long_term_request_of_rfc_5769_is_read(void **state)
{
    vector v = load(3);
    uint8_t key[PP_HASH_MAX];

    (void)state;
    assert_int_equal(pp_stun_parse(v.data, v.size, &v.message), 0);
    assert_text(v.message.username, field(&v, "username"));
    const pp_str pieces[] = {v.message.username, PP_LIT(":"), pp_str_c(field(&v, "realm")),
                             PP_LIT(":"), pp_str_c(field(&v, "password_after_saslprep"))};
    assert_int_equal(pp_hash_digest(PP_HASH_MD5, pieces, 5, key), 0);
    assert_true(pp_stun_check_integrity(&v.message, pp_str_n(key, 16)));
    cJSON_Delete(v.all);
}

static pp_buf written(const pp_stun *message, pp_str key)
{
    pp_buf out = {0};

    assert_int_equal(pp_stun_write(message, key, &out), 0);
    return out;
}

static pp_stun parsed(const pp_buf *buf)
{
    pp_stun message = {0};

    assert_int_equal(pp_stun_parse((const uint8_t *)buf->p, buf->n, &message), 0);
    return message;
}

static pp_addr address(const char *ip, uint16_t port)
{
    pp_addr a = {0};

    assert_true(pp_addr_parse(pp_str_c(ip), port, &a));
    return a;
}

static void a_request_is_read_as_it_was_written(void **state)
{
    const pp_stun m = {.kind = PP_STUN_REQUEST,
                       .method = PP_STUN_BINDING,
                       .transaction = "0123456789a",
                       .has_username = true,
                       .username = PP_LIT("far:near1"),
                       .has_priority = true,
                       .priority = 0x6E7F1EFF,
                       .has_controlling = true,
                       .tie_breaker = 0x123456789ABCDEF0,
                       .use_candidate = true};
    pp_buf out = written(&m, PP_LIT("password"));
    pp_stun r = parsed(&out);

    (void)state;
    assert_int_equal(r.kind, PP_STUN_REQUEST);
    assert_int_equal(r.method, PP_STUN_BINDING);
    assert_memory_equal(r.transaction, m.transaction, 12);
    assert_text(r.username, "far:near1");
    assert_int_equal(r.priority, m.priority);
    assert_true(r.has_controlling && r.tie_breaker == m.tie_breaker);
    assert_true(r.use_candidate && r.has_fingerprint);
    assert_true(pp_stun_check_integrity(&r, PP_LIT("password")));
    assert_false(pp_stun_check_integrity(&r, PP_LIT("Password")));
    pp_buf_free(&out);
}

static void a_mapped_address_is_read_as_it_was_written(void **state)
{
    static const char *const ips[] = {"192.0.2.77", "2001:db8::7:1"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        pp_stun m = {.kind = PP_STUN_SUCCESS,
                     .method = PP_STUN_BINDING,
                     .transaction = "abcdefghijk",
                     .has_mapped = true};
        m.mapped = address(ips[i], 40000);
        pp_buf out = written(&m, no_key);
        pp_stun r = parsed(&out);
        assert_true(r.has_mapped && pp_addr_eq(&r.mapped, &m.mapped));
        assert_false(r.has_integrity);
        pp_buf_free(&out);
    }
}

static void an_error_is_read_as_it_was_written(void **state)
{
    const pp_stun m = {.kind = PP_STUN_ERROR,
                       .method = PP_STUN_BINDING,
                       .error_code = 487,
                       .error_reason = PP_LIT("Role Conflict")};
    pp_buf out = written(&m, PP_LIT("key"));
    pp_stun r = parsed(&out);

    (void)state;
    assert_int_equal(r.kind, PP_STUN_ERROR);
    assert_int_equal(r.error_code, 487);
    assert_text(r.error_reason, "Role Conflict");
    pp_buf_free(&out);
}

static void every_class_and_method_has_its_number(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 4; kind++) {
        for (uint16_t method = 0; method <= 0xFFF; method++) {
            const pp_stun m = {.kind = (pp_stun_class)kind, .method = method};
            pp_buf out = written(&m, no_key);
            pp_stun r = parsed(&out);
            assert_int_equal(r.kind, kind);
            assert_int_equal(r.method, method);
            pp_buf_free(&out);
        }
    }
}

/* A message of a request's header and these octets behind it. */
static pp_buf raw(const char *attributes, size_t size)
{
    pp_buf out = {0};

    pp_buf_u16(&out, 0x0001);
    pp_buf_u16(&out, (unsigned)size);
    pp_buf_u32(&out, 0x2112A442);
    pp_buf_add(&out, "abcdefghijkl", 12);
    pp_buf_add(&out, attributes, size);
    return out;
}

static int parse_raw(const char *attributes, size_t size, pp_stun *out)
{
    pp_buf buf = raw(attributes, size);
    int err = pp_stun_parse((const uint8_t *)buf.p, buf.n, out);

    pp_buf_free(&buf);
    return err;
}

#define PARSE(text, out) parse_raw(text, sizeof(text) - 1, out)

static void a_malformed_attribute_is_refused(void **state)
{
    pp_stun m = {.method = 99};

    (void)state;
    assert_int_equal(PARSE("\x00\x06\x00\x05"
                           "abcd",
                           &m),
                     PIPIT_ERR_SYNTAX); /* longer than the message */
    assert_int_equal(PARSE("\x00\x06\xFF\xFF"
                           "abcd",
                           &m),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(PARSE("\x00\x24\x00\x02"
                           "ab\0\0",
                           &m),
                     PIPIT_ERR_SYNTAX); /* PRIORITY of two octets */
    assert_int_equal(PARSE("\x00\x09\x00\x02"
                           "\0\0\0\0",
                           &m),
                     PIPIT_ERR_SYNTAX); /* ERROR-CODE of two octets */
    assert_int_equal(PARSE("\x00\x09\x00\x04"
                           "\0\0\x07\0",
                           &m),
                     PIPIT_ERR_SYNTAX); /* 700 */
    assert_int_equal(PARSE("\x00\x09\x00\x04"
                           "\0\0\x04\x64",
                           &m),
                     PIPIT_ERR_SYNTAX); /* 4100 */
    assert_int_equal(PARSE("\x00\x20\x00\x08"
                           "\0\x02\0\0\0\0\0\0",
                           &m),
                     PIPIT_ERR_SYNTAX); /* IPv6 of four octets */
    assert_int_equal(PARSE("\x00\x20\x00\x08"
                           "\0\x03\0\0\0\0\0\0",
                           &m),
                     PIPIT_ERR_SYNTAX); /* no such family */
    assert_int_equal(PARSE("\x80\x2A\x00\x04"
                           "abcd",
                           &m),
                     PIPIT_ERR_SYNTAX); /* tie-breaker of four */
    assert_int_equal(PARSE("\x00\x25\x00\x04"
                           "abcd",
                           &m),
                     PIPIT_ERR_SYNTAX); /* USE-CANDIDATE with a value */
    assert_int_equal(PARSE("\x00\x08\x00\x04"
                           "abcd",
                           &m),
                     PIPIT_ERR_SYNTAX); /* MESSAGE-INTEGRITY of four */
    assert_int_equal(PARSE("\x80\x28\x00\x04"
                           "abcd",
                           &m),
                     PIPIT_ERR_SYNTAX); /* wrong FINGERPRINT */
    assert_int_equal(m.method, 99);
}

static void an_unknown_attribute_is_reported_when_it_must_be_understood(void **state)
{
    pp_stun m;

    (void)state;
    assert_int_equal(PARSE("\xC0\x57\x00\x04"
                           "abcd"
                           "\x00\x2A\x00\x01"
                           "x\0\0\0"
                           "\x00\x2B\x00\x00",
                           &m),
                     0);
    assert_int_equal(m.unknown_required, 0x002A);
    assert_int_equal(PARSE("\xC0\x57\x00\x04"
                           "abcd",
                           &m),
                     0);
    assert_int_equal(m.unknown_required, 0);
}

static void the_first_of_two_equal_attributes_counts(void **state)
{
    pp_buf buf = raw("\x00\x06\x00\x04"
                     "good"
                     "\x00\x06\x00\x03"
                     "bad\0",
                     16);
    pp_stun m = parsed(&buf);

    (void)state;
    assert_text(m.username, "good");
    pp_buf_free(&buf);
}

static void an_attribute_behind_the_integrity_is_not_believed(void **state)
{
    pp_stun m;

    (void)state;
    assert_int_equal(PARSE("\x00\x08\x00\x14"
                           "01234567890123456789"
                           "\x00\x25\x00\x00"
                           "\x00\x2A\x00\x00",
                           &m),
                     0);
    assert_true(m.has_integrity);
    assert_false(m.use_candidate);
    assert_int_equal(m.unknown_required, 0);
    assert_int_equal(m.integrity_at, 20);
}

static void an_ipv4_address_in_ipv6_is_ipv4(void **state)
{
    pp_stun m;
    char text[PP_ADDR_TEXT];

    (void)state;
    assert_int_equal(PARSE("\x00\x01\x00\x14"
                           "\0\x02\x12\x34"
                           "\0\0\0\0\0\0\0\0\0\0\xFF\xFF\x7F\0\0\x01",
                           &m),
                     0);
    assert_string_equal(pp_addr_text(&m.mapped, text), "127.0.0.1:4660");
}

static void a_message_cut_or_with_a_bit_flipped_is_refused(void **state)
{
    const pp_stun m = {.method = PP_STUN_BINDING,
                       .has_username = true,
                       .username = PP_LIT("a:b"),
                       .has_priority = true};
    pp_buf out = written(&m, PP_LIT("key"));
    pp_stun r;

    (void)state;
    for (size_t n = 0; n < out.n; n++) {
        uint8_t *exact = (uint8_t *)pp_memdup(out.p, n);
        assert_int_equal(pp_stun_parse(exact, n, &r), PIPIT_ERR_SYNTAX);
        pp_free(exact);
    }
    for (size_t bit = 0; bit < out.n * 8; bit++) {
        out.p[bit / 8] = (char)(out.p[bit / 8] ^ 1 << bit % 8);
        /* A flip that hides FINGERPRINT leaves an unknown attribute behind the integrity; that one
         * still holds. */
        if (pp_stun_parse((const uint8_t *)out.p, out.n, &r) == 0)
            assert_false(r.has_fingerprint);
        out.p[bit / 8] = (char)(out.p[bit / 8] ^ 1 << bit % 8);
    }
    pp_buf_free(&out);
}

static void other_packets_are_no_stun(void **state)
{
    static const uint8_t dtls[64] = {22, 0xFE, 0xFD}, rtp[64] = {0x80, 111}, zero[64] = {0};

    (void)state;
    assert_false(pp_stun_is(dtls, sizeof(dtls)));
    assert_false(pp_stun_is(rtp, sizeof(rtp)));
    assert_false(pp_stun_is(zero, sizeof(zero)));
    assert_false(pp_stun_is(zero, 0));
    assert_false(pp_stun_is(NULL, 0));
}

/* RFC 8489 appendix B.1 as erratum 6268 has it: the key is SHA-256 of user:realm:password. */
static void the_request_with_sha_256_of_rfc_8489_is_read(void **state)
{
    static const uint8_t packet[] =
        "\x00\x01\x00\x90\x21\x12\xa4\x42\x78\xad\x34\x33\xc6\xad\x72\xc0\x29\xda\x41\x2e"
        "\x00\x1e\x00\x20\x4a\x3c\xf3\x8f\xef\x69\x92\xbd\xa9\x52\xc6\x78\x04\x17\xda\x0f"
        "\x24\x81\x94\x15\x56\x9e\x60\xb2\x05\xc4\x6e\x41\x40\x7f\x17\x04"
        "\x00\x15\x00\x29obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA\0\0\0"
        "\x00\x14\x00\x0b"
        "example.org\0"
        "\x00\x1d\x00\x04\x00\x02\x00\x00"
        "\x00\x1c\x00\x20\xb5\xc7\xbf\x00\x5b\x6c\x52\xa2\x1c\x51\xc5\xe8\x92\xf8\x19\x24"
        "\x13\x62\x96\xcb\x92\x7c\x43\x14\x93\x09\x27\x8c\xc6\x51\x8e\x65";
    pp_str secret = PP_LIT("\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9:example.org:TheMatrIX"), value;
    unsigned type, seen = 0;
    size_t at = 0;
    uint8_t key[PP_HASH_MAX];
    pp_stun m = {0};

    (void)state;
    assert_int_equal(pp_hash_digest(PP_HASH_SHA256, &secret, 1, key), 0);
    assert_int_equal(pp_stun_parse(packet, sizeof(packet) - 1, &m), 0);
    assert_true(m.has_integrity256 && !m.has_integrity);
    assert_true(pp_stun_check_seal(&m, &(pp_stun_seal){pp_str_n(key, 32), true}));
    assert_false(pp_stun_check_seal(&m, &(pp_stun_seal){pp_str_n(key, 31), true}));
    assert_false(pp_stun_check_seal(&m, &(pp_stun_seal){pp_str_n(key, 32), false}));
    while (pp_stun_next(&m, &at, &type, &value))
        seen = seen * 64 + type;
    assert_int_equal(seen, ((0x1E * 64 + 0x15) * 64 + 0x14) * 64 + 0x1D);
}

static void a_message_sealed_with_sha_256_is_read_as_it_was_written(void **state)
{
    const pp_stun_seal seal = {PP_LIT("a key"), true}, other = {PP_LIT("a kez"), true};
    pp_buf more = {0}, out = {0};
    pp_addr peer = address("192.0.2.9", 9), read;
    pp_stun m = {.kind = PP_STUN_REQUEST, .method = 3, .transaction = "0123456789a"};
    pp_stun r;
    size_t at = 0;
    unsigned type;
    pp_str value;

    (void)state;
    pp_stun_put(&more, 0x8022, PP_LIT("three"));
    pp_stun_put_address(&more, 0x0012, m.transaction, &peer);
    m.more = pp_buf_text(&more);
    assert_int_equal(pp_stun_write_sealed(&m, &seal, &out), 0);
    r = parsed(&out);
    assert_true(pp_stun_check_seal(&r, &seal));
    assert_false(pp_stun_check_seal(&r, &other));
    assert_true(pp_stun_next(&r, &at, &type, &value) && type == 0x8022);
    assert_text(value, "three");
    assert_true(pp_stun_next(&r, &at, &type, &value) && type == 0x0012);
    assert_true(pp_stun_read_address(&r, value, true, &read) && pp_addr_eq(&read, &peer));
    assert_false(pp_stun_read_address(&r, PP_LIT("\0\1\0\1\1\2\3"), true, &read));
    assert_false(pp_stun_next(&r, &at, &type, &value));
    pp_buf_free(&more);
    pp_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_request_of_rfc_5769_is_read),
        cmocka_unit_test(the_responses_of_rfc_5769_are_read),
        cmocka_unit_test(the_long_term_request_of_rfc_5769_is_read),
        cmocka_unit_test(the_request_with_sha_256_of_rfc_8489_is_read),
        cmocka_unit_test(a_message_sealed_with_sha_256_is_read_as_it_was_written),
        cmocka_unit_test(a_request_is_read_as_it_was_written),
        cmocka_unit_test(a_mapped_address_is_read_as_it_was_written),
        cmocka_unit_test(an_error_is_read_as_it_was_written),
        cmocka_unit_test(every_class_and_method_has_its_number),
        cmocka_unit_test(a_malformed_attribute_is_refused),
        cmocka_unit_test(an_unknown_attribute_is_reported_when_it_must_be_understood),
        cmocka_unit_test(the_first_of_two_equal_attributes_counts),
        cmocka_unit_test(an_attribute_behind_the_integrity_is_not_believed),
        cmocka_unit_test(an_ipv4_address_in_ipv6_is_ipv4),
        cmocka_unit_test(a_message_cut_or_with_a_bit_flipped_is_refused),
        cmocka_unit_test(other_packets_are_no_stun),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
