/* openssl.c - what OpenSSL says about a failure. */
#include "crypto/openssl.h"

#include <openssl/err.h>

const char *pp_openssl_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_error());

    ERR_clear_error();
    return reason ? reason : "no reason given";
}
