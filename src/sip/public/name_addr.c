/* name_addr.c - the public address: display name, URI, parameters. */
#include "pipit/name_addr.h"

#include "base/alloc.h"
#include "base/error.h"
#include "sip/lexer.h"
#include "sip/public/objects.h"
#include "sip/typed/typed.h"

int pp_params_to_pairs(pp_str params, pp_pairs *out)
{
    pp_str name, value;
    int err = 0;

    while (!err && pp_param_next(&params, &name, &value)) {
        char *low = pp_str_dup(name);
        if (!low)
            return PIPIT_ERR_MEMORY;
        for (char *c = low; *c; c++)
            *c = pp_lower(*c);
        err = pp_pairs_add(out, pp_str_c(low), value);
        pp_free(low);
    }
    return err;
}

/* --- made ---------------------------------------------------------------------------------------- */

static int new_address(pipit_name_addr **out)
{
    pipit_name_addr *address = PP_NEW(pipit_name_addr);

    if (!address)
        return PIPIT_ERR_MEMORY;
    address->references = 1;
    *out = address;
    return 0;
}

static int finish(int err, pipit_name_addr *address, pipit_name_addr **out)
{
    if (err)
        pipit_name_addr_unref(address);
    else
        *out = address;
    return err;
}

int pipit_name_addr_new(const pipit_uri *uri, const char *display_name, pipit_name_addr **out)
{
    pipit_name_addr *address = NULL;
    int err;

    if (!uri || !out)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "address: the URI or the place for the result is missing");
    err = new_address(&address);
    if (!err)
        err = pipit_uri_clone(uri, &address->uri);
    if (!err)
        err = pipit_name_addr_set_display_name(address, display_name);
    return finish(err, address, out);
}

static int read_display_name(const pp_name_addr *from, char **out)
{
    pp_buf text = {0};
    int err;

    pp_name_addr_write_display_name(from, &text);
    err = pp_buf_error(&text);
    if (!err && text.n)
        err = pp_buf_take(&text, out);
    pp_buf_free(&text);
    return err;
}

int pp_name_addr_public(const pp_name_addr *from, pipit_name_addr **out)
{
    pipit_name_addr *address = NULL;
    int err = new_address(&address);

    if (!err)
        err = pp_uri_public(&from->uri, &address->uri);
    if (!err)
        err = read_display_name(from, &address->display_name);
    if (!err)
        err = pp_params_to_pairs(from->params, &address->params);
    return finish(err, address, out);
}

int pipit_name_addr_parse(const char *text, pipit_name_addr **out)
{
    pp_name_addr address;
    int err;

    if (!text || !out)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "address: the text or the place for the result is missing");
    if (!pp_str_is_line(pp_str_c(text)))
        return pp_error(PIPIT_ERR_SYNTAX, "address: the text holds CR or LF");
    err = pp_name_addr_parse(pp_str_c(text), &address);
    return err ? err : pp_name_addr_public(&address, out);
}

int pipit_name_addr_clone(const pipit_name_addr *from, pipit_name_addr **out)
{
    pipit_name_addr *address = NULL;
    int err = new_address(&address);

    if (!err)
        err = pipit_uri_clone(from->uri, &address->uri);
    if (!err) {
        address->display_name = pp_strdup(from->display_name);
        if (from->display_name && !address->display_name)
            err = PIPIT_ERR_MEMORY;
    }
    if (!err)
        err = pp_pairs_copy(&from->params, &address->params);
    return finish(err, address, out);
}

int pipit_name_addr_to_string(const pipit_name_addr *address, char **out)
{
    pp_buf text = {0};

    if (address->display_name) {
        pp_write_quoted(pp_str_c(address->display_name), &text);
        pp_buf_char(&text, ' ');
    }
    pp_buf_char(&text, '<');
    pp_uri_write_public(address->uri, &text);
    pp_buf_char(&text, '>');
    for (size_t i = 0; i < address->params.count; i++) {
        pp_buf_char(&text, ';');
        pp_buf_c(&text, address->params.list[i].name);
        if (!address->params.list[i].value)
            continue;
        pp_buf_char(&text, '=');
        pp_buf_c(&text, address->params.list[i].value);
    }
    return pp_buf_take(&text, out);
}

/* --- URI and display name ------------------------------------------------------------------------ */

const pipit_uri *pipit_name_addr_uri(const pipit_name_addr *address)
{
    return address->uri;
}

int pipit_name_addr_set_uri(pipit_name_addr *address, const pipit_uri *uri)
{
    pipit_uri *copy = NULL;
    int err;

    if (!uri)
        return pp_error(PIPIT_ERR_ARGUMENT, "address: an address has a URI");
    err = pipit_uri_clone(uri, &copy);
    if (err)
        return err;
    pipit_uri_unref(address->uri);
    address->uri = copy;
    return 0;
}

const char *pipit_name_addr_display_name(const pipit_name_addr *address)
{
    return address->display_name;
}

int pipit_name_addr_set_display_name(pipit_name_addr *address, const char *display_name)
{
    char *copy = NULL;

    for (const char *c = display_name; c && *c; c++)
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7F)
            return pp_error(PIPIT_ERR_SYNTAX,
                            "address: the display name holds a control character");
    if (display_name && *display_name) {
        copy = pp_strdup(display_name);
        if (!copy)
            return PIPIT_ERR_MEMORY;
    }
    pp_free(address->display_name);
    address->display_name = copy;
    return 0;
}

/* --- parameters ---------------------------------------------------------------------------------- */

int pipit_name_addr_set_param(pipit_name_addr *address, const char *name, const char *value)
{
    pp_buf text = {0};
    pp_str rest, key, content;
    pp_pairs one = {0};
    int err = pp_param_add(&text, pp_str_c(name), pp_str_c(value));

    if (!err)
        err = pp_params_to_pairs(pp_buf_text(&text), &one);
    if (!err) {
        rest = pp_buf_text(&text);
        pp_param_next(&rest, &key, &content);
        err = pp_pairs_set(&address->params, pp_str_c(one.list[0].name), content);
    }
    pp_pairs_clear(&one);
    pp_buf_free(&text);
    return err;
}

const char *pipit_name_addr_get_param(const pipit_name_addr *address, const char *name)
{
    return pp_pairs_value(&address->params, name, 0);
}

bool pipit_name_addr_has_param(const pipit_name_addr *address, const char *name)
{
    return pp_pairs_count(&address->params, name) > 0;
}

bool pipit_name_addr_delete_param(pipit_name_addr *address, const char *name)
{
    return pp_pairs_delete(&address->params, name);
}

void pipit_name_addr_clear_params(pipit_name_addr *address)
{
    pp_pairs_clear(&address->params);
}

pipit_name_addr *pipit_name_addr_ref(pipit_name_addr *address)
{
    address->references++;
    return address;
}

pipit_name_addr *pipit_name_addr_unref(pipit_name_addr *address)
{
    if (!address || --address->references)
        return NULL;
    pipit_uri_unref(address->uri);
    pp_free(address->display_name);
    pp_pairs_clear(&address->params);
    pp_free(address);
    return NULL;
}
