/* address.c - printing addresses, Contact and Via; name_addr.c and via.c read them. */
#include "base/error.h"
#include "sip/lexer.h"
#include "sip/typed/typed.h"

/* A quoted display name stays as it is; of others only the words count, and they are quoted for what else may be in them. */
static int print_display_name(const pp_name_addr *value, pp_buf *out)
{
    pp_buf words = {0};
    int err = 0;

    if (value->display_name.p[0] == '"') {
        pp_buf_str(out, value->display_name);
    } else {
        pp_name_addr_write_display_name(value, &words);
        pp_write_quoted(pp_buf_text(&words), out);
        err = pp_buf_error(&words);
        pp_buf_free(&words);
    }
    pp_buf_char(out, ' ');
    return err;
}

int pp_address_print(const pp_name_addr *value, pp_buf *out)
{
    int err = value->display_name.n ? print_display_name(value, out) : 0;

    if (!pp_str_is(value->uri.text, PP_CHAR_URI))
        return pp_error(PIPIT_ERR_SYNTAX, "address: its URI holds what no URI can");
    pp_buf_char(out, '<');
    pp_buf_str(out, value->uri.text);
    pp_buf_char(out, '>');
    pp_params_print(value->params, NULL, out);
    return err ? err : pp_buf_error(out);
}

int pp_contact_parse(pp_str text, pp_contact_value *out)
{
    pp_contact_value value = {.all = pp_str_eq(pp_str_trim(text), PP_LIT("*"))};
    int err = value.all ? 0 : pp_name_addr_parse(text, &value.address);

    if (!err)
        *out = value;
    return err;
}

int pp_contact_print(const pp_contact_value *value, pp_buf *out)
{
    if (!value->all)
        return pp_address_print(&value->address, out);
    pp_buf_char(out, '*');
    return pp_buf_error(out);
}

int pp_via_print(const pp_via *value, pp_buf *out)
{
    int err;

    pp_buf_c(out, "SIP/2.0/");
    err = pp_token_write(value->transport, out);
    if (err)
        return err;
    pp_buf_char(out, ' ');
    pp_buf_str(out, value->host);
    if (value->port) {
        pp_buf_char(out, ':');
        pp_buf_uint(out, value->port);
    }
    pp_params_print(value->params, NULL, out);
    return pp_buf_error(out);
}
