/* sip_marks.c - a SIP message read by its marks, as every kind of processor finds them, says what it says when read without. */
/* FUZZ: sip */
#include "../tests/support/message_text.h"
#include "sip/message_pool.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_marks_finder *finders[] = {pp_marks_scalar(), pp_marks_sse2(), pp_marks_avx2()};
    pp_str wire = pp_str_n(data, size);
    pp_buf plain = {.max = 64u << 20};

    read_text(NULL, wire, &plain);
    for (size_t i = 0; i < sizeof(finders) / sizeof(*finders); i++) {
        pp_buf marked = {.max = 64u << 20};
        if (!finders[i])
            continue;
        read_text(finders[i], wire, &marked);
        if (marked.n != plain.n || memcmp(marked.p, plain.p, plain.n) != 0) {
            fprintf(stderr, "finder %zu reads\n%.*s\nand without marks it is\n%.*s\n", i,
                    PP_STR(pp_buf_text(&marked)), PP_STR(pp_buf_text(&plain)));
            abort();
        }
        pp_buf_free(&marked);
    }
    pp_buf_free(&plain);
    return 0;
}
