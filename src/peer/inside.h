/* inside.h - the peer connection's own struct, shared by the files of this folder. */
#ifndef PP_PEER_INSIDE_H
#define PP_PEER_INSIDE_H

#include "base/limits.h"
#include "crypto/certificate.h"
#include "dtls/dtls.h"
#include "ice/ice.h"
#include "media/audio_receiver.h"
#include "media/audio_sender.h"
#include "peer/peer.h"
#include "peer/port.h"
#include "rtp/rtcp.h"
#include "rtp/telephone_event.h"
#include "sdp/attributes.h"
#include "srtp/srtp.h"

#define PP_PEER_CODECS 8u /* entries of our own list: a configuration names at most that many */
#define PP_PEER_EARLY                                                                              \
    4u /* DTLS datagrams kept while no pair is nominated: a flight of a browser has two */

#define PP_PEER_BASES                                                                              \
    (2 * PP_LIMIT_ICE_LOCAL_ADDRESSES) /* the network's before a change, and those of after */

/* Each restart of ICE makes an agent with credentials of its own (RFC 8445 section 9); they share their sockets. */
enum {
    PP_PEER_ICE_USED,    /* carries the media */
    PP_PEER_ICE_NEXT,    /* was negotiated later, and takes over as soon as it has a pair */
    PP_PEER_ICE_OFFERED, /* of an exchange that may still be rolled back */
    PP_PEER_ICE_COUNT
};

typedef struct pp_peer_base { /* a socket ICE knows by its number */
    pp_peer *peer;
    unsigned number;
    pp_udp *udp;
} pp_peer_base;

typedef struct pp_peer_format { /* a codec both sides have */
    const pp_codec_type *codec;
    uint8_t payload_type;
    char fmtp[128]; /* what the far end wants */
} pp_peer_format;

typedef struct pp_peer_audio { /* what was negotiated */
    bool agreed;
    pp_peer_format formats[PP_PEER_CODECS];
    size_t format_count;                    /* the first is what we send */
    int event_payload_type[PP_PEER_CODECS]; /* of telephone-event, for each format; -1: none */
    pp_direction direction;                 /* ours */
} pp_peer_audio;

/* What the last description of the far end settled. */
typedef struct pp_peer_terms {
    pp_sdp *remote;      /* NULL: there was none */
    size_t remote_index; /* of its audio section */
    bool remote_is_offer;
    char mid[33];   /* of the audio section; "0" until the far end offers another */
    pp_setup setup; /* ours: active or passive once settled */
    bool restarts;  /* an offer with new ICE credentials */
    pp_peer_audio audio;
} pp_peer_terms;

struct pp_peer {
    unsigned references;
    pipit_loop *loop;
    const pp_peer_handlers *handlers;
    void *arg;
    pp_peer_state state;
    bool closed;
    bool broken; /* no new path would help: FAILED is the last state */

    /* configuration */
    const pp_codec_type *codecs[PP_PEER_CODECS];
    size_t codec_count;
    pipit_opus_options opus;
    char opus_fmtp[80]; /* what we want of the far end */
    bool allow_loopback, offerer;
    pp_port_wish port;
    char *interfaces; /* a list of names, "default", or NULL: all */
    pipit_source *source;
    pipit_source *hold_source; /* instead, while we hold; NULL: nothing is sent */
    pipit_sink *sink;

    /* description */
    uint64_t session_id, version;
    char cname[17], track[17];
    pp_peer_terms terms;
    pp_peer_terms before; /* the last offer of theirs; to go back to */
    enum {
        PP_PEER_NO_OFFER,
        PP_PEER_OFFERED,
        PP_PEER_ANSWERED
    } offer;             /* theirs, that `before` is for */
    bool restart_wanted; /* by our offers, until one was answered */
    bool held;           /* by us */

    /* network */
    pp_peer_base bases[PP_PEER_BASES]; /* of the root, for all its forks */
    pp_peer *root;                     /* whose fork it is, held; NULL: nobody's */
    pp_peer *forks, *next_fork;        /* of the root, the newest first */
    pp_ice *ice[PP_PEER_ICE_COUNT];
    pp_certificate *certificate;
    pp_dtls *dtls;
    char *early[PP_PEER_EARLY];
    size_t early_size[PP_PEER_EARLY], early_count;
    pp_timer machines; /* the next deadline of ICE and DTLS */

