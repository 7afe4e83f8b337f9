/* service_route.c - the way requests are to take from here, as the registrar has it (RFC 3608). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "ua/ua.h"

/* Section 5: loose routers only; there is no telling what a strict one would do to the Request-URI. */
static bool is_loose(pp_str member)
{
    pp_name_addr route;

    return pp_str_is_line(member) && pp_name_addr_parse(member, &route) == 0 &&
           (route.uri.scheme == PP_SCHEME_SIP || route.uri.scheme == PP_SCHEME_SIPS) &&
           pp_param(route.uri.params, "lr", NULL);
}

static int count_routes(const pp_message *response, size_t *out)
{
    pp_member at = {0};
    pp_str member;
    size_t count = 0;

    while (pp_message_next(response, PP_HEADER_SERVICE_ROUTE, &at, &member)) {
        if (++count > PP_LIMIT_SIP_LIST)
            return pp_error(PIPIT_ERR_LIMIT, "registration: more than %u in Service-Route",
                            PP_LIMIT_SIP_LIST);
        if (!is_loose(member))
            return pp_error(PIPIT_ERR_SYNTAX,
                            "registration: a Service-Route that is no loose router's address");
    }
    *out = count;
    return 0;
}

int pp_registrator_read_routes(pp_registrator *r, const pp_message *response)
{
    pp_member at = {0};
    pp_str member;
    char **routes;
    size_t count = 0, i = 0;
    int err;

    pp_registrator_drop_routes(r);
    err = count_routes(response, &count);
    if (err || count == 0)
        return err;
    routes = pp_array(count + 1, sizeof(*routes));
    if (!routes)
        return PIPIT_ERR_MEMORY;
    r->routes = routes;
    while (i < count && pp_message_next(response, PP_HEADER_SERVICE_ROUTE, &at, &member)) {
        routes[i] = pp_str_dup(member);
        if (!routes[i++]) { /* half a way leads nowhere */
            pp_registrator_drop_routes(r);
            return PIPIT_ERR_MEMORY;
        }
    }
    return 0;
}

void pp_registrator_drop_routes(pp_registrator *r)
{
    pp_header_lines_free(r->routes);
    r->routes = NULL;
}

void pp_registrator_add_routes(const pp_registrator *r, pp_outgoing *request)
{
    for (size_t i = 0; r->routes && r->routes[i]; i++)
        pp_outgoing_add_c(request, PP_HEADER_ROUTE, r->routes[i]);
}
