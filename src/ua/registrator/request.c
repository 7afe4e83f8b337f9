/* request.c - a REGISTER as it goes (RFC 3261 section 10.2, RFC 5626 section 4.2). */
#include "ua/ua.h"

static void put_params(char *const *params, pp_outgoing *request)
{
    for (size_t i = 0; params && params[i]; i++) {
        pp_outgoing_put(request, PP_LIT(";"));
        pp_outgoing_put_c(request, params[i]);
    }
}

static void put_left(const char *left, pp_outgoing *request)
{
    if (!left)
        return;
    pp_outgoing_put(request, PP_LIT(", <"));
    pp_outgoing_put_c(request, left);
    pp_outgoing_put(request, PP_LIT(">;expires=0"));
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

static void add_own_contact(pipit_ua *ua, pp_register_kind kind, pp_outgoing *request)
{
    const pp_registrator *r = &ua->registrator;
    unsigned expires_s = expires_of(r, kind);
    char room[PP_DIGITS];
    const bool says = says_expires(kind, expires_s);
    const pp_str parts[] = {PP_LIT("<"),
                            pp_str_c(ua->contact.uri),
                            r->plain ? PP_LIT(">;+sip.ice")
                                     : PP_LIT(">;+sip.ice;reg-id=" PP_REG_ID),
                            PP_LIT(";+sip.instance=\"<urn:uuid:"),
                            pp_str_c(ua->settings.instance_id),
                            says ? PP_LIT(">\";expires=") : PP_LIT(">\""),
                            says ? pp_digits(expires_s, room) : PP_STR_NONE};

    pp_outgoing_begin(request, PP_HEADER_CONTACT);
    pp_outgoing_put_all(request, parts, sizeof(parts) / sizeof(*parts));
    put_params(r->extra_params, request);
    put_left(ua->contact.left, request);
    pp_outgoing_end(request);
}

static void add_expires(unsigned expires_s, pp_outgoing *request)
{
    char room[PP_DIGITS];

    pp_outgoing_add(request, PP_HEADER_EXPIRES, pp_digits(expires_s, room));
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

    if (err)
        return err;
    if (kind == PP_REGISTER_REMOVE_ALL)
        pp_outgoing_add_c(request, PP_HEADER_CONTACT, "*"); /* alone: section 10.2.2 */
    else
        add_own_contact(ua, kind, request);
    if (says_expires(kind, expires_s))
        add_expires(expires_s, request);
    pp_ua_finish_request(ua, request);
    err = pp_outgoing_error(request);
    if (err) {
        pp_outgoing_unref(request);
        return err;
    }
    *out = request;
    return 0;
}
