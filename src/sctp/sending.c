/* sending.c - messages wait here until SCTP takes them: a message of each channel in turn. */
#include "sctp/inside.h"

#include "base/alloc.h"
#include "base/error.h"

void pp_channel_ready(pipit_data_channel *channel)
{
    pp_channels *channels = channel->owner;

    if (channel->ready || !channel->first || channel->state == PIPIT_DATA_CHANNEL_CONNECTING)
        return;
    channel->ready = true;
    channel->next_ready = NULL;
    if (channels->last_ready)
        channels->last_ready->next_ready = channel;
    else
        channels->ready = channel;
    channels->last_ready = channel;
}

/* It need not be the first. */
static void make_unready(pipit_data_channel *channel)
{
    pp_channels *channels = channel->owner;
    pipit_data_channel *before = NULL;

    if (!channel->ready)
        return;
    for (pipit_data_channel *at = channels->ready; at != channel; at = at->next_ready)
        before = at;
    if (before)
        before->next_ready = channel->next_ready;
    else
        channels->ready = channel->next_ready;
    if (channels->last_ready == channel)
        channels->last_ready = before;
    channel->ready = false;
}

static int new_message(uint32_t ppid, pp_str data, pp_outgoing_data **out)
{
    size_t octets = data.n ? data.n : 1;
    pp_outgoing_data *message = pp_alloc(sizeof(*message) + octets);

    if (!message)
        return PIPIT_ERR_MEMORY;
    *message =
        (pp_outgoing_data){.ppid = ppid, .expires_us = PP_NEVER, .size = data.n, .octets = octets};
    message->data[0] = 0;
    if (data.n)
        memcpy(message->data, data.p, data.n);
    *out = message;
    return 0;
}

static int may_send(const pipit_data_channel *channel, size_t size)
{
    if (channel->state > PIPIT_DATA_CHANNEL_OPEN)
        return pp_error(PIPIT_ERR_STATE, "data channel: it is closed");
    if (size > pipit_data_channel_max_message_size(channel))
        return pp_error(PIPIT_ERR_LIMIT, "data channel: %zu octets are more than the far end takes",
                        size);
    if (channel->buffered > PP_LIMIT_DATA_QUEUE - size)
        return pp_error(PIPIT_ERR_LIMIT, "data channel: %zu octets wait already",
                        channel->buffered);
    return 0;
}

int pp_channel_enqueue(pipit_data_channel *channel, uint32_t ppid, pp_str data)
{
    pp_outgoing_data *message = NULL;
    int err = may_send(channel, data.n);

    if (!err)
        err = new_message(ppid, data, &message);
    if (err)
        return err;
    if (channel->policy == PP_SCTP_LIFE_TIME)
        message->expires_us = pp_channels_now_us(channel->owner) + (uint64_t)channel->limit * 1000;
    if (channel->last)
        channel->last->next = message;
    else
        channel->first = message;
    channel->last = message;
    channel->buffered += message->size;
    pp_channel_ready(channel);
    pp_channels_pump(channel->owner);
    if (channel->owner->sctp)
        pp_channels_schedule(channel->owner);
    return 0;
}

int pp_channel_enqueue_first(pipit_data_channel *channel, const pp_buf *dcep)
{
    pp_outgoing_data *message = NULL;
    int err = pp_buf_error(dcep);

    if (!err)
        err = new_message(PP_PPID_DCEP, pp_buf_text(dcep), &message);
    if (err)
        return err;
    message->size = 0; /* not the application's */
    message->next = channel->first;
    channel->first = message;
    if (!channel->last)
        channel->last = message;
    pp_channel_ready(channel);
    return 0;
}

static pp_outgoing_data *take_first(pipit_data_channel *channel)
{
    pp_outgoing_data *message = channel->first;
    bool was_above = channel->buffered > channel->threshold;

    channel->first = message->next;
    if (!channel->first)
        channel->last = NULL;
    channel->buffered -= message->size;
    if (was_above && channel->buffered <= channel->threshold && channel->owner)
        pp_channel_due(channel, PP_DUE_LOW);
    return message;
}

void pp_channel_drop_queue(pipit_data_channel *channel)
{
    if (channel->owner)
        make_unready(channel);
    while (channel->first) {
        pp_outgoing_data *message = channel->first;

        channel->first = message->next;
        pp_free(message);
    }
    channel->last = NULL;
    channel->buffered = 0;
}

/* RFC 8832 section 6: in order and whatever it takes until the far end is known to know the channel. */
static int hand_over(pipit_data_channel *channel, const pp_outgoing_data *message, uint64_t now_us)
{
    bool free_to = message->ppid != PP_PPID_DCEP;
    pp_sctp_message outgoing = {.stream = (uint16_t)channel->id,
                                .ppid = message->ppid,
                                .data = pp_str_n(message->data, message->octets),
                                .unordered = free_to && channel->unordered && channel->acknowledged,
                                .policy = free_to ? channel->policy : PP_SCTP_RELIABLE,
                                .limit = channel->limit};

    if (outgoing.policy == PP_SCTP_LIFE_TIME) /* a part of it was spent here */
        outgoing.limit = (uint16_t)((message->expires_us - now_us) / 1000 + 1);
    return pp_sctp_send(channel->owner->sctp, &outgoing, now_us);
}

/* The first message of the channel goes, or is given up. PIPIT_ERR_LIMIT: not now. */
static int send_first(pipit_data_channel *channel, uint64_t now_us)
{
    pp_outgoing_data *message = channel->first;
    int err = 0;

    if (message->size > pipit_data_channel_max_message_size(channel))
        err = PIPIT_ERR_ARGUMENT;
    else if (now_us <= message->expires_us)
        err = hand_over(channel, message, now_us);
    if (err)
        return err;
    if (message->ppid != PP_PPID_DCEP && now_us <= message->expires_us) {
        channel->stats.messages_sent++;
        channel->stats.bytes_sent += message->size;
    }
    pp_free(take_first(channel));
    return 0;
}

void pp_channels_pump(pp_channels *channels)
{
    pipit_data_channel *channel;

    while (channels->connected && (channel = channels->ready)) {
        int err = send_first(channel, pp_channels_now_us(channels));

        if (err == PIPIT_ERR_LIMIT)
            return;
        make_unready(channel);
        if (err)
            pp_channel_fail(channel, err,
                            "the far end does not take a message of that size or stream");
        else if (channel->first)
            pp_channel_ready(channel); /* behind the others */
        else
            pp_channel_drained(channel);
    }
}
