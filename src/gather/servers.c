/* servers.c - a configuration's list of ICE servers, one entry for each URL. */
#include "gather/servers.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"

static void clear(pp_ice_server *server)
{
    pp_free(server->text);
    pp_free(server->username);
    pp_free_secret(server->credential);
    pp_free(server->ca_file);
}

/* strdup of what may be NULL: whether it went well. */
static bool copy(const char *text, char **out)
{
    *out = pp_strdup(text);
    return *out || !text;
}

static int fill(const pipit_ice_server *from, pp_str url, pp_ice_server *out)
{
    int err;

    out->text = pp_str_dup(url);
    if (!out->text || !copy(from->username, &out->username) ||
        !copy(from->credential, &out->credential) || !copy(from->ca_file, &out->ca_file))
        return PIPIT_ERR_MEMORY;
    out->insecure = from->insecure;
    err = pp_ice_uri_parse(pp_str_c(out->text), &out->uri);
    if (!err && out->uri.turn && (!out->username || !out->credential))
        err = pp_error(PIPIT_ERR_ARGUMENT, "ice_servers: '%s' needs a username and a credential",
                       out->text);
    if (!err && out->username && strlen(out->username) > PP_LIMIT_TURN_USERNAME)
        err = pp_error(PIPIT_ERR_LIMIT, "ice_servers: a username is longer than %u octets",
                       PP_LIMIT_TURN_USERNAME);
    return err;
}

static int append(pp_ice_servers *servers, const pipit_ice_server *from, pp_str url)
{
    pp_ice_server *grown;

    if (servers->count == PP_LIMIT_ICE_SERVERS)
        return pp_error(PIPIT_ERR_LIMIT, "ice_servers: more than %u URLs", PP_LIMIT_ICE_SERVERS);
    grown = pp_realloc(servers->items, (servers->count + 1) * sizeof(*grown));
    if (!grown)
        return PIPIT_ERR_MEMORY;
    servers->items = grown;
    grown[servers->count] = (pp_ice_server){0};
    return fill(from, url, &grown[servers->count++]);
}

static int append_all(pp_ice_servers *servers, const pipit_ice_server *from)
{
    pp_str rest = pp_str_c(from->urls);
    int err = 0;

    if (!pp_str_trim(rest).n)
        return pp_error(PIPIT_ERR_ARGUMENT, "ice_servers: a server has no urls");
    while (!err && rest.p)
        err = append(servers, from, pp_str_trim(pp_str_split(&rest, ',')));
    return err;
}

int pp_ice_servers_new(const pipit_ice_server *from, size_t count, pp_ice_servers **out)
{
    pp_ice_servers *servers = NULL;
    int err = 0;

    if (count && !from)
        return pp_error(PIPIT_ERR_ARGUMENT, "ice_servers: there are %zu and none is given", count);
    if (count) {
        servers = PP_NEW(pp_ice_servers);
        if (!servers)
            return PIPIT_ERR_MEMORY;
        servers->references = 1;
    }
    for (size_t i = 0; !err && i < count; i++)
        err = append_all(servers, &from[i]);
    if (err)
        pp_ice_servers_unref(servers);
    else
        *out = servers;
    return err;
}

pp_ice_servers *pp_ice_servers_ref(pp_ice_servers *servers)
{
    if (servers)
        servers->references++;
    return servers;
}

pp_ice_servers *pp_ice_servers_unref(pp_ice_servers *servers)
{
    if (!servers || --servers->references)
        return NULL;
    for (size_t i = 0; i < servers->count; i++)
        clear(&servers->items[i]);
    pp_free(servers->items);
    pp_free(servers);
    return NULL;
}
