/* tls_reason.c - sentences that say what is wrong with a TLS connection, and what to do. */
#include "crypto/tls_context.h"

#include "base/addr.h"
#include "crypto/openssl.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#define NAMES_TOLD 4 /* names of a certificate in a sentence */

/* A sentence that grows and is cut at its end. What a peer wrote passes tell(), which lets nothing
 * but printable ASCII through: the sentence ends up on terminals. */
struct sentence {
    char *out;
    size_t n;
};

static void tell(struct sentence *s, const void *text, size_t size)
{
    const char *at = text;

    for (size_t i = 0; i < size && s->n + 1 < PP_TLS_REASON; i++)
        s->out[s->n++] = at[i] > ' ' && at[i] <= '~' ? at[i] : at[i] == ' ' ? ' ' : '?';
    s->out[s->n] = '\0';
}

static void tell_c(struct sentence *s, const char *text)
{
    tell(s, text, strlen(text));
}

static bool tell_name(struct sentence *s, const GENERAL_NAME *name)
{
    const ASN1_STRING *value = NULL;
    char text[PP_ADDR_TEXT];
    pp_addr addr = {0};

    if (name->type == GEN_DNS) {
        value = name->d.dNSName;
        tell(s, ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
        return true;
    }
    value = name->type == GEN_IPADD ? name->d.iPAddress : NULL;
    if (!value || (ASN1_STRING_length(value) != 4 && ASN1_STRING_length(value) != 16))
        return false;
    addr.family = ASN1_STRING_length(value) == 4 ? 4 : 6;
    memcpy(addr.ip, ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    tell_c(s, pp_addr_ip_text(&addr, text));
    return true;
}

/* The names a certificate is for. The common name is none since RFC 6125, so it is not told either.
 */
static void tell_names(struct sentence *s, const X509 *x509)
{
    GENERAL_NAMES *names = x509 ? X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL) : NULL;
    unsigned told = 0;
    int i = 0;

    for (; i < sk_GENERAL_NAME_num(names) && told < NAMES_TOLD; i++) {
        struct sentence before = *s;

        tell_c(s, told ? ", " : "");
        if (tell_name(s, sk_GENERAL_NAME_value(names, i))) {
            told++;
        } else {
            s->n = before.n;
            s->out[s->n] = '\0';
        }
    }
    if (i < sk_GENERAL_NAME_num(names))
        tell_c(s, " and others");
    if (!told)
        tell_c(s, "no name at all");
    GENERAL_NAMES_free(names);
}

static void tell_common_name(struct sentence *s, const X509_NAME *name)
{
    char text[65];
    int size = X509_NAME_get_text_by_NID(name, NID_commonName, text, sizeof(text));

    if (size > 0)
        tell(s, text, (size_t)size < sizeof(text) ? (size_t)size : sizeof(text) - 1);
    else
        tell_c(s, "without a name");
}

static void tell_date(struct sentence *s, const ASN1_TIME *time)
{
    struct tm at;
    char text[32];

    if (ASN1_TIME_to_tm(time, &at) == 1 && strftime(text, sizeof(text), "%Y-%m-%d", &at))
        tell_c(s, text);
    else
        tell_c(s, "an unreadable date");
}

/* "the certificate of <what we wanted>" or, higher up, "the authority's certificate (<its name>)"
 */
static void tell_subject(struct sentence *s, X509_STORE_CTX *store, const X509 *x509,
                         const char *name)
{
    if (X509_STORE_CTX_get_error_depth(store) == 0 || !x509) {
        tell_c(s, "the certificate of ");
        tell_c(s, name);
    } else {
        tell_c(s, "the certificate of the authority '");
        tell_common_name(s, X509_get_subject_name(x509));
        tell_c(s, "'");
    }
}

static void tell_issuer(struct sentence *s, const X509 *x509)
{
    tell_c(s, " is signed by an unknown authority");
    if (x509) {
        tell_c(s, " ('");
        tell_common_name(s, X509_get_issuer_name(x509));
        tell_c(s, "')");
    }
    tell_c(s, ": give its CA file with --ca");
}

void pp_tls_explain_certificate(X509_STORE_CTX *store, const char *name, char out[PP_TLS_REASON])
{
    const X509 *x509 = X509_STORE_CTX_get_current_cert(store);
    int error = X509_STORE_CTX_get_error(store);
    struct sentence s = {out, 0};

    tell_subject(&s, store, x509, name);
    switch (error) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        tell_c(&s, " is self-signed: give its CA file with --ca");
        break;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        tell_issuer(&s, x509);
        break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        s.n = 0;
        tell_c(&s, "the certificate is for ");
        tell_names(&s, x509);
        tell_c(&s, ", not ");
        tell_c(&s, name);
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        tell_c(&s, " expired on ");
        tell_date(&s, X509_get0_notAfter(x509));
        tell_c(&s, ": it must be renewed, unless the clock of this machine is wrong");
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        tell_c(&s, " is valid from ");
        tell_date(&s, X509_get0_notBefore(x509));
        tell_c(&s, " on: look at the clock of this machine");
        break;
    default:
        tell_c(&s, " was not accepted: ");
        tell_c(&s, X509_verify_cert_error_string(error));
    }
}

void pp_tls_explain_pin(const X509 *x509, const char *name, char out[PP_TLS_REASON])
{
    struct sentence s = {out, 0};
    pp_buf pin = {0};

    tell_c(&s, "the key of the certificate of ");
    tell_c(&s, name);
    tell_c(&s, " is not pinned");
    if (x509 && pp_tls_pin_of(x509, &pin) == 0) {
        tell_c(&s, ": it is ");
        tell(&s, pin.p, pin.n);
    }
    pp_buf_free(&pin);
}

/* The alerts and errors that have a remedy. NULL for the others. */
static const char *advice(bool established, int reason)
{
    switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
        return established ? NULL
                           : "what the peer sent is no TLS: is it a port without TLS (ws: instead "
                             "of wss:)?";
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_UNSUPPORTED_PROTOCOL:
        return "the peer speaks no version of TLS that is asked for (1.2 or 1.3)";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return "the peer wants a certificate of ours: give a certificate file and its key";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
        return "the peer refused the TLS handshake: there is no cipher in common, or it wants a "
               "certificate of ours";
    case SSL_R_TLSV1_UNRECOGNIZED_NAME:
        return "the peer has no certificate for the name asked for";
    default:
        return NULL;
    }
}

void pp_tls_explain_failure(bool established, char out[PP_TLS_REASON])
{
    unsigned long error = ERR_peek_error();
    int reason = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
    const char *text = pp_openssl_reason(), *sentence = advice(established, reason);

    if (sentence)
        snprintf(out, PP_TLS_REASON, "%s", sentence);
    else if (reason >= SSL_AD_REASON_OFFSET)
        snprintf(out, PP_TLS_REASON, "the peer refused: %s", text);
    else
        snprintf(out, PP_TLS_REASON,
                 established ? "TLS failed: %s" : "the TLS handshake failed: %s", text);
}
