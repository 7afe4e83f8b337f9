/* turn.c - a TURN client from its making to its end: octets in, time in, and when time wants to be told again. */
#include "turn/inside.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "base/reader.h"

int pp_turn_new(const pp_rng *rng, const pp_turn_options *options, const pp_turn_handlers *handlers,
                void *arg, pp_turn **out)
{
    pp_turn *turn = PP_NEW(pp_turn);

    if (!turn)
        return PIPIT_ERR_MEMORY;
    turn->rng = rng;
    turn->handlers = handlers;
    turn->arg = arg;
    turn->stream = options->stream;
    turn->also_ipv6 = options->also_ipv6;
    turn->refresh_us = PP_NEVER;
    turn->in.max = PP_LIMIT_TURN_STREAM;
    turn->username = pp_strdup(options->username ? options->username : "");
    turn->credential = pp_strdup(options->credential ? options->credential : "");
    if (!turn->username || !turn->credential) {
        pp_turn_free(turn);
        return PIPIT_ERR_MEMORY;
    }
    turn->next_channel =
        PP_TURN_CHANNEL_FIRST + pp_rng_below(rng, PP_TURN_CHANNEL_LAST - PP_TURN_CHANNEL_FIRST);
    *out = turn;
    return 0;
}

static void release(pp_turn *turn)
{
    pp_turn_forget_peers(turn);
    pp_turn_forget_credentials(turn);
    pp_free(turn->username);
    pp_free_secret(turn->credential);
    pp_buf_free(&turn->in);
    pp_buf_free(&turn->packet);
    pp_free(turn);
}

pp_turn *pp_turn_free(pp_turn *turn)
{
    if (!turn || turn->state == PP_TURN_FREED)
        return NULL;
    turn->state = PP_TURN_FREED;
    if (!turn->depth)
        release(turn);
    return NULL;
}

void pp_turn_enter(pp_turn *turn)
{
    turn->depth++;
}

void pp_turn_leave(pp_turn *turn)
{
    if (--turn->depth == 0 && turn->state == PP_TURN_FREED)
        release(turn);
}

void pp_turn_fail(pp_turn *turn, int code, const char *reason, const pp_addr *alternate)
{
    pp_turn_failure failure = {.code = code, .reason = reason};

    if (!pp_turn_is_live(turn))
        return;
    if (alternate)
        failure.alternate = *alternate;
    pp_log_debug("TURN", "over: %s (%d)", reason, code);
    turn->state = PP_TURN_OVER;
    turn->handlers->failed(turn->arg, &failure);
}

void pp_turn_transmit(pp_turn *turn)
{
    turn->spoke = true;
    turn->handlers->send(turn->arg, (const uint8_t *)turn->packet.p, turn->packet.n);
}

/* Nothing but a Binding indication, which nobody answers. */
static void keep_way_open(pp_turn *turn)
{
    pp_stun m = {.kind = PP_STUN_INDICATION, .method = PP_STUN_BINDING};

    pp_rng_bytes(turn->rng, m.transaction, sizeof(m.transaction));
    pp_buf_clear(&turn->packet);
    if (pp_stun_write(&m, PP_STR_NONE, &turn->packet) == 0)
        pp_turn_transmit(turn);
}

void pp_turn_start(pp_turn *turn, uint64_t now_us)
{
    if (turn->state != PP_TURN_NEW)
        return;
    pp_turn_enter(turn);
    turn->state = PP_TURN_ALLOCATING;
    pp_turn_ask(turn, NULL, PP_TURN_ALLOCATE, now_us);
    pp_turn_leave(turn);
}

void pp_turn_close(pp_turn *turn)
{
    pp_turn_request last = {.method = PP_TURN_REFRESH};
    bool allocated = turn->state == PP_TURN_ALLOCATED;

    if (turn->state == PP_TURN_FREED)
        return;
    pp_turn_enter(turn);
    turn->state = PP_TURN_OVER;
    pp_rng_bytes(turn->rng, last.id, sizeof(last.id));
    if (allocated && pp_turn_write_request(turn, NULL, &last, 0) == 0)
        pp_turn_transmit(turn);
    pp_turn_leave(turn);
}

const pp_addr *pp_turn_relayed(const pp_turn *turn, unsigned family)
{
    const pp_addr *relayed = &turn->relayed[family == 6];

    return relayed->family ? relayed : NULL;
}

const pp_addr *pp_turn_mapped(const pp_turn *turn)
{
    return turn->mapped.family ? &turn->mapped : NULL;
}

