/* turn_server.c - a TURN server for tests. Its keys are made here, apart from the client's. */
#include "support/turn/turn_server.h"

#include "crypto/hash.h"
#include "support/files.h"
#include "turn/message.h"

#include <stdio.h>

#define S 1000000u

turn_client *turn_server_client(turn_server *s, const pp_addr *client)
{
    for (size_t i = 0; i < s->client_count; i++)
        if (pp_addr_eq(&s->clients[i].address, client))
            return &s->clients[i];
    return NULL;
}

void turn_server_forget(turn_server *s, const pp_addr *client)
{
    turn_client *c = turn_server_client(s, client);

    if (c)
        c->allocated = false;
}

/* --- credentials ------------------------------------------------------------------------------ */

/* Feature bits: password algorithms, user name anonymity. */
static void nonce_text(const turn_server *s, char out[64])
{
    const char *features = s->sha256      ? (s->anonymous ? "wAAA" : "gAAA")
                           : s->anonymous ? "QAAA"
                                          : "AAAA";

    snprintf(out, 64, "obMatJos2%snonce%u", features, s->nonce);
}

static pp_stun_seal seal_of(const turn_server *s, bool sha256, uint8_t key[PP_HASH_MAX])
{
    pp_str text = PP_LIT(TURN_USER ":" TURN_REALM ":" TURN_PASSWORD);

    (void)s;
    assert_int_equal(pp_hash_digest(sha256 ? PP_HASH_SHA256 : PP_HASH_MD5, &text, 1, key), 0);
    return (pp_stun_seal){pp_str_n(key, sha256 ? 32 : 16), sha256};
}

static bool names_us(const turn_server *s, const pp_turn_message *m)
{
    pp_str user = PP_LIT(TURN_USER ":" TURN_REALM), value;
    uint8_t hash[PP_HASH_MAX];
    unsigned type;
    size_t at = 0;

    if (!s->anonymous)
        return pp_str_eq(m->stun.username, PP_LIT(TURN_USER));
    assert_int_equal(pp_hash_digest(PP_HASH_SHA256, &user, 1, hash), 0);
    while (pp_stun_next(&m->stun, &at, &type, &value))
        if (type == PP_STUN_USERHASH)
            return !m->stun.has_username && pp_str_eq(value, pp_str_n(hash, 32));
    return false;
}

