/* transceivers.c - the sections of a peer connection as its application has them (W3C section 5.4). */
#include "base/alloc.h"
#include "base/error.h"
#include "peer/audio.h"
#include "peer/front.h"
#include "peer/inside.h"
#include "peer/video.h"

/* --- added and removed ------------------------------------------------------------------------ */

static const pp_kind *kind_of(pipit_media_kind kind)
{
    return pp_kind_named(kind == PIPIT_MEDIA_AUDIO ? PP_LIT("audio") : PP_LIT("video"));
}

static bool to_direction(pipit_direction direction, pp_direction *out)
{
    static const pp_direction directions[] = {PP_SENDRECV, PP_SENDONLY, PP_RECVONLY, PP_INACTIVE};

    if ((unsigned)direction > PIPIT_DIRECTION_INACTIVE)
        return false;
    *out = directions[direction];
    return true;
}

static pipit_direction from_direction(pp_direction direction)
{
    static const pipit_direction directions[] = {
        [PP_SENDRECV] = PIPIT_DIRECTION_SENDRECV,
        [PP_SENDONLY] = PIPIT_DIRECTION_SENDONLY,
        [PP_RECVONLY] = PIPIT_DIRECTION_RECVONLY,
        [PP_INACTIVE] = PIPIT_DIRECTION_INACTIVE,
    };

    return directions[direction];
}

static int begin(pp_transceiver *transceiver, const pipit_transceiver_init *init)
{
    const pipit_media_stream ends = {.audio_source = init->source, .audio_sink = init->sink};

    if (transceiver->kind == &pp_audio_kind ? init->video_source || init->video_sink
                                            : init->source || init->sink)
        return pp_error(PIPIT_ERR_ARGUMENT, "peer: these are ends of another kind");
    if (transceiver->kind == &pp_audio_kind)
        return pp_audio_set_stream(pp_audio_of(transceiver), &ends);
    if (transceiver->kind == &pp_video_kind)
        pp_video_set_ends(pp_video_of(transceiver), init->video_source, init->video_sink);
    return 0;
}

static int add(pp_peer *peer, const pp_kind *kind, const pipit_transceiver_init *init,
               pp_transceiver **out)
{
    pp_transceiver *made = NULL;
    pp_direction direction;
    int err;

    if (!to_direction(init->direction, &direction))
        return pp_error(PIPIT_ERR_ARGUMENT, "peer: a transceiver cannot begin with this direction");
    if (peer->transceiver_count >= PP_LIMIT_SDP_MEDIA)
        return pp_error(PIPIT_ERR_LIMIT, "peer: more than %u sections", PP_LIMIT_SDP_MEDIA);
    err = pp_peer_reserve(peer, 1);
    if (!err)
        err = pp_transceiver_new(peer, kind, &made);
    if (!err)
        err = begin(made, init);
    if (err) {
        pp_transceiver_unref(made);
        return err;
    }
    made->direction = direction;
    pp_peer_add(peer, made);
    pp_front_check(peer);
    *out = made;
    return 0;
}

int pipit_peer_add_transceiver(pipit_peer *peer, pipit_media_kind kind,
                               const pipit_transceiver_init *init, pipit_transceiver **out)
{
    const pipit_transceiver_init none = {0};
    const pp_kind *engine = kind_of(kind);
    pp_transceiver *made;
    int err = pp_peer_check_own(peer);

    if (!err && !engine)
        err = pp_error(PIPIT_ERR_NOT_SUPPORTED, "peer: there is no engine for this kind of media");
    if (!err)
        err = add(peer, engine, init ? init : &none, &made);
    if (!err && out)
        *out = made;
    return err;
}

/* One that never had anything to send: it takes part in the far end's sections alone, or in none. */
static pp_transceiver *find_unused(const pp_peer *peer)
{
    for (size_t i = 0; i < peer->transceiver_count; i++) {
        pp_transceiver *transceiver = peer->transceivers[i];

        if (transceiver->kind == &pp_audio_kind && !transceiver->stopped &&
            !pp_direction_sends(transceiver->direction) && !transceiver->sent.packets &&
            !pp_audio_of(transceiver)->source)
            return transceiver;
    }
    return NULL;
}

