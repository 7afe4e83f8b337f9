/* description.c - our offers and answers, and remote descriptions taken in (RFC 8829, 3264, 8843).
 */
#include "peer/relays.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "sdp/bundle.h"

#include <stdio.h>
#include <string.h>

int pp_peer_begin_description(uint64_t session_id, uint64_t version, pp_sdp **out)
{
    char origin[96];
    int err = pp_sdp_new(out);

    if (err)
        return err;
    snprintf(origin, sizeof(origin), "- %llu %llu IN IP4 127.0.0.1", (unsigned long long)session_id,
             (unsigned long long)version);
    err = pp_sdp_add(*out, &(*out)->session, 'v', PP_LIT("0"));
    if (!err)
        err = pp_sdp_add(*out, &(*out)->session, 'o', pp_str_c(origin));
    if (!err)
        err = pp_sdp_add(*out, &(*out)->session, 's', PP_LIT("-"));
    if (!err)
        err = pp_sdp_add(*out, &(*out)->session, 't', PP_LIT("0 0"));
    return err;
}

static int new_description(pp_peer *peer, pp_sdp **out)
{
    return pp_peer_begin_description(peer->session_id, ++peer->version, out);
}

/* A relayed one works in most places, then a reflexive one; and IPv4 before IPv6. */
static unsigned default_rank(const pp_candidate *candidate)
{
    return 2 * (unsigned)candidate->type + (candidate->address.family == 4);
}

/* The address a peer without ICE would use: that of the default candidate, RFC 8839
 * section 4.2.1.2. */
static const pp_candidate *default_candidate(const pp_peer *peer)
{
    const pp_ice *ice = pp_peer_newest_ice(peer);
    const pp_candidate *best = NULL;

    for (size_t i = 0; i < pp_ice_local_count(ice); i++) {
        const pp_candidate *candidate = pp_ice_local(ice, i);

        if (candidate->transport == PP_CANDIDATE_UDP &&
            (!best || default_rank(candidate) > default_rank(best)))
            best = candidate;
    }
    return best;
}

/* Nobody will tell of others, or there are none. */
static bool has_all_candidates(const pp_peer *peer)
{
    return (peer->only_own && !peer->trickles) || !pp_peer_servers_are_busy(peer);
}

/* `leads`: the bundle's candidates are those of its first section (RFC 9143 section 7.1.3). */
static int add_network(pp_peer *peer, pp_sdp *sdp, pp_sdp_section *section, bool leads)
{
    const pp_ice *ice = pp_peer_newest_ice(peer);
    char text[PP_PEER_CANDIDATE];
    int err = 0;

    for (size_t i = 0; !err && leads && pp_peer_candidate(peer, i, text); i++)
        err = pp_sdp_add_attribute(sdp, section, "candidate", "%s", text);
    if (!err && leads && has_all_candidates(peer))
        err = pp_sdp_add_attribute(sdp, section, "end-of-candidates", NULL);
    if (!err)
        err = pp_sdp_add_attribute(sdp, section, "ice-ufrag", "%s", pp_ice_ufrag(ice));
    if (!err)
        err = pp_sdp_add_attribute(sdp, section, "ice-pwd", "%s", pp_ice_pwd(ice));
    return err;
}

static int add_security(pp_peer *peer, pp_sdp *sdp, pp_sdp_section *section, pp_setup setup)
{
    int err = pp_peer_announce_certificates(peer, sdp, section);

    return err ? err : pp_sdp_add_attribute(sdp, section, "setup", "%s", pp_setup_name(setup));
}

int pp_peer_add_rtpmap(pp_sdp *sdp, pp_sdp_media *media, const pp_peer_rtpmap *map)
{
    char number[4];
    int err;

    snprintf(number, sizeof(number), "%u", map->payload_type & 127);
    err = pp_sdp_add_format(sdp, media, number);
    if (!err && map->channels > 1)
        err = pp_sdp_add_attribute(sdp, &media->section, "rtpmap", "%s %s/%u/%u", number, map->name,
                                   map->clock_rate, map->channels);
    else if (!err)
        err = pp_sdp_add_attribute(sdp, &media->section, "rtpmap", "%s %s/%u", number, map->name,
                                   map->clock_rate);
    if (!err && map->fmtp)
        err = pp_sdp_add_attribute(sdp, &media->section, "fmtp", "%s %s", number, map->fmtp);
    return err;
}

