/* authority.c - a certificate that signs itself, and the file a client trusts it by. */
#include "support/authority.h"

#include "crypto/hash.h"
#include "pipit/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

authority local_authority;

int authority_make(authority *a, const pp_rng *rng, uint64_t wall_us, unsigned days,
                   const char *const *names)
{
    char key_file[sizeof(a->ca_file) + 4];
    int fd, err;

    *a = (authority){.ca_file = "/tmp/pipit-authority-XXXXXX"};
    fd = mkstemp(a->ca_file);
    if (fd < 0) {
        a->ca_file[0] = '\0';
        return PIPIT_ERR_IO;
    }
    close(fd);
    snprintf(key_file, sizeof(key_file), "%s.key", a->ca_file);
    err = pp_certificate_generate(rng, wall_us, days, names, &a->certificate);
    if (!err)
        err = pp_certificate_save(a->certificate, a->ca_file, key_file);
    unlink(key_file);
    return err;
}

void authority_drop(authority *a)
{
    a->certificate = pp_certificate_unref(a->certificate);
    if (a->ca_file[0])
        unlink(a->ca_file);
}

int local_authority_make(void **state)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "sip.example.com", NULL};
    const pp_rng rng = pp_rng_system();

    (void)state;
    return authority_make(&local_authority, &rng, (uint64_t)time(NULL) * 1000000, 2, names);
}

int local_authority_drop(void **state)
{
    (void)state;
    authority_drop(&local_authority);
    return 0;
}
