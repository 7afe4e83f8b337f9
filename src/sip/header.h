/* header.h - header fields by number: the table of names and compact forms. */
#ifndef PP_SIP_HEADER_H
#define PP_SIP_HEADER_H

#include "base/str.h"
#include "sip/header_table.h"

#define PP_HEADER_ID(id, name, compact, list, shape) PP_HEADER_##id,
typedef enum pp_header_id {
    PP_HEADER_OTHER, /* kept under its own name */
    PP_HEADER_TABLE(PP_HEADER_ID) PP_HEADER_COUNT
} pp_header_id;
#undef PP_HEADER_ID

pp_header_id pp_header_id_of(pp_str name);   /* full or compact name, any letter case */
const char *pp_header_name(pp_header_id id); /* "Call-ID"; "" for PP_HEADER_OTHER */

#endif
