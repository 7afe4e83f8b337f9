/* events.c - what the application is told of a channel, except its messages: at the end of the turn, never inside of a call. */
#include "sctp/inside.h"

static void on_post(void *arg)
{
    pp_channels *channels = arg;

    channels->posted = false;
    pp_channels_tell(channels);
    if (channels->sctp)
        pp_channels_schedule(channels);
    pp_channels_release(channels);
}

void pp_channel_due(pipit_data_channel *channel, unsigned events)
{
    pp_channels *channels = channel->owner;

    if (channel->due == 0) {
        pipit_data_channel_ref(channel);
        channel->next_due = NULL;
        if (channels->last_due)
            channels->last_due->next_due = channel;
        else
            channels->due = channel;
        channels->last_due = channel;
    }
    channel->due |= events;
    if (!channels->posted) {
        channels->posted = true;
        pp_channels_hold(channels);
        pp_loop_post(channels->loop, &channels->post, on_post, channels);
    }
}

#define TELL(channel, name, ...)                                                                   \
    do {                                                                                           \
        const pipit_data_channel_handlers *handlers_ = (channel)->handlers;                        \
        if (handlers_ && handlers_->name)                                                          \
            handlers_->name(__VA_ARGS__, (channel)->user);                                         \
    } while (0)

static void tell(pipit_data_channel *channel, unsigned due)
{
    const pipit_data_channel_error_event event = {channel->error, channel->reason};

    if (due & PP_DUE_OPEN)
        TELL(channel, open, channel);
    if (due & PP_DUE_LOW && channel->buffered <= channel->threshold) /* still */
        TELL(channel, buffered_amount_low, channel);
    if (due & PP_DUE_CLOSING)
        TELL(channel, closing, channel);
    if (due & PP_DUE_ERROR)
        TELL(channel, error, channel, &event);
    if (due & PP_DUE_CLOSE)
        TELL(channel, close, channel);
}

void pp_channels_tell(pp_channels *channels)
{
    pipit_data_channel *channel;

    pp_channels_hold(channels);
    while ((channel = channels->due)) {
        unsigned due = channel->due;

        channels->due = channel->next_due;
        if (!channels->due)
            channels->last_due = NULL;
        channel->due = 0;
        if (due & PP_DUE_CLOSE)
            pp_channels_remove(channel);
        tell(channel, due);
        pipit_data_channel_unref(channel);
    }
    pp_channels_release(channels);
}
