/* channels.h - the data channels of one connection (RFC 8831, 8832): who has which stream, how one is opened and closed, and
 * whose turn it is to send. */
#ifndef PP_SCTP_CHANNELS_H
#define PP_SCTP_CHANNELS_H

#include "base/loop.h"
#include "base/str.h"
#include "pipit/data_channel.h"

typedef struct pp_channels pp_channels;

typedef struct pp_channels_handlers {
    void (*send)(void *arg, const uint8_t *data, size_t size); /* one packet, for DTLS */
    void (*channel)(void *arg, pipit_data_channel *channel);   /* the far end made one */
    /* The association is gone, and all channels with it. Error 0: the far end ended it. */
    void (*closed)(void *arg, int error, const char *reason);
} pp_channels_handlers;

typedef struct pp_channels_terms { /* what both descriptions and the handshake settled */
    bool client;                   /* of DTLS: its ids are even (RFC 8832 section 6) */
    uint16_t local_port, remote_port;
    size_t max_message_size; /* that the far end takes; 0: as much as there is */
} pp_channels_terms;

int pp_channels_new(pipit_loop *loop, const pp_channels_handlers *handlers, void *arg,
                    pp_channels **out);
/* Ends the association; the channels are closed and tell it at the end of the turn. NULL is fine; safe inside a handler. */
pp_channels *pp_channels_free(pp_channels *channels);
/* `out` is the caller's. May come before pp_channels_connect(). PIPIT_ERR_ARGUMENT, PIPIT_ERR_LIMIT, PIPIT_ERR_STATE when the
 * association is gone or the id is in use, PIPIT_ERR_SYNTAX for what is no UTF-8, PIPIT_ERR_MEMORY. */
int pp_channels_create(pp_channels *channels, const char *label,
                       const pipit_data_channel_options *options, pipit_data_channel **out);
/* Channels that wait for a connection are the other one's from now on; the others stay. */
void pp_channels_hand_over(pp_channels *from, pp_channels *to);
/* DTLS stands. PIPIT_ERR_STATE the second time, PIPIT_ERR_NOT_SUPPORTED in a build without SCTP. */
int pp_channels_connect(pp_channels *channels, const pp_channels_terms *terms);
void pp_channels_receive(pp_channels *channels, const uint8_t *data, size_t size);
/* What the far end takes from now on: a later description may say so. */
void pp_channels_set_max_message_size(pp_channels *channels, size_t size);

typedef struct pp_channels_stats {
    unsigned opened, closed;      /* W3C: dataChannelsOpened, dataChannelsClosed */
    uint64_t messages_unexpected; /* in streams that are no channels, or of unknown kind */
} pp_channels_stats;

void pp_channels_get_stats(const pp_channels *channels, pp_channels_stats *out);
/* The first of them or the one behind another; NULL: there is none. */
pipit_data_channel *pp_channels_next(const pp_channels *channels, const pipit_data_channel *behind);

#endif
