/* data.c - the engine of an application section: the data channels of the connection. */
#include "peer/data.h"

#include "base/error.h"
#include "base/log.h"
#include "peer/front.h"
#include "peer/inside.h"
#include "peer/report.h"
#include "sctp/association.h"
#include "sdp/bundle.h"

#define PORT 5000u /* of SCTP, in its own numbers: everybody says this one */

pp_data *pp_peer_data(const pp_peer *peer)
{
    pp_transceiver *first = pp_peer_first_of(peer, &pp_data_kind);

    return first ? pp_data_of(first) : NULL;
}

/* --- what is said and agreed (RFC 8841) -------------------------------------------------------- */

static bool has_format(const pp_sdp_media *media, const char *format)
{
    for (size_t i = 0; i < media->format_count; i++)
        if (pp_str_eq_c(media->formats[i], format))
            return true;
    return false;
}

static bool is_rfc_8841(const pp_sdp_media *media)
{
    return (pp_str_eq_c(media->protocol, "UDP/DTLS/SCTP") ||
            pp_str_eq_c(media->protocol, "TCP/DTLS/SCTP")) &&
           has_format(media, "webrtc-datachannel");
}

static int negotiate(pp_transceiver *transceiver, const pp_sdp *sdp, const pp_sdp_media *media,
                     pp_agreed **out)
{
    pp_sdp_sctp sctp = {0};
    pp_data_agreed *agreed;
    bool known = pp_sdp_read_sctp(media, &sctp) && sctp.port;
    bool old = known && sctp.streams && pp_str_eq_c(media->protocol, "DTLS/SCTP");

    (void)sdp;
    if (!pp_sctp_is_there() || pp_data_of(transceiver)->gone)
        return pp_error(PIPIT_ERR_MEDIA, "sdp: there are no data channels here");
    if (!old && !(known && is_rfc_8841(media)))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: '%.*s' is not data channels as RFC 8841 has them",
                        PP_STR(media->protocol));
    agreed = pp_agreed_new(sizeof(*agreed));
    if (!agreed)
        return PIPIT_ERR_MEMORY;
    agreed->port = sctp.port;
    agreed->max_message_size = sctp.max_message_size;
    agreed->old = old;
    *out = &agreed->head;
    return 0;
}

static int describe(const pp_transceiver *transceiver, const pp_agreed *agreed, pp_sdp *sdp,
                    pp_sdp_media *media)
{
    bool old = agreed && ((const pp_data_agreed *)(const void *)agreed)->old;
    int err = pp_sdp_add_format(sdp, media, old ? "5000" : "webrtc-datachannel");

    (void)transceiver;
    if (!err && old)
        err = pp_sdp_add_attribute(sdp, &media->section, "sctpmap", "%u webrtc-datachannel %u",
                                   PORT, PP_LIMIT_DATA_STREAMS);
    else if (!err)
        err = pp_sdp_add_attribute(sdp, &media->section, "sctp-port", "%u", PORT);
    if (!err)
        err = pp_sdp_add_attribute(sdp, &media->section, "max-message-size", "%u",
                                   PP_LIMIT_DATA_MESSAGE);
    return err;
}

/* --- the channels ----------------------------------------------------------------------------- */

static void on_send(void *arg, const uint8_t *data, size_t size)
{
    pp_data *d = arg;

    /* Lost when it cannot be sent: SCTP sends it again. */
    if (d->head.peer && d->head.peer->dtls)
        (void)pp_dtls_send(d->head.peer->dtls, data, size);
}

static void on_channel(void *arg, pipit_data_channel *channel)
{
    pp_peer *peer = ((pp_data *)arg)->head.peer;

    if (!peer || peer->closed)
        return;
    pp_peer_hold(peer);
    if (peer->handlers->data_channel)
        peer->handlers->data_channel(peer->arg, channel);
    pp_front_data_channel(peer, channel);
    pp_peer_release(peer);
}

static void on_closed(void *arg, int error, const char *reason)
{
    (void)error;
    ((pp_data *)arg)->gone = true;
    pp_log_debug("Peer", "data channels: %s", reason);
}

static const pp_channels_handlers handlers = {on_send, on_channel, on_closed};

static int need_channels(pp_data *d)
{
    if (d->gone)
        return pp_error(PIPIT_ERR_STATE, "data channel: the connection is closed");
    return d->channels ? 0 : pp_channels_new(d->head.peer->loop, &handlers, d, &d->channels);
}

