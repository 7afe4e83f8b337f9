/* sample.h - descriptions that are parsed for a test, which must not fail. */
#ifndef PP_TESTS_SDP_SAMPLE_H
#define PP_TESTS_SDP_SAMPLE_H

#include "sdp/sdp.h"
#include "support/files.h"

pp_sdp *parse(pp_str text);
pp_sdp *sample(const char *name); /* of the corpus */
void assert_text(pp_str text, const char *expected);

#endif
