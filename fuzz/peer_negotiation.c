/* peer_negotiation.c - a remote description into connections that signal by themselves: as the first offer, as one that crosses ours, as
 * the next one, as a provisional answer and as an answer.
 * FUZZ: peer
 * Whatever is answered parses, has the offer's sections in their order under their names, answers within what was offered, and bundles
 * nothing the offer did not. What is taken back leaves nothing; a refused description leaves the state as it was. */
#include "base/alloc.h"
#include "pipit/peer.h"
#include "sdp/bundle.h"
#include "sdp/rtp.h"

#include "check.h"
#include "still_loop.h"

static const pipit_peer_handlers handlers;

static pipit_peer *new_peer(pipit_loop *loop, bool with_data)
{
    const pipit_transceiver_init init = {0};
    pipit_data_channel *channel = NULL;
    pipit_peer *peer = NULL;

    CHECK(pipit_peer_new(loop, NULL, &handlers, NULL, &peer) == 0);
    CHECK(pipit_peer_add_transceiver(peer, PIPIT_MEDIA_AUDIO, &init, NULL) == 0);
    if (with_data && pipit_peer_create_data_channel(peer, "x", NULL, &channel) == 0)
        pipit_data_channel_unref(channel);
    return peer;
}

/* What is told at the end of the turn is told. */
static void close_peer(pipit_loop *loop, pipit_peer *peer)
{
    pp_loop_run_due(loop);
    pipit_peer_unref(peer);
    pp_loop_run_due(loop);
}

/* An RTP payload type is a number: 08 is 8. */
static bool is_same_format(pp_str a, pp_str b)
{
    uint32_t first, second;

    return pp_str_eq(a, b) || (pp_str_to_u32(a, 0, 127, &first) &&
                               pp_str_to_u32(b, 0, 127, &second) && first == second);
}

static bool has_format(const pp_sdp_media *media, pp_str format)
{
    for (size_t i = 0; i < media->format_count; i++)
        if (is_same_format(media->formats[i], format))
            return true;
    return false;
}

static void check_refused(const pp_sdp_media *said)
{
    CHECK(said->port == 0 && said->format_count >= 1);
}

static bool has_extension(const pp_sdp_media *media, const pp_sdp_extmap *wanted)
{
    size_t at = 0;
    pp_str value;
    pp_sdp_extmap map;

    while (pp_sdp_next(&media->section, "extmap", &at, &value))
        if (pp_sdp_extmap_parse(value, &map) && map.id == wanted->id &&
            pp_str_eq(map.uri, wanted->uri))
            return true;
    return false;
}

static void check_section(const pp_sdp *asked, const pp_sdp_media *offered, const pp_sdp *answer,
                          const pp_sdp_media *said)
{
    pp_direction allowed = pp_direction_reversed(pp_sdp_direction(asked, offered));
    pp_direction direction = pp_sdp_direction(answer, said);
    pp_sdp_extmap map;
    pp_str value;
    size_t at = 0;

    CHECK(pp_str_eq(offered->protocol, said->protocol) || offered->protocol.n >= 64);
    for (size_t i = 0; i < said->format_count; i++)
        CHECK(has_format(offered, said->formats[i]));
    if (pp_str_eq_c(said->kind, "audio"))
        CHECK(pp_direction_both(direction, allowed) == direction);
    while (pp_sdp_next(&said->section, "extmap", &at, &value))
        CHECK(pp_sdp_extmap_parse(value, &map) && has_extension(offered, &map));
    CHECK(!pp_sdp_in_bundle(answer, said) || pp_sdp_in_bundle(asked, offered));
    CHECK(pp_sdp_setup(answer, said) == PP_SETUP_ACTIVE ||
          pp_sdp_setup(answer, said) == PP_SETUP_PASSIVE);
    CHECK(pp_sdp_ice(answer, said, &value, &value));
}

static void check_answer(pp_str offer, pp_str text)
{
    pp_sdp *asked = NULL, *answer = NULL;

    CHECK(pp_sdp_parse(offer, &asked) == 0 && pp_sdp_parse(text, &answer) == 0);
    CHECK(asked->media_count == answer->media_count);
    for (size_t i = 0; i < answer->media_count; i++) {
        const pp_sdp_media *offered = &asked->media[i], *said = &answer->media[i];
        pp_str theirs, ours;

        CHECK(pp_str_eq(offered->kind, said->kind) || offered->kind.n >= 32);
        if (pp_sdp_mid(offered, &theirs))
            CHECK(pp_sdp_mid(said, &ours) && pp_str_eq(theirs, ours));
        if (said->port)
            check_section(asked, offered, answer, said);
        else
            check_refused(said);
    }
    pp_sdp_free(asked);
    pp_sdp_free(answer);
}

