/* negotiate.c - a remote description, section by section: whose each is, and what we have in common (RFC 3264, 8829 sections 5.10
 * and 5.11, 9143). Nothing changes before pp_peer_accept(). */
#include "peer/inside.h"

#include "base/alloc.h"
#include "base/error.h"
#include "sdp/bundle.h"
#include "sdp/rtp.h"

/* --- whose a section is ----------------------------------------------------------------------- */

static bool is_proposed(const pp_proposal *proposal, const pp_transceiver *transceiver)
{
    for (size_t i = 0; i < proposal->count; i++)
        if (proposal->sections[i].transceiver == transceiver)
            return true;
    return false;
}

/* One that has no place yet and waits for an offer of its kind. */
static pp_transceiver *find_waiting(const pp_peer *peer, const pp_proposal *proposal,
                                    const pp_kind *kind)
{
    for (size_t i = 0; i < peer->transceiver_count; i++) {
        pp_transceiver *transceiver = peer->transceivers[i];

        if (transceiver->kind == kind && !transceiver->stopped && transceiver->takes_offers &&
            transceiver->now.index == PP_NO_SECTION && !is_proposed(proposal, transceiver))
            return transceiver;
    }
    return NULL;
}

static bool is_named(const pp_sdp_media *media, const char *mid)
{
    pp_str theirs;

    return !pp_sdp_mid(media, &theirs) || pp_str_eq_c(theirs, mid);
}

/* Of a place that was given up and is used again the name is another one (RFC 8829 section 5.3.1). */
static pp_transceiver *find_owner(const pp_peer *peer, const pp_proposal *proposal, size_t index,
                                  const pp_kind *kind)
{
    pp_transceiver *owner = pp_peer_in_section(peer, index);
    const pp_sdp_media *media = &proposal->terms.remote->media[index];

    if (!owner || owner->kind != kind || owner->stopped)
        return NULL;
    return !proposal->terms.remote_is_offer || is_named(media, owner->now.mid) || !owner->now.agreed
               ? owner
               : NULL;
}

/* By us: the far end has not heard of it yet. */
static bool is_stopped(const pp_peer *peer, const pp_proposal *proposal, size_t index)
{
    const pp_transceiver *owner = pp_peer_in_section(peer, index);

    return owner && owner->stopped &&
           is_named(&proposal->terms.remote->media[index], owner->now.mid);
}

static int make_owner(pp_peer *peer, const pp_kind *kind, struct pp_proposed *out)
{
    int err = pp_transceiver_new(peer, kind, &out->transceiver);

    if (err)
        return err;
    out->transceiver->direction = PP_RECVONLY; /* until the application says more */
    out->transceiver->made_by_offer = true;
    out->is_new = true;
    return 0;
}

/* --- whether it can be used ------------------------------------------------------------------- */

static bool is_switched_on(const pp_sdp *sdp, const pp_sdp_media *media)
{
    pp_str value;

    /* RFC 9143 section 6: port 0 means "with the others or not at all". */
    return media->port != 0 ||
           (pp_sdp_attribute(&media->section, "bundle-only", 0, &value) &&
            pp_sdp_in_bundle(sdp, media) && pp_sdp_bundle_tag(sdp, media) != media);
}

static bool has_leader(const pp_proposal *proposal, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (proposal->sections[i].agreed)
            return true;
    return false;
}

static bool has_fingerprint(const pp_sdp *sdp, const pp_sdp_media *media)
{
    pp_str hash, value;

    return pp_sdp_fingerprint(sdp, media, 0, &hash, &value) ||
           pp_sdp_fingerprint(sdp, pp_sdp_bundle_tag(sdp, media), 0, &hash, &value);
}

/* DTLS-SRTP with RTCP on the same port; what other kinds want is theirs to say. */
static int check_dtls(const pp_sdp *sdp, const pp_sdp_media *media, const pp_kind *kind)
{
    pp_str value;

    if (kind->is_rtp && !pp_str_eq_c(media->protocol, "UDP/TLS/RTP/SAVPF") &&
        !pp_str_eq_c(media->protocol, "UDP/TLS/RTP/SAVP") &&
        !pp_str_eq_c(media->protocol, "RTP/SAVPF"))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: %s by '%.*s' is not DTLS-SRTP", kind->name,
                        PP_STR(media->protocol));
    if (!has_fingerprint(sdp, media))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: %s without a certificate fingerprint", kind->name);
    if (kind->is_rtp && !pp_sdp_bundled(sdp, media, "rtcp-mux", 0, &value))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: %s without rtcp-mux", kind->name);
    return 0;
}

