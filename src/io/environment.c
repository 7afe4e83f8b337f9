/* environment.c - the variables that name a proxy, as curl reads them. */
#include "io/environment.h"

#include <stdlib.h>

static const char *value_of(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

static const char *either(const char *lower, const char *upper)
{
    const char *value = value_of(lower);

    return value ? value : value_of(upper);
}

const char *pp_io_environment_proxy(bool secure)
{
    return secure ? either("https_proxy", "HTTPS_PROXY") : value_of("http_proxy");
}

const char *pp_io_environment_no_proxy(void)
{
    return either("no_proxy", "NO_PROXY");
}