static int take(pipit_peer *peer, pipit_description_type type, const char *sdp)
{
    pipit_signaling_state before = pipit_peer_signaling_state(peer);
    int err = pipit_peer_set_remote_description(peer, &(pipit_description){type, sdp});

    if (err && type != PIPIT_DESCRIPTION_OFFER)
        CHECK(pipit_peer_signaling_state(peer) == before);
    if (err && type == PIPIT_DESCRIPTION_OFFER) /* what was open may have been taken back for it */
        CHECK(pipit_peer_signaling_state(peer) == before ||
              pipit_peer_signaling_state(peer) == PIPIT_SIGNALING_STABLE);
    return err;
}

static void answer(pipit_peer *peer, pp_str offer)
{
    pipit_description ours;

    if (pipit_peer_set_local_description(peer, NULL) < 0)
        return;
    CHECK(pipit_peer_signaling_state(peer) == PIPIT_SIGNALING_STABLE);
    CHECK(pipit_peer_local_description(peer, &ours) && ours.type == PIPIT_DESCRIPTION_ANSWER);
    check_answer(offer, pp_str_c(ours.sdp));
}

static void offer_is_answered(pipit_loop *loop, const char *sdp)
{
    const pipit_description back = {PIPIT_DESCRIPTION_ROLLBACK, NULL};
    pipit_peer *peer = new_peer(loop, false);

    if (take(peer, PIPIT_DESCRIPTION_OFFER, sdp) == 0) {
        answer(peer, pp_str_c(sdp));
        if (take(peer, PIPIT_DESCRIPTION_OFFER, sdp) == 0) /* again, as the next one */
            answer(peer, pp_str_c(sdp));
        if (take(peer, PIPIT_DESCRIPTION_OFFER, sdp) == 0)
            CHECK(pipit_peer_set_remote_description(peer, &back) == 0);
    }
    close_peer(loop, peer);
}

static void offer_crosses_ours(pipit_loop *loop, const char *sdp)
{
    pipit_peer *peer = new_peer(loop, true);

    CHECK(pipit_peer_set_local_description(peer, NULL) == 0);
    if (take(peer, PIPIT_DESCRIPTION_OFFER, sdp) == 0)
        answer(peer, pp_str_c(sdp));
    else /* ours may be made again */
        CHECK(pipit_peer_set_local_description(peer, NULL) == 0);
    close_peer(loop, peer);
}

static void offer_is_answered_by_it(pipit_loop *loop, const char *sdp)
{
    pipit_peer *peer = new_peer(loop, true);

    CHECK(pipit_peer_set_local_description(peer, NULL) == 0);
    (void)take(peer, PIPIT_DESCRIPTION_PRANSWER, sdp);
    if (take(peer, PIPIT_DESCRIPTION_ANSWER, sdp) == 0) {
        CHECK(pipit_peer_signaling_state(peer) == PIPIT_SIGNALING_STABLE);
        CHECK(pipit_peer_set_local_description(peer, NULL) == 0); /* the next offer */
    }
    close_peer(loop, peer);
}

/* What is no SDP at all is for the fuzzer of sdp.c: connections cost a certificate each. */
static bool is_worth_it(const char *sdp)
{
    pp_sdp *parsed = NULL;
    bool worth = pp_sdp_parse(pp_str_c(sdp), &parsed) == 0 && parsed->media_count;

    pp_sdp_free(parsed);
    return worth;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const ways[])(pipit_loop * loop, const char *sdp) = {
        offer_is_answered, offer_crosses_ours, offer_is_answered_by_it};
    char *sdp = pp_str_dup(pp_str_n(data, size));
    pipit_loop loop;

    CHECK(sdp);
    still_loop_init(&loop);
    if (strlen(sdp) == size && is_worth_it(sdp))
        ways[size % 3](&loop, sdp); /* one of them: they are dear */
    pipit_free(sdp);
    return 0;
}