/* --- a section -------------------------------------------------------------------------------- */

typedef struct section { /* what is said about one transceiver */
    const pp_transceiver *transceiver;
    const pp_agreed *agreed; /* NULL: all we have is offered */
    pp_direction direction;
    pp_setup setup;
    bool is_offer;
    bool leads; /* the bundle: its candidates count */
    pipit_media_security security;
    bool is_bundle;
} section;

/* As the far end spells it; ours in a section that is new. */
static void protocol_of(const section *s, char *out, size_t size)
{
    static const char *const protocols[] = {[PIPIT_SECURITY_DTLS] = NULL,
                                            [PIPIT_SECURITY_SDES] = "RTP/SAVP",
                                            [PIPIT_SECURITY_PLAIN_RTP] = "RTP/AVP"};
    const pp_sdp *remote = s->transceiver->peer->terms.remote;
    size_t index = s->transceiver->now.index;

    if (s->agreed && remote && index < remote->media_count)
        snprintf(out, size, "%.*s", PP_STR(remote->media[index].protocol));
    else
        snprintf(out, size, "%s",
                 protocols[s->security] ? protocols[s->security] : s->transceiver->kind->protocol);
}

/* RFC 9143 section 7.2.2: only while it was not bundled yet. */
static bool is_bundle_only(const section *s)
{
    return s->is_offer && !s->leads && !s->agreed &&
           s->transceiver->peer->bundle_policy == PIPIT_BUNDLE_MAX_BUNDLE;
}

static int open_section(const section *s, pp_sdp *sdp, pp_sdp_media **out)
{
    const pp_candidate *candidate = default_candidate(s->transceiver->peer);
    char connection[PP_ADDR_TEXT + 8], ip[PP_ADDR_TEXT], protocol[64];
    int err;

    protocol_of(s, protocol, sizeof(protocol));
    err = pp_sdp_add_media(sdp, s->transceiver->kind->name,
                           is_bundle_only(s) ? 0
                           : candidate       ? candidate->address.port
                                             : 9,
                           protocol, out);
    if (err)
        return err;
    snprintf(connection, sizeof(connection), "IN IP%u %s",
             candidate ? (unsigned)candidate->address.family : 4u,
             candidate ? pp_addr_ip_text(&candidate->address, ip) : "0.0.0.0");
    err = pp_sdp_add(sdp, &(*out)->section, 'c', pp_str_c(connection));
    if (!err && is_bundle_only(s))
        err = pp_sdp_add_attribute(sdp, &(*out)->section, "bundle-only", NULL);
    return err;
}

/* In an offer all that the kind knows, under the numbers that the far end has given them already. */
static int add_extensions(const section *s, pp_sdp *sdp, pp_sdp_section *out)
{
    pp_rtp_extension_ids ids = s->transceiver->peer->terms.extensions;
    unsigned wanted =
        s->is_offer ? s->transceiver->kind->extensions : s->transceiver->now.extensions;
    int err = 0;

    if (!s->is_bundle)
        wanted &= ~(1u << PP_EXTENSION_MID);
    pp_rtp_extension_number(&ids);
    for (unsigned i = 0; !err && i < PP_EXTENSION_COUNT; i++)
        if (wanted >> i & 1)
            err = pp_sdp_add_attribute(sdp, out, "extmap", "%u %s", ids.of[i],
                                       pp_rtp_extension_uri((pp_rtp_extension_kind)i));
    return err;
}

static int add_rtp(const section *s, pp_sdp *sdp, pp_sdp_section *out)
{
    int err = pp_sdp_add_attribute(sdp, out, pp_direction_name(s->direction), NULL);

    if (!err)
        err = pp_sdp_add_attribute(sdp, out, "rtcp-mux", NULL);
    if (!err)
        err = pp_sdp_add_attribute(sdp, out, "msid", "%s %s", s->transceiver->peer->cname,
                                   s->transceiver->track);
    return err;
}

