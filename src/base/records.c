/* records.c - which record comes first (RFC 2782, RFC 3403 section 4.1). */
#include "base/records.h"

static void swap(pp_record *a, pp_record *b)
{
    pp_record kept = *a;

    *a = *b;
    *b = kept;
}

static void move_to(pp_record *records, size_t from, size_t to)
{
    for (; from > to; from--)
        swap(&records[from], &records[from - 1]);
}

static bool before(const pp_record *a, const pp_record *b)
{
    return a->order < b->order || (a->order == b->order && a->preference < b->preference);
}

/* At most PP_LIMIT_RECORDS, so the plainest of sorts. */
void pp_records_order_naptr(pp_record *records, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        size_t to = i;

        while (to > 0 && before(&records[i], &records[to - 1]))
            to--;
        move_to(records, i, to);
    }
}

/* One of `count` records of one priority, sorted by weight, so that those of weight 0 come first: by a number between 0 and
 * the sum of weights, the first whose running sum reaches it. */
static size_t draw(const pp_record *records, size_t count, const pp_rng *rng)
{
    uint32_t sum = 0, number;
    size_t i = 0;

    for (size_t k = 0; k < count; k++)
        sum += records[k].preference;
    number = pp_rng_below(rng, sum + 1);
    for (sum = records[0].preference; sum < number; sum += records[i].preference)
        i++;
    return i;
}

void pp_records_order_srv(pp_record *records, size_t count, const pp_rng *rng)
{
    size_t end;

    pp_records_order_naptr(records, count); /* priority, then weight, the lowest first */
    for (size_t at = 0; at < count; at++) {
        for (end = at; end < count && records[end].order == records[at].order; end++)
            ;
        move_to(records, at + draw(records + at, end - at, rng), at);
    }
}
