/* records.h - the order in which the records of a name are tried. */
#ifndef PP_BASE_RECORDS_H
#define PP_BASE_RECORDS_H

#include "base/net.h"
#include "base/rng.h"

/* RFC 2782: by priority, and among equals by chance and weight. */
void pp_records_order_srv(pp_record *records, size_t count, const pp_rng *rng);
/* RFC 3403: by order, then preference. */
void pp_records_order_naptr(pp_record *records, size_t count);

#endif
