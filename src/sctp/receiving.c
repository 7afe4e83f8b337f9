/* receiving.c - what comes in a stream: DCEP, or a message for the application (RFC 8831 section 6.6). */
#include "sctp/inside.h"

#include "base/error.h"

static void on_dcep(pp_channels *channels, uint16_t stream, pp_str message)
{
    pipit_data_channel *channel = pp_channels_find(channels, stream);

    if (!pp_dcep_is_ack(message))
        pp_channels_on_open(channels, stream, message);
    else if (channel)
        channel->acknowledged = true;
}

static void tell_message(pipit_data_channel *channel, pp_str data, bool binary)
{
    const pipit_data_channel_message_event event = {data.p, data.n, binary};
    const pipit_data_channel_handlers *handlers = channel->handlers;

    channel->stats.messages_received++;
    channel->stats.bytes_received += data.n;
    if (!handlers || !handlers->message)
        return;
    pipit_data_channel_ref(channel);
    handlers->message(channel, &event, channel->user);
    pipit_data_channel_unref(channel);
}

/* The last part of a message that may have come in several, in the deprecated way. */
static void tell_last_part(pipit_data_channel *channel, pp_str data, bool binary)
{
    pp_buf whole = channel->part;

    if (whole.n == 0) {
        tell_message(channel, data, binary);
        return;
    }
    channel->part = (pp_buf){.max = whole.max};
    pp_buf_str(&whole, data);
    whole.max++;
    pp_buf_char(&whole, '\0');
    if (pp_buf_error(&whole) == 0)
        tell_message(channel, pp_str_sub(pp_buf_text(&whole), 0, whole.n - 1), binary);
    else
        pp_channel_fail(channel, pp_buf_error(&whole), "the far end's message was too long");
    pp_buf_free(&whole);
}

static void on_data(pipit_data_channel *channel, uint32_t ppid, pp_str data)
{
    switch (ppid) {
    case PP_PPID_STRING:
    case PP_PPID_BINARY:
        tell_last_part(channel, data, ppid == PP_PPID_BINARY);
        return;
    case PP_PPID_STRING_EMPTY:
    case PP_PPID_BINARY_EMPTY:
        tell_message(channel, PP_LIT(""), ppid == PP_PPID_BINARY_EMPTY);
        return;
    case PP_PPID_STRING_PART:
    case PP_PPID_BINARY_PART:
        pp_buf_str(&channel->part, data);
        return;
    default:
        channel->owner->stats.messages_unexpected++;
        return;
    }
}

void pp_channels_on_message(void *arg, uint16_t stream, uint32_t ppid, pp_str data)
{
    pp_channels *channels = arg;
    pipit_data_channel *channel;

    pp_channels_hold(channels);
    pp_channels_tell(channels); /* `open` comes before the first message */
    channel = pp_channels_find(channels, stream);
    if (ppid == PP_PPID_DCEP && !channels->closed)
        on_dcep(channels, stream, data);
    else if (channel)
        on_data(channel, ppid, data);
    else
        channels->stats.messages_unexpected++;
    pp_channels_release(channels);
}

void pp_channels_on_oversized(void *arg, uint16_t stream)
{
    pipit_data_channel *channel = pp_channels_find(arg, stream);

    if (channel)
        pp_channel_fail(channel, PIPIT_ERR_LIMIT, "the far end's message was too long");
}
