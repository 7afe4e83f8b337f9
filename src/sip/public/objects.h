/* objects.h - the public URI, address and value from inside. */
#ifndef PP_SIP_PUBLIC_OBJECTS_H
#define PP_SIP_PUBLIC_OBJECTS_H

#include "pipit/grammar.h"
#include "sip/public/pairs.h"
#include "sip/typed/typed.h"

struct pipit_uri {
    unsigned references;
    pp_scheme kind;
    char *scheme;
    char *user;       /* as written, escaped; NULL: none */
    char *plain_user; /* as people read it */
    char *host;       /* of sip and sips */
    unsigned port;
    char *opaque; /* of schemes that are not taken apart */
    pp_pairs params, headers;
};

struct pipit_name_addr {
    unsigned references;
    char *display_name; /* NULL: none */
    pipit_uri *uri;
    pp_pairs params;
};

typedef struct pp_value_member {
    pipit_name_addr *address;
    pipit_uri *uri;
    pp_pairs fields, params;
} pp_value_member;

struct pipit_value {
    unsigned references;
    pipit_value_kind kind;
    pp_value_member *members;
    size_t count, capacity;
    pipit_request *request;
};

/* Copies of what was parsed from text without NULs. */
int pp_uri_public(const pp_uri *uri, pipit_uri **out);
int pp_name_addr_public(const pp_name_addr *address, pipit_name_addr **out);
/* Keeps a user part, escaped or not, in its one spelling; adds a header under its spelling. */
int pp_uri_store_user(pipit_uri *uri, pp_str user);
int pp_uri_store_header(pipit_uri *uri, pp_str name, pp_str value);
/* What a tel URI has before its parameters. */
bool pp_is_phone_number(pp_str number);
/* What the public URI writes. */
void pp_uri_write_public(const pipit_uri *uri, pp_buf *out);
/* ";name=value" of a list, names in lower case, values as written; for headers whose parameters are tokens or quoted. */
int pp_params_to_pairs(pp_str params, pp_pairs *out);
/* A value in the making. A failed one is released by whoever made it. */
int pp_value_new(pipit_value_kind kind, pipit_value **out);
int pp_value_add(pipit_value *value, pp_value_member **out); /* borrowed until the next is added */
int pp_field(pp_value_member *member, const char *name, pp_str text); /* none when text.p is NULL */
int pp_field_lower(pp_value_member *member, const char *name, pp_str text);
int pp_field_unquoted(pp_value_member *member, const char *name, pp_str text);
int pp_field_number(pp_value_member *member, const char *name, uint64_t number);
/* "host" and "host_type". */
int pp_host_fields(pp_str host, pp_value_member *member);
/* The fields of a header's member. */
int pp_member_of(const pp_typed *typed, pp_value_member *member);

#endif
