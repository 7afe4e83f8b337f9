/* codecs.h - the codecs by numbers that stay, whether G.722 is built in or not. */
#ifndef PP_TESTS_MEDIA_CODECS_H
#define PP_TESTS_MEDIA_CODECS_H

#include "media/codec.h"

/* opus, PCMU, PCMA, G722; NULL for the last where it is not built in. */
static inline const pp_codec_type *test_codec(size_t index)
{
    static const char *const names[] = {"opus", "PCMU", "PCMA", "G722"};

    return pp_codec_find(pp_str_c(names[index]), index ? 8000 : 48000, index ? 1 : 2);
}

#endif
