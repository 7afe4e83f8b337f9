/* authority.h - a server's certificate that signs itself, and the file a client trusts it by. A test that uses it links crypto. */
#ifndef PP_TESTS_AUTHORITY_H
#define PP_TESTS_AUTHORITY_H

#include "crypto/certificate.h"

typedef struct authority {
    pp_certificate *certificate;
    char ca_file[64]; /* below /tmp, without the key */
} authority;

/* Valid from a day before `wall_us` for `days`, for `names`. In any case to be dropped. */
int authority_make(authority *a, const pp_rng *rng, uint64_t wall_us, unsigned days,
                   const char *const *names);
void authority_drop(authority *a);

/* One for localhost, 127.0.0.1 and sip.example.com, now: the setup and the teardown of a group of tests over real sockets. */
extern authority local_authority;
int local_authority_make(void **state);
int local_authority_drop(void **state);

#endif
