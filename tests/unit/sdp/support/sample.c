/* sample.c - descriptions that are parsed for a test. */
#include "unit/sdp/support/sample.h"

#include <stdlib.h>

pp_sdp *parse(pp_str text)
{
    pp_sdp *sdp = NULL;

    assert_int_equal(pp_sdp_parse(text, &sdp), 0);
    return sdp;
}

pp_sdp *sample(const char *name)
{
    pp_str text = read_corpus(name);
    pp_sdp *sdp = parse(text);

    free((void *)(uintptr_t)text.p);
    return sdp;
}

void assert_text(pp_str text, const char *expected)
{
    assert_int_equal(text.n, strlen(expected));
    assert_memory_equal(text.p, expected, text.n);
}
