/* closing.c - how a channel ends: both sides reset their stream (RFC 8831 section 6.7), or all of them go with the association. */
#include "sctp/inside.h"

#include "base/error.h"

/* The id is free from here on; `close` is told at the end of the turn, and is the last event. */
static void finish(pipit_data_channel *channel)
{
    pp_channels_stats *stats = &channel->owner->stats;

    if (channel->state == PIPIT_DATA_CHANNEL_CLOSED)
        return;
    if (stats->opened > stats->closed && channel->id >= 0)
        stats->closed++;
    channel->state = PIPIT_DATA_CHANNEL_CLOSED;
    pp_channel_drop_queue(channel);
    pp_channels_free_id(channel);
    pp_channel_due(channel, PP_DUE_CLOSE);
}

static void reset(pipit_data_channel *channel)
{
    pp_channels *channels = channel->owner;

    if (channel->reset)
        return;
    channel->reset = true;
    /* A far end that cannot reset keeps the stream; we are done with it. */
    if (pp_sctp_reset(channels->sctp, (uint16_t)channel->id, pp_channels_now_us(channels)) < 0)
        finish(channel);
}

void pp_channel_drained(pipit_data_channel *channel)
{
    if (channel->state == PIPIT_DATA_CHANNEL_CLOSING)
        reset(channel);
}

void pp_channel_close(pipit_data_channel *channel)
{
    pp_channels *channels = channel->owner;

    if (channel->state > PIPIT_DATA_CHANNEL_OPEN)
        return;
    if (!channels->connected || channel->id < 0) {
        finish(channel);
        return;
    }
    channel->state = PIPIT_DATA_CHANNEL_CLOSING;
    if (!channel->first)
        reset(channel);
    if (channels->sctp)
        pp_channels_schedule(channels);
}

void pp_channel_fail(pipit_data_channel *channel, int error, const char *reason)
{
    pp_channels *channels = channel->owner;
    bool ours = !channel->reset;

    if (channel->state == PIPIT_DATA_CHANNEL_CLOSED)
        return;
    if (error) {
        channel->error = error;
        channel->reason = reason;
        pp_channel_due(channel, PP_DUE_ERROR);
    }
    if (channels->connected && channel->id >= 0 && ours) {
        channel->reset = true;
        (void)pp_sctp_reset(channels->sctp, (uint16_t)channel->id, pp_channels_now_us(channels));
    }
    finish(channel);
}

static void finish_when_both_are_reset(pipit_data_channel *channel)
{
    if (channel->reset_done && channel->peer_reset)
        finish(channel);
}

void pp_channels_on_outgoing_reset(void *arg, uint16_t stream)
{
    pipit_data_channel *channel = pp_channels_find(arg, stream);

    if (!channel || !channel->reset)
        return;
    channel->reset_done = true;
    finish_when_both_are_reset(channel);
}

void pp_channels_on_incoming_reset(void *arg, uint16_t stream)
{
    pp_channels *channels = arg;
    pipit_data_channel *channel = pp_channels_find(channels, stream);

    if (!channel)
        return;
    channel->peer_reset = true;
    if (channel->state <= PIPIT_DATA_CHANNEL_OPEN) {
        channel->state = PIPIT_DATA_CHANNEL_CLOSING;
        pp_channel_due(channel, PP_DUE_CLOSING);
        if (!channel->first)
            reset(channel);
    }
    finish_when_both_are_reset(channel);
}
