/* put.h - adding to a description what already lives as long as it does: shared by the reader and
 * the builder. */
#ifndef PP_SDP_PUT_H
#define PP_SDP_PUT_H

#include "sdp/sdp.h"

int pp_sdp_put_line(pp_sdp_section *section, char type, pp_str value); /* splits attributes */
int pp_sdp_put_media(pp_sdp *sdp, pp_sdp_media **out);                 /* empty */
int pp_sdp_put_format(pp_sdp_media *media, pp_str format);
/* Something that can stand in an m= line, between blanks. */
bool pp_sdp_is_word(pp_str s);

#endif
