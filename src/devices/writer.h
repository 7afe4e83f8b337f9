/* writer.h - a file that is written by a thread of its own, so that nobody who makes its octets waits for a disk. */
#ifndef PP_DEVICES_WRITER_H
#define PP_DEVICES_WRITER_H

#include <stddef.h>
#include <stdint.h>

typedef struct pp_writer pp_writer;

/* Makes the file, or empties it. PIPIT_ERR_IO, PIPIT_ERR_MEMORY. */
int pp_writer_open(const char *path, pp_writer **out);
/* Octets for that place of the file; copied. An error, this one's or one of the disk's: nothing is written any more. PIPIT_ERR_IO,
 * PIPIT_ERR_LIMIT when the disk is too far behind, PIPIT_ERR_MEMORY. */
int pp_writer_put(pp_writer *writer, uint64_t at, const void *data, size_t size);
/* Waits until all is written, and frees it; NULL is fine. The same errors. */
int pp_writer_close(pp_writer *writer);

#endif
