/* route.c - route sets and remote targets, as messages carry them. */
#include "base/error.h"
#include "base/limits.h"
#include "dialog/parts.h"

static bool is_sip(const pp_uri *uri)
{
    return uri->scheme == PP_SCHEME_SIP || uri->scheme == PP_SCHEME_SIPS;
}

void pp_routes_free(pp_routes *routes)
{
    for (size_t i = 0; i < routes->count; i++)
        pp_free(routes->routes[i]);
    pp_free(routes->routes);
    *routes = (pp_routes){0};
}

static int count_routes(const pp_message *message, size_t *out)
{
    pp_member at = {0};
    pp_str member;
    size_t count = 0;

    while (pp_message_next(message, PP_HEADER_RECORD_ROUTE, &at, &member)) {
        pp_name_addr route;

        if (++count > PP_LIMIT_SIP_LIST)
            return pp_error(PIPIT_ERR_LIMIT, "dialog: more than %u in Record-Route",
                            PP_LIMIT_SIP_LIST);
        if (!pp_str_is_line(member) || pp_name_addr_parse(member, &route) || !is_sip(&route.uri))
            return pp_error(PIPIT_ERR_SYNTAX, "dialog: a Record-Route that is no SIP address");
    }
    *out = count;
    return 0;
}

int pp_routes_read(const pp_message *message, bool reversed, pp_routes *out)
{
    pp_routes read = {0};
    pp_member at = {0};
    pp_str member;
    size_t i = 0;
    int err = count_routes(message, &read.count);

    if (err)
        return err;
    if (read.count) {
        read.routes = pp_array(read.count, sizeof(*read.routes));
        if (!read.routes)
            return PIPIT_ERR_MEMORY;
    }
    while (i < read.count && pp_message_next(message, PP_HEADER_RECORD_ROUTE, &at, &member)) {
        char *route = pp_str_dup(member);

        if (!route) {
            pp_routes_free(&read);
            return PIPIT_ERR_MEMORY;
        }
        read.routes[reversed ? read.count - 1 - i : i] = route;
        i++;
    }
    *out = read;
    return 0;
}

bool pp_route_is_strict(pp_str route)
{
    pp_name_addr parsed;

    return !pp_name_addr_parse(route, &parsed) && !pp_param(parsed.uri.params, "lr", NULL);
}

static pp_str without_headers(const pp_uri *uri)
{
    return uri->headers.p ? pp_str_sub(uri->text, 0, pp_str_find(uri->text, '?')) : uri->text;
}

int pp_target_read(pp_str member, pp_str *out)
{
    pp_name_addr parsed;

    if (pp_name_addr_parse(member, &parsed) || !is_sip(&parsed.uri))
        return pp_error(PIPIT_ERR_SYNTAX, "dialog: '%.*s' cannot be a target",
                        PP_STR(pp_str_sub(member, 0, 80)));
    *out = without_headers(&parsed.uri);
    return 0;
}

int pp_target_of(const pp_message *message, pp_str *out)
{
    pp_member at = {0};
    pp_str member;

    if (message->contact.uri.text.n && is_sip(&message->contact.uri)) {
        *out = without_headers(&message->contact.uri);
        return 0;
    }
    if (!pp_message_next(message, PP_HEADER_CONTACT, &at, &member))
        return pp_error(PIPIT_ERR_NOT_FOUND, "dialog: no Contact");
    return pp_target_read(member, out);
}
