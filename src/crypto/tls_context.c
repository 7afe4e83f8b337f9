/* tls_context.c - the settings that connections of one kind share. */
#include "crypto/tls_context.h"

#include "base/alloc.h"
#include "base/error.h"
#include "crypto/openssl.h"

#include <openssl/err.h>
#include <unistd.h>

/* RFC 9325 section 4.2: forward secrecy and authenticated encryption only. TLS 1.3 has no others. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"
/* OpenSSL's level of 112 bits: no RSA key below 2,048 bits, no signature by SHA-1 or MD5, whatever the system's file says. */
#define SECURITY_LEVEL 2
#define PROTOCOL_MAX   32u

static int new_context(bool server, pp_tls_context **out)
{
    pp_tls_context *context = PP_NEW(pp_tls_context);

    if (!context)
        return PIPIT_ERR_MEMORY;
    context->references = 1;
    context->server = server;
    context->ssl = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (!context->ssl || SSL_CTX_set_min_proto_version(context->ssl, TLS1_2_VERSION) != 1) {
        pp_tls_context_unref(context);
        return pp_error(PIPIT_ERR_TLS, "tls: no context: %s", pp_openssl_reason());
    }
    SSL_CTX_set_options(context->ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context->ssl, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context->ssl, SSL_SESS_CACHE_OFF);
    *out = context;
    return 0;
}

pp_tls_context *pp_tls_context_ref(pp_tls_context *context)
{
    context->references++;
    return context;
}

static void leave_list(pp_tls_context *context)
{
    pp_tls_context **at = context->list;

    while (at && *at != context)
        at = &(*at)->next;
    if (at)
        *at = context->next;
}

pp_tls_context *pp_tls_context_unref(pp_tls_context *context)
{
    if (!context || --context->references)
        return NULL;
    leave_list(context);
    pp_tls_drop_tickets(context);
    SSL_CTX_free(context->ssl);
    pp_free(context->pins);
    pp_free(context->likeness);
    pp_free(context);
    return NULL;
}

/* --- a client's ------------------------------------------------------------------------------- */

static int load_authorities(SSL_CTX *ssl, const char *ca_file)
{
    if (!ca_file)
        return SSL_CTX_set_default_verify_paths(ssl) == 1
                   ? 0
                   : pp_error(PIPIT_ERR_TLS, "tls: no authorities of the system: %s",
                              pp_openssl_reason());
    if (access(ca_file, R_OK) != 0)
        return pp_error(PIPIT_ERR_NOT_FOUND, "tls: the CA file '%s' cannot be read", ca_file);
    if (SSL_CTX_load_verify_file(ssl, ca_file) != 1)
        return pp_error(PIPIT_ERR_TLS, "tls: the CA file '%s' holds no certificate in PEM form: %s",
                        ca_file, pp_openssl_reason());
    /* What the user points at is trusted, also where it is the server's own certificate or no root.
     */
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ssl), X509_V_FLAG_PARTIAL_CHAIN);
    return 0;
}

static int use_certificate(SSL_CTX *ssl, pp_certificate *certificate)
{
    STACK_OF(X509) *chain = pp_certificate_chain(certificate);

    if (SSL_CTX_use_certificate(ssl, pp_certificate_x509(certificate)) != 1 ||
        SSL_CTX_use_PrivateKey(ssl, pp_certificate_key(certificate)) != 1 ||
        (chain && SSL_CTX_set1_chain(ssl, chain) != 1))
        return pp_error(PIPIT_ERR_TLS, "tls: the certificate cannot be used: %s",
                        pp_openssl_reason());
    return 0;
}

static int load_certificate(SSL_CTX *ssl, const pp_tls_client_options *options)
{
    pp_certificate *certificate = NULL;
    int err;

    if (!options->certificate_file)
        return options->key_file
                   ? pp_error(PIPIT_ERR_ARGUMENT, "tls: a key file without a certificate file")
                   : 0;
    err = pp_certificate_load(options->certificate_file, options->key_file, &certificate);
    if (!err)
        err = use_certificate(ssl, certificate);
    pp_certificate_unref(certificate);
    return err;
}

static int keep_pins(pp_tls_context *context, const char *pins)
{
    int err = pins ? pp_tls_check_pins(pins) : 0;

    context->pins = err ? NULL : pp_strdup(pins);
    return err ? err : pins && !context->pins ? PIPIT_ERR_MEMORY : 0;
}

/* A list of one: its length and the name (RFC 7301 section 3.1). */
static bool offer(SSL_CTX *ssl, const char *protocol)
{
    unsigned char list[1 + PROTOCOL_MAX];
    size_t size = protocol ? strlen(protocol) : 0;

    if (size == 0 || size > PROTOCOL_MAX)
        return size == 0;
    list[0] = (unsigned char)size;
    memcpy(list + 1, protocol, size);
    /* Unlike its neighbours this one gives 0 for success. */
    return SSL_CTX_set_alpn_protos(ssl, list, (unsigned)size + 1) == 0;
}

static int set_protocol(SSL_CTX *ssl, const pp_tls_client_options *options)
{
    bool ok = SSL_CTX_set_cipher_list(ssl, CIPHERS) == 1 &&
              (options->oldest != PP_TLS_1_3 ||
               SSL_CTX_set_min_proto_version(ssl, TLS1_3_VERSION) == 1) &&
              offer(ssl, options->protocol);

    SSL_CTX_set_security_level(ssl, SECURITY_LEVEL);
    return ok ? 0 : pp_error(PIPIT_ERR_TLS, "tls: no context: %s", pp_openssl_reason());
}

int pp_tls_client_context_new(const pp_tls_client_options *options, pp_tls_context **out)
{
    static const pp_tls_client_options defaults = {0};
    pp_tls_context *context = NULL;
    int err;

    ERR_clear_error();
    options = options ? options : &defaults;
    err = new_context(false, &context);
    if (!err)
        err = set_protocol(context->ssl, options);
    if (!err && !options->insecure)
        err = load_authorities(context->ssl, options->ca_file);
    if (!err)
        err = load_certificate(context->ssl, options);
    if (!err)
        err = keep_pins(context, options->pinned_keys);
    if (err) {
        pp_tls_context_unref(context);
        return err;
    }
    context->insecure = options->insecure;
    SSL_CTX_set_verify(context->ssl, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(context->ssl, pp_tls_verify_chain, NULL);
    SSL_CTX_set_session_cache_mode(context->ssl,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context->ssl, pp_tls_ticket_came);
    *out = context;
    return 0;
}

/* --- a server's ------------------------------------------------------------------------------- */

int pp_tls_server_context_new(pp_certificate *certificate, pp_tls_context **out)
{
    pp_tls_context *context = NULL;
    int err;

    if (!certificate)
        return pp_error(PIPIT_ERR_ARGUMENT, "tls: a server needs a certificate");
    ERR_clear_error();
    err = new_context(true, &context);
    if (!err)
        err = use_certificate(context->ssl, certificate);
    if (err)
        pp_tls_context_unref(context);
    else
        *out = context;
    return err;
}