/* All sections that are used are protected alike. */
static int check_section(const pp_peer *peer, pp_proposal *proposal, size_t index,
                         const pp_kind *kind)
{
    const pp_sdp *sdp = proposal->terms.remote;
    const pp_sdp_media *media = &sdp->media[index];
    pipit_media_security security = PIPIT_SECURITY_DTLS;
    pp_str value;
    int err = 0;

    if (kind->is_rtp && peer->security != PIPIT_SECURITY_DTLS)
        err = pp_direct_security_of(peer, sdp, media, proposal->terms.remote_is_offer, &security);
    if (!err && security == PIPIT_SECURITY_DTLS)
        err = check_dtls(sdp, media, kind);
    if (!err && pp_sdp_mid(media, &value) && value.n > PP_LIMIT_SDP_MID)
        err = pp_error(PIPIT_ERR_MEDIA, "sdp: a mid of more than %u octets", PP_LIMIT_SDP_MID);
    if (err)
        return err;
    if (has_leader(proposal, index) && security != proposal->terms.security)
        return pp_error(PIPIT_ERR_MEDIA, "sdp: sections that are protected in different ways");
    proposal->terms.security = security;
    proposal->terms.no_rtcp = security != PIPIT_SECURITY_DTLS &&
                              !pp_sdp_attribute(&media->section, "rtcp-mux", 0, &value);
    return 0;
}

/* The section whose attributes of the transport count for all of its bundle. */
static size_t transport_of(const pp_sdp *sdp, size_t index)
{
    const pp_sdp_media *tagged = pp_sdp_bundle_tag(sdp, &sdp->media[index]);
    pp_str ufrag, pwd;

    return pp_sdp_ice(sdp, tagged, &ufrag, &pwd) ? (size_t)(tagged - sdp->media) : index;
}

/* There is one transport: the first section that is used leads, and the others share it or are refused. */
static int check_bundle(pp_proposal *proposal, size_t index)
{
    const pp_sdp *sdp = proposal->terms.remote;
    size_t leader = 0;

    while (leader < index && !proposal->sections[leader].agreed)
        leader++;
    if (leader == index) {
        proposal->terms.transport = transport_of(sdp, index);
        return 0;
    }
    if (!pp_sdp_in_bundle(sdp, &sdp->media[index]) ||
        pp_sdp_bundle_tag(sdp, &sdp->media[index]) != pp_sdp_bundle_tag(sdp, &sdp->media[leader]))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: %.*s on a transport of its own",
                        PP_STR(sdp->media[index].kind));
    return 0;
}

/* Of an offered section that nobody owns. */
static int find_new_owner(pp_peer *peer, const pp_proposal *proposal, const pp_kind *kind,
                          struct pp_proposed *section)
{
    section->transceiver = find_waiting(peer, proposal, kind);
    return section->transceiver || peer->only_own ? 0 : make_owner(peer, kind, section);
}

static int agree(pp_proposal *proposal, size_t index)
{
    const pp_sdp *sdp = proposal->terms.remote;
    const pp_sdp_media *media = &sdp->media[index];
    struct pp_proposed *section = &proposal->sections[index];
    pp_transceiver *transceiver = section->transceiver;
    int err = check_section(transceiver->peer, proposal, index, transceiver->kind);

    if (!err)
        err = check_bundle(proposal, index);
    if (!err)
        err = transceiver->kind->negotiate(transceiver, sdp, media, &section->agreed);
    if (!err)
        section->theirs = pp_direction_reversed(pp_sdp_direction(sdp, media));
    if (err && section->is_new) {
        section->transceiver = pp_transceiver_unref(transceiver);
        section->is_new = false;
    }
    return err;
}

