/* name_addr.h - the value of From, To, Contact, Route …: ["display name"] <URI> ;parameters (RFC 3261 section 20.10). */
#ifndef PP_SIP_NAME_ADDR_H
#define PP_SIP_NAME_ADDR_H

#include "sip/uri.h"

typedef struct pp_name_addr {
    pp_str display_name; /* as written, quotes included; empty when none */
    pp_uri uri;
    pp_str params; /* of the header, from its first ';'; not the URI's when it stands in brackets */
} pp_name_addr;

int pp_name_addr_parse(pp_str text, pp_name_addr *out);
/* The tag of a From or To; false when it has none, or is no address. */
bool pp_name_addr_tag(pp_str text, pp_str *tag);
/* The display name without quotes and backslashes. */
void pp_name_addr_write_display_name(const pp_name_addr *name_addr, pp_buf *out);
/* Writes `text` as a quoted string: quotes put around it, '"' and '\' escaped. */
void pp_write_quoted(pp_str text, pp_buf *out);
/* Writes a quoted string without its quotes and backslashes, and any other text as it is. */
void pp_write_unquoted(pp_str text, pp_buf *out);
/* The same for what stood between the quotes. */
void pp_unescape_quoted(pp_str inside, pp_buf *out);
/* The next member of a comma-separated list, commas in quotes and brackets kept; false at the end. `item` is
 * trimmed; empty members are skipped. */
bool pp_list_next(pp_str *rest, pp_str *item);

#endif
