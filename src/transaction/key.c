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
    return branch.n > sizeof(MAGIC_COOKIE) - 1 &&
           (pp_str_starts(branch, MAGIC_COOKIE) || pp_str_istarts(branch, MAGIC_COOKIE));
}

/* --- of server transactions ------------------------------------------------------------------- */

/* Eight octets, capitals of ASCII made small letters. */
static inline uint64_t lower(uint64_t octets)
{
    uint64_t low = octets & UINT64_C(0x7F7F7F7F7F7F7F7F);
    uint64_t from_a = low + UINT64_C(0x3F3F3F3F3F3F3F3F); /* the highest bit: 'A' or more */
    uint64_t behind_z = low + UINT64_C(0x2525252525252525);
    uint64_t capital = from_a & ~behind_z & ~octets & UINT64_C(0x8080808080808080);

    return octets | capital >> 2;
}

static inline uint64_t as_it_is(uint64_t octets)
{
    return octets;
}

/* Its length, then all of it: what is left at the end with octets before it that were taken already. */
static inline void add_octets(pp_sum *sum, pp_str part, uint64_t (*form)(uint64_t octets))
{
    uint64_t octets = 0;
    size_t at;

    pp_sum_add(sum, part.n);
    for (at = 0; part.n - at >= sizeof(octets); at += sizeof(octets)) {
        memcpy(&octets, part.p + at, sizeof(octets));
        pp_sum_add(sum, form(octets));
    }
    if (at == part.n)
        return;
    if (at)
        memcpy(&octets, part.p + part.n - sizeof(octets), sizeof(octets));
    else
        memcpy(&octets, part.p, part.n);
    pp_sum_add(sum, form(octets));
}

static void add_part(pp_sum *sum, pp_str part)
{
    add_octets(sum, part, as_it_is);
}

/* Parameter values and host names are compared without regard to case (RFC 3261 section 7.3.1). */
static void add_lower_part(pp_sum *sum, pp_str part)
{
    add_octets(sum, part, lower);
}

/* A number, and the method: by name where we have no number for it. */
static void add_method(pp_sum *sum, const pp_message *request, pp_method method, uint32_t number)
{
    pp_sum_add(sum, (uint64_t)number << 32 | method);
    if (method == PP_METHOD_OTHER)
        add_part(sum, request->method_name);
}

uint64_t pp_server_key(const pp_message *request, pp_method method, pp_str to_tag)
{
    const pp_via *via = &request->via;
    pp_sum sum = pp_sum_begin();

    add_method(&sum, request, method, via->port);
    add_lower_part(&sum, via->branch);
    add_lower_part(&sum, via->host);
    if (!pp_branch_is_rfc3261(via->branch)) {
        add_lower_part(&sum, via->transport);
        add_lower_part(&sum, via->params);
        add_part(&sum, request->ruri_text);
        add_part(&sum, request->from_tag);
        add_part(&sum, to_tag);
        add_part(&sum, request->call_id);
        pp_sum_add(&sum, request->cseq);
    }
    return pp_sum_end(&sum);
}

uint64_t pp_merged_key(const pp_message *request)
{
    pp_sum sum = pp_sum_begin();

    add_method(&sum, request, request->method, request->cseq);
    add_part(&sum, request->from_tag);
    add_part(&sum, request->call_id);
    return pp_sum_end(&sum);
}

/* --- of client transactions ------------------------------------------------------------------- */

/* Of a branch the first words are enough. All in the table are by chance and of our own making, so no peer can crowd a place. */
unsigned pp_client_hash(const pp_client_key *key)
{
    uint64_t sum = (uintptr_t)key->flow ^ (uint64_t)key->method << 56, word;
    size_t n = key->branch.n < PP_BRANCH_SIZE ? key->branch.n : PP_BRANCH_SIZE - 1;

    for (size_t at = 0; at + sizeof(word) <= n; at += sizeof(word)) {
        memcpy(&word, key->branch.p + at, sizeof(word));
        sum = pp_mix_word(sum, word | UINT64_C(0x2020202020202020)); /* capitals become small */
    }
    return (unsigned)sum;
}
