/* key.c - what identifies a transaction.
 *
 * A server transaction is known by a sum of 64 bits under the key of this process: of a million that are alive two share one by
 * a chance of 1 in 40 million, and a peer can neither compute one nor learn it. */
#include "transaction/machine.h"

#define MAGIC_COOKIE "z9hG4bK"

void pp_branch_new(const pp_rng *rng, char out[PP_BRANCH_SIZE])
{
    memcpy(out, MAGIC_COOKIE, sizeof(MAGIC_COOKIE) - 1);
    pp_rng_token(rng, out + sizeof(MAGIC_COOKIE) - 1, PP_BRANCH_SIZE - sizeof(MAGIC_COOKIE));
}

/* The cookie alone identifies nothing (RFC 4475 section 3.2.1). */
bool pp_branch_is_rfc3261(pp_str branch)
{
    return pp_str_istarts(branch, MAGIC_COOKIE) && branch.n > sizeof(MAGIC_COOKIE) - 1;
}

/* --- of server transactions ------------------------------------------------------------------- */

/* Parts of any length, in no more memory than this: what is full gives way to its sum. */
typedef struct digest {
    uint8_t octets[256];
    size_t n;
} digest;

static void add(digest *d, const void *data, size_t size)
{
    const uint8_t *p = data;

    while (size) {
        size_t room = sizeof(d->octets) - d->n, n = size < room ? size : room;

        memcpy(d->octets + d->n, p, n);
        d->n += n;
        p += n;
        size -= n;
        if (d->n == sizeof(d->octets)) {
            uint64_t sum = pp_map_hash_wide(d->octets, d->n);

            memcpy(d->octets, &sum, sizeof(sum));
            d->n = sizeof(sum);
        }
    }
}

static void add_number(digest *d, uint32_t number)
{
    add(d, &number, sizeof(number));
}

/* Parts of a message hold no LF, so they cannot run into each other. */
static void add_part(digest *d, pp_str part)
{
    add(d, part.p, part.n);
    add(d, "\n", 1);
}

/* Eight octets, capitals of ASCII made small letters. */
static uint64_t lower(uint64_t octets)
{
    uint64_t low = octets & UINT64_C(0x7F7F7F7F7F7F7F7F);
    uint64_t from_a = low + UINT64_C(0x3F3F3F3F3F3F3F3F); /* the highest bit: 'A' or more */
    uint64_t behind_z = low + UINT64_C(0x2525252525252525);
    uint64_t capital = from_a & ~behind_z & ~octets & UINT64_C(0x8080808080808080);

    return octets | capital >> 2;
}

/* Parameter values and host names are compared without regard to case (RFC 3261 section 7.3.1). */
static void add_lower_part(digest *d, pp_str part)
{
    for (size_t at = 0; at < part.n; at += sizeof(uint64_t)) {
        size_t n = part.n - at < sizeof(uint64_t) ? part.n - at : sizeof(uint64_t);
        uint64_t octets = 0;

        memcpy(&octets, part.p + at, n);
        octets = lower(octets);
        add(d, &octets, n);
    }
    add(d, "\n", 1);
}

uint64_t pp_server_key(const pp_message *request, pp_str method, pp_str to_tag)
{
    const pp_via *via = &request->via;
    digest d;

    d.n = 0;
    add_part(&d, method);
    add_lower_part(&d, via->branch);
    add_lower_part(&d, via->host);
    add_number(&d, via->port);
    if (!pp_branch_is_rfc3261(via->branch)) {
        add_lower_part(&d, via->transport);
        add_lower_part(&d, via->params);
        add_part(&d, request->ruri_text);
        add_part(&d, request->from_tag);
        add_part(&d, to_tag);
        add_part(&d, request->call_id);
        add_number(&d, request->cseq);
    }
    return pp_map_hash_wide(d.octets, d.n);
}

uint64_t pp_merged_key(const pp_message *request)
{
    digest d;

    d.n = 0;
    add_part(&d, request->from_tag);
    add_part(&d, request->call_id);
    add_part(&d, request->method_name);
    add_number(&d, request->cseq);
    return pp_map_hash_wide(d.octets, d.n);
}

/* --- of client transactions ------------------------------------------------------------------- */

/* Of a long branch the beginning is enough. All in the table are by chance and of our own making, so no peer can crowd a place. */
unsigned pp_client_hash(const pp_client_key *key)
{
    uint64_t branch[(PP_BRANCH_SIZE - 1) / 8] = {0};
    size_t n = key->branch.n < sizeof(branch) ? key->branch.n : sizeof(branch);

    if (n)
        memcpy(branch, key->branch.p, n);
    for (size_t i = 0; i < sizeof(branch) / sizeof(*branch); i++)
        branch[i] |= UINT64_C(0x2020202020202020); /* capitals become small letters */
    return (unsigned)pp_mix((uintptr_t)key->flow ^ (uint64_t)key->method << 56, branch,
                            sizeof(branch));
}