static int add_section(const section *s, pp_sdp *sdp)
{
    pp_peer *peer = s->transceiver->peer;
    pp_sdp_media *media;
    int err = open_section(s, sdp, &media);

    if (!err && s->security == PIPIT_SECURITY_DTLS)
        err = add_network(peer, sdp, &media->section, s->leads);
    if (!err && s->security == PIPIT_SECURITY_DTLS)
        err = add_security(peer, sdp, &media->section, s->setup);
    else if (!err)
        err = pp_direct_describe(peer, s->is_offer, sdp, &media->section);
    if (!err)
        err = pp_sdp_add_attribute(sdp, &media->section, "mid", "%s", s->transceiver->now.mid);
    if (!err)
        err = add_extensions(s, sdp, &media->section);
    if (!err && s->transceiver->kind->is_rtp)
        err = add_rtp(s, sdp, &media->section);
    /* Ahead of others of the kind's: browsers take the first one for the stream itself. */
    if (!err && s->transceiver->kind->is_rtp)
        err = pp_sdp_add_attribute(sdp, &media->section, "ssrc", "%u cname:%s",
                                   s->transceiver->ssrc, peer->cname);
    if (!err)
        err = s->transceiver->kind->describe(s->transceiver, s->agreed, sdp, media);
    return err;
}

static int finish(pp_sdp *sdp, int err, pp_buf *out)
{
    if (!err) {
        pp_sdp_write(sdp, out);
        err = pp_buf_error(out);
    }
    pp_sdp_free(sdp);
    return err;
}

/* --- offers and answers ----------------------------------------------------------------------- */

/* BUNDLE of those that are not refused; nothing where there is none. `offer` NULL: ours. */
static int add_group(const pp_peer *peer, const pp_sdp *offer, size_t count, pp_sdp *sdp)
{
    pp_buf mids = {0};
    int err;

    for (size_t i = 0; i < count; i++) {
        const pp_transceiver *transceiver = pp_peer_in_section(peer, i);

        if (!pp_peer_speaks_of(transceiver, offer == NULL) ||
            (offer && !pp_sdp_in_bundle(offer, &offer->media[i])))
            continue;
        pp_buf_c(&mids, " ");
        pp_buf_c(&mids, transceiver->now.mid);
    }
    err = pp_buf_error(&mids);
    if (!err && mids.n)
        err = pp_sdp_add_attribute(sdp, &sdp->session, "group", "BUNDLE%.*s",
                                   PP_STR(pp_buf_text(&mids)));
    pp_buf_free(&mids);
    return err;
}

static size_t count_spoken_of(const pp_peer *peer, bool offer)
{
    size_t count = 0;

    for (size_t i = 0; i < peer->transceiver_count; i++)
        count +=
            peer->transceivers[i]->kind->is_rtp && pp_peer_speaks_of(peer->transceivers[i], offer);
    return count;
}

/* A section that was refused, or is nobody's, as the far end had it; one that we stopped before it ever saw it, as ours. */
static int add_refused(const pp_peer *peer, size_t index, pp_sdp *sdp)
{
    static const pp_str none = PP_LIT_INIT("0");
    const pp_sdp *known = peer->terms.remote;
    const pp_transceiver *transceiver = pp_peer_in_section(peer, index);
    pp_sdp_media ours = {.kind = PP_LIT("audio"), .protocol = PP_LIT("UDP/TLS/RTP/SAVPF")};

    if (known && index < known->media_count)
        return pp_peer_refuse_media(&known->media[index], sdp);
    if (transceiver) {
        ours.kind = pp_str_c(transceiver->kind->name);
        ours.protocol = pp_str_c(transceiver->kind->protocol);
    }
    ours.formats = (pp_str *)(uintptr_t)&none;
    ours.format_count = 1;
    return pp_peer_refuse_media(&ours, sdp);
}

/* RFC 8839 section 5.6, RFC 8840 section 4.1; in an answer where the offer has it. */
static int add_ice_options(const pp_peer *peer, bool offer, pp_sdp *sdp)
{
    if (pp_peer_security(peer, offer) != PIPIT_SECURITY_DTLS ||
        (peer->only_own && !peer->trickles) || (!offer && !pp_peer_remote_trickles(peer)))
        return 0;
    return pp_sdp_add_attribute(sdp, &sdp->session, "ice-options", "trickle");
}

/* All sections there are, in their places (RFC 3264 section 8). */
static int add_sections(pp_peer *peer, bool offer, size_t count, pp_sdp *sdp)
{
    bool is_bundle = count_spoken_of(peer, offer) > 1, leads = true;
    int err = 0;

    for (size_t i = 0; !err && i < count; i++) {
        const pp_transceiver *transceiver = pp_peer_in_section(peer, i);
        section s = {
            .transceiver = transceiver, .is_offer = offer, .leads = leads, .is_bundle = is_bundle};

        if (!pp_peer_speaks_of(transceiver, offer)) {
            err = add_refused(peer, i, sdp);
            continue;
        }
        leads = false;
        s.agreed = transceiver->now.agreed;
        s.security = pp_peer_security(peer, offer);
        s.direction = offer ? pp_transceiver_wish(transceiver) : transceiver->now.direction;
        s.setup = offer && !peer->protect ? PP_SETUP_ACTPASS : peer->terms.setup;
        err = add_section(&s, sdp);
    }
    return err;
}

