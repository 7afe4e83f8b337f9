/* servers.h - the ICE servers of a configuration, checked and kept. */
#ifndef PP_GATHER_SERVERS_H
#define PP_GATHER_SERVERS_H

#include "gather/uri.h"
#include "pipit/media.h"

typedef struct pp_ice_server { /* one URL of them */
    char *text;                /* the URL, which `uri` has slices of */
    pp_ice_uri uri;
    char *username, *credential, *ca_file; /* NULL: none */
    bool insecure;
} pp_ice_server;

typedef struct pp_ice_servers { /* reference counted */
    unsigned references;
    pp_ice_server *items;
    size_t count;
} pp_ice_servers;

/* *out is NULL where there are none. 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_ARGUMENT, PIPIT_ERR_NOT_SUPPORTED, PIPIT_ERR_LIMIT,
 * PIPIT_ERR_MEMORY. */
int pp_ice_servers_new(const pipit_ice_server *servers, size_t count, pp_ice_servers **out);
pp_ice_servers *pp_ice_servers_ref(pp_ice_servers *servers);   /* NULL is fine */
pp_ice_servers *pp_ice_servers_unref(pp_ice_servers *servers); /* NULL is fine; returns NULL */

#endif
