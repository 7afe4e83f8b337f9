/* request.c - requests of the client: written, sent again, and matched with their answers (RFC 8489 sections 6.2 and 9.2.5). */
#include "turn/inside.h"

#include "base/log.h"

static void put_allocate(const pp_turn *turn, pp_buf *out)
{
    pp_stun_put_u32(out, PP_TURN_REQUESTED_TRANSPORT, 17u << 24); /* UDP */
    if (turn->also_ipv6)
        pp_stun_put_u32(out, PP_TURN_ADDITIONAL_ADDRESS_FAMILY, 2u << 24);
}

static void put_body(const pp_turn *turn, const pp_turn_peer *peer, const pp_turn_request *request,
                     uint32_t lifetime_s, pp_buf *out)
{
    if (request->method == PP_TURN_ALLOCATE)
        put_allocate(turn, out);
    if (request->method == PP_TURN_REFRESH)
        pp_stun_put_u32(out, PP_TURN_LIFETIME, lifetime_s);
    if (request->method == PP_TURN_CHANNEL_BIND && peer)
        pp_stun_put_u32(out, PP_TURN_CHANNEL_NUMBER, (uint32_t)peer->channel << 16);
    if (peer)
        pp_stun_put_address(out, PP_TURN_XOR_PEER_ADDRESS, request->id, &peer->address);
    pp_turn_put_credentials(turn, out);
}

int pp_turn_write_request(pp_turn *turn, const pp_turn_peer *peer, pp_turn_request *request,
                          uint32_t lifetime_s)
{
    pp_stun m = {.kind = PP_STUN_REQUEST, .method = (uint16_t)request->method};
    pp_stun_seal seal = pp_turn_seal(turn);
    pp_buf body = {0};
    int err;

    memcpy(m.transaction, request->id, sizeof(m.transaction));
    put_body(turn, peer, request, lifetime_s, &body);
    m.more = pp_buf_text(&body);
    request->sealed = seal.key.p != NULL;
    pp_buf_clear(&turn->packet);
    err = pp_buf_error(&body);
    if (!err)
        err = pp_stun_write_sealed(&m, &seal, &turn->packet);
    pp_buf_free(&body);
    return err;
}

/* A request that cannot be written for want of memory counts as lost. */
static void transmit(pp_turn *turn, pp_turn_peer *peer, pp_turn_request *request)
{
    if (pp_turn_write_request(turn, peer, request, PP_TURN_LIFETIME_S) == 0)
        pp_turn_transmit(turn);
}

static void begin(pp_turn *turn, pp_turn_peer *peer, pp_turn_request *request, uint64_t now_us)
{
    pp_rng_bytes(turn->rng, request->id, sizeof(request->id));
    request->transmissions = 1;
    request->wait_us = turn->stream ? PP_TURN_STREAM_US : PP_TURN_RTO_US;
    request->due_us = now_us + request->wait_us;
    transmit(turn, peer, request);
}

void pp_turn_ask(pp_turn *turn, pp_turn_peer *peer, unsigned method, uint64_t now_us)
{
    pp_turn_request *request = peer ? &peer->request : &turn->request;

    *request = (pp_turn_request){.method = method};
    begin(turn, peer, request, now_us);
}

/* --- how it ends ------------------------------------------------------------------------------ */

/* `message` NULL: by itself. */
static void end(pp_turn *turn, pp_turn_peer *peer, const pp_turn_message *message, uint64_t now_us)
{
    pp_turn_request *request = peer ? &peer->request : &turn->request;
    unsigned method = request->method;

    request->method = 0;
    if (peer)
        pp_turn_peer_answered(turn, peer, method, message, now_us);
    else
        pp_turn_allocation_answered(turn, method, message, now_us);
}

void pp_turn_run_request(pp_turn *turn, pp_turn_peer *peer, uint64_t now_us)
{
    pp_turn_request *request = peer ? &peer->request : &turn->request;

    if (!request->method || now_us < request->due_us)
        return;
    if (turn->stream || request->transmissions == PP_TURN_TRANSMISSIONS) {
        end(turn, peer, NULL, now_us);
        return;
    }
    request->transmissions++;
    request->wait_us *= 2;
    request->due_us = now_us + (request->transmissions == PP_TURN_TRANSMISSIONS
                                    ? PP_TURN_LAST_WAIT * PP_TURN_RTO_US
                                    : request->wait_us);
    transmit(turn, peer, request);
}

static bool is_of(const pp_turn_request *request, const pp_stun *m)
{
    return request->method && request->method == m->method &&
           memcmp(request->id, m->transaction, sizeof(request->id)) == 0;
}

/* Section 9.2.5: what is not authentic is no answer, but for errors that come without: a bad or an unsigned request's,
 * and a nonce that is too old. */
static bool is_authentic(const pp_turn *turn, const pp_turn_request *request,
                         const pp_turn_message *m)
{
    pp_stun_seal seal = pp_turn_seal(turn);
    int code = m->stun.kind == PP_STUN_ERROR ? m->stun.error_code : 0;

    if (!request->sealed || code == 400 || code == 401 || code == 438)
        return true;
    return seal.key.p && pp_stun_check_seal(&m->stun, &seal);
}

/* 401 for a request without credentials, 438 for one with an old nonce: the same again, as another transaction. */
static bool asks_for_more(const pp_turn_request *request, const pp_stun *m)
{
    return m->kind == PP_STUN_ERROR && request->challenges < PP_TURN_CHALLENGES &&
           (m->error_code == 438 || (m->error_code == 401 && !request->sealed));
}

static void answer(pp_turn *turn, pp_turn_peer *peer, const pp_turn_message *m, uint64_t now_us)
{
    pp_turn_request *request = peer ? &peer->request : &turn->request;

    if (!is_authentic(turn, request, m))
        return;
    if (!asks_for_more(request, &m->stun)) {
        end(turn, peer, m, now_us);
    } else if (pp_turn_challenged(turn, m)) {
        request->challenges++;
        begin(turn, peer, request, now_us);
    }
}

void pp_turn_answered(pp_turn *turn, const pp_turn_message *m, uint64_t now_us)
{
    if (is_of(&turn->request, &m->stun)) {
        answer(turn, NULL, m, now_us);
        return;
    }
    for (size_t i = 0; i < turn->peer_count; i++)
        if (is_of(&turn->peers[i]->request, &m->stun)) {
            answer(turn, turn->peers[i], m, now_us);
            return;
        }
}