/* --- octets in -------------------------------------------------------------------------------- */

/* A whole STUN message or ChannelData message. */
static void take(pp_turn *turn, const uint8_t *data, size_t size, uint64_t now_us)
{
    pp_turn_message message;

    if (size && data[0] >> 6 == 1)
        pp_turn_channel_data(turn, data, size);
    else if (pp_turn_message_parse(data, size, &message))
        return;
    else if (message.stun.kind == PP_STUN_INDICATION)
        pp_turn_indicated(turn, &message);
    else if (message.stun.kind != PP_STUN_REQUEST)
        pp_turn_answered(turn, &message, now_us);
}

/* How long the message at the front of the stream is (RFC 8656 section 12.5: ChannelData is padded there); 0: that
 * is not known yet; SIZE_MAX: it is none. */
static size_t first_size(const pp_buf *in)
{
    pp_reader r = pp_reader_of(in->p, in->n);
    unsigned type = pp_reader_u16(&r);
    size_t length = pp_reader_u16(&r);

    if (r.failed)
        return 0;
    if (type >> 14 == 1)
        return 4 + (length + 3) / 4 * 4;
    return type >> 14 == 0 && length % 4 == 0 ? PP_STUN_HEADER + length : SIZE_MAX;
}

static void take_stream(pp_turn *turn, const uint8_t *data, size_t size, uint64_t now_us)
{
    size_t first;

    pp_buf_add(&turn->in, data, size);
    if (pp_buf_error(&turn->in)) {
        pp_turn_fail(turn, 0, "there was no memory for what the server sends", NULL);
        return;
    }
    while (pp_turn_is_live(turn) && (first = first_size(&turn->in)) != 0 && first <= turn->in.n) {
        take(turn, (const uint8_t *)turn->in.p, first, now_us);
        pp_buf_consume(&turn->in, first);
    }
    if (first_size(&turn->in) == SIZE_MAX)
        pp_turn_fail(turn, 0, "the server sends what is not TURN", NULL);
}

/* In pieces that cannot fill the buffer, which is made for the longest message and one of them. */
static void take_pieces(pp_turn *turn, const uint8_t *data, size_t size, uint64_t now_us)
{
    while (size && pp_turn_is_live(turn)) {
        size_t piece = size < PP_LIMIT_TURN_STREAM / 4 ? size : PP_LIMIT_TURN_STREAM / 4;

        take_stream(turn, data, piece, now_us);
        data += piece;
        size -= piece;
    }
}

void pp_turn_receive(pp_turn *turn, const uint8_t *data, size_t size, uint64_t now_us)
{
    if (!pp_turn_is_live(turn))
        return;
    pp_turn_enter(turn);
    if (turn->stream)
        take_pieces(turn, data, size, now_us);
    else
        take(turn, data, size, now_us);
    pp_turn_leave(turn);
}

/* --- time in ---------------------------------------------------------------------------------- */

/* Streams are kept open by TCP. */
static void run_keep_alive(pp_turn *turn, uint64_t now_us)
{
    if (turn->state != PP_TURN_ALLOCATED || turn->stream || now_us < turn->keep_us)
        return;
    if (!turn->spoke)
        keep_way_open(turn);
    turn->spoke = false;
    turn->keep_us = now_us + PP_TURN_KEEP_US;
}

void pp_turn_tick(pp_turn *turn, uint64_t now_us)
{
    if (!pp_turn_is_live(turn))
        return;
    pp_turn_enter(turn);
    pp_turn_run_request(turn, NULL, now_us);
    if (turn->state == PP_TURN_ALLOCATED && now_us >= turn->refresh_us) {
        turn->refresh_us = PP_NEVER;
        pp_turn_ask(turn, NULL, PP_TURN_REFRESH, now_us);
    }
    if (turn->state == PP_TURN_ALLOCATED)
        pp_turn_run_peers(turn, now_us);
    run_keep_alive(turn, now_us);
    pp_turn_leave(turn);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t pp_turn_deadline_us(const pp_turn *turn)
{
    uint64_t next = turn->refresh_us;

    if (!pp_turn_is_live(turn))
        return PP_NEVER;
    if (turn->request.method)
        next = earlier(next, turn->request.due_us);
    if (turn->state == PP_TURN_ALLOCATED && !turn->stream)
        next = earlier(next, turn->keep_us);
    for (size_t i = 0; i < turn->peer_count; i++) {
        const pp_turn_peer *peer = turn->peers[i];

        next = earlier(next, peer->request.method ? peer->request.due_us : peer->renew_us);
    }
    return next;
}
