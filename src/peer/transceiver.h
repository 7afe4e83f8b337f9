/* transceiver.h - one m= section of a peer connection: what is wished for it, what was agreed about it, and the engine behind it.
 *
 * A kind of media is one file of this folder. To add one (video.c, data.c):
 *  1. a struct of its own whose head is a pp_transceiver and that holds its engine; it is allocated zeroed, `size` octets;
 *  2. what was agreed about a section: a struct whose head is a pp_agreed, one piece of memory. negotiate() makes it, describe()
 *     writes it, apply() brings the engine in line with it; it is never changed, so that an offer can be taken back;
 *  3. a `const pp_kind` with the functions below, declared at the end of this file and named in the table of transceiver.c.
 * The rest is done around it: places, mids and directions in descriptions (negotiate.c, description.c), BUNDLE on one transport,
 * which packet is whose (demux.c), SRTP and the clock of 20 ms (media.c). Packets go out by pp_peer_send_rtp() and
 * pp_peer_send_rtcp() of inside.h. */
#ifndef PP_PEER_TRANSCEIVER_H
#define PP_PEER_TRANSCEIVER_H

#include "base/limits.h"
#include "peer/peer.h"
#include "peer/reference.h"
#include "rtp/capture.h"
#include "rtp/extension.h"
#include "rtp/rtcp.h"
#include "sdp/attributes.h"

typedef struct pipit_transceiver pp_transceiver;
struct pp_measures;
struct pipit_stats_report;

#define PP_NO_SECTION SIZE_MAX

typedef struct pp_agreed { /* the head of what a kind has agreed with the far end about a section */
    unsigned references;
    uint64_t payload_types[2]; /* a bit for each that may come to us */
} pp_agreed;

typedef struct pp_kind {
    const char *name;     /* of the m= line: "audio", "video", "application" */
    const char *protocol; /* of the m= line of our first offer */
    size_t size;          /* of its struct */
    unsigned extensions;  /* of RTP, a bit for each pp_rtp_extension_kind; MID where it is needed */
    bool is_rtp;          /* rtcp-mux, msid, ssrc and directions */
    int (*begin)(pp_transceiver *transceiver); /* it is new and zeroed; may be NULL */
    /* What an m= section of theirs and we have in common. PIPIT_ERR_MEDIA: nothing, and the section is refused with port 0. Its
     * fingerprint and rtcp-mux were looked at. */
    int (*negotiate)(pp_transceiver *transceiver, const pp_sdp *sdp, const pp_sdp_media *media,
                     pp_agreed **out);
    /* Formats, their rtpmap and fmtp, and whatever else is theirs, into an m= section that has the lines of the transport.
     * `agreed` NULL: all we have, for an offer. */
    int (*describe)(const pp_transceiver *transceiver, const pp_agreed *agreed, pp_sdp *sdp,
                    pp_sdp_media *media);
    /* There are keys, and `now` has changed or the keys are new: the engine is made or goes on as it is. The one before stays
     * after an error. */
    int (*apply)(pp_transceiver *transceiver);
    /* An engine of the same wishes for a fork (fork.c): settings alone, no source and no sink. NULL: nothing to copy. */
    int (*copy)(const pp_transceiver *from, pp_transceiver *to);
    /* Each of the following may be NULL. */
    void (*take)(pp_transceiver *transceiver, const pp_rtp *packet); /* authentic, and its own */
    const pp_rtcp_handlers *
        rtcp; /* beside reports; their arg is the transceiver, and not all they hear is meant for it */
    void (*step)(pp_transceiver *transceiver, uint64_t now_us); /* each 20 ms */
    /* 10 ms behind each step after which `has_half_step` said so. */
    void (*half_step)(pp_transceiver *transceiver);
    bool (*has_half_step)(const pp_transceiver *transceiver);
    /* Nothing is to be done at steps until pp_peer_wake() is called; the clock of the call stands while all rest. */
    bool (*rests)(const pp_transceiver *transceiver);
    /* RTCP of its own behind a report of ours. */
    void (*append)(pp_transceiver *transceiver, pp_buf *compound);
    /* What a report of the far end says of what we send; `sent` knows it already. */
    void (*reported)(pp_transceiver *transceiver, const pp_report_block *block);
    uint32_t (*timestamp)(const pp_transceiver *transceiver);  /* RTP time of now, for reports */
    uint32_t (*clock_rate)(const pp_transceiver *transceiver); /* of what we send; agreed */
    void (*refused)(pp_transceiver *transceiver);              /* by an answer to our offer */
    /* For statistics (report.h): of RTP what the engine knows about its streams; of others whole records. */
    void (*measure)(const pp_transceiver *transceiver, struct pp_measures *out);
    void (*report)(const pp_transceiver *transceiver, struct pipit_stats_report *report);
    void (*free)(pp_transceiver *transceiver); /* what it holds; not the struct */
} pp_kind;