static int reuse(pp_transceiver *transceiver, pipit_source *source)
{
    int err = pipit_transceiver_replace_source(transceiver, source);

    if (err)
        return err;
    transceiver->direction =
        pp_direction_receives(transceiver->direction) ? PP_SENDRECV : PP_SENDONLY;
    transceiver->made_by_offer = false; /* it stays when that is rolled back */
    pp_front_check(transceiver->peer);
    return 0;
}

int pipit_peer_add_track(pipit_peer *peer, pipit_source *source, pipit_transceiver **out)
{
    const pipit_transceiver_init init = {.source = source};
    pp_transceiver *transceiver;
    int err = pp_peer_check_own(peer);

    if (!err && !source)
        err = pp_error(PIPIT_ERR_ARGUMENT, "peer: what is to be sent?");
    if (err)
        return err;
    transceiver = find_unused(peer);
    err = transceiver ? reuse(transceiver, source) : add(peer, &pp_audio_kind, &init, &transceiver);
    if (err)
        return err;
    transceiver->takes_offers = true;
    if (out)
        *out = transceiver;
    return 0;
}

int pipit_peer_remove_track(pipit_peer *peer, pipit_transceiver *transceiver)
{
    int err = pp_peer_check_own(peer);

    if (!err && (!transceiver || transceiver->peer != peer))
        err = pp_error(PIPIT_ERR_ARGUMENT, "peer: this transceiver is not one of it");
    if (!err && transceiver->kind == &pp_audio_kind)
        err = pipit_transceiver_replace_source(transceiver, NULL);
    if (!err && transceiver->kind == &pp_video_kind)
        pp_video_set_ends(pp_video_of(transceiver), NULL, pp_video_of(transceiver)->sink);
    if (err)
        return err;
    transceiver->direction = pp_direction_both(transceiver->direction, PP_RECVONLY);
    pp_front_check(peer);
    return 0;
}

pipit_transceiver *pipit_peer_transceiver(const pipit_peer *peer, size_t index)
{
    for (size_t i = 0; peer && i < peer->transceiver_count; i++)
        if (peer->transceivers[i]->kind->is_rtp && index-- == 0)
            return peer->transceivers[i];
    return NULL;
}

/* --- one -------------------------------------------------------------------------------------- */

static int check_open(const pp_transceiver *transceiver)
{
    if (!transceiver)
        return pp_error(PIPIT_ERR_ARGUMENT, "peer: which transceiver?");
    if (!transceiver->peer || transceiver->peer->closed || transceiver->stopped)
        return pp_error(PIPIT_ERR_STATE, "peer: the transceiver is stopped");
    return 0;
}

static int check_own(const pp_transceiver *transceiver)
{
    int err = check_open(transceiver);

    return err ? err : pp_peer_check_own(transceiver->peer);
}

static int check_audio(const pp_transceiver *transceiver)
{
    int err = check_open(transceiver);

    if (!err && transceiver->kind != &pp_audio_kind)
        err = pp_error(PIPIT_ERR_ARGUMENT, "peer: that is for sound, and this is none");
    return err;
}

pipit_transceiver *pipit_transceiver_ref(pipit_transceiver *transceiver)
{
    return pp_transceiver_ref(transceiver);
}

pipit_transceiver *pipit_transceiver_unref(pipit_transceiver *transceiver)
{
    return pp_transceiver_unref(transceiver);
}

pipit_media_kind pipit_transceiver_kind(const pipit_transceiver *transceiver)
{
    return transceiver->kind == &pp_audio_kind ? PIPIT_MEDIA_AUDIO : PIPIT_MEDIA_VIDEO;
}