static int negotiate_section(pp_peer *peer, pp_proposal *proposal, size_t index)
{
    const pp_sdp *sdp = proposal->terms.remote;
    struct pp_proposed *section = &proposal->sections[index];
    const pp_kind *kind = pp_kind_named(sdp->media[index].kind);
    int err = 0;

    if (!kind)
        return 0;
    section->transceiver = find_owner(peer, proposal, index, kind);
    if (!is_switched_on(sdp, &sdp->media[index]) || is_stopped(peer, proposal, index))
        return 0;
    if (!section->transceiver && proposal->terms.remote_is_offer)
        err = find_new_owner(peer, proposal, kind, section);
    return err || !section->transceiver ? err : agree(proposal, index);
}

/* --- all of it -------------------------------------------------------------------------------- */

static int settle_setup(const pp_peer *peer, pp_proposal *proposal)
{
    pp_peer_terms *terms = &proposal->terms;
    pp_setup theirs = pp_sdp_setup(terms->remote, &terms->remote->media[terms->transport]);
    pp_setup ours = theirs == PP_SETUP_ACTIVE ? PP_SETUP_PASSIVE : PP_SETUP_ACTIVE;

    /* RFC 5763 section 5: an offer says actpass and the answerer had better be active; an answer
     * has made up its mind. An answer without a word is active by RFC 4145 section 4. */
    if (!terms->remote_is_offer && (theirs == PP_SETUP_ACTPASS || theirs == PP_SETUP_HOLDCONN))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: an answer cannot say setup:%s",
                        pp_setup_name(theirs));
    if (!terms->remote_is_offer && theirs == PP_SETUP_NONE)
        ours = PP_SETUP_PASSIVE;
    /* The association stands: its roles stay (RFC 8842 section 5.5). */
    terms->setup = peer->protect || peer->dtls ? peer->terms.setup : ours;
    return 0;
}

/* The extensions of a section that its kind knows, and their numbers. One that has a different number in another section of the bundle is
 * left out (RFC 8843 section 9.1: it may not). */
static void take_extensions(pp_proposal *proposal, size_t index, unsigned wanted)
{
    struct pp_proposed *section = &proposal->sections[index];
    size_t at = 0;
    pp_sdp_extmap map;
    pp_str value;

    while (pp_sdp_next(&proposal->terms.remote->media[index].section, "extmap", &at, &value)) {
        pp_rtp_extension_kind kind;

        if (!pp_sdp_extmap_parse(value, &map) || map.encrypted)
            continue;
        kind = pp_rtp_extension_of(map.uri);
        if (kind == PP_EXTENSION_COUNT || !(wanted >> kind & 1))
            continue;
        if (pp_rtp_extension_agree(&proposal->terms.extensions, kind, map.id))
            section->extensions |= 1u << kind;
    }
}

/* RFC 9143 section 9.1: sections that share a transport are told apart by their mid. One alone does not need it. */
static void take_all_extensions(pp_proposal *proposal)
{
    size_t rtp = 0;

    for (size_t i = 0; i < proposal->count; i++)
        rtp += proposal->sections[i].agreed && proposal->sections[i].transceiver->kind->is_rtp;
    for (size_t i = 0; i < proposal->count; i++) {
        unsigned alone = rtp > 1 ? 0 : 1u << PP_EXTENSION_MID;

        if (proposal->sections[i].agreed)
            take_extensions(proposal, i,
                            proposal->sections[i].transceiver->kind->extensions & ~alone);
    }
}

void pp_proposal_drop(pp_proposal *proposal)
{
    for (size_t i = 0; i < proposal->count; i++) {
        pp_agreed_unref(proposal->sections[i].agreed);
        if (proposal->sections[i].is_new)
            pp_transceiver_unref(proposal->sections[i].transceiver);
    }
    pp_free(proposal->sections);
    *proposal = (pp_proposal){0};
}

static int negotiate_sections(pp_peer *peer, pp_proposal *proposal)
{
    int err = 0, refusal = 0;
    size_t agreed = 0;

    for (size_t i = 0; err != PIPIT_ERR_MEMORY && i < proposal->count; i++) {
        err = negotiate_section(peer, proposal, i);
        refusal = err ? err : refusal;
        agreed += proposal->sections[i].agreed != NULL;
    }
    if (err == PIPIT_ERR_MEMORY)
        return err;
    if (agreed)
        return settle_setup(peer, proposal);
    if (!peer->only_own)
        return 0;
    return refusal ? refusal : pp_error(PIPIT_ERR_MEDIA, "sdp: nothing of ours is switched on");
}