typedef struct pp_place { /* in the descriptions, as the last of them leave it */
    size_t index;         /* of the section; PP_NO_SECTION: none */
    char mid[PP_LIMIT_SDP_MID + 1];
    pp_agreed *agreed;      /* NULL: refused, or not negotiated yet */
    unsigned extensions;    /* of RTP, bits: agreed */
    pp_direction theirs;    /* what the far end allows, seen from here */
    pp_direction direction; /* ours, as agreed */
    bool we_offered;        /* it: then `said` counts, else what both allow */
    pp_direction said;      /* by our offer */
    bool refused;           /* by the far end: later offers of ours leave it so */
} pp_place;

typedef struct pp_sent { /* counted since the beginning */
    uint64_t packets, bytes, header_bytes;
    int32_t remote_lost; /* by the last report */
    double total_round_trip_s;
    uint64_t round_trips;
    double round_trip_ms, remote_fraction_lost, remote_jitter_ms; /* negative: not told yet */
} pp_sent;

struct pipit_transceiver { /* the head of every kind's struct */
    const pp_kind *kind;
    pp_peer *peer; /* NULL: it has left */
    unsigned references;
    pp_direction direction; /* our wish */
    bool stopped;
    bool
        takes_offers; /* made for a track: an offered section of its kind that is new becomes its own (RFC 8829 section 5.10) */
    bool track_told;  /* that the far end sends */
    pp_direction offering; /* in our offer, that is not answered */
    bool made_by_offer;    /* of theirs, which may still be taken back */
    bool offered;          /* its place is one that our unanswered offer gives it */
    pp_place now, before;  /* `before`: what to go back to, while their offer stands */

    uint32_t ssrc;  /* ours */
    char track[17]; /* the name of what we send (RFC 8830) */
    pp_sent sent;
    bool has_received; /* then `received` is about the source that is heard */
    pp_rtp_receiver received;
    bool has_sender_info; /* of that source, by its last report */
    pp_sender_info sender_info;
    pp_capture capture;        /* of that source */
    uint64_t reports_received; /* of those */
    pp_reference reference;
    uint64_t packets_received, bytes_received, header_bytes_received;
    uint64_t received_at_us; /* the last of them */
};

/* By reports, or by our own clock as a receiver; negative: not known. */
static inline double pp_transceiver_round_trip_ms(const pp_transceiver *transceiver)
{
    if (transceiver->sent.round_trip_ms >= 0 || !transceiver->reference.known)
        return transceiver->sent.round_trip_ms;
    return transceiver->reference.round_trip_ms;
}

const pp_kind *pp_kind_named(pp_str name); /* NULL: there is no engine for it */
/* Not yet one of the peer's: for pp_peer_add(). */
int pp_transceiver_new(pp_peer *peer, const pp_kind *kind, pp_transceiver **out);
pp_transceiver *pp_transceiver_ref(pp_transceiver *transceiver);
pp_transceiver *pp_transceiver_unref(pp_transceiver *transceiver); /* NULL is fine */
/* Zeroed, with one reference; NULL when memory is short. */
void *pp_agreed_new(size_t size);
pp_agreed *pp_agreed_ref(pp_agreed *agreed);   /* NULL is fine */
pp_agreed *pp_agreed_unref(pp_agreed *agreed); /* NULL is fine */
void pp_agreed_allow(pp_agreed *agreed, unsigned payload_type);
bool pp_agreed_allows(const pp_agreed *agreed, unsigned payload_type);
/* Which way media may go as far as we are concerned: the wish, and no hearing while the call is held. */
pp_direction pp_transceiver_wish(const pp_transceiver *transceiver);
/* In a section that stands, with an engine's terms. */
static inline bool pp_transceiver_is_agreed(const pp_transceiver *transceiver)
{
    return transceiver->now.agreed && !transceiver->stopped;
}

/* Whether an offer or answer of ours has more to say of it than that it is refused; NULL: no. */
bool pp_peer_speaks_of(const pp_transceiver *transceiver, bool offer);

/* A peer's own list, in the order they came. */
int pp_peer_reserve(pp_peer *peer, size_t count); /* room for so many more */
void pp_peer_add(pp_peer *peer,
                 pp_transceiver *transceiver); /* there was room; takes over the reference */
void pp_peer_remove(pp_peer *peer, pp_transceiver *transceiver);
pp_transceiver *pp_peer_in_section(const pp_peer *peer, size_t index); /* NULL: nobody's */
pp_transceiver *pp_peer_first_of(const pp_peer *peer, const pp_kind *kind);
/* Places for those that have none, behind `count` sections that are taken. Returns how many sections there are then. */
size_t pp_peer_give_places(pp_peer *peer, size_t count);
void pp_peer_take_places_back(pp_peer *peer);
void pp_peer_remember_places(
    pp_peer *peer); /* for pp_peer_restore_places() or pp_peer_forget_places() */
void pp_peer_restore_places(pp_peer *peer);
void pp_peer_forget_places(pp_peer *peer);
int pp_peer_apply(pp_peer *peer); /* all engines */

extern const pp_kind pp_audio_kind, pp_video_kind, pp_data_kind;

#endif
