/* refuse.c - sections that are not taken: they stay in the answer, with port 0 (RFC 3264 section 6). */
#include "base/error.h"
#include "peer/inside.h"
#include "peer/peer.h"

#include <stdio.h>

/* A part we do not want keeps its kind, protocol and formats, and gets port 0 (RFC 3264 section 6).
 */
int pp_peer_refuse_media(const pp_sdp_media *offered, pp_sdp *sdp)
{
    char kind[32], protocol[64], format[32];
    pp_sdp_media *media;
    pp_str mid;
    int err;

    snprintf(kind, sizeof(kind), "%.*s", PP_STR(offered->kind));
    snprintf(protocol, sizeof(protocol), "%.*s", PP_STR(offered->protocol));
    snprintf(format, sizeof(format), "%.*s",
             PP_STR(offered->format_count ? offered->formats[0] : PP_LIT("0")));
    err = pp_sdp_add_media(sdp, kind, 0, protocol, &media);
    if (!err)
        err = pp_sdp_add_format(sdp, media, format);
    if (!err)
        err = pp_sdp_add(sdp, &media->section, 'c', PP_LIT("IN IP4 0.0.0.0"));
    if (!err && pp_sdp_attribute(&offered->section, "mid", 0, &mid))
        err = pp_sdp_add_attribute(sdp, &media->section, "mid", "%.*s", PP_STR(mid));
    if (!err)
        err = pp_sdp_add_attribute(sdp, &media->section, "inactive", NULL);
    return err;
}

int pp_peer_refuse(const pp_rng *rng, pp_str offer, pp_buf *out)
{
    pp_sdp *theirs = NULL, *ours = NULL;
    int err = pp_sdp_parse(offer, &theirs);

    if (!err)
        err = pp_peer_begin_description(pp_rng_u64(rng) >> 2, 1, &ours);
    for (size_t i = 0; !err && i < theirs->media_count; i++)
        err = pp_peer_refuse_media(&theirs->media[i], ours);
    if (!err) {
        pp_sdp_write(ours, out);
        err = pp_buf_error(out);
    }
    pp_sdp_free(theirs);
    pp_sdp_free(ours);
    return err;
}