static int apply(pp_transceiver *transceiver)
{
    pp_data *d = pp_data_of(transceiver);
    const pp_data_agreed *agreed = (const pp_data_agreed *)(const void *)transceiver->now.agreed;
    const pp_channels_terms terms = {.client = transceiver->peer->terms.setup == PP_SETUP_ACTIVE,
                                     .local_port = PORT,
                                     .remote_port = agreed->port,
                                     .max_message_size = agreed->max_message_size};
    int err = 0;

    if (d->connected) {
        if (d->channels)
            pp_channels_set_max_message_size(d->channels, agreed->max_message_size);
        return 0;
    }
    err = need_channels(d);
    if (!err)
        err = pp_channels_connect(d->channels, &terms);
    d->connected = err == 0;
    return err;
}

static void end(pp_data *d)
{
    d->gone = true;
    d->channels = pp_channels_free(d->channels);
}

static void refused(pp_transceiver *transceiver)
{
    end(pp_data_of(transceiver));
}

static void release(pp_transceiver *transceiver)
{
    end(pp_data_of(transceiver));
}

static void report_channel(const pipit_data_channel *channel, size_t number,
                           pipit_stats_report *report)
{
    static const char *const states[] = {"connecting", "open", "closing", "closed"};
    pipit_stats_data_channel *out =
        &pp_report_add(report, PIPIT_STATS_DATA_CHANNEL, pp_report_text(report, "D%zu", number))
             ->of.data_channel;
    pipit_data_channel_stats carried;

    pipit_data_channel_get_stats(channel, &carried);
    out->label = pp_report_text(report, "%s", pipit_data_channel_label(channel));
    out->protocol = pp_report_text(report, "%s", pipit_data_channel_protocol(channel));
    out->data_channel_identifier = pipit_data_channel_id(channel);
    out->state = states[pipit_data_channel_ready_state(channel)];
    out->messages_sent = carried.messages_sent;
    out->bytes_sent = carried.bytes_sent;
    out->messages_received = carried.messages_received;
    out->bytes_received = carried.bytes_received;
}

static void report(const pp_transceiver *transceiver, pipit_stats_report *out)
{
    const pp_data *d = (const pp_data *)(const void *)transceiver;
    const pipit_data_channel *channel = NULL;
    size_t number = 0;

    while (d->channels && (channel = pp_channels_next(d->channels, channel)))
        report_channel(channel, number++, out);
}

const pp_kind pp_data_kind = {.name = "application",
                              .protocol = "UDP/DTLS/SCTP",
                              .size = sizeof(pp_data),
                              .negotiate = negotiate,
                              .describe = describe,
                              .apply = apply,
                              .refused = refused,
                              .report = report,
                              .free = release};

/* --- the peer's ------------------------------------------------------------------------------- */

int pp_peer_add_data(pp_peer *peer)
{
    pp_transceiver *transceiver = NULL;
    int err;

    if (!pp_sctp_is_there())
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "data channel: this build has no usrsctp");
    if (pp_peer_data(peer))
        return 0;
    err = pp_peer_reserve(peer, 1);
    if (!err)
        err = pp_transceiver_new(peer, &pp_data_kind, &transceiver);
    if (err)
        return err;
    transceiver->takes_offers = true;
    pp_peer_add(peer, transceiver);
    return 0;
}

int pp_peer_create_data_channel(pp_peer *peer, const char *label,
                                const pipit_data_channel_options *options, pipit_data_channel **out)
{
    pp_data *d = pp_peer_data(peer);
    int err;

    if (!d)
        return pp_error(PIPIT_ERR_STATE, "data channel: the connection has none");
    err = need_channels(d);
    return err ? err : pp_channels_create(d->channels, label, options, out);
}

int pipit_peer_create_data_channel(pipit_peer *peer, const char *label,
                                   const pipit_data_channel_options *options,
                                   pipit_data_channel **out)
{
    int err = 0;

    if (!peer || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "data channel: a connection and out are needed");
    if (peer->closed)
        return pp_error(PIPIT_ERR_STATE, "data channel: the connection is closed");
    if (!peer->only_own && peer->security != PIPIT_SECURITY_DTLS)
        return pp_error(PIPIT_ERR_STATE, "data channel: it needs DTLS");
    if (!peer->only_own)
        err = pp_peer_add_data(peer);
    if (!err)
        err = pp_peer_create_data_channel(peer, label, options, out);
    pp_front_check(peer);
    return err;
}

void pp_peer_take_data(pp_peer *peer, const uint8_t *data, size_t size)
{
    pp_data *d = pp_peer_data(peer);

    if (d && d->channels)
        pp_channels_receive(d->channels, data, size);
}

void pp_peer_end_data(pp_peer *peer)
{
    pp_data *d = pp_peer_data(peer);

    if (d)
        end(d);
}

void pp_data_hand_over(pp_data *from, pp_data *to)
{
    if (from->channels && need_channels(to) == 0)
        pp_channels_hand_over(from->channels, to->channels);
}
