/* channels.c - the life of a connection's data channels, and the association under them. */
#include "sctp/inside.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"

static void end_all(pp_channels *channels, int error, const char *reason);

uint64_t pp_channels_now_us(const pp_channels *channels)
{
    return pp_loop_now_us(channels->loop);
}

/* --- what the association tells --------------------------------------------------------------- */

static void on_send(void *arg, const uint8_t *data, size_t size)
{
    pp_channels *channels = arg;

    if (channels->handlers)
        channels->handlers->send(channels->arg, data, size);
}

static void on_connected(void *arg)
{
    pp_channels *channels = arg;
    pipit_data_channel *next;

    channels->connected = true;
    for (pipit_data_channel *channel = channels->first; channel; channel = next) {
        int err = 0;

        next = channel->next;
        if (channel->state == PIPIT_DATA_CHANNEL_CONNECTING)
            err = pp_channel_open(channel);
        if (err)
            pp_channel_fail(channel, err, "there are no more streams, or no memory");
    }
}

static void on_closed(void *arg, int error, const char *reason)
{
    pp_channels *channels = arg;

    pp_log_debug("DataChannel", "association closed: %s", reason);
    end_all(channels, error, reason);
    if (channels->handlers && channels->handlers->closed)
        channels->handlers->closed(channels->arg, error, reason);
}

static const pp_sctp_handlers sctp_handlers = {.send = on_send,
                                               .connected = on_connected,
                                               .message = pp_channels_on_message,
                                               .oversized = pp_channels_on_oversized,
                                               .incoming_reset = pp_channels_on_incoming_reset,
                                               .outgoing_reset = pp_channels_on_outgoing_reset,
                                               .closed = on_closed};

/* --- time ------------------------------------------------------------------------------------- */

/* Around each step of the association: what it made room for is sent, what it brought is told. */
static void after_step(pp_channels *channels)
{
    pp_channels_pump(channels);
    pp_channels_tell(channels);
    pp_channels_schedule(channels);
}

static void on_timer(void *arg)
{
    pp_channels *channels = arg;

    pp_channels_hold(channels);
    if (channels->sctp)
        pp_sctp_tick(channels->sctp, pp_channels_now_us(channels));
    after_step(channels);
    pp_channels_release(channels);
}

void pp_channels_schedule(pp_channels *channels)
{
    uint64_t at = channels->sctp ? pp_sctp_deadline_us(channels->sctp) : PP_NEVER;
    uint64_t now = pp_channels_now_us(channels);

    if (at == PP_NEVER)
        pp_loop_stop_timer(channels->loop, &channels->timer);
    else
        pp_loop_start_timer_us(channels->loop, &channels->timer, at > now ? at - now : 0, on_timer,
                               channels);
}

void pp_channels_receive(pp_channels *channels, const uint8_t *data, size_t size)
{
    if (!channels->sctp)
        return;
    pp_channels_hold(channels);
    pp_sctp_receive(channels->sctp, data, size, pp_channels_now_us(channels));
    after_step(channels);
    pp_channels_release(channels);
}

/* --- life ------------------------------------------------------------------------------------- */

int pp_channels_new(pipit_loop *loop, const pp_channels_handlers *handlers, void *arg,
                    pp_channels **out)
{
    pp_channels *channels = PP_NEW(pp_channels);

    if (!channels)
        return PIPIT_ERR_MEMORY;
    channels->references = 1;
    channels->loop = pipit_loop_ref(loop);
    channels->handlers = handlers;
    channels->arg = arg;
    *out = channels;
    return 0;
}

void pp_channels_hold(pp_channels *channels)
{
    channels->references++;
}

void pp_channels_release(pp_channels *channels)
{
    if (--channels->references)
        return;
    pp_free(channels->by_id);
    pipit_loop_unref(channels->loop);
    pp_free(channels);
}

/* `reason` stays: all of them are of static storage. */
static void end_all(pp_channels *channels, int error, const char *reason)
{
    channels->closed = true;
    channels->connected = false;
    channels->sctp = pp_sctp_free(channels->sctp);
    pp_loop_stop_timer(channels->loop, &channels->timer);
    for (pipit_data_channel *channel = channels->first; channel; channel = channel->next)
        pp_channel_fail(channel, error, reason);
}

pp_channels *pp_channels_free(pp_channels *channels)
{
    if (!channels)
        return NULL;
    end_all(channels, 0, "");
    channels->handlers = NULL;
    pp_channels_release(channels);
    return NULL;
}

int pp_channels_connect(pp_channels *channels, const pp_channels_terms *terms)
{
    pp_sctp *sctp = NULL;
    int err;

    if (channels->sctp || channels->closed)
        return pp_error(PIPIT_ERR_STATE, "data channel: connected before");
    err = pp_sctp_new(&sctp_handlers, channels, &sctp);
    if (err)
        return err;
    channels->sctp = sctp;
    channels->terms = *terms;
    err = pp_sctp_start(sctp, terms->local_port, terms->remote_port, pp_channels_now_us(channels));
    if (err)
        channels->sctp = pp_sctp_free(sctp);
    else
        pp_channels_schedule(channels);
    return err;
}

void pp_channels_set_max_message_size(pp_channels *channels, size_t size)
{
    channels->terms.max_message_size = size;
}

void pp_channels_get_stats(const pp_channels *channels, pp_channels_stats *out)
{
    *out = channels->stats;
}

static int receive_channel(pp_channels *to, pipit_data_channel *channel)
{
    int id = channel->id, err = pp_channels_add(to, channel);

    channel->id = -1;
    if (!err && id >= 0)
        err = pp_channels_set_id(channel, (unsigned)id);
    if (!err && to->connected)
        err = pp_channel_open(channel);
    return err;
}

void pp_channels_hand_over(pp_channels *from, pp_channels *to)
{
    pipit_data_channel *next;

    for (pipit_data_channel *channel = from->first; channel; channel = next) {
        next = channel->next;
        if (channel->state != PIPIT_DATA_CHANNEL_CONNECTING || to->count == PP_LIMIT_DATA_CHANNELS)
            continue;
        pipit_data_channel_ref(channel);
        pp_channels_remove(channel);
        if (receive_channel(to, channel) < 0)
            pp_channel_fail(channel, PIPIT_ERR_MEMORY, "no memory for the channel");
        pipit_data_channel_unref(channel);
    }
}
