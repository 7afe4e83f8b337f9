/* channel.c - a data channel as the application has it. */
#include "sctp/inside.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/utf8.h"

int pp_channel_new(const pp_channel_settings *settings, pipit_data_channel **out)
{
    pipit_data_channel *channel = PP_NEW(pipit_data_channel);

    if (!channel)
        return PIPIT_ERR_MEMORY;
    channel->references = 1;
    channel->label = pp_memdup(settings->label.p, settings->label.n);
    channel->protocol = pp_memdup(settings->protocol.p, settings->protocol.n);
    channel->label_size = settings->label.n;
    channel->protocol_size = settings->protocol.n;
    channel->unordered = settings->unordered;
    channel->negotiated = settings->negotiated;
    channel->made_by_peer = settings->made_by_peer;
    channel->policy = settings->policy;
    channel->limit = settings->limit;
    channel->id = -1;
    channel->part.max = PP_LIMIT_DATA_MESSAGE;
    if (!channel->label || !channel->protocol) {
        pipit_data_channel_unref(channel);
        return PIPIT_ERR_MEMORY;
    }
    *out = channel;
    return 0;
}

pipit_data_channel *pipit_data_channel_ref(pipit_data_channel *channel)
{
    channel->references++;
    return channel;
}

pipit_data_channel *pipit_data_channel_unref(pipit_data_channel *channel)
{
    if (!channel || --channel->references)
        return NULL;
    pp_channel_drop_queue(channel);
    pp_buf_free(&channel->part);
    pp_free(channel->label);
    pp_free(channel->protocol);
    pp_free(channel);
    return NULL;
}

/* --- making one ------------------------------------------------------------------------------- */

static bool is_text(pp_str text)
{
    pp_utf8 state = {0};

    return pp_utf8_feed(&state, (const uint8_t *)text.p, text.n) && pp_utf8_complete(&state);
}

static int check_text(const char *what, pp_str text)
{
    if (text.n > PP_LIMIT_DATA_LABEL)
        return pp_error(PIPIT_ERR_LIMIT, "data channel: a %s of %zu octets is too long", what,
                        text.n);
    return is_text(text) ? 0 : pp_error(PIPIT_ERR_SYNTAX, "data channel: the %s is no UTF-8", what);
}

static int read_options(const char *label, const pipit_data_channel_options *options,
                        pp_channel_settings *out)
{
    pp_channel_settings settings = {.label = label ? pp_str_c(label) : PP_LIT(""),
                                    .protocol = PP_LIT(""),
                                    .unordered = options->unordered,
                                    .negotiated = options->negotiated,
                                    .id = options->negotiated ? options->id : -1};
    int err;

    if (options->max_packet_life_time && options->max_retransmits)
        return pp_error(
            PIPIT_ERR_ARGUMENT,
            "data channel: a life time and a number of retransmissions exclude each other");
    if (options->max_packet_life_time) {
        settings.policy = PP_SCTP_LIFE_TIME;
        settings.limit = *options->max_packet_life_time;
    } else if (options->max_retransmits) {
        settings.policy = PP_SCTP_RETRANSMITS;
        settings.limit = *options->max_retransmits;
    }
    if (options->protocol)
        settings.protocol = pp_str_c(options->protocol);
    err = check_text("label", settings.label);
    if (!err)
        err = check_text("protocol", settings.protocol);
    if (!err)
        *out = settings;
    return err;
}

