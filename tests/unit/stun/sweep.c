/* sweep.c - every prefix and every turned bit of STUN messages: nothing is read beyond the packet, and
 * none with a wrong bit is believed. */
#include "support/sweep.h"
#include "stun/stun.h"
#include "support/files.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct believed {
    pp_str key;
    unsigned count;
} believed;

static void handle(const uint8_t *data, size_t size, void *arg)
{
    believed *b = arg;
    pp_stun message;

    if (!pp_stun_is(data, size) || pp_stun_parse(data, size, &message))
        return;
    assert_true(message.integrity_at <= size);
    assert_true(!message.username.n ||
                ((const uint8_t *)message.username.p >= data &&
                 (const uint8_t *)message.username.p + message.username.n <= data + size));
    b->count += message.has_fingerprint && pp_stun_check_integrity(&message, b->key);
}

static size_t octets_of(const char *hex, uint8_t *out)
{
    size_t size = 0;

    for (; hex[0] && hex[1]; hex += 2) {
        const char octet[3] = {hex[0], hex[1], 0};
        out[size++] = (uint8_t)strtoul(octet, NULL, 16);
    }
    return size;
}

static void the_vectors_of_rfc_5769_are_believed_whole_only(void **state)
{
    pp_str text = read_corpus("vectors/stun-rfc5769.json");
    cJSON *all = cJSON_ParseWithLength(text.p, text.n), *json;
    sweep prefixes = {.function = handle}, bits = {.function = handle};
    unsigned messages = 0;

    (void)state;
    cJSON_ArrayForEach(json, all)
    {
        const cJSON *key = cJSON_GetObjectItem(json, "key");
        believed b = {.key = pp_str_c(cJSON_GetStringValue(key))};
        uint8_t data[512];
        size_t size = octets_of(cJSON_GetStringValue(cJSON_GetObjectItem(json, "hex")), data);

        prefixes.arg = bits.arg = &b;
        sweep_bits(&bits, pp_str_n(data, size));
        assert_int_equal(b.count, 0);
        sweep_prefixes(&prefixes, pp_str_n(data, size));
        assert_in_range(b.count, 0, 1); /* the whole; one vector has no fingerprint */
        messages += b.count;
    }
    assert_true(messages >= 3);
    sweep_report(&prefixes, "prefixes", "STUN vectors");
    sweep_report(&bits, "turned bits", "STUN vectors");
    cJSON_Delete(all);
    free((void *)(uintptr_t)text.p);
}

static void a_seed_damaged_anywhere_does_no_harm(void **state)
{
    static const char *const seeds[] = {"error", "indication", "request", "success", "success6"};
    believed b = {.key = PP_LIT("key")};
    sweep s = {.function = handle, .arg = &b};

    (void)state;
    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
        pp_str content = read_seed("stun", seeds[i]);

        sweep_prefixes(&s, content);
        sweep_bits(&s, content);
        free((void *)(uintptr_t)content.p);
    }
    sweep_report(&s, "prefixes and turned bits", "STUN seeds, each twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_rfc_5769_are_believed_whole_only),
        cmocka_unit_test(a_seed_damaged_anywhere_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
