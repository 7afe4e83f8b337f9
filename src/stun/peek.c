/* peek.c - whose a STUN packet is, before anything in it is checked or believed. */
#include "base/reader.h"
#include "stun/attribute.h"

bool pp_stun_peek(const uint8_t *data, size_t size, pp_stun_tag *out)
{
    pp_stun_tag tag;
    pp_reader r;

    if (!pp_stun_is(data, size))
        return false;
    tag = (pp_stun_tag){.kind = (pp_stun_class)((data[0] & 1u) << 1 | (data[1] >> 4 & 1u)),
                        .transaction = data + 8};
    r = pp_reader_of(data + PP_STUN_HEADER, size - PP_STUN_HEADER);
    while (r.n && !tag.username.p) {
        unsigned type = pp_reader_u16(&r);
        size_t length = pp_reader_u16(&r);
        const uint8_t *value = pp_reader_bytes(&r, length);

        pp_reader_bytes(&r, (4 - length % 4) % 4); /* padding */
        if (r.failed)
            return false;
        if (type == PP_STUN_MESSAGE_INTEGRITY || type == PP_STUN_MESSAGE_INTEGRITY_SHA256)
            break; /* what stands behind it is not believed */
        if (type == PP_STUN_USERNAME)
            tag.username = pp_str_n(value, length);
    }
    *out = tag;
    return true;
}
