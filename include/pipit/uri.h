/** @file uri.h  URIs (RFC 3261 section 19.1, RFC 3966). JsSIP: URI, Utils.normalizeTarget().
 *
 *  Text that goes in may not hold CR, LF or, of course, NUL: PIPIT_ERR_SYNTAX. Everything else that cannot stand in a URI is
 *  escaped when it is written, and escapes that are there already ("%40") are kept. Names of parameters and headers are found
 *  in any letter case. Strings that come out are the URI's and live until it is changed or released. */
#ifndef PIPIT_URI_H
#define PIPIT_URI_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Makes a URI of its parts.
 *  @param scheme  "sip", "sips" or "tel"; NULL: "sip"
 *  @param user    NULL or "": none, see pipit_uri_set_user(); of a tel URI the number, which it needs
 *  @param host    a host name, an IPv4 address, or an IPv6 address in brackets; NULL for a tel URI
 *  @param port    0: none
 *  @param out     yours; release with pipit_uri_unref()
 *  @return 0, PIPIT_ERR_ARGUMENT without a host or with a port beyond 65535, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY.
 *  JsSIP: new JsSIP.URI(scheme, user, host, port) */
PIPIT_API int pipit_uri_new(const char *scheme, const char *user, const char *host, unsigned port,
                            pipit_uri **out);

/** Takes a URI of any scheme; sip, sips and tel are taken apart. Scheme, host and the names of parameters become lower case.
 *  @param out  yours
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_LIMIT for more than 70 parameters or headers, PIPIT_ERR_MEMORY.  JsSIP: URI.parse() */
PIPIT_API int pipit_uri_parse(const char *text, pipit_uri **out);

/** Copies a URI.  @param out  yours  @return 0, PIPIT_ERR_MEMORY.  JsSIP: uri.clone() */
PIPIT_API int pipit_uri_clone(const pipit_uri *uri, pipit_uri **out);

/** Writes the whole URI.
 *  @param out  yours; free with pipit_free()
 *  @return 0, PIPIT_ERR_MEMORY.  JsSIP: uri.toString() */
PIPIT_API int pipit_uri_to_string(const pipit_uri *uri, char **out);

/** Writes the address of record: no parameters, no headers.
 *  @param show_port  true: with the port, when there is one
 *  @param out        yours; free with pipit_free()
 *  @return 0, PIPIT_ERR_MEMORY.  JsSIP: uri.toAor(show_port) */
PIPIT_API int pipit_uri_to_aor(const pipit_uri *uri, bool show_port, char **out);

/** @return the scheme in lower case */
PIPIT_API const char *pipit_uri_scheme(const pipit_uri *uri);
/** Changes between sip and sips.
 *  @return 0, PIPIT_ERR_SYNTAX for what is no scheme, PIPIT_ERR_NOT_SUPPORTED for any other change, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_uri_set_scheme(pipit_uri *uri, const char *scheme);

/** @return the user part with a password ("alice:secret") and without escapes, but for those of control characters; of a tel URI
 *          the number; NULL when there is none */
PIPIT_API const char *pipit_uri_user(const pipit_uri *uri);
/** @param user  the user, escaped or not: "j@s0n" and "j%40s0n" are the same; NULL or "": none
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_NOT_SUPPORTED for a scheme that has no user, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_uri_set_user(pipit_uri *uri, const char *user);

/** @return the host in lower case; NULL for schemes other than sip and sips */
PIPIT_API const char *pipit_uri_host(const pipit_uri *uri);
/** @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_NOT_SUPPORTED for schemes other than sip and sips, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_uri_set_host(pipit_uri *uri, const char *host);

/** @return the port, 0 when none is given */
PIPIT_API unsigned pipit_uri_port(const pipit_uri *uri);
/** @param port  0: none
 *  @return 0, PIPIT_ERR_ARGUMENT beyond 65535, PIPIT_ERR_NOT_SUPPORTED for schemes other than sip and sips */
PIPIT_API int pipit_uri_set_port(pipit_uri *uri, unsigned port);

/** @return what follows the colon, of a scheme other than sip, sips and tel and of a tel URI without a number; else NULL */
PIPIT_API const char *pipit_uri_opaque(const pipit_uri *uri);

/** Sets a parameter or replaces it.
 *  @param value  NULL: a parameter without a value, such as "lr"
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_NOT_SUPPORTED for schemes other than sip, sips and tel, PIPIT_ERR_LIMIT,
 *          PIPIT_ERR_MEMORY.  JsSIP: uri.setParam() */
PIPIT_API int pipit_uri_set_param(pipit_uri *uri, const char *name, const char *value);
/** @return the value as it was set or read, "" for a parameter without one, NULL when there is no such parameter.
 *  JsSIP: uri.getParam() */
PIPIT_API const char *pipit_uri_get_param(const pipit_uri *uri, const char *name);
/** @return whether there is such a parameter.  JsSIP: uri.hasParam() */
PIPIT_API bool pipit_uri_has_param(const pipit_uri *uri, const char *name);
/** @return whether there was one.  JsSIP: uri.deleteParam() */
PIPIT_API bool pipit_uri_delete_param(pipit_uri *uri, const char *name);
/** Removes all parameters.  JsSIP: uri.clearParams() */
PIPIT_API void pipit_uri_clear_params(pipit_uri *uri);

/** Sets a header of the URI ("?Subject=x"), in place of all of that name. '_' in the name is taken for '-'.
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_NOT_SUPPORTED for schemes other than sip and sips, PIPIT_ERR_LIMIT,
 *          PIPIT_ERR_MEMORY.  JsSIP: uri.setHeader(name, value) */
PIPIT_API int pipit_uri_set_header(pipit_uri *uri, const char *name, const char *value);
/** Adds one more header of a name.  @return as pipit_uri_set_header().  JsSIP: uri.setHeader(name, [values]) */
PIPIT_API int pipit_uri_add_header(pipit_uri *uri, const char *name, const char *value);
/** @return the `index`-th value of a header (from 0), NULL when there is none.  JsSIP: uri.getHeader() */
PIPIT_API const char *pipit_uri_get_header(const pipit_uri *uri, const char *name, size_t index);
/** @return how many headers of that name there are */
PIPIT_API size_t pipit_uri_count_header(const pipit_uri *uri, const char *name);
/** @return whether there is such a header.  JsSIP: uri.hasHeader() */
PIPIT_API bool pipit_uri_has_header(const pipit_uri *uri, const char *name);
/** Removes all headers of a name.  @return whether there was one.  JsSIP: uri.deleteHeader() */
PIPIT_API bool pipit_uri_delete_header(pipit_uri *uri, const char *name);
/** Removes all headers.  JsSIP: uri.clearHeaders() */
PIPIT_API void pipit_uri_clear_headers(pipit_uri *uri);

/** @return the same URI, which now must be released once more */
PIPIT_API pipit_uri *pipit_uri_ref(pipit_uri *uri);
/** @return NULL */
PIPIT_API pipit_uri *pipit_uri_unref(pipit_uri *uri);

/** Makes a full SIP URI of what a person types: "bob", "+1 (555) 010", "bob@example.com", "sip:bob@example.com".
 *  @param target  the text
 *  @param domain  host appended when the text has none; NULL: then such a text is refused
 *  @param out     yours; free with pipit_free()
 *  @return 0, PIPIT_ERR_SYNTAX when it cannot become a SIP URI, PIPIT_ERR_MEMORY
 *  JsSIP: Utils.normalizeTarget() */
PIPIT_API int pipit_normalize_target(const char *target, const char *domain, char **out);

#ifdef __cplusplus
}
#endif
#endif
