/* fingerprint.c - a line "hash value": what is accepted is the same when it is written again.
 * FUZZ: dtls */
#include "dtls/fingerprint.h"

#include "base/buf.h"

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_str value = pp_str_n(data, size), hash = pp_str_split(&value, ' ');
    pp_fingerprint fingerprint, again;
    pp_buf text = {0};

    if (pp_fingerprint_parse(hash, value, &fingerprint) != 0)
        return 0;
    CHECK(fingerprint.hash != PP_HASH_MD5 && fingerprint.hash != PP_HASH_SHA1);
    for (size_t i = 0; i < pp_hash_size(fingerprint.hash); i++)
        pp_buf_format(&text, i ? ":%02X" : "%02X", fingerprint.value[i]);
    CHECK(pp_str_ieq(pp_buf_text(&text), value));
    CHECK(pp_fingerprint_parse(hash, pp_buf_text(&text), &again) == 0);
    CHECK(memcmp(&fingerprint, &again, sizeof(again)) == 0);
    pp_buf_free(&text);
    return 0;
}
