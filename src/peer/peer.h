/* peer.h - the peer connection: descriptions, ICE, DTLS-SRTP, RTP and sound of one call on one
 * loop. */
#ifndef PP_PEER_PEER_H
#define PP_PEER_PEER_H

#include "base/buf.h"
#include "base/loop.h"
#include "base/rng.h"
#include "pipit/data_channel.h"
#include "pipit/media.h"
#include "pipit/stats.h"

typedef struct pipit_peer pp_peer;

typedef enum pp_peer_state {
    PP_PEER_NEW,
    PP_PEER_CONNECTING,
    PP_PEER_CONNECTED,
    PP_PEER_DISCONNECTED,
    PP_PEER_FAILED,
    PP_PEER_CLOSED
} pp_peer_state;

typedef struct pp_peer_handlers {
    void (*state)(void *arg, pp_peer_state state, const char *reason); /* reason never NULL */
    void (*dtmf)(void *arg, char tone, unsigned duration_ms);
    /* The far end made one; NULL: nobody hears of it. Its messages follow at once. */
    void (*data_channel)(void *arg, pipit_data_channel *channel);
    /* There is a candidate more, or pp_peer_is_gathering() is over. Optional. */
    void (*gathered)(void *arg);
} pp_peer_handlers;

int pp_peer_new(pipit_loop *loop, const pipit_peer_configuration *configuration,
                const pipit_media_stream *stream, bool offerer, const pp_peer_handlers *handlers,
                void *arg, pp_peer **out);
/* A video section too, behind what is there; before the first description. What is sent and taken follows from which ends there
 * are. PIPIT_ERR_NOT_SUPPORTED without codecs. */
int pp_peer_add_video(pp_peer *peer, const pipit_media_stream *stream);
pp_peer *pp_peer_free(
    pp_peer *peer); /* RTCP BYE and close_notify go out; safe inside a handler; NULL is fine */
/* Another peer for another far end of the same call. Of an offerer: the far end has got our first offer, and its answer comes next; the
 * same description of ours, the same sockets, a path and a DTLS association of its own. Else the far end makes an offer of its own, and
 * the peer is as this one was at the start. It sends silence and is not heard until pp_peer_hand_over(). */
int pp_peer_fork(pp_peer *peer, const pp_peer_handlers *handlers, void *arg, pp_peer **out);
/* Source, sink, hold and mute go over to the other one; the first one is silent from now on. All is as before after an error. */
int pp_peer_hand_over(pp_peer *from, pp_peer *to);
/* Gathers candidates for the description that is to be made next. That may be made at once, with those that are there, or
 * when the servers have answered. */
int pp_peer_prepare_offer(pp_peer *peer);
int pp_peer_prepare_answer(pp_peer *peer);
bool pp_peer_is_gathering(
    pp_peer *peer);           /* servers are to be heard yet, and the time for it is not over */
#define PP_PEER_CANDIDATE 256 /* octets of a candidate as text, and more */
/* Of the description to come or the last one: "1 1 udp 2130706431 192.0.2.1 50000 typ host"; false beyond the last. */
bool pp_peer_candidate(pp_peer *peer, size_t index, char out[PP_PEER_CANDIDATE]);
/* Whether some of them may still be found. They can be told behind the description where the far end understands. */
bool pp_peer_servers_are_busy(const pp_peer *peer);
/* Of a call whose configuration lets candidates follow: all of the last description's, those that it names first, as
 * application/trickle-ice-sdpfrag. PIPIT_ERR_STATE: there is none that they belong to. */
int pp_peer_write_fragment(pp_peer *peer, pp_buf *out);
/* The far end's; those that are known already are skipped. PIPIT_ERR_STATE: they belong to another description than its last,
 * PIPIT_ERR_SYNTAX, PIPIT_ERR_LIMIT. */
int pp_peer_take_fragment(pp_peer *peer, pp_str text);
bool pp_peer_has_remote(const pp_peer *peer);      /* the far end has described itself */
bool pp_peer_remote_trickles(const pp_peer *peer); /* its last description says so */
int pp_peer_create_offer(pp_peer *peer, pp_buf *out);
int pp_peer_create_answer(pp_peer *peer, pp_buf *out); /* after set_remote(offer) */
/* An offer to answer or the answer to ours. Both can come again later (re-offer). PIPIT_ERR_MEDIA:
 * no codec or no usable audio. */
int pp_peer_set_remote(pp_peer *peer, bool is_offer, pp_str sdp);
/* The next offer has new credentials and candidates of the addresses of now, and so have those behind it until one was
 * answered (RFC 8829 section 4.1.12); false takes it back. The path that is in use carries the media until the new one has a
 * pair, and goes on when that comes to nothing. PIPIT_ERR_STATE: it is not the path that failed. */
int pp_peer_restart_ice(pp_peer *peer, bool wanted);
/* An answer that takes nothing of an offer (RFC 3264 section 6), of nobody's. */
int pp_peer_refuse(const pp_rng *rng, pp_str offer, pp_buf *out);
/* Whether the path in use begins at an address that this machine has not any more. */
bool pp_peer_is_stranded(pp_peer *peer);
/* The offer that was made or taken and came to nothing is forgotten: all is as before it (RFC 8829
 * section 4.1.8.2). Nothing when there is none. */
void pp_peer_rollback(pp_peer *peer);
/* Ours: at once sound is neither sent nor heard, and the descriptions to come say sendonly. With
 * `source` that is sent meanwhile. */
int pp_peer_hold_media(pp_peer *peer, bool held, pipit_source *source);
/* Whether the last description of the far end takes nothing from us. */
bool pp_peer_remote_holds(const pp_peer *peer);
/* Other ends from now on, without a gap. Those before stay after an error. */
int pp_peer_set_stream(pp_peer *peer, const pipit_media_stream *stream);
int pp_peer_send_dtmf(pp_peer *peer, char tone, unsigned duration_ms, unsigned gap_ms);
/* `out` is the caller's. PIPIT_ERR_STATE when the configuration has no data channels, or they are gone. */
int pp_peer_create_data_channel(pp_peer *peer, const char *label,
                                const pipit_data_channel_options *options,
                                pipit_data_channel **out);
void pp_peer_mute(pp_peer *peer, bool muted);
/* The same for pictures. PIPIT_ERR_STATE: there is no video section. */
int pp_peer_set_video(pp_peer *peer, pipit_video_source *source, pipit_video_sink *sink);
void pp_peer_mute_video(pp_peer *peer, bool muted);
void pp_peer_stats(const pp_peer *peer, pipit_stats *out);

#endif
