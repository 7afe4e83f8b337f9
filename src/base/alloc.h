/* alloc.h - all memory of the library comes through here, so that one hook can count it or make it
 * fail. */
#ifndef PP_BASE_ALLOC_H
#define PP_BASE_ALLOC_H

#include "pipit/types.h"

/* All return NULL when memory is short and have then set pipit_error_message(). */
void *pp_alloc(size_t size);
void *pp_zalloc(size_t size);              /* zeroed */
void *pp_array(size_t count, size_t size); /* zeroed, the product checked */
void *pp_realloc(void *memory, size_t size);
char *pp_strdup(const char *text);              /* NULL gives NULL, which is no failure */
char *pp_memdup(const void *data, size_t size); /* a NUL is put behind the copy */
void pp_free(void *memory);
void pp_free_secret(char *text);    /* wiped, then freed */
void pp_free_foreign(void *memory); /* what another library took from the C library and gave us */

#define PP_NEW(type) ((type *)pp_zalloc(sizeof(type)))

#endif
