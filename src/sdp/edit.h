/* edit.h - changing a description that was read or built. What is not named stays as it is and where
 * it is. New text is copied and lives as long as the description; text that would bring a line of its
 * own is refused with PIPIT_ERR_ARGUMENT. */
#ifndef PP_SDP_EDIT_H
#define PP_SDP_EDIT_H

#include "sdp/attributes.h"

/* The first attribute of that name gets the value, the others go; a new one comes last. value.p ==
 * NULL: a flag. */
int pp_sdp_set_attribute(pp_sdp *sdp, pp_sdp_section *section, const char *name, pp_str value);
/* How many there were. */
size_t pp_sdp_remove_attribute(pp_sdp_section *section, const char *name);
/* The same of a line that is neither a= nor m=; a new one comes where RFC 8866 section 5 wants it. */
int pp_sdp_set_line(pp_sdp *sdp, pp_sdp_section *section, char type, pp_str value);
size_t pp_sdp_remove_line(pp_sdp_section *section, char type);

int pp_sdp_set_direction(pp_sdp *sdp, pp_sdp_section *section, pp_direction direction);
int pp_sdp_set_port(pp_sdp_media *media, uint32_t port); /* 0: refused (RFC 3264 section 6) */
/* Takes the format off the m= line, and its rtpmap, fmtp and rtcp-fb with it. Whether it was there. */
bool pp_sdp_remove_format(pp_sdp_media *media, const char *format);
/* Takes the whole part out, and its mid out of every group: for an offer nobody has seen yet. The
 * parts behind it move up. PIPIT_ERR_ARGUMENT when there is no such part, PIPIT_ERR_MEMORY. */
int pp_sdp_remove_media(pp_sdp *sdp, size_t index);

#endif
