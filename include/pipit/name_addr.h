/** @file name_addr.h  Addresses with a display name and parameters, the value of From, To, Contact (RFC 3261 section 20.10).
 *  JsSIP: NameAddrHeader.
 *
 *  Text that goes in may not hold CR or LF: PIPIT_ERR_SYNTAX. Strings that come out are the object's and live until it is changed
 *  or released. */
#ifndef PIPIT_NAME_ADDR_H
#define PIPIT_NAME_ADDR_H

#include "pipit/uri.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Makes an address.
 *  @param uri           copied
 *  @param display_name  NULL or "": none
 *  @param out           yours; release with pipit_name_addr_unref()
 *  @return 0, PIPIT_ERR_ARGUMENT without a URI, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY.
 *  JsSIP: new JsSIP.NameAddrHeader(uri, display_name) */
PIPIT_API int pipit_name_addr_new(const pipit_uri *uri, const char *display_name,
                                  pipit_name_addr **out);

/** Takes `"name" <URI>;parameters` or `URI;parameters`.
 *  @param out  yours
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_LIMIT for more than 70 parameters, PIPIT_ERR_MEMORY.
 *  JsSIP: NameAddrHeader.parse() */
PIPIT_API int pipit_name_addr_parse(const char *text, pipit_name_addr **out);

/** Copies an address and its URI.  @param out  yours  @return 0, PIPIT_ERR_MEMORY.  JsSIP: header.clone() */
PIPIT_API int pipit_name_addr_clone(const pipit_name_addr *address, pipit_name_addr **out);

/** Writes `"name" <URI>;parameters`.
 *  @param out  yours; free with pipit_free()
 *  @return 0, PIPIT_ERR_MEMORY.  JsSIP: header.toString() */
PIPIT_API int pipit_name_addr_to_string(const pipit_name_addr *address, char **out);

/** @return the URI, which is the address's.  JsSIP: header.uri */
PIPIT_API const pipit_uri *pipit_name_addr_uri(const pipit_name_addr *address);
/** @param uri  copied  @return 0, PIPIT_ERR_ARGUMENT without one, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_name_addr_set_uri(pipit_name_addr *address, const pipit_uri *uri);

/** @return the display name without quotes and backslashes, NULL when there is none.  JsSIP: header.display_name */
PIPIT_API const char *pipit_name_addr_display_name(const pipit_name_addr *address);
/** @param display_name  any text; NULL or "": none
 *  @return 0, PIPIT_ERR_SYNTAX for control characters, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_name_addr_set_display_name(pipit_name_addr *address, const char *display_name);

/** Sets a parameter or replaces it.
 *  @param name   a token
 *  @param value  NULL: a parameter without a value. What is no token, host or quoted string is put in quotes, and then comes
 *                back with them.
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_LIMIT, PIPIT_ERR_MEMORY.  JsSIP: header.setParam() */
PIPIT_API int pipit_name_addr_set_param(pipit_name_addr *address, const char *name,
                                        const char *value);
/** @return the value as it is written, "" for a parameter without one, NULL when there is no such parameter.
 *  JsSIP: header.getParam() */
PIPIT_API const char *pipit_name_addr_get_param(const pipit_name_addr *address, const char *name);
/** @return whether there is such a parameter.  JsSIP: header.hasParam() */
PIPIT_API bool pipit_name_addr_has_param(const pipit_name_addr *address, const char *name);
/** @return whether there was one.  JsSIP: header.deleteParam() */
PIPIT_API bool pipit_name_addr_delete_param(pipit_name_addr *address, const char *name);
/** Removes all parameters.  JsSIP: header.clearParams() */
PIPIT_API void pipit_name_addr_clear_params(pipit_name_addr *address);

/** @return the same address, which now must be released once more */
PIPIT_API pipit_name_addr *pipit_name_addr_ref(pipit_name_addr *address);
/** @return NULL */
PIPIT_API pipit_name_addr *pipit_name_addr_unref(pipit_name_addr *address);

#ifdef __cplusplus
}
#endif
#endif