/* 0, 401 or 438. */
static int judge(turn_server *s, const pp_turn_message *m)
{
    uint8_t key[PP_HASH_MAX];
    pp_stun_seal seal = seal_of(s, s->sha256, key);
    char nonce[64];

    if (!m->stun.has_integrity && !m->stun.has_integrity256)
        return 401;
    nonce_text(s, nonce);
    if (!pp_str_eq_c(m->nonce, nonce))
        return 438;
    if (!names_us(s, m) || !pp_str_eq_c(m->realm, TURN_REALM) ||
        !pp_stun_check_seal(&m->stun, &seal) || (s->sha256 && !m->algorithms.p))
        return 401;
    if (s->stale_after && ++s->used > s->stale_after) {
        s->nonce++;
        s->used = 0;
        return 438;
    }
    return 0;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void answer(turn_server *s, const turn_client *c, const pp_turn_message *to, int code,
                   pp_buf *more)
{
    pp_stun m = {.kind = code ? PP_STUN_ERROR : PP_STUN_SUCCESS,
                 .method = to->stun.method,
                 .error_code = code,
                 .more = pp_buf_text(more)};
    uint8_t key[PP_HASH_MAX];
    pp_stun_seal seal = seal_of(s, s->sha256, key);
    pp_buf out = {0};

    if (s->forgery)
        key[0] ^= 1;
    if (s->open || code == 401 || code == 438)
        seal.key = PP_STR_NONE;
    memcpy(m.transaction, to->stun.transaction, sizeof(m.transaction));
    if (to->stun.method == PP_TURN_ALLOCATE && !code) {
        m.has_mapped = true;
        m.mapped = c->address;
    }
    assert_int_equal(pp_stun_write_sealed(&m, &seal, &out), 0);
    s->send(s->arg, &c->address, (const uint8_t *)out.p, out.n);
    pp_buf_free(&out);
    pp_buf_free(more);
}

static void challenge(turn_server *s, const turn_client *c, const pp_turn_message *m, int code)
{
    pp_buf more = {0};
    char nonce[64];

    s->challenges++;
    nonce_text(s, nonce);
    pp_stun_put(&more, PP_STUN_REALM, pp_str_c(TURN_REALM));
    pp_stun_put(&more, PP_STUN_NONCE, pp_str_c(nonce));
    if (s->sha256 && !s->strips_algorithms)
        pp_stun_put(&more, PP_STUN_PASSWORD_ALGORITHMS, PP_LIT("\0\1\0\0\0\2\0\0"));
    answer(s, c, m, code, &more);
}

static bool wants_ipv6(const pp_turn_message *m)
{
    size_t at = 0;
    unsigned type;
    pp_str value;

    while (pp_stun_next(&m->stun, &at, &type, &value))
        if (type == PP_TURN_ADDITIONAL_ADDRESS_FAMILY)
            return value.n == 4 && value.p[0] == 2;
    return false;
}

static void allocate(turn_server *s, turn_client *c, const pp_turn_message *m)
{
    pp_buf more = {0};

    if (c->allocated) {
        answer(s, c, m, 437, &more);
        return;
    }
    c->permission_count = 0;
    for (unsigned i = 0; i < 2; i++) {
        c->relayed[i] = i == 0 || wants_ipv6(m) ? s->relay_ip[i] : (pp_addr){0};
        c->relayed[i].port = c->relayed[i].family ? (uint16_t)(49152 + s->next_port++) : 0;
        if (c->relayed[i].family)
            pp_stun_put_address(&more, PP_TURN_XOR_RELAYED_ADDRESS, m->stun.transaction,
                                &c->relayed[i]);
    }
    c->allocated = true;
    c->until_us = s->now_us + (s->lifetime_s ? s->lifetime_s : 600) * (uint64_t)S;
    pp_stun_put_u32(&more, PP_TURN_LIFETIME, s->lifetime_s ? s->lifetime_s : 600);
    answer(s, c, m, 0, &more);
}

static void refresh(turn_server *s, turn_client *c, const pp_turn_message *m)
{
    uint32_t lifetime = s->lifetime_s ? s->lifetime_s : 600;
    pp_buf more = {0};

    if (m->has_lifetime && !m->lifetime_s) {
        s->deallocated++;
        c->allocated = false;
        lifetime = 0;
    }
    c->until_us = s->now_us + lifetime * (uint64_t)S;
    pp_stun_put_u32(&more, PP_TURN_LIFETIME, lifetime);
    answer(s, c, m, 0, &more);
}

static turn_permission *permission_for(turn_client *c, const pp_addr *peer)
{
    for (size_t i = 0; i < c->permission_count; i++)
        if (pp_addr_eq(&c->permissions[i].peer, peer))
            return &c->permissions[i];
    assert_true(c->permission_count < 16);
    c->permissions[c->permission_count] = (turn_permission){.peer = *peer};
    return &c->permissions[c->permission_count++];
}

static unsigned channel_of(const pp_turn_message *m)
{
    size_t at = 0;
    unsigned type;
    pp_str value;

    while (pp_stun_next(&m->stun, &at, &type, &value))
        if (type == PP_TURN_CHANNEL_NUMBER && value.n == 4)
            return (unsigned)(uint8_t)value.p[0] << 8 | (uint8_t)value.p[1];
    return 0;
}

static void permit(turn_server *s, turn_client *c, const pp_turn_message *m)
{
    turn_permission *p = permission_for(c, &m->peer);
    pp_buf more = {0};

    assert_true(pp_addr_is_unicast(&m->peer));
    p->until_us = s->now_us + 300 * (uint64_t)S;
    if (m->stun.method == PP_TURN_CHANNEL_BIND) {
        unsigned channel = channel_of(m);

        assert_in_range(channel, 0x4000, 0x4FFF);
        assert_true(!p->channel || p->channel == channel);
        p->channel = channel;
        p->channel_until_us = s->now_us + 600 * (uint64_t)S;
    }
    answer(s, c, m, 0, &more);
}

static void request(turn_server *s, turn_client *c, const pp_turn_message *m)
{
    int code = s->open ? 0 : judge(s, m);
    pp_buf more = {0};

    if (code) {
        challenge(s, c, m, code);
        return;
    }
    s->requests[m->stun.method & 15]++;
    if (s->refuses && m->stun.method == s->refuses_method) {
        if (s->alternate.family) { /* not XORed (RFC 8489 section 14.15) */
            pp_buf_u32(&more, (uint32_t)PP_STUN_ALTERNATE_SERVER << 16 | 8);
            pp_buf_u16(&more, 1);
            pp_buf_u16(&more, s->alternate.port);
            pp_buf_add(&more, s->alternate.ip, 4);
        }
        answer(s, c, m, s->refuses, &more);
    } else if (m->stun.method == PP_TURN_ALLOCATE)
        allocate(s, c, m);
    else if (!c->allocated || c->until_us <= s->now_us)
        answer(s, c, m, 437, &more);
    else if (m->stun.method == PP_TURN_REFRESH)
        refresh(s, c, m);
    else
        permit(s, c, m);
}

/* --- data ------------------------------------------------------------------------------------- */

static bool is_permitted(const turn_server *s, const turn_client *c, const pp_addr *peer)
{
    for (size_t i = 0; i < c->permission_count; i++)
        if (pp_addr_same_ip(&c->permissions[i].peer, peer) &&
            c->permissions[i].until_us > s->now_us)
            return true;
    return false;
}

static void relay_out(turn_server *s, const turn_client *c, const pp_addr *to, const uint8_t *data,
                      size_t size)
{
    const pp_addr *from = &c->relayed[to->family == 6];

    if (c->allocated && c->until_us > s->now_us && from->family && is_permitted(s, c, to))
        s->relay(s->arg, from, to, data, size);
}

static void channel_data(turn_server *s, const turn_client *c, const uint8_t *data, size_t size)
{
    unsigned channel = (unsigned)data[0] << 8 | data[1];
    size_t length = (size_t)data[2] << 8 | data[3];

    s->channel_datas++;
    assert_true(4 + length <= size);
    assert_true(!c->stream || size == 4 + (length + 3) / 4 * 4);
    for (size_t i = 0; i < c->permission_count; i++)
        if (c->permissions[i].channel == channel && c->permissions[i].channel_until_us > s->now_us)
            relay_out(s, c, &c->permissions[i].peer, data + 4, length);
}

void turn_server_receive(turn_server *s, const pp_addr *client, bool stream, const uint8_t *data,
                         size_t size)
{
    turn_client *c = turn_server_client(s, client);
    pp_turn_message m;

    if (s->silent)
        return;
    if (!c) {
        assert_true(s->client_count < TURN_CLIENTS);
        c = &s->clients[s->client_count++];
        *c = (turn_client){.address = *client, .stream = stream};
    }
    if (size >= 4 && data[0] >> 6 == 1) {
        channel_data(s, c, data, size);
        return;
    }
    assert_int_equal(pp_turn_message_parse(data, size, &m), 0);
    if (m.stun.kind == PP_STUN_REQUEST && m.stun.method == PP_STUN_BINDING) {
        pp_stun reply = {.kind = PP_STUN_SUCCESS,
                         .method = PP_STUN_BINDING,
                         .has_mapped = true,
                         .mapped = *client};
        pp_buf out = {0};

        memcpy(reply.transaction, m.stun.transaction, 12);
        assert_int_equal(pp_stun_write(&reply, PP_STR_NONE, &out), 0);
        s->send(s->arg, client, (const uint8_t *)out.p, out.n);
        pp_buf_free(&out);
    } else if (m.stun.kind == PP_STUN_REQUEST) {
        request(s, c, &m);
    } else if (m.stun.kind == PP_STUN_INDICATION && m.stun.method == PP_TURN_SEND) {
        s->indications++;
        relay_out(s, c, &m.peer, (const uint8_t *)m.data.p, m.data.n);
    }
}

static void send_channel_data(turn_server *s, const turn_client *c, unsigned channel, pp_str data)
{
    pp_buf out = {0};

    pp_buf_u16(&out, channel);
    pp_buf_u16(&out, (unsigned)data.n);
    pp_buf_str(&out, data);
    while (c->stream && out.n % 4)
        pp_buf_u8(&out, 0);
    s->send(s->arg, &c->address, (const uint8_t *)out.p, out.n);
    pp_buf_free(&out);
}

static void send_indication(turn_server *s, const turn_client *c, const pp_addr *from, pp_str data)
{
    pp_stun m = {.kind = PP_STUN_INDICATION, .method = PP_TURN_DATA, .transaction = "of a server"};
    pp_buf more = {0}, out = {0};

    pp_stun_put_address(&more, PP_TURN_XOR_PEER_ADDRESS, m.transaction, from);
    pp_stun_put(&more, PP_TURN_DATA_ATTRIBUTE, data);
    m.more = pp_buf_text(&more);
    assert_int_equal(pp_stun_write(&m, PP_STR_NONE, &out), 0);
    s->send(s->arg, &c->address, (const uint8_t *)out.p, out.n);
    pp_buf_free(&out);
    pp_buf_free(&more);
}

void turn_server_relayed(turn_server *s, const pp_addr *relayed, const pp_addr *from,
                         const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < s->client_count; i++) {
        const turn_client *c = &s->clients[i];

        if (!c->allocated || !pp_addr_eq(&c->relayed[relayed->family == 6], relayed) ||
            !is_permitted(s, c, from))
            continue;
        for (size_t k = 0; k < c->permission_count; k++)
            if (c->permissions[k].channel && pp_addr_eq(&c->permissions[k].peer, from) &&
                c->permissions[k].channel_until_us > s->now_us) {
                send_channel_data(s, c, c->permissions[k].channel, pp_str_n(data, size));
                return;
            }
        send_indication(s, c, from, pp_str_n(data, size));
        return;
    }
}
