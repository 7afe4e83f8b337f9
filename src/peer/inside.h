/* inside.h - the peer connection's own struct, shared by the files of this folder. */
#ifndef PP_PEER_INSIDE_H
#define PP_PEER_INSIDE_H

#include "base/limits.h"
#include "crypto/certificate.h"
#include "dtls/dtls.h"
#include "gather/servers.h"
#include "ice/ice.h"
#include "media/codec.h"
#include "peer/front.h"
#include "peer/port.h"
#include "peer/transceiver.h"
#include "srtp/srtp.h"
#include "video/codec.h"

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

typedef struct pp_codec_list {
    const pp_codec_type *of[PP_PEER_CODECS];
    size_t count;
} pp_codec_list;

/* What the last description of the far end settled for all its sections; the rest is in the transceivers. */
typedef struct pp_peer_terms {
    pp_sdp *remote; /* NULL: there was none */
    size_t
        transport; /* of its sections: whose ICE and DTLS attributes count; PP_NO_SECTION: all are refused */
    bool remote_is_offer;
    bool restarts;                   /* an offer with new ICE credentials */
    pp_setup setup;                  /* ours: active or passive once settled */
    pp_rtp_extension_ids extensions; /* the same in all sections, RFC 9143 section 9.1 */
    pipit_media_security security;
    bool no_rtcp; /* RTCP would have to go to another port */
} pp_peer_terms;

typedef struct pp_proposal { /* a remote description that was understood, before anything changes */
    pp_peer_terms terms;
    struct pp_proposed {             /* a section of it, by its place */
        pp_transceiver *transceiver; /* NULL: it is refused, and nobody's */
        pp_agreed *agreed;           /* NULL: refused */
        pp_direction theirs;         /* seen from here */
        unsigned extensions;         /* of the kind's, those that they have too */
        bool is_new;
    } * sections;
    size_t count;
} pp_proposal;

struct pipit_peer {
    unsigned references;
    unsigned
        owners; /* of them: the application's; it is closed with the last, unless it is a call's */
    pipit_loop *loop;
    pp_front *front; /* NULL: nobody looks */
    const pp_peer_handlers *handlers;
    void *arg;
    pp_peer_state state;
    bool closed;
    bool broken; /* no new path would help: FAILED is the last state */

    /* configuration */
    pp_codec_list codecs;
    pipit_opus_options opus;
    bool comfort_noise;                /* sent in place of silence */
    unsigned packet_ms, packet_ms_max; /* wished; 0: nothing is said */
    char opus_fmtp[112];               /* what we want of the far end */
    pp_video_codec_list video_codecs;
    pipit_video_constraints video;
    bool allow_loopback, offerer;
    pipit_bundle_policy bundle_policy;
    pp_port_wish port;
    char *interfaces; /* a list of names, "default", or NULL: all */
    bool
        only_own; /* a call's: sections beyond our transceivers are refused, and a description without any use is an error */

    /* description */
    uint64_t session_id, version;
    char cname[17];
    pp_said said;
    pp_transceiver **transceivers; /* in the order they came */
    size_t transceiver_count, transceiver_capacity;
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
    pp_ice_servers *ice_servers;       /* of the root; NULL: none */
    bool relay_only, no_mdns;
    bool trickles;              /* a call's: candidates may follow its descriptions */
    struct pp_peer_name *names; /* of the far end, that are being looked up */
    size_t name_count;
    struct pp_peer_relays *relays; /* of the root, for all its forks */
    unsigned next_base;            /* for relays and TCP, above those of sockets */
    struct pp_peer_tcp *tcp;       /* of the root, for all its forks; NULL: none */
    pipit_ice_tcp ice_tcp;
    unsigned gathering_timeout_ms;
    pp_timer gathering;
    bool prepared;        /* the agent of the description to come is there */
    bool out_of_patience; /* with ICE servers, for that description */
    pp_ice *ice[PP_PEER_ICE_COUNT];
    pp_certificate *certificates[PIPIT_CERTIFICATES]; /* the first is what a client of DTLS shows */
    size_t certificate_count;
    pipit_fingerprint_hash fingerprint_hash;
    pipit_media_security security; /* wished */
    struct pp_direct *direct;      /* a way without ICE; NULL: not used */
    pp_dtls *dtls;
    char *early[PP_PEER_EARLY];
    size_t early_size[PP_PEER_EARLY], early_count;
    pp_timer machines; /* the next deadline of ICE and DTLS */