void pp_peer_settle(pp_peer *peer)
{
    if (peer->offer != PP_PEER_NO_OFFER) {
        pp_sdp_free(peer->before.remote);
        pp_peer_forget_places(peer);
    }
    peer->offer = PP_PEER_NO_OFFER;
    pp_peer_settle_said(peer);
    pp_peer_settle_ice(peer);
}

/* A call says at once what it has made. */
static int say(pp_peer *peer, pipit_description_type type, const pp_buf *text)
{
    char *copy = pp_str_dup(pp_buf_text(text));

    if (!copy)
        return PIPIT_ERR_MEMORY;
    pp_peer_say(peer, type, copy);
    return 0;
}

int pp_peer_prepare_offer(pp_peer *peer)
{
    pp_peer_settle(peer);
    return pp_peer_prepare(peer, peer->restart_wanted);
}

int pp_peer_create_offer(pp_peer *peer, pp_buf *out)
{
    pp_sdp *sdp = NULL;
    size_t count;
    int err = peer->prepared ? 0 : pp_peer_prepare_offer(peer);

    pp_peer_prepared(peer);
    if (!err)
        err = pp_peer_check_relays(peer);
    count = pp_peer_give_places(peer, peer->terms.remote ? peer->terms.remote->media_count : 0);
    if (!err)
        err = new_description(peer, &sdp);
    if (!err)
        err = add_group(peer, NULL, count, sdp);
    if (!err)
        err = add_ice_options(peer, true, sdp);
    if (!err)
        err = add_sections(peer, true, count, sdp);
    err = finish(sdp, err, out);
    return err || !peer->only_own ? err : say(peer, PIPIT_DESCRIPTION_OFFER, out);
}

/* What we wish may have changed since the offer came. */
static void settle_directions(pp_peer *peer)
{
    for (size_t i = 0; i < peer->transceiver_count; i++) {
        pp_transceiver *transceiver = peer->transceivers[i];

        transceiver->now.direction =
            pp_direction_both(transceiver->now.theirs, pp_transceiver_wish(transceiver));
    }
}

int pp_peer_start_answer(pp_peer *peer)
{
    int err = pp_peer_connect(peer);

    if (!err)
        err = pp_peer_apply(peer);
    if (!err)
        peer->offer = PP_PEER_ANSWERED;
    return err;
}

int pp_peer_prepare_answer(pp_peer *peer)
{
    if (peer->offer == PP_PEER_NO_OFFER)
        return pp_error(PIPIT_ERR_STATE, "peer: there is no offer to answer");
    return pp_peer_prepare(peer, peer->terms.restarts);
}

int pp_peer_create_answer(pp_peer *peer, pp_buf *out)
{
    const pp_sdp *offer = peer->terms.remote;
    pp_sdp *sdp = NULL;
    int err = peer->prepared ? 0 : pp_peer_prepare_answer(peer);

    if (err)
        return err;
    pp_peer_prepared(peer);
    err = pp_peer_check_relays(peer);
    if (!err)
        err = new_description(peer, &sdp);
    if (!err)
        settle_directions(peer);
    if (!err)
        err = add_group(peer, offer, offer->media_count, sdp);
    if (!err)
        err = add_ice_options(peer, false, sdp);
    if (!err)
        err = add_sections(peer, false, offer->media_count, sdp);
    if (!err && peer->only_own)
        err = pp_peer_start_answer(peer);
    err = finish(sdp, err, out);
    return err || !peer->only_own ? err : say(peer, PIPIT_DESCRIPTION_ANSWER, out);
}

/* --- theirs ----------------------------------------------------------------------------------- */

/* RFC 8839 section 4.4.1.1.1: an offer with new credentials asks for a restart; an answer has new ones only when it was
 * asked for them. */
