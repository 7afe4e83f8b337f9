/* opening.c - how a channel begins: we say it or the far end does (RFC 8832), or both know it already. */
#include "sctp/inside.h"

#include "base/error.h"
#include "base/log.h"

static int say_open(pipit_data_channel *channel)
{
    const pp_dcep_open open = {.unordered = channel->unordered,
                               .policy = channel->policy,
                               .limit = channel->limit,
                               .priority = PP_DCEP_PRIORITY,
                               .label = pp_str_n(channel->label, channel->label_size),
                               .protocol = pp_str_n(channel->protocol, channel->protocol_size)};
    pp_buf message = {0};
    int err;

    pp_dcep_write_open(&open, &message);
    err = pp_channel_enqueue_first(channel, &message);
    pp_buf_free(&message);
    return err;
}

static void set_open(pipit_data_channel *channel)
{
    channel->state = PIPIT_DATA_CHANNEL_OPEN;
    channel->owner->stats.opened++;
    pp_channel_due(channel, PP_DUE_OPEN);
}

/* As browsers do it, the channel is open once that was said: the far end takes messages behind it. */
int pp_channel_open(pipit_data_channel *channel)
{
    int err = channel->id < 0 ? pp_channels_choose_id(channel) : 0;

    channel->acknowledged = channel->negotiated;
    if (!err && !channel->negotiated)
        err = say_open(channel);
    if (err)
        return err;
    set_open(channel);
    pp_channel_ready(channel);
    pp_channels_pump(channel->owner);
    pp_channels_schedule(channel->owner);
    return 0;
}

/* --- the far end's ---------------------------------------------------------------------------- */

static int acknowledge(pipit_data_channel *channel)
{
    pp_buf message = {0};
    int err;

    pp_dcep_write_ack(&message);
    err = pp_channel_enqueue_first(channel, &message);
    pp_buf_free(&message);
    return err;
}

static int take_in(pp_channels *channels, uint16_t stream, const pp_dcep_open *open,
                   pipit_data_channel **out)
{
    const pp_channel_settings settings = {.label = open->label,
                                          .protocol = open->protocol,
                                          .unordered = open->unordered,
                                          .policy = open->policy,
                                          .limit = open->limit,
                                          .made_by_peer = true};
    pipit_data_channel *channel = NULL;
    int err = pp_channel_new(&settings, &channel);

    if (err)
        return err;
    err = pp_channels_add(channels, channel);
    if (!err)
        err = pp_channels_set_id(channel, stream);
    if (!err)
        err = acknowledge(channel);
    if (err && channel->owner) {
        pp_channel_drop_queue(channel);
        pp_channels_remove(channel);
    }
    if (err)
        pipit_data_channel_unref(channel);
    else
        *out = channel;
    return err;
}

static int check(const pp_channels *channels, uint16_t stream, pp_str message, pp_dcep_open *out)
{
    if (pp_channels_find(channels, stream))
        return pp_error(PIPIT_ERR_STATE, "data channel: the id %u is in use", stream);
    if ((stream % 2 == 0) == channels->terms.client)
        return pp_error(PIPIT_ERR_SYNTAX, "data channel: %u is no id for the far end to choose",
                        stream);
    return pp_dcep_parse_open(message, out);
}

/* RFC 8832 section 6: what is wrong is refused by a reset of the stream, a channel that is there goes with it. */
static void refuse(pp_channels *channels, uint16_t stream)
{
    pipit_data_channel *channel = pp_channels_find(channels, stream);

    pp_log_debug("DataChannel", "the far end's %u refused: %s", stream, pipit_error_message());
    if (channel)
        pp_channel_fail(channel, PIPIT_ERR_STATE, "the far end opened a channel with the same id");
    else
        (void)pp_sctp_reset(channels->sctp, stream, pp_channels_now_us(channels));
}

void pp_channels_on_open(pp_channels *channels, uint16_t stream, pp_str message)
{
    pp_dcep_open open;
    pipit_data_channel *channel = NULL;
    int err = check(channels, stream, message, &open);

    if (!err)
        err = take_in(channels, stream, &open, &channel);
    if (err) {
        refuse(channels, stream);
        return;
    }
    channel->acknowledged = true;
    set_open(channel);
    pp_channel_ready(channel);
    if (channels->handlers)
        channels->handlers->channel(channels->arg, channel);
    pipit_data_channel_unref(channel);
}
