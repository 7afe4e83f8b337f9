/* key.c - what identifies a transaction. Parts have their length in front, so that no two lists
 * of parts look alike. */
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

static void add_part(pp_buf *key, pp_str part)
{
    pp_buf_u32(key, (uint32_t)part.n);
    pp_buf_str(key, part);
}

/* Parameter values and host names are compared without regard to case (RFC 3261 section 7.3.1). */
static void add_lower_part(pp_buf *key, pp_str part)
{
    uint8_t *room;

    pp_buf_u32(key, (uint32_t)part.n);
    room = pp_buf_room(key, part.n);
    for (size_t i = 0; room && i < part.n; i++) {
        char c = part.p[i];

        room[i] = (uint8_t)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
}

static void add_flow(pp_buf *key, void *flow)
{
    pp_buf_add(key, &flow, sizeof(flow));
}

pp_str pp_key_without_flow(const pp_buf *key)
{
    return pp_str_sub(pp_buf_text(key), sizeof(void *), key->n);
}

/* Of a long branch the beginning is enough: it is by chance, and of our own making. */
unsigned pp_client_hash(const pp_client_key *key)
{
    struct {
        void *flow;
        uint64_t method;
        uint64_t branch[5];
    } hashed = {.flow = key->flow, .method = key->method};
    size_t n = key->branch.n < sizeof(hashed.branch) ? key->branch.n : sizeof(hashed.branch);

    if (n)
        memcpy(hashed.branch, key->branch.p, n);
    for (size_t i = 0; i < sizeof(hashed.branch) / sizeof(*hashed.branch); i++)
        hashed.branch[i] |= UINT64_C(0x2020202020202020); /* capitals become small letters */
    return pp_map_hash(&hashed, sizeof(hashed));
}

void pp_server_key(pp_buf *key, void *flow, const pp_message *request, pp_str method, pp_str to_tag)
{
    const pp_via *via = &request->via;

    add_flow(key, flow);
    add_part(key, method);
    add_lower_part(key, via->branch);
    add_lower_part(key, via->host);
    pp_buf_u16(key, via->port);
    if (pp_branch_is_rfc3261(via->branch))
        return;
    add_lower_part(key, via->transport);
    add_lower_part(key, via->params);
    add_part(key, request->ruri_text);
    add_part(key, request->from_tag);
    add_part(key, to_tag);
    add_part(key, request->call_id);
    pp_buf_u32(key, request->cseq);
}

void pp_merged_key(pp_buf *key, const pp_message *request)
{
    add_part(key, request->from_tag);
    add_part(key, request->call_id);
    add_part(key, request->method_name);
    pp_buf_u32(key, request->cseq);
}