    /* media */
    pp_srtp *protect, *unprotect;
    pp_audio_sender *sender;
    pp_audio_receiver *receiver;
    pp_peer_audio applied; /* what sender and receiver were made for */
    bool muted;
    uint32_t ssrc;
    pp_rtp_receiver received;
    bool has_received;
    pp_dtmf_receiver dtmf;
    pp_timer frames, reports;
    uint64_t next_frame_us;
    pp_buf packet; /* reused for each packet that goes */

    pipit_stats stats; /* counters; the rest is filled in when asked */
    uint64_t checking_at_us, connected_at_us;
    uint64_t discarded;
};

/* peer.c */
void pp_peer_hold(pp_peer *peer);    /* around anything that may call a handler */
void pp_peer_release(pp_peer *peer); /* the last one frees */
void pp_peer_set_state(pp_peer *peer, pp_peer_state state, const char *reason);
void pp_peer_break(pp_peer *peer, const char *reason); /* failed, and for good */
void pp_peer_schedule(pp_peer *peer);                  /* arms `machines` */

/* fork.c */
static inline pp_peer *pp_peer_root(pp_peer *peer)
{
    return peer->root ? peer->root : peer;
}
void pp_peer_leave_root(pp_peer *peer);
/* Which of them a datagram on the root's sockets is for. */
pp_peer *pp_peer_meant(pp_peer *root, const pp_peer_base *base, const pp_addr *from, pp_str packet);

/* network.c */
void pp_peer_received(void *base, const pp_addr *from, const uint8_t *data, size_t size);
int pp_peer_start_dtls(pp_peer *peer);
void pp_peer_disconnect(pp_peer *peer); /* says goodbye, closes sockets and machines */

/* gather.c: sockets and host candidates */
int pp_peer_gather(pp_peer *peer);            /* the first agent; nothing the second time */
int pp_peer_renew_ice(pp_peer *peer);         /* PP_PEER_ICE_OFFERED, on the addresses of now */
void pp_peer_close_idle_bases(pp_peer *peer); /* those that no agent uses */

/* place.c: on which addresses and sockets */
size_t pp_peer_usable_addresses(pp_peer *peer, pp_addr *out, size_t max);
/* On a socket where nobody has the far end's addresses, as far as those are known. */
int pp_peer_take_place(pp_peer *peer, pp_peer_base *base, const pp_addr *address);
/* The far end's addresses are known now: to another socket when they are in use on this one. */
int pp_peer_settle_places(pp_peer *peer, const pp_ice *ice);
void pp_peer_forget_names(pp_peer *root); /* of agents that are gone */

/* ice.c: the agents */
pp_ice *pp_peer_newest_ice(const pp_peer *peer); /* whom descriptions speak of; NULL */
/* Whether a description has the credentials of the far end that were negotiated last; true when none were. */
bool pp_peer_knows_credentials(const pp_peer *peer, pp_str ufrag, pp_str pwd);
int pp_peer_connect(
    pp_peer *peer); /* remote credentials and candidates are in peer->terms: the newest
                                           agent starts its checks */
void pp_peer_settle_ice(pp_peer *peer); /* there is no way back behind the last exchange */
void pp_peer_undo_ice(pp_peer *peer);   /* the exchange came to nothing */
void pp_peer_ice_receive(pp_peer *peer, const pp_peer_base *base, const pp_addr *from,
                         pp_str packet);
bool pp_peer_ice_is_verified(const pp_peer *peer, const pp_peer_base *base, const pp_addr *from);
bool pp_peer_ice_knows(const pp_peer *peer, pp_str packet);
void pp_peer_ice_tick(pp_peer *peer, uint64_t now_us);
uint64_t pp_peer_ice_deadline_us(const pp_peer *peer);
void pp_peer_ice_free(pp_peer *peer); /* and the sockets */
extern const pp_ice_handlers pp_peer_ice_handlers;

/* media.c */
int pp_peer_start_media(pp_peer *peer, const pp_srtp_keys *keys);
int pp_peer_apply_audio(
    pp_peer *peer); /* sender and receiver for what was negotiated, if keys are there */
void pp_peer_stop_media(pp_peer *peer);
void pp_peer_take_rtp(pp_peer *peer, uint8_t *data, size_t size);

/* negotiate.c */
int pp_peer_negotiate(pp_peer *peer, pp_sdp *remote, bool is_offer, pp_peer_terms *out);
/* Which way sound may go as far as we are concerned. */
pp_direction pp_peer_direction(const pp_peer *peer);

#endif
