/* rng.c - tokens: which letters chance becomes. */
#include "base/rng.h"
#include "support/files.h"

static void count_up(void *arg, void *out, size_t size)
{
    unsigned char *next = arg, *octets = out;

    for (size_t i = 0; i < size; i++)
        octets[i] = (*next)++;
}

static void a_token_has_a_letter_for_five_bits_of_each_octet(void **state)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    unsigned char next = 0, at = 0;
    const pp_rng rng = {count_up, &next};
    char token[64];

    (void)state;
    for (size_t size = 0; size < sizeof(token); size++) {
        pp_rng_token(&rng, token, size);
        for (size_t i = 0; i < size; i++, at++)
            assert_int_equal(token[i], letters[at % 32]);
        assert_int_equal(token[size], '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_has_a_letter_for_five_bits_of_each_octet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
