/* value.c - the public value: members with named fields, parameters, perhaps an address. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "pipit/request.h"
#include "sip/lexer.h"
#include "sip/public/objects.h"

/* --- made ---------------------------------------------------------------------------------------- */

int pp_value_new(pipit_value_kind kind, pipit_value **out)
{
    pipit_value *value = PP_NEW(pipit_value);

    if (!value)
        return PIPIT_ERR_MEMORY;
    value->references = 1;
    value->kind = kind;
    *out = value;
    return 0;
}

int pp_value_add(pipit_value *value, pp_value_member **out)
{
    size_t capacity = value->capacity ? value->capacity * 2 : 1;
    pp_value_member *grown;

    if (value->count >= PP_LIMIT_SIP_LIST)
        return pp_error(PIPIT_ERR_LIMIT, "list: more than %u members", PP_LIMIT_SIP_LIST);
    if (value->count == value->capacity) {
        grown = pp_realloc(value->members, capacity * sizeof(*grown));
        if (!grown)
            return PIPIT_ERR_MEMORY;
        value->members = grown;
        value->capacity = capacity;
    }
    *out = &value->members[value->count++];
    **out = (pp_value_member){0};
    return 0;
}

int pp_field(pp_value_member *member, const char *name, pp_str text)
{
    return text.p ? pp_pairs_add(&member->fields, pp_str_c(name), text) : 0;
}

int pp_field_lower(pp_value_member *member, const char *name, pp_str text)
{
    char *low = pp_str_dup(text);
    int err;

    if (!low)
        return PIPIT_ERR_MEMORY;
    for (char *c = low; *c; c++)
        *c = pp_lower(*c);
    err = pp_pairs_add(&member->fields, pp_str_c(name), pp_str_c(low));
    pp_free(low);
    return err;
}

int pp_field_unquoted(pp_value_member *member, const char *name, pp_str text)
{
    pp_buf plain = {0};
    int err;

    if (!text.p)
        return 0;
    pp_write_unquoted(text, &plain);
    err = pp_buf_error(&plain);
    if (!err)
        err = pp_pairs_add(&member->fields, pp_str_c(name),
                           plain.n ? pp_buf_text(&plain) : PP_LIT(""));
    pp_buf_free(&plain);
    return err;
}

int pp_field_number(pp_value_member *member, const char *name, uint64_t number)
{
    pp_buf text = {0};
    int err;

    pp_buf_uint(&text, number);
    err = pp_buf_error(&text);
    if (!err)
        err = pp_pairs_add(&member->fields, pp_str_c(name), pp_buf_text(&text));
    pp_buf_free(&text);
    return err;
}

/* --- looked at ----------------------------------------------------------------------------------- */

pipit_value_kind pipit_value_get_kind(const pipit_value *value)
{
    return value->kind;
}

size_t pipit_value_count(const pipit_value *value)
{
    return value->count;
}

static const pp_value_member *member_at(const pipit_value *value, size_t index)
{
    return index < value->count ? &value->members[index] : NULL;
}

const char *pipit_value_field(const pipit_value *value, size_t index, const char *name)
{
    const pp_value_member *member = member_at(value, index);

    return member ? pp_pairs_value(&member->fields, name, 0) : NULL;
}

int pipit_value_number(const pipit_value *value, size_t index, const char *name, uint64_t *out)
{
    const char *text = pipit_value_field(value, index, name);

    if (!text)
        return pp_error(PIPIT_ERR_NOT_FOUND, "value: it has no field of that name");
    if (!pp_str_to_u64(pp_str_c(text), 0, UINT64_MAX, out))
        return pp_error(PIPIT_ERR_SYNTAX, "value: the field is no number");
    return 0;
}

static const pp_pairs *params_at(const pipit_value *value, size_t index)
{
    static const pp_pairs none = {0};
    const pp_value_member *member = member_at(value, index);

    if (!member)
        return &none;
    return member->address ? &member->address->params : &member->params;
}

bool pipit_value_has_param(const pipit_value *value, size_t index, const char *name)
{
    return pp_pairs_count(params_at(value, index), name) > 0;
}

const char *pipit_value_get_param(const pipit_value *value, size_t index, const char *name)
{
    return pp_pairs_value(params_at(value, index), name, 0);
}

const pipit_name_addr *pipit_value_name_addr(const pipit_value *value, size_t index)
{
    const pp_value_member *member = member_at(value, index);

    return member ? member->address : NULL;
}

const pipit_uri *pipit_value_uri(const pipit_value *value, size_t index)
{
    const pp_value_member *member = member_at(value, index);

    if (!member)
        return NULL;
    return member->address ? member->address->uri : member->uri;
}

const pipit_request *pipit_value_request(const pipit_value *value)
{
    return value->request;
}

pipit_value *pipit_value_ref(pipit_value *value)
{
    value->references++;
    return value;
}

pipit_value *pipit_value_unref(pipit_value *value)
{
    if (!value || --value->references)
        return NULL;
    for (size_t i = 0; i < value->count; i++) {
        pipit_name_addr_unref(value->members[i].address);
        pipit_uri_unref(value->members[i].uri);
        pp_pairs_clear(&value->members[i].fields);
        pp_pairs_clear(&value->members[i].params);
    }
    pp_free(value->members);
    pipit_request_unref(value->request);
    pp_free(value);
    return NULL;
}