/* RFC 3264 section 6: an answer has the offer's sections, in their order. */
static int check_shape(const pp_peer *peer, const pp_sdp *answer)
{
    size_t count = peer->terms.remote ? peer->terms.remote->media_count : 0;

    for (size_t i = 0; i < peer->transceiver_count; i++)
        if (peer->transceivers[i]->now.index != PP_NO_SECTION &&
            peer->transceivers[i]->now.index >= count)
            count = peer->transceivers[i]->now.index + 1;
    if (answer->media_count != count)
        return pp_error(PIPIT_ERR_MEDIA, "sdp: an answer of %zu sections to an offer of %zu",
                        answer->media_count, count);
    for (size_t i = 0; i < count; i++) {
        const pp_transceiver *owner = pp_peer_in_section(peer, i);

        if (owner && !pp_str_eq_c(answer->media[i].kind, owner->kind->name))
            return pp_error(PIPIT_ERR_MEDIA, "sdp: %.*s in answer to %s",
                            PP_STR(answer->media[i].kind), owner->kind->name);
    }
    return 0;
}

int pp_peer_negotiate(pp_peer *peer, pp_sdp *remote, bool is_offer, pp_proposal *out)
{
    pp_proposal proposal = {.count = remote->media_count};
    int err;

    proposal.terms =
        (pp_peer_terms){.remote = remote, .remote_is_offer = is_offer, .transport = PP_NO_SECTION};
    proposal.sections = pp_array(proposal.count + 1, sizeof(*proposal.sections));
    if (!proposal.sections)
        return PIPIT_ERR_MEMORY;
    err = is_offer || peer->only_own ? 0 : check_shape(peer, remote);
    if (!err)
        err = negotiate_sections(peer, &proposal);
    if (!err)
        err = pp_peer_reserve(peer, proposal.count);
    if (err) {
        pp_proposal_drop(&proposal);
        return err;
    }
    take_all_extensions(&proposal);
    *out = proposal;
    return 0;
}

static void accept_section(pp_peer *peer, const struct pp_proposed *section, size_t index,
                           bool is_offer)
{
    pp_transceiver *transceiver = section->transceiver;
    const pp_sdp_media *media = &peer->terms.remote->media[index];
    pp_place *place = &transceiver->now;
    pp_str mid;

    pp_agreed_unref(place->agreed);
    place->agreed = section->agreed;
    place->extensions = section->extensions;
    place->we_offered = !is_offer;
    place->said = transceiver->offering;
    place->theirs = section->agreed ? section->theirs : PP_INACTIVE;
    place->direction = pp_direction_both(place->theirs, pp_transceiver_wish(transceiver));
    place->index = index;
    transceiver->offered = false;
    place->refused = !section->agreed;
    if (place->refused && !is_offer && transceiver->kind->refused)
        transceiver->kind->refused(transceiver);
    if (is_offer && pp_sdp_mid(media, &mid) && mid.n <= PP_LIMIT_SDP_MID) {
        memcpy(place->mid, mid.p, mid.n);
        place->mid[mid.n] = '\0';
    } else if (!place->mid[0])
        pp_peer_choose_mid(peer, place);
    if (section->is_new)
        pp_peer_add(peer, transceiver);
}

void pp_peer_accept(pp_peer *peer, pp_proposal *proposal)
{
    /* Whoever lost its place, or has none in an answer that is too short, carries nothing. */
    for (size_t i = 0; i < peer->transceiver_count; i++) {
        pp_transceiver *transceiver = peer->transceivers[i];

        if (is_proposed(proposal, transceiver) || transceiver->now.index == PP_NO_SECTION)
            continue;
        transceiver->now.agreed = pp_agreed_unref(transceiver->now.agreed);
        transceiver->now.direction = PP_INACTIVE;
        transceiver->offered = false;
        if (transceiver->now.index < proposal->count)
            transceiver->now.index = PP_NO_SECTION;
    }
    peer->terms = proposal->terms;
    for (size_t i = 0; i < proposal->count; i++)
        if (proposal->sections[i].transceiver)
            accept_section(peer, &proposal->sections[i], i, proposal->terms.remote_is_offer);
    pp_free(proposal->sections);
    *proposal = (pp_proposal){0};
}