    /* media */
    pp_srtp *protect, *unprotect;
    pp_srtp_profile profile;
    struct pp_source_table *sources; /* demux.c; NULL while it is not needed */
    pp_timer frames, reports;
    bool clock_runs;
    bool half_due; /* `frames` is armed for what has a half step */
    uint64_t next_frame_us;
    pp_buf packet; /* reused for each packet that goes */

    unsigned ice_ms, dtls_ms; /* from the first description to a pair, from that to the keys */
    uint64_t checking_at_us, connected_at_us;
    uint64_t discarded;
    struct pp_traffic { /* media and DTLS: not what ICE says */
        uint64_t packets, bytes;
    } traffic_out, traffic_in;
};

/* Media can go, as far as keys are concerned. */
static inline bool pp_peer_has_keys(const pp_peer *peer)
{
    return peer->protect != NULL ||
           (peer->direct && peer->terms.security == PIPIT_SECURITY_PLAIN_RTP);
}

/* peer.c */
int pp_peer_new_empty(pipit_loop *loop, const pipit_peer_configuration *configuration,
                      const pp_peer_handlers *handlers, void *arg, pp_peer **out);
void pp_peer_name_itself(pp_peer *peer); /* nothing is described yet */
void pp_peer_shut(pp_peer *peer);        /* its end, once; the struct stays */
/* The codecs of a list of names, in its order; NULL gives all of ours. PIPIT_ERR_MEDIA for one that is unknown. */
int pp_codec_list_choose(const char *names, pp_codec_list *out);
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

/* identity.c */
int pp_peer_take_certificates(pp_peer *peer, const pipit_peer_configuration *configuration);
void pp_peer_share_certificates(const pp_peer *from, pp_peer *to);
void pp_peer_drop_certificates(pp_peer *peer);
int pp_peer_announce_certificates(const pp_peer *peer, pp_sdp *sdp, pp_sdp_section *section);
int pp_peer_show_certificates(pp_peer *peer); /* those beside the first, to a new DTLS machine */

/* direct.c: the far end is where its description says, without ICE and DTLS */
/* What protects a section of theirs; PIPIT_ERR_MEDIA: nothing that is allowed here. */
int pp_direct_security_of(const pp_peer *peer, const pp_sdp *sdp, const pp_sdp_media *media,
                          bool is_offer, pipit_media_security *out);
/* a=crypto, with our keys. */
int pp_direct_describe(pp_peer *peer, bool offer, pp_sdp *sdp, pp_sdp_section *section);
int pp_direct_connect(pp_peer *peer); /* as peer->terms have it */
static inline bool pp_peer_is_direct(const pp_peer *peer)
{
    return peer->direct && peer->terms.security != PIPIT_SECURITY_DTLS;
}
bool pp_direct_takes(const pp_peer *peer, const pp_peer_base *base, const pp_addr *from);
/* An authentic packet came from there: ours go there from now on. */
void pp_direct_heard(pp_peer *peer, const pp_addr *from);
bool pp_direct_path(const pp_peer *peer, pp_addr *local,
                    pp_addr *remote); /* false: there is none */
int pp_direct_send(pp_peer *peer, const uint8_t *data, size_t size);
void pp_direct_free(pp_peer *peer);
/* What the next description of ours says: the wish in an offer, what was agreed in an answer. */
pipit_media_security pp_peer_security(const pp_peer *peer, bool offer);

/* network.c */
static inline void pp_traffic_count(struct pp_traffic *traffic, size_t size)
{
    traffic->packets++;
    traffic->bytes += size;
}
int pp_peer_send(pp_peer *peer, const uint8_t *data, size_t size); /* on the way that is in use */
void pp_peer_received(void *base, const pp_addr *from, const uint8_t *data, size_t size);
int pp_peer_start_dtls(pp_peer *peer);
void pp_peer_disconnect(pp_peer *peer); /* says goodbye, closes sockets and machines */

/* gather.c: sockets, candidates, and waiting for them */
/* Instead of pp_peer_prepare_…(): the first agent, and where ICE restarts PP_PEER_ICE_OFFERED on the addresses of now. */
int pp_peer_prepare(pp_peer *peer, bool restarts);
void pp_peer_prepared(pp_peer *peer); /* the description is there, or not wanted any more */
void pp_peer_relayed(pp_peer *peer);  /* an agent of it has a relay: it waits less for the rest */
void pp_peer_close_idle_bases(pp_peer *peer); /* those that no agent uses */
void pp_peer_gathered(pp_peer *peer);         /* there is more than before, or no more to come */