const char *pipit_transceiver_mid(const pipit_transceiver *transceiver)
{
    bool ours_alone = transceiver->offered && transceiver->peer &&
                      transceiver->peer->said.signaling == PIPIT_SIGNALING_STABLE;

    return transceiver->now.mid[0] && !ours_alone ? transceiver->now.mid : NULL;
}

pipit_direction pipit_transceiver_direction(const pipit_transceiver *transceiver)
{
    return transceiver->stopped ? PIPIT_DIRECTION_STOPPED : from_direction(transceiver->direction);
}

pipit_direction pipit_transceiver_current_direction(const pipit_transceiver *transceiver)
{
    if (transceiver->stopped && !transceiver->peer)
        return PIPIT_DIRECTION_STOPPED;
    return transceiver->now.agreed ? from_direction(transceiver->now.direction)
                                   : PIPIT_DIRECTION_NONE;
}

int pipit_transceiver_set_direction(pipit_transceiver *transceiver, pipit_direction direction)
{
    pp_direction wish = PP_INACTIVE;
    int err = check_own(transceiver);

    if (!err && !to_direction(direction, &wish))
        err = pp_error(PIPIT_ERR_ARGUMENT, "peer: a transceiver cannot be given this direction");
    if (err)
        return err;
    transceiver->direction = wish;
    pp_front_check(transceiver->peer);
    return 0;
}

int pipit_transceiver_stop(pipit_transceiver *transceiver)
{
    int err = transceiver && transceiver->stopped ? 0 : check_own(transceiver);

    if (err || transceiver->stopped)
        return err;
    transceiver->stopped = true;
    pp_front_check(transceiver->peer);
    return 0;
}

static int use_configured(pp_video *video)
{
    video->codecs = video->head.peer->video_codecs;
    return 0;
}

int pipit_transceiver_set_codec_preferences(pipit_transceiver *transceiver, const char *names)
{
    int err = check_own(transceiver);

    if (!err && transceiver->kind == &pp_video_kind)
        return names ? pp_video_codec_list_choose(names, &pp_video_of(transceiver)->codecs)
                     : use_configured(pp_video_of(transceiver));
    return err ? err : pp_audio_choose_codecs(pp_audio_of(transceiver), names);
}

int pipit_transceiver_replace_source(pipit_transceiver *transceiver, pipit_source *source)
{
    int err = check_audio(transceiver);

    if (err)
        return err;
    return pp_audio_set_stream(pp_audio_of(transceiver),
                               &(pipit_media_stream){.audio_source = source,
                                                     .audio_sink = pp_audio_of(transceiver)->sink});
}

int pipit_transceiver_replace_sink(pipit_transceiver *transceiver, pipit_sink *sink)
{
    int err = check_audio(transceiver);

    if (err)
        return err;
    return pp_audio_set_stream(
        pp_audio_of(transceiver),
        &(pipit_media_stream){.audio_source = pp_audio_of(transceiver)->source,
                              .audio_sink = sink});
}

int pipit_transceiver_set_video(pipit_transceiver *transceiver, pipit_video_source *source,
                                pipit_video_sink *sink)
{
    int err = check_open(transceiver);

    if (!err && transceiver->kind != &pp_video_kind)
        err = pp_error(PIPIT_ERR_ARGUMENT, "peer: that is for pictures, and this is none");
    if (!err)
        pp_video_set_ends(pp_video_of(transceiver), source, sink);
    return err;
}

int pipit_transceiver_insert_dtmf(pipit_transceiver *transceiver, char tone, unsigned duration_ms,
                                  unsigned gap_ms)
{
    int err = check_audio(transceiver);

    if (!err)
        err = pp_peer_check_own(transceiver->peer);
    if (!err && pp_telephone_event_of(tone) < 0)
        err = pp_error(PIPIT_ERR_ARGUMENT, "dtmf: that is no tone");
    return err ? err
               : pp_audio_send_dtmf(pp_audio_of(transceiver), tone, duration_ms ? duration_ms : 100,
                                    gap_ms ? gap_ms : 70);
}
