/* pairs.c - named texts in order. They are few (PP_LIMIT_SIP_LIST), so looking through them is fast enough. */
#include "sip/public/pairs.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"

static int make(pp_str name, pp_str value, pp_pair *out)
{
    size_t size = name.n + 1 + (value.p ? value.n + 1 : 0);
    char *text = pp_zalloc(size);

    if (!text)
        return PIPIT_ERR_MEMORY;
    if (name.n)
        memcpy(text, name.p, name.n);
    if (value.n)
        memcpy(text + name.n + 1, value.p, value.n);
    *out = (pp_pair){text, value.p ? text + name.n + 1 : NULL};
    return 0;
}

static int make_room(pp_pairs *pairs)
{
    size_t capacity = pairs->capacity ? pairs->capacity * 2 : 4;
    pp_pair *grown;

    if (pairs->count >= PP_LIMIT_SIP_LIST)
        return pp_error(PIPIT_ERR_LIMIT, "list: more than %u members", PP_LIMIT_SIP_LIST);
    if (pairs->count < pairs->capacity)
        return 0;
    grown = pp_realloc(pairs->list, capacity * sizeof(*grown));
    if (!grown)
        return PIPIT_ERR_MEMORY;
    pairs->list = grown;
    pairs->capacity = capacity;
    return 0;
}

static bool is_named(const pp_pair *pair, pp_str name)
{
    return pp_str_ieq_c(name, pair->name);
}

int pp_pairs_add(pp_pairs *pairs, pp_str name, pp_str value)
{
    size_t at = pairs->count;
    pp_pair pair;
    int err = make_room(pairs);

    if (!err)
        err = make(name, value, &pair);
    if (err)
        return err;
    while (at && !is_named(&pairs->list[at - 1], name))
        at--;
    if (at == 0)
        at = pairs->count;
    memmove(pairs->list + at + 1, pairs->list + at, (pairs->count - at) * sizeof(pair));
    pairs->list[at] = pair;
    pairs->count++;
    return 0;
}

/* Those of that name from the `from`-th on. */
static bool delete_from(pp_pairs *pairs, pp_str name, size_t from)
{
    size_t kept = 0, seen = 0, before = pairs->count;

    for (size_t i = 0; i < pairs->count; i++) {
        if (is_named(&pairs->list[i], name) && seen++ >= from)
            pp_free(pairs->list[i].name);
        else
            pairs->list[kept++] = pairs->list[i];
    }
    pairs->count = kept;
    return kept < before;
}

int pp_pairs_set(pp_pairs *pairs, pp_str name, pp_str value)
{
    size_t at = 0;
    pp_pair pair;
    int err;

    while (at < pairs->count && !is_named(&pairs->list[at], name))
        at++;
    if (at == pairs->count)
        return pp_pairs_add(pairs, name, value);
    err = make(name, value, &pair);
    if (err)
        return err;
    delete_from(pairs, name, 1);
    pp_free(pairs->list[at].name);
    pairs->list[at] = pair;
    return 0;
}

bool pp_pairs_delete(pp_pairs *pairs, const char *name)
{
    return name && delete_from(pairs, pp_str_c(name), 0);
}

void pp_pairs_clear(pp_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++)
        pp_free(pairs->list[i].name);
    pp_free(pairs->list);
    *pairs = (pp_pairs){0};
}

int pp_pairs_copy(const pp_pairs *from, pp_pairs *out)
{
    pp_pairs copy = {0};
    int err = 0;

    for (size_t i = 0; !err && i < from->count; i++)
        err = pp_pairs_add(&copy, pp_str_c(from->list[i].name), pp_str_c(from->list[i].value));
    if (err)
        pp_pairs_clear(&copy);
    else
        *out = copy;
    return err;
}

const pp_pair *pp_pairs_find(const pp_pairs *pairs, const char *name, size_t index)
{
    pp_str wanted = pp_str_c(name);

    for (size_t i = 0; name && i < pairs->count; i++)
        if (is_named(&pairs->list[i], wanted) && index-- == 0)
            return &pairs->list[i];
    return NULL;
}

const char *pp_pairs_value(const pp_pairs *pairs, const char *name, size_t index)
{
    const pp_pair *pair = pp_pairs_find(pairs, name, index);

    if (!pair)
        return NULL;
    return pair->value ? pair->value : "";
}

size_t pp_pairs_count(const pp_pairs *pairs, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; name && i < pairs->count; i++)
        count += is_named(&pairs->list[i], pp_str_c(name));
    return count;
}
