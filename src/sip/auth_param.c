/* auth_param.c - the parameters of challenges and credentials. */
#include "sip/auth_param.h"

#include "sip/lexer.h"
#include "sip/name_addr.h"

bool pp_auth_is_digest(pp_str *rest)
{
    pp_str scheme = pp_str_word(rest);

    return pp_str_ieq(scheme, PP_LIT("Digest"));
}

int pp_auth_param_next(pp_str *rest, pp_auth_param *out)
{
    pp_str item, name, value;

    do {
        if (!pp_list_next(rest, &item))
            return 0;
        value = item;
        name = pp_str_trim(pp_str_split(&value, '='));
    } while (!value.p);
    value = pp_str_trim(value);
    if (!pp_str_is(name, PP_CHAR_TOKEN))
        return -1;
    if (value.n && value.p[0] == '"') {
        if (pp_quoted_span(value) != value.n)
            return -1;
        value = pp_str_sub(value, 1, value.n - 1);
    } else if (pp_str_find(value, '"') < value.n || pp_str_find(value, '\\') < value.n) {
        return -1; /* it could not be given back between quotes */
    }
    *out = (pp_auth_param){name, value};
    return 1;
}

bool pp_auth_param_once(pp_str *slot, pp_str value)
{
    if (slot->p)
        return false;
    *slot = value;
    return true;
}

bool pp_auth_algorithm(pp_str name, pp_hash *hash, bool *session)
{
    static const struct {
        pp_str name;
        pp_hash hash;
    } known[] = {
        {PP_LIT_INIT("MD5"), PP_HASH_MD5},
        {PP_LIT_INIT("SHA-256"), PP_HASH_SHA256},
        {PP_LIT_INIT("SHA-512-256"), PP_HASH_SHA512_256},
    };
    static const pp_str suffix = PP_LIT_INIT("-sess");
    pp_str base = pp_str_empty(name) ? known[0].name : name;
    bool sess = base.n > suffix.n && pp_str_ieq(pp_str_from(base, base.n - suffix.n), suffix);

    if (sess)
        base.n -= suffix.n;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (pp_str_ieq(base, known[i].name)) {
            *hash = known[i].hash;
            *session = sess;
            return true;
        }
    }
    return false;
}
