/* request.c - a REGISTER as it goes (RFC 3261 section 10.2, RFC 5626 section 4.2). */
#include "ua/ua.h"

static void write_params(char *const *params, pp_buf *out)
{
    for (size_t i = 0; params && params[i]; i++)
        pp_buf_format(out, ";%s", params[i]);
}

static unsigned expires_of(const pp_registrator *r, pp_register_kind kind)
{
    return kind == PP_REGISTER_OURS ? r->expires_s : 0;
}

/* Unless the registrar is to decide. */
static bool says_expires(pp_register_kind kind, unsigned expires_s)
{
    return expires_s > 0 || kind != PP_REGISTER_OURS;
}

static int add_own_contact(pipit_ua *ua, pp_register_kind kind, pp_outgoing *request)
{
    const pp_registrator *r = &ua->registrator;
    unsigned expires_s = expires_of(r, kind);
    pp_buf contact = {0};

    pp_buf_format(&contact, "<%s>;+sip.ice%s;+sip.instance=\"<urn:uuid:%s>\"", ua->contact.uri,
                  r->plain ? "" : ";reg-id=" PP_REG_ID, ua->settings.instance_id);
    if (says_expires(kind, expires_s))
        pp_buf_format(&contact, ";expires=%u", expires_s);
    write_params(r->extra_params, &contact);
    pp_contact_write_left(&ua->contact, &contact);
    return pp_add_buf(request, PP_HEADER_CONTACT, &contact);
}

int pp_registrator_request(pipit_ua *ua, pp_register_kind kind, pp_outgoing **out)
{
    pp_registrator *r = &ua->registrator;
    const pp_ua_request_options options = {
        .method = PP_REGISTER,
        .target = pp_str_c(ua->settings.registrar),
        .to = ua->settings.uri,
        .call_id = r->call_id,
        .cseq = ++r->cseq,
        .from_tag_trail = kind == PP_REGISTER_OURS ? ua->settings.from_tag_trail : NULL,
        .extra_headers = (const char *const *)r->extra_headers,
    };
    unsigned expires_s = expires_of(r, kind);
    pp_outgoing *request = NULL;
    int err = pp_ua_request(ua, &options, &request);

    if (!err && kind == PP_REGISTER_REMOVE_ALL)
        pp_outgoing_add_c(request, PP_HEADER_CONTACT, "*"); /* alone: section 10.2.2 */
    else if (!err)
        err = add_own_contact(ua, kind, request);
    if (!err) {
        if (says_expires(kind, expires_s))
            pp_outgoing_add_format(request, PP_HEADER_EXPIRES, "%u", expires_s);
        pp_ua_finish_request(ua, request);
        err = pp_outgoing_error(request);
    }
    if (err) {
        pp_outgoing_unref(request);
        return err;
    }
    *out = request;
    return 0;
}
