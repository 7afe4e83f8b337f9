/* nothing.c - the empty pass: what calling and clearing cost, taken off everybody's figures. */
#include "compare.h"

static int begin(void)
{
    return 0;
}

static int keep(pp_str wire, void **kept)
{
    (void)wire;
    *kept = NULL;
    return 0;
}

static int needed(void *kept, bench_needed *out)
{
    (void)kept;
    (void)out;
    return 0;
}

static int typed(void *kept, bench_typed *out)
{
    (void)kept;
    (void)out;
    return 0;
}

static int print(void *kept, pp_str *text)
{
    (void)kept;
    *text = PP_STR_NONE;
    return 0;
}

static void drop(void *kept)
{
    (void)kept;
}

const bench_peer bench_nothing = {"nothing", false, begin, keep, needed, typed, print, drop};
