/* data.h - the application kind of a section: data channels over SCTP over DTLS (RFC 8841), as one m= section. */
#ifndef PP_PEER_DATA_H
#define PP_PEER_DATA_H

#include "peer/transceiver.h"
#include "sctp/channels.h"

typedef struct pp_data_agreed {
    pp_agreed head;
    uint16_t port;           /* of the far end */
    size_t max_message_size; /* that it takes; 0: any */
    bool old;                /* described as the drafts before RFC 8841 had it */
} pp_data_agreed;

typedef struct pp_data {
    pp_transceiver head;
    pp_channels *channels; /* NULL until they are needed, and when they are gone */
    bool connected;        /* the association was begun */
    bool gone;             /* it is over, or the far end has refused it: there is no other */
} pp_data;

static inline pp_data *pp_data_of(pp_transceiver *transceiver)
{
    return (pp_data *)(void *)transceiver;
}

pp_data *pp_peer_data(const pp_peer *peer); /* NULL: there is no such section */
int pp_peer_add_data(pp_peer *peer);        /* the section; nothing when there is one */
/* What came in a record of DTLS. */
void pp_peer_take_data(pp_peer *peer, const uint8_t *data, size_t size);
/* The association ends with the transport under it; channels say so at the end of the turn. */
void pp_peer_end_data(pp_peer *peer);
/* Channels that nobody has heard of yet are the other one's from now on. */
void pp_data_hand_over(pp_data *from, pp_data *to);

#endif
