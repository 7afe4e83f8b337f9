/* auth_param.c - the parameters of challenges and credentials. */
#include "sip/auth_param.h"

#include "sip/lexer.h"
#include "sip/name_addr.h"
#include "sip/octets.h"

pp_auth_scheme pp_auth_scheme_of(pp_str *rest)
{
    pp_str scheme = pp_str_word(rest);

    if (pp_str_ieq(scheme, PP_LIT("Digest")))
        return PP_AUTH_DIGEST;
    return pp_str_ieq(scheme, PP_LIT("Bearer")) ? PP_AUTH_BEARER : PP_AUTH_OTHER;
}

static bool is_token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~' || c == '+' || c == '/';
}

bool pp_auth_is_token(pp_str text)
{
    size_t n = 0;

    while (n < text.n && is_token_char(text.p[n]))
        n++;
    if (n == 0)
        return false;
    while (n < text.n && text.p[n] == '=')
        n++;
    return n == text.n;
}

/* Octets of the quoted string or the token at the start, when the end or a comma follows and no backslash is in it; else 0. */
static size_t usual_value_span(pp_str text)
{
    size_t n = 0;

    if (text.n > 1 && text.p[0] == '"') {
        const char *quote = memchr(text.p + 1, '"', text.n - 1);
        n = quote ? (size_t)(quote - text.p) : 0;
        if (!quote || memchr(text.p, '\\', n))
            return 0;
        n++;
    } else {
        n = pp_str_span(text, PP_CHAR_TOKEN);
    }
    return n == text.n || text.p[n] == ',' ? n : 0;
}

/* name=value without blanks, as all write it: moves *rest behind it. False when it has another shape. */
static bool take_usual(pp_str *rest, pp_auth_param *out)
{
    pp_str text = *rest, behind;
    size_t n, value;

    while (text.n && (pp_str_is_space(text.p[0]) || text.p[0] == ','))
        text = pp_str_n(text.p + 1, text.n - 1);
    n = pp_str_span(text, PP_CHAR_TOKEN);
    if (n == 0 || n == text.n || text.p[n] != '=')
        return false;
    behind = pp_str_n(text.p + n + 1, text.n - n - 1);
    value = usual_value_span(behind);
    if (value == 0)
        return false;
    *out = (pp_auth_param){pp_str_n(text.p, n), pp_str_n(behind.p, value)};
    if (behind.p[0] == '"')
        out->value = pp_str_n(behind.p + 1, value - 2);
    *rest = pp_str_from(behind, value);
    return true;
}

int pp_auth_param_next(pp_str *rest, pp_auth_param *out)
{
    pp_str item, name, value;

    if (take_usual(rest, out))
        return 1;
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

/* False when something is there already. */
static bool set_once(pp_str *slot, pp_str value)
{
    if (slot->p)
        return false;
    *slot = value;
    return true;
}

/* As it is usually written, which is how it mostly is, or in any case. */
static const pp_auth_slot *find_slot(const pp_auth_slot *slots, pp_str name)
{
    for (const pp_auth_slot *slot = slots; slot->name.n; slot++)
        if (slot->name.n == name.n && pp_octets_same(slot->name.p, name.p, name.n))
            return slot;
    for (const pp_auth_slot *slot = slots; slot->name.n; slot++)
        if (pp_str_ieq(slot->name, name))
            return slot;
    return NULL;
}

bool pp_auth_param_sort(const pp_auth_slot *slots, void *parts, const pp_auth_param *param)
{
    const pp_auth_slot *slot = find_slot(slots, param->name);

    /* RFC 7616 section 3.3: unknown ones are ignored. */
    return !slot || set_once((pp_str *)(void *)((char *)parts + slot->offset), param->value);
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
