/* table.c - the channels of a connection: all of them in a list, those with a stream by its number. */
#include "sctp/inside.h"

#include "base/alloc.h"
#include "base/error.h"

pipit_data_channel *pp_channels_find(const pp_channels *channels, unsigned id)
{
    return id < channels->ids ? channels->by_id[id] : NULL;
}

pipit_data_channel *pp_channels_next(const pp_channels *channels, const pipit_data_channel *behind)
{
    return behind ? behind->next : channels->first;
}

int pp_channels_add(pp_channels *channels, pipit_data_channel *channel)
{
    if (channels->count == PP_LIMIT_DATA_CHANNELS)
        return pp_error(PIPIT_ERR_LIMIT, "data channel: a connection has %u at most",
                        PP_LIMIT_DATA_CHANNELS);
    channels->count++;
    channel->owner = channels;
    channel->previous = channels->last;
    if (channels->last)
        channels->last->next = channel;
    else
        channels->first = channel;
    channels->last = channel;
    pipit_data_channel_ref(channel);
    return 0;
}

void pp_channels_remove(pipit_data_channel *channel)
{
    pp_channels *channels = channel->owner;

    pp_channels_free_id(channel);
    if (channel->previous)
        channel->previous->next = channel->next;
    else
        channels->first = channel->next;
    if (channel->next)
        channel->next->previous = channel->previous;
    else
        channels->last = channel->previous;
    channel->next = channel->previous = NULL;
    channel->owner = NULL;
    channels->count--;
    pipit_data_channel_unref(channel);
}

static int grow(pp_channels *channels, size_t ids)
{
    pipit_data_channel **by_id;

    if (ids <= channels->ids)
        return 0;
    by_id = pp_realloc(channels->by_id, ids * sizeof(*by_id));
    if (!by_id)
        return PIPIT_ERR_MEMORY;
    memset(by_id + channels->ids, 0, (ids - channels->ids) * sizeof(*by_id));
    channels->by_id = by_id;
    channels->ids = ids;
    return 0;
}

int pp_channels_set_id(pipit_data_channel *channel, unsigned id)
{
    pp_channels *channels = channel->owner;
    int err;

    if (id >= PP_LIMIT_DATA_STREAMS)
        return pp_error(PIPIT_ERR_LIMIT, "data channel: %u is above the last id, %u", id,
                        PP_LIMIT_DATA_STREAMS - 1);
    if (pp_channels_find(channels, id))
        return pp_error(PIPIT_ERR_STATE, "data channel: the id %u is in use", id);
    err = grow(channels, (size_t)id + 1);
    if (err)
        return err;
    channels->by_id[id] = channel;
    channel->id = (int)id;
    return 0;
}

/* RFC 8832 section 6: even ones for the client of DTLS, odd ones for the server. */
int pp_channels_choose_id(pipit_data_channel *channel)
{
    unsigned id = channel->owner->terms.client ? 0 : 1;

    while (pp_channels_find(channel->owner, id))
        id += 2;
    return pp_channels_set_id(channel, id);
}

void pp_channels_free_id(pipit_data_channel *channel)
{
    if (channel->id >= 0 && pp_channels_find(channel->owner, (unsigned)channel->id) == channel)
        channel->owner->by_id[channel->id] = NULL;
}