static int check_credentials(const pp_peer *peer, pp_peer_terms *terms)
{
    const pp_ice *newest = pp_peer_newest_ice(peer);
    pp_str ufrag, pwd;

    if (terms->transport == PP_NO_SECTION || terms->security != PIPIT_SECURITY_DTLS)
        return 0;
    if (!pp_sdp_ice(terms->remote, &terms->remote->media[terms->transport], &ufrag, &pwd))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: no usable ice-ufrag and ice-pwd");
    if (!terms->remote_is_offer && newest && pp_ice_get_state(newest) == PP_ICE_NEW)
        return 0;
    terms->restarts = !pp_peer_knows_credentials(peer, ufrag, pwd);
    if (terms->restarts && !terms->remote_is_offer)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED,
                        "sdp: the answer restarts ICE, and was not asked for it");
    return 0;
}

void pp_peer_rollback(pp_peer *peer)
{
    bool answered = peer->offer == PP_PEER_ANSWERED;

    pp_peer_unsay(peer);
    pp_peer_prepared(peer);
    pp_peer_undo_ice(peer);
    pp_peer_take_places_back(peer);
    if (peer->offer == PP_PEER_NO_OFFER)
        return;
    pp_sdp_free(peer->terms.remote);
    peer->terms = peer->before;
    pp_peer_restore_places(peer);
    peer->offer = PP_PEER_NO_OFFER;
    if (answered && pp_peer_is_direct(peer) && pp_direct_connect(peer) < 0)
        pp_log_warn("Peer", "the way as it was: %s", pipit_error_message());
    if (answered && pp_peer_apply(peer) < 0)
        pp_log_warn("Peer", "the media as they were: %s", pipit_error_message());
}

bool pp_peer_remote_holds(const pp_peer *peer)
{
    const pp_sdp *remote = peer->terms.remote;
    bool holds = false;

    for (size_t i = 0; remote && i < peer->transceiver_count; i++) {
        const pp_transceiver *transceiver = peer->transceivers[i];

        if (!transceiver->kind->is_rtp || !transceiver->now.agreed)
            continue;
        holds = pp_sdp_holds(remote, &remote->media[transceiver->now.index]);
        if (!holds)
            return false;
    }
    return holds;
}

static int take_answer(pp_peer *peer, pp_proposal *proposal, pipit_description_type type)
{
    int err;

    if (type == PIPIT_DESCRIPTION_PRANSWER && !peer->said.previous)
        peer->said.previous = peer->terms.remote;
    else
        pp_sdp_free(peer->terms.remote);
    pp_peer_accept(peer, proposal);
    pp_peer_hear(peer, type);
    err = pp_peer_connect(peer);
    pp_peer_settle(peer);
    return err ? err : pp_peer_apply(peer);
}

static void take_offer(pp_peer *peer, pp_proposal *proposal)
{
    peer->before = peer->terms;
    pp_peer_remember_places(peer);
    peer->offer = PP_PEER_OFFERED; /* everything starts when it is answered */
    pp_peer_accept(peer, proposal);
    pp_peer_hear(peer, PIPIT_DESCRIPTION_OFFER);
}

static int set_remote(pp_peer *peer, pipit_description_type type, pp_str text)
{
    bool is_offer = type == PIPIT_DESCRIPTION_OFFER;
    pp_proposal proposal = {0};
    pp_sdp *remote;
    int err;

    pp_peer_prepared(peer);
    if (peer->offer == PP_PEER_OFFERED) /* nobody answered that one */
        pp_peer_rollback(peer);
    else if (is_offer) { /* also when this one comes to nothing: what was answered stands */
        pp_peer_settle(peer);
        pp_peer_take_places_back(peer);
    }
    err = pp_sdp_parse(text, &remote);
    if (err)
        return err;
    pp_sdp_settle(remote);
    err = pp_peer_negotiate(peer, remote, is_offer, &proposal);
    if (!err)
        err = check_credentials(peer, &proposal.terms);
    if (err) {
        pp_proposal_drop(&proposal);
        pp_sdp_free(remote);
        return err;
    }
    if (!is_offer)
        return take_answer(peer, &proposal, type);
    take_offer(peer, &proposal);
    return 0;
}

int pp_peer_set_remote(pp_peer *peer, bool is_offer, pp_str text)
{
    return set_remote(peer, is_offer ? PIPIT_DESCRIPTION_OFFER : PIPIT_DESCRIPTION_ANSWER, text);
}

int pp_peer_set_remote_provisional(pp_peer *peer, pp_str text)
{
    return set_remote(peer, PIPIT_DESCRIPTION_PRANSWER, text);
}