int pp_channels_create(pp_channels *channels, const char *label,
                       const pipit_data_channel_options *options, pipit_data_channel **out)
{
    static const pipit_data_channel_options defaults = {0};
    pp_channel_settings settings;
    pipit_data_channel *channel = NULL;
    int err = read_options(label, options ? options : &defaults, &settings);

    if (!err && channels->closed)
        err = pp_error(PIPIT_ERR_STATE, "data channel: the connection is closed");
    if (!err)
        err = pp_channel_new(&settings, &channel);
    if (err)
        return err;
    if (options)
        pipit_data_channel_set_handlers(channel, options->handlers, options->user);
    err = pp_channels_add(channels, channel);
    if (!err && settings.id >= 0)
        err = pp_channels_set_id(channel, (unsigned)settings.id);
    if (!err && channels->connected)
        err = pp_channel_open(channel);
    if (err) {
        if (channel->owner) {
            pp_channel_drop_queue(channel);
            pp_channels_remove(channel);
        }
        pipit_data_channel_unref(channel);
        return err;
    }
    *out = channel;
    return 0;
}

void pipit_data_channel_set_handlers(pipit_data_channel *channel,
                                     const pipit_data_channel_handlers *handlers, void *user)
{
    channel->handlers = handlers;
    channel->user = user;
}

/* --- sending and closing ---------------------------------------------------------------------- */

int pipit_data_channel_send_text(pipit_data_channel *channel, const char *text)
{
    pp_str data = text ? pp_str_c(text) : PP_LIT("");

    if (!is_text(data))
        return pp_error(PIPIT_ERR_SYNTAX, "data channel: the message is no UTF-8");
    return pp_channel_enqueue(channel, data.n ? PP_PPID_STRING : PP_PPID_STRING_EMPTY, data);
}

int pipit_data_channel_send(pipit_data_channel *channel, const void *data, size_t size)
{
    if (size && !data)
        return pp_error(PIPIT_ERR_ARGUMENT, "data channel: no data of %zu octets", size);
    return pp_channel_enqueue(channel, size ? PP_PPID_BINARY : PP_PPID_BINARY_EMPTY,
                              pp_str_n(data, size));
}

void pipit_data_channel_close(pipit_data_channel *channel)
{
    if (channel->owner)
        pp_channel_close(channel);
}

/* --- getters ---------------------------------------------------------------------------------- */

const char *pipit_data_channel_label(const pipit_data_channel *channel)
{
    return channel->label;
}

const char *pipit_data_channel_protocol(const pipit_data_channel *channel)
{
    return channel->protocol;
}

pipit_data_channel_state pipit_data_channel_ready_state(const pipit_data_channel *channel)
{
    return channel->state;
}

int pipit_data_channel_id(const pipit_data_channel *channel)
{
    return channel->id;
}

bool pipit_data_channel_ordered(const pipit_data_channel *channel)
{
    return !channel->unordered;
}

bool pipit_data_channel_negotiated(const pipit_data_channel *channel)
{
    return channel->negotiated;
}

int pipit_data_channel_max_packet_life_time(const pipit_data_channel *channel)
{
    return channel->policy == PP_SCTP_LIFE_TIME ? channel->limit : -1;
}

int pipit_data_channel_max_retransmits(const pipit_data_channel *channel)
{
    return channel->policy == PP_SCTP_RETRANSMITS ? channel->limit : -1;
}

size_t pipit_data_channel_buffered_amount(const pipit_data_channel *channel)
{
    return channel->buffered;
}

size_t pipit_data_channel_buffered_amount_low_threshold(const pipit_data_channel *channel)
{
    return channel->threshold;
}

void pipit_data_channel_set_buffered_amount_low_threshold(pipit_data_channel *channel,
                                                          size_t octets)
{
    channel->threshold = octets;
}

size_t pipit_data_channel_max_message_size(const pipit_data_channel *channel)
{
    size_t size = channel->owner ? channel->owner->terms.max_message_size : 0;

    return size && size < PP_LIMIT_DATA_MESSAGE ? size : PP_LIMIT_DATA_MESSAGE;
}

void pipit_data_channel_get_stats(const pipit_data_channel *channel, pipit_data_channel_stats *out)
{
    *out = channel->stats;
}

void *pipit_data_channel_user(const pipit_data_channel *channel)
{
    return channel->user;
}
