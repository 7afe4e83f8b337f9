/* stun.c - what is read can be written, is then authentic under its key, and reads the same. */
/* FUZZ: stun crypto base */
#include "stun/stun.h"

#include "check.h"

static void check_same(const pp_stun *a, const pp_stun *b)
{
    CHECK(a->kind == b->kind && a->method == b->method);
    CHECK(memcmp(a->transaction, b->transaction, sizeof(a->transaction)) == 0);
    CHECK(a->has_username == b->has_username && pp_str_eq(a->username, b->username));
    CHECK(a->has_priority == b->has_priority && a->priority == b->priority);
    CHECK(a->use_candidate == b->use_candidate);
    CHECK(a->has_controlling == b->has_controlling && a->has_controlled == b->has_controlled);
    CHECK(a->tie_breaker == b->tie_breaker);
    CHECK(a->has_mapped == b->has_mapped && pp_addr_eq(&a->mapped, &b->mapped));
    CHECK(a->error_code == b->error_code && pp_str_eq(a->error_reason, b->error_reason));
}

/* The quick look says the same as the thorough one. */
static void check_peek(const uint8_t *data, size_t size, const pp_stun *message)
{
    pp_stun_tag tag;

    CHECK(pp_stun_peek(data, size, &tag));
    CHECK(tag.kind == message->kind);
    CHECK(memcmp(tag.transaction, message->transaction, sizeof(message->transaction)) == 0);
    CHECK((tag.username.p != NULL) == message->has_username);
    CHECK(!message->has_username || pp_str_eq(tag.username, message->username));
}

/* What is in front of the integrity lies within the packet, one after another. */
static void check_attributes(const pp_stun *m)
{
    size_t at = 0, before = 0;
    unsigned type;
    pp_str value;
    pp_addr address;

    while (pp_stun_next(m, &at, &type, &value)) {
        CHECK(at > before && at <= m->size);
        CHECK(!value.n || ((const uint8_t *)value.p >= m->packet &&
                           (const uint8_t *)value.p + value.n <= m->packet + m->size));
        CHECK(!pp_stun_read_address(m, value, true, &address) || address.family);
        before = at;
    }
    CHECK(!m->has_integrity256 || m->integrity256_at + 4 + m->integrity256_size <= m->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const pp_str key = PP_LIT("0123456789abcdefghijkl");
    pp_stun first, second;
    pp_buf out = {0};

    if (pp_stun_parse(data, size, &first)) {
        pp_stun_tag tag;

        (void)pp_stun_peek(data, size, &tag);
        return 0;
    }
    check_peek(data, size, &first);
    CHECK(pp_stun_is(data, size));
    check_attributes(&first);
    pp_stun_check_integrity(&first, key);
    pp_stun_check_seal(&first, &(pp_stun_seal){key, true});
    CHECK(pp_stun_write(&first, key, &out) == 0);
    CHECK(pp_stun_parse((const uint8_t *)out.p, out.n, &second) == 0);
    check_same(&first, &second);
    CHECK(second.has_fingerprint && pp_stun_check_integrity(&second, key));
    pp_buf_free(&out);
    return 0;
}
