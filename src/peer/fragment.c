/* fragment.c - candidates behind a description as a text of their own, both ways (RFC 8840 section 4.4: each has all that were told
 * before, so that one that is lost is made good by the next). */
#include "base/error.h"
#include "peer/relays.h"
#include "sdp/bundle.h"

#include <stdio.h>

/* --- ours ------------------------------------------------------------------------------------- */

/* The section whose candidates count: the first that is not refused. */
static const pp_sdp_media *leader(const pp_sdp *sdp)
{
    for (size_t i = 0; i < sdp->media_count; i++)
        if (sdp->media[i].port)
            return &sdp->media[i];
    return NULL;
}

/* Of the newest agent, and not of one that was given up with its description. */
static bool is_of_newest(const pp_peer *peer, const pp_sdp *sdp, const pp_sdp_media *media)
{
    const pp_ice *ice = pp_peer_newest_ice(peer);
    pp_str ufrag, pwd;

    return ice && pp_sdp_ice(sdp, media, &ufrag, &pwd) && pp_str_eq_c(ufrag, pp_ice_ufrag(ice));
}

static int copy_attribute(const pp_sdp_section *from, const char *name, pp_sdp *to,
                          pp_sdp_section *section)
{
    pp_str value;

    if (!pp_sdp_attribute(from, name, 0, &value))
        return 0;
    return value.p ? pp_sdp_add_attribute(to, section, name, "%.*s", PP_STR(value))
                   : pp_sdp_add_attribute(to, section, name, NULL);
}

/* Section 4.3: its m= line is that of the description. */
static int add_section(const pp_sdp_media *described, pp_sdp *out, pp_sdp_media **media)
{
    static const char *const names[] = {"mid", "rtcp-mux", "ice-ufrag", "ice-pwd"};
    char kind[32], protocol[64], format[32];
    int err;

    snprintf(kind, sizeof(kind), "%.*s", PP_STR(described->kind));
    snprintf(protocol, sizeof(protocol), "%.*s", PP_STR(described->protocol));
    err = pp_sdp_add_media(out, kind, described->port, protocol, media);
    for (size_t i = 0; !err && i < described->format_count; i++) {
        snprintf(format, sizeof(format), "%.*s", PP_STR(described->formats[i]));
        err = pp_sdp_add_format(out, *media, format);
    }
    for (size_t i = 0; !err && i < sizeof(names) / sizeof(names[0]); i++)
        err = copy_attribute(&described->section, names[i], out, &(*media)->section);
    return err;
}

static int add_candidates(pp_peer *peer, pp_sdp *out, pp_sdp_section *section)
{
    char text[PP_PEER_CANDIDATE];
    int err = 0;

    for (size_t i = 0; !err && pp_peer_candidate(peer, i, text); i++)
        err = pp_sdp_add_attribute(out, section, "candidate", "%s", text);
    if (!err && !pp_peer_servers_are_busy(peer))
        err = pp_sdp_add_attribute(out, section, "end-of-candidates", NULL);
    return err;
}

static int make(pp_peer *peer, const pp_sdp *described, pp_sdp *out)
{
    const pp_sdp_media *leads = leader(described);
    pp_sdp_media *media = NULL;
    int err;

    if (!leads || !is_of_newest(peer, described, leads))
        return pp_error(PIPIT_ERR_STATE, "ice: no description of ours waits for candidates");
    err = copy_attribute(&described->session, "group", out, &out->session);
    if (!err)
        err = add_section(leads, out, &media);
    return err ? err : add_candidates(peer, out, &media->section);
}

int pp_peer_write_fragment(pp_peer *peer, pp_buf *out)
{
    const char *said = peer->said.pending ? peer->said.pending : peer->said.local;
    pp_sdp *described = NULL, *fragment = NULL;
    int err;

    if (!said || peer->closed)
        return pp_error(PIPIT_ERR_STATE, "ice: there is no description of ours");
    err = pp_sdp_parse(pp_str_c(said), &described);
    if (!err)
        err = pp_sdp_new(&fragment);
    if (!err)
        err = make(peer, described, fragment);
    if (!err) {
        pp_sdp_write(fragment, out);
        err = pp_buf_error(out);
    }
    pp_sdp_free(fragment);
    pp_sdp_free(described);
    return err;
}

/* --- theirs ----------------------------------------------------------------------------------- */

bool pp_peer_has_remote(const pp_peer *peer)
{
    return peer->terms.remote != NULL;
}

bool pp_peer_remote_trickles(const pp_peer *peer)
{
    const pp_sdp *remote = peer->terms.remote;
    size_t transport = peer->terms.transport;

    return remote &&
           pp_sdp_ice_option(remote, transport == PP_NO_SECTION ? NULL : &remote->media[transport],
                             "trickle");
}

/* Of the description that stands, by its credentials, which are where that has them. */
static int check_generation(const pp_peer *peer, const pp_sdp *fragment, const pp_sdp_media *media)
{
    const pp_sdp *remote = peer->terms.remote;
    pp_str ufrag, pwd, known_ufrag, known_pwd;

    if (!pp_sdp_ice(fragment, media, &ufrag, &pwd))
        return pp_error(PIPIT_ERR_SYNTAX, "ice: candidates without usable ice-ufrag and ice-pwd");
    if (!remote || peer->terms.transport == PP_NO_SECTION ||
        !pp_sdp_ice(remote, &remote->media[peer->terms.transport], &known_ufrag, &known_pwd) ||
        !pp_str_eq(ufrag, known_ufrag) || !pp_str_eq(pwd, known_pwd))
        return pp_error(PIPIT_ERR_STATE, "ice: candidates of another description");
    return 0;
}

static int take_section(pp_peer *peer, const pp_sdp *fragment, const pp_sdp_media *media)
{
    pp_sdp_candidate parsed;
    size_t at = 0;
    pp_str mid, value;
    int err = check_generation(peer, fragment, media);

    if (!err && (!pp_sdp_mid(media, &mid) || !pp_sdp_media_of_mid(peer->terms.remote, mid)))
        err = pp_error(PIPIT_ERR_SYNTAX, "ice: candidates of no section");
    while (!err && pp_sdp_next(&media->section, "candidate", &at, &value))
        if (pp_sdp_candidate_parse(value, &parsed) == 0) /* what cannot be read is skipped */
            err = pp_peer_take_candidate(peer, value);
    return err;
}

int pp_peer_take_fragment(pp_peer *peer, pp_str text)
{
    pp_sdp *fragment = NULL;
    int err = pp_sdp_parse_fragment(text, &fragment);

    for (size_t i = 0; !err && i < fragment->media_count; i++)
        err = take_section(peer, fragment, &fragment->media[i]);
    pp_sdp_free(fragment);
    return err;
}
