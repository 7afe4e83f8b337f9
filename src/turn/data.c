/* data.c - datagrams of and for peers: as ChannelData (RFC 8656 section 12.4) where a channel is bound, else as indications. */
#include "turn/inside.h"

#include "base/reader.h"

static void write_channel_data(pp_turn *turn, unsigned channel, pp_str data)
{
    pp_buf *out = &turn->packet;

    pp_buf_u16(out, channel);
    pp_buf_u16(out, (unsigned)data.n);
    pp_buf_str(out, data);
    for (size_t n = data.n; turn->stream && n % 4; n++) /* section 12.5 */
        pp_buf_u8(out, 0);
}

static void write_indication(pp_turn *turn, const pp_addr *to, pp_str data)
{
    pp_stun m = {.kind = PP_STUN_INDICATION, .method = PP_TURN_SEND};
    pp_buf body = {0};

    pp_rng_bytes(turn->rng, m.transaction, sizeof(m.transaction));
    pp_stun_put_address(&body, PP_TURN_XOR_PEER_ADDRESS, m.transaction, to);
    pp_stun_put(&body, PP_TURN_DATA_ATTRIBUTE, data);
    m.more = pp_buf_text(&body);
    if (!pp_buf_error(&body))
        (void)pp_stun_write(&m, PP_STR_NONE, &turn->packet); /* not written: lost on the way */
    pp_buf_free(&body);
}

void pp_turn_relay(pp_turn *turn, const pp_turn_peer *peer, const void *data, size_t size)
{
    pp_buf_clear(&turn->packet);
    if (peer->bound)
        write_channel_data(turn, peer->channel, pp_str_n(data, size));
    else
        write_indication(turn, &peer->address, pp_str_n(data, size));
    if (!pp_buf_error(&turn->packet) && turn->packet.n)
        pp_turn_transmit(turn);
}

/* Section 11.6: only of those whom we have let in. */
void pp_turn_indicated(pp_turn *turn, const pp_turn_message *m)
{
    if (turn->state == PP_TURN_ALLOCATED && m->stun.method == PP_TURN_DATA && m->data.p &&
        pp_addr_is_unicast(&m->peer) && pp_turn_permits(turn, &m->peer))
        turn->handlers->received(turn->arg, &m->peer, (const uint8_t *)m->data.p, m->data.n);
}

void pp_turn_channel_data(pp_turn *turn, const uint8_t *data, size_t size)
{
    pp_reader r = pp_reader_of(data, size);
    unsigned channel = pp_reader_u16(&r);
    size_t length = pp_reader_u16(&r);
    const uint8_t *from = pp_reader_bytes(&r, length);
    const pp_turn_peer *peer = r.failed ? NULL : pp_turn_peer_on(turn, channel);
    pp_addr address;

    if (!peer || turn->state != PP_TURN_ALLOCATED)
        return;
    address = peer->address; /* the handler may forget it */
    turn->handlers->received(turn->arg, &address, from, length);
}
