/* registrator.c - the life of a registration, and what an application adds to its requests (JsSIP: Registrator). */
#include "ua/registrator/registrator.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "sip/lexer.h"
#include "sip/name_addr.h"
#include "ua/ua.h"

int pp_registrator_init(pipit_ua *ua)
{
    char token[17];
    pp_buf call_id = {0};

    ua->registrator.expires_s = ua->settings.register_expires_s;
    pp_rng_token(&ua->loop->rng, token, sizeof(token) - 1);
    pp_buf_format(&call_id, "%s%s", ua->settings.call_id_prefix, token);
    return pp_buf_take(&call_id, &ua->registrator.call_id);
}

void pp_registrator_free(pipit_ua *ua)
{
    pp_registrator *r = &ua->registrator;

    pp_loop_stop_timer(ua->loop, &r->timer);
    pp_registrator_drop_routes(r);
    pp_header_lines_free(r->extra_headers);
    pp_header_lines_free(r->extra_params);
    pp_free(r->call_id);
}

/* --- with the connection and the user agent --------------------------------------------------- */

void pp_registrator_connected(pipit_ua *ua)
{
    pp_registrator *r = &ua->registrator;

    /* Another server may take what the one before did not. */
    r->plain = false;
    r->expires_s = ua->settings.register_expires_s;
    r->reconnected = r->sender || r->remover;
    if (r->wanted && pipit_ua_register(ua) < 0)
        pp_log_warn("Registrator", "no REGISTER on connection: %s", pipit_error_message());
}

void pp_registrator_disconnected(pipit_ua *ua)
{
    bool was_registered = ua->registrator.registered;

    pp_registrator_drop(ua);
    if (was_registered)
        pp_registrator_emit_unregistered(
            ua, &(pp_registration_end){.cause = PIPIT_CAUSE_CONNECTION_ERROR,
                                       .reason = "the connection was lost"});
}

void pp_registrator_close(pipit_ua *ua)
{
    pp_registrator *r = &ua->registrator;

    if ((r->registered || r->sender) && pipit_ua_unregister(ua, false) < 0)
        pp_log_warn("Registrator", "no un-REGISTER: %s", pipit_error_message());
    r->wanted = false;
    if (!r->registered) /* an attempt that was put off */
        pp_loop_stop_timer(ua->loop, &r->timer);
}

bool pipit_ua_is_registered(const pipit_ua *ua)
{
    return ua && ua->registrator.registered;
}

unsigned pipit_ua_registration_expires(const pipit_ua *ua)
{
    return ua && ua->registrator.registered ? ua->registrator.granted_s : 0;
}

bool pipit_ua_outbound(const pipit_ua *ua)
{
    return ua && ua->registrator.outbound;
}

/* --- what an application adds ----------------------------------------------------------------- */

int pipit_ua_set_registrator_extra_headers(pipit_ua *ua, const char *const *lines)
{
    char **copy = NULL;
    int err;

    if (!ua)
        return pp_error(PIPIT_ERR_ARGUMENT, "extra headers: the user agent is missing");
    err = pp_header_lines_copy(lines, &copy);
    if (err)
        return err;
    pp_header_lines_free(ua->registrator.extra_headers);
    ua->registrator.extra_headers = copy;
    return 0;
}

/* These are ours to set, and none may be there twice. */
static bool is_reserved(pp_str name)
{
    static const char *const ours[] = {"+sip.ice", "reg-id", "+sip.instance", "expires"};

    for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
        if (pp_str_ieq_c(name, ours[i]))
            return true;
    return false;
}

/* "name", "name=token" or "name=\"text\"" (RFC 3261 section 25.1, contact-params). */
static int check_param(const char *param)
{
    pp_str value = pp_str_c(param), name = pp_str_split(&value, '=');
    bool quoted = value.n && value.p[0] == '"' && pp_quoted_span(value) == value.n &&
                  pp_str_is_line(value) && pp_str_is_utf8(value);

    if (!pp_str_is(name, PP_CHAR_TOKEN) || (value.p && !quoted && !pp_str_is(value, PP_CHAR_TOKEN)))
        return pp_error(PIPIT_ERR_SYNTAX, "extra contact params: '%.80s' is no parameter", param);
    if (is_reserved(name))
        return pp_error(PIPIT_ERR_ARGUMENT, "extra contact params: %.*s is set by the user agent",
                        PP_STR(name));
    return 0;
}

static int copy_params(const char *const *params, char ***out)
{
    size_t count = 0;
    char **copy;

    while (params[count]) {
        int err = check_param(params[count++]);

        if (err)
            return err;
    }
    copy = pp_array(count + 1, sizeof(*copy));
    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = pp_strdup(params[i]);
        if (!copy[i]) {
            pp_header_lines_free(copy);
            return PIPIT_ERR_MEMORY;
        }
    }
    if (!copy)
        return PIPIT_ERR_MEMORY;
    *out = copy;
    return 0;
}

int pipit_ua_set_registrator_extra_contact_params(pipit_ua *ua, const char *const *params)
{
    char **copy = NULL;
    int err = 0;

    if (!ua)
        return pp_error(PIPIT_ERR_ARGUMENT, "extra contact params: the user agent is missing");
    if (params)
        err = copy_params(params, &copy);
    if (err)
        return err;
    pp_header_lines_free(ua->registrator.extra_params);
    ua->registrator.extra_params = copy;
    return 0;
}
