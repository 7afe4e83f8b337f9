/* memory.h - the octets that the library, and OpenSSL where it is asked for, hold at the moment. */
#ifndef BENCH_UA_MEMORY_H
#define BENCH_UA_MEMORY_H

#include <stddef.h>

/* Before anything else is called. Exits when OpenSSL has allocated already. */
void bench_memory_watch(void);
/* As asked for: what malloc adds is seen in the resident memory. */
size_t bench_memory_ours(void);
size_t bench_memory_openssl(void);
/* Resident memory of the process, in octets. */
size_t bench_memory_resident(void);

#endif