/* place.c: on which addresses and sockets */
size_t pp_peer_usable_addresses(pp_peer *peer, pp_addr *out, size_t max);
/* On a socket where nobody has the far end's addresses, as far as those are known. */
int pp_peer_take_place(pp_peer *peer, pp_peer_base *base, const pp_addr *address);
/* The far end's addresses are known now: to another socket when they are in use on this one. */
int pp_peer_settle_places(pp_peer *peer, const pp_ice *ice);
void pp_peer_forget_names(pp_peer *root); /* of agents that are gone */

/* trickle.c: one of theirs (the value of a=candidate) behind their description; nothing when that has it */
int pp_peer_take_candidate(pp_peer *peer, pp_str value);

typedef struct pp_peer_tcp pp_peer_tcp; /* tcp.h */

/* local_names.c */
typedef struct pp_peer_name pp_peer_name;
/* A candidate whose address is a name below .local; nothing where that is switched off, or nobody can be asked. */
void pp_peer_look_up(pp_peer *peer, const pp_ice *ice, const pp_candidate *candidate, pp_str text);
void pp_peer_forget_lookups(pp_peer *peer);

/* ice.c: the agents */
pp_ice *pp_peer_newest_ice(const pp_peer *peer); /* whom descriptions speak of; NULL */
/* Whether a description has the credentials of the far end that were negotiated last; true when none were. */
bool pp_peer_knows_credentials(const pp_peer *peer, pp_str ufrag, pp_str pwd);
int pp_peer_add_candidate(pp_peer *peer, pp_ice *ice, pp_str value); /* the value of a=candidate */
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
int pp_peer_start_clock(
    pp_peer *peer); /* engines and the 20 ms; nothing the second time but the engines */
void pp_peer_wake(pp_peer *peer); /* there is something to do each 20 ms */
void pp_peer_stop_media(pp_peer *peer);
/* Whether it was authentic, or nothing has to be, and whole. */
bool pp_peer_take_rtp(pp_peer *peer, uint8_t *data, size_t size);
/* One packet of a transceiver's: protected, counted, with its MID where sections share the transport, and with those of `extensions`
 * (NULL: none) that its section has agreed. */
int pp_peer_send_rtp(pp_transceiver *transceiver, const pp_rtp *packet,
                     const pp_rtp_extensions *extensions);
/* RTCP that stands in `compound`, which is changed. */
int pp_peer_send_rtcp(pp_peer *peer, pp_buf *compound);
/* An authentic packet that the transceiver understands: counted, for reports and statistics. */
void pp_transceiver_count(pp_transceiver *transceiver, const pp_rtp *packet, uint32_t clock_rate);

/* demux.c */
pp_transceiver *pp_peer_rtp_is_for(pp_peer *peer, const pp_rtp *packet); /* NULL: nobody's */
bool pp_peer_is_bundle(const pp_peer *peer); /* several RTP sections share the transport */
void pp_peer_forget_source(pp_peer *peer, const pp_transceiver *transceiver);

/* negotiate.c */
int pp_peer_negotiate(pp_peer *peer, pp_sdp *remote, bool is_offer, pp_proposal *out);
void pp_peer_accept(pp_peer *peer,
                    pp_proposal *proposal);   /* it stands from now on; is empty afterwards */
void pp_proposal_drop(pp_proposal *proposal); /* but for its remote description */

/* negotiation.c */
int pp_peer_check_own(const pp_peer *peer); /* PIPIT_ERR_STATE: it is a call's, or closed */

/* transceiver.c */
void pp_peer_choose_mid(const pp_peer *peer, pp_place *place); /* one that nobody has */

/* refuse.c */
int pp_peer_refuse_media(const pp_sdp_media *offered, pp_sdp *sdp);

/* description.c */
int pp_peer_begin_description(uint64_t session_id, uint64_t version,
                              pp_sdp **out); /* free it after an error, too */
typedef struct pp_peer_rtpmap {
    unsigned payload_type;
    const char *name;
    uint32_t clock_rate, channels;
    const char *fmtp; /* NULL: none */
} pp_peer_rtpmap;
int pp_peer_start_answer(pp_peer *peer); /* the one that was made stands: checks begin */
void pp_peer_settle(pp_peer *peer);      /* there is no way back behind what stands now */
int pp_peer_set_remote_provisional(pp_peer *peer,
                                   pp_str sdp); /* an answer, and another may follow */
int pp_peer_add_rtpmap(pp_sdp *sdp, pp_sdp_media *media, const pp_peer_rtpmap *map);

#endif
