/* dtls.c - the machine: what is received, when it is looked at, what is sent again, and how it ends.
 *
 * Retransmission (RFC 6347 section 4.2.4) is ours: the datagrams of our last flight are kept and sent again as they
 * are. Their records keep their numbers, so the peer's replay check drops what it had and takes what was lost. But a peer
 * whose own last flight was lost has had all of ours, and only a Finished in a record of a new number makes it send again: such
 * records only OpenSSL can make, and does when its own timer has run out, too.
 *
 * As long as no fingerprint is known, nothing that could bring the peer's certificate is looked at; it waits. So a
 * certificate that does not fit always ends the handshake with an alert, before there are keys. */
#include "dtls/dtls.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/timers.h"
#include "crypto/openssl.h"
#include "dtls/association.h"
#include "dtls/datagrams.h"
#include "dtls/fingerprint.h"

#include <openssl/err.h>
#include <stdio.h>

#define RESEND_US      400000u  /* RFC 6347 section 4.2.4.1 says 1 s and allows less for media */
#define RESEND_MAX_US  1600000u /* the path is verified, and a call waits */
#define GIVE_UP_US     30000000u
#define RESEND_LAST_US 100000u /* at most this often when the peer repeats its own last flight */

typedef enum dtls_state { STATE_NEW, STATE_HANDSHAKE, STATE_CONNECTED, STATE_CLOSED } dtls_state;

struct pp_dtls {
    SSL *ssl;
    pp_dtls_wire wire;
    bool client;
    const pp_dtls_handlers *handlers;
    void *arg;
    dtls_state state;
    bool busy, freed;
    bool sends_data; /* what is written now is data: it goes at once and is not repeated */
    pp_certificate *certificate;
    pp_fingerprint fingerprints[PP_LIMIT_DTLS_FINGERPRINTS];
    size_t fingerprint_count;
    bool fits, misfits, no_memory;
    pp_datagrams received; /* not looked at yet */
    pp_datagrams flight;   /* the last we sent */
    pp_datagram *unsent;   /* the first of the flight that has not left */
    bool flight_is_over;   /* something came since: what is written next begins a new one */
    uint64_t now_us, resend_us, resend_after_us, give_up_us; /* give_up_us 0: does not run yet */
    char cipher[64];
};

/* --- what OpenSSL calls ----------------------------------------------------------------------- */

static bool output(void *arg, const uint8_t *data, size_t size)
{
    pp_dtls *dtls = arg;

    if (dtls->sends_data) {
        dtls->handlers->send(dtls->arg, data, size);
        return true;
    }
    if (dtls->flight_is_over) {
        pp_datagrams_clear(&dtls->flight);
        dtls->unsent = NULL;
        dtls->flight_is_over = false;
        dtls->resend_after_us = RESEND_US;
        dtls->resend_us = dtls->now_us + RESEND_US;
    }
    if (!pp_datagrams_add(&dtls->flight, data, size)) {
        dtls->no_memory = true;
        return false;
    }
    if (!dtls->unsent)
        dtls->unsent = dtls->flight.last;
    return true;
}

static bool accepts(void *arg, const X509 *x509)
{
    pp_dtls *dtls = arg;

    dtls->fits = false;
    for (size_t i = 0; x509 && i < dtls->fingerprint_count && !dtls->fits; i++)
        dtls->fits = pp_fingerprint_fits(&dtls->fingerprints[i], x509);
    dtls->misfits = !dtls->fits;
    return dtls->fits;
}

/* --- making and releasing --------------------------------------------------------------------- */

static void destroy(pp_dtls *dtls)
{
    SSL_free(dtls->ssl);
    pp_certificate_unref(dtls->certificate);
    pp_datagrams_clear(&dtls->received);
    pp_datagrams_clear(&dtls->flight);
    pp_free(dtls);
}

int pp_dtls_new(pp_certificate *certificate, bool client, const pp_dtls_handlers *handlers,
                void *arg, pp_dtls **out)
{
    pp_dtls *dtls = PP_NEW(pp_dtls);
    int err;

    if (!dtls)
        return PIPIT_ERR_MEMORY;
    dtls->client = client;
    dtls->handlers = handlers;
    dtls->arg = arg;
    dtls->flight_is_over = true;
    dtls->wire = (pp_dtls_wire){.output = output, .accepts = accepts, .arg = dtls};
    dtls->certificate = pp_certificate_ref(certificate);
    err = pp_association_new(certificate, client, &dtls->wire, &dtls->ssl);
    if (err)
        destroy(dtls);
    else
        *out = dtls;
    return err;
}

/* OpenSSL has its own references. The one that was set last is what a client shows, so the first is set again. */
int pp_dtls_add_certificate(pp_dtls *dtls, pp_certificate *certificate)
{
    int err = pp_association_use(dtls->ssl, certificate);

    return err ? err : pp_association_use(dtls->ssl, dtls->certificate);
}

pp_dtls *pp_dtls_free(pp_dtls *dtls)
{
    if (!dtls)
        return NULL;
    dtls->freed = true;
    dtls->state = STATE_CLOSED;
    if (!dtls->busy)
        destroy(dtls);
    return NULL;
}

/* --- steps ------------------------------------------------------------------------------------ */

static void flush(pp_dtls *dtls)
{
    while (dtls->unsent && !dtls->freed) {
        pp_datagram *datagram = dtls->unsent;

        dtls->unsent = datagram->next;
        dtls->handlers->send(dtls->arg, datagram->data, datagram->size);
    }
}

static void resend(pp_dtls *dtls)
{
    dtls->unsent = dtls->flight.first;
    flush(dtls);
}

static void finish(pp_dtls *dtls, int error, const char *reason)
{
    flush(dtls); /* the alert */
    if (dtls->state == STATE_CLOSED)
        return;
    dtls->state = STATE_CLOSED;
    dtls->handlers->closed(dtls->arg, error, reason);
}

static void fail(pp_dtls *dtls)
{
    unsigned long error = ERR_peek_error();
    bool alert = ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) >= SSL_AD_REASON_OFFSET;
    char reason[256];

    if (dtls->no_memory) {
        finish(dtls, PIPIT_ERR_MEMORY, "no memory for the DTLS handshake");
    } else if (dtls->misfits) {
        finish(dtls, PIPIT_ERR_TLS,
               "the peer's certificate does not fit the fingerprint of its description");
    } else {
        snprintf(reason, sizeof(reason),
                 alert ? "the peer refused the DTLS handshake: %s" : "DTLS failed: %s",
                 pp_openssl_reason());
        finish(dtls, PIPIT_ERR_TLS, reason);
    }
    ERR_clear_error();
}

/* OpenSSL 3.0 writes DTLS records into a buffer it does not make again after SSL_free_buffers(); reading does. */
static bool has_buffers(pp_dtls *dtls)
{
    uint8_t octet;
    int result = SSL_peek(dtls->ssl, &octet, 1);
    int error = SSL_get_error(dtls->ssl, result);

    return error == SSL_ERROR_NONE || error == SSL_ERROR_WANT_READ ||
           error == SSL_ERROR_ZERO_RETURN;
}

/* Added to the flight: a handler that calls pp_dtls_close() may hold a datagram of it. */
static void send_close_notify(pp_dtls *dtls)
{
    dtls->flight_is_over = false;
    ERR_clear_error();
    if (SSL_is_init_finished(dtls->ssl) && has_buffers(dtls))
        SSL_shutdown(dtls->ssl);
    ERR_clear_error();
    flush(dtls);
}

/* The handshake is done. Who sent the last flight keeps it: the peer cannot ask for it in another way. */
static void complete(pp_dtls *dtls)
{
    pp_srtp_keys keys = {0};
    char reason[256];
    int err;

    flush(dtls);
    if (dtls->state != STATE_HANDSHAKE)
        return;
    err = dtls->fits ? pp_association_export(dtls->ssl, dtls->client, &keys)
                     : pp_error(PIPIT_ERR_TLS, "dtls: the peer showed no certificate");
    if (err) {
        snprintf(reason, sizeof(reason), "%s", pipit_error_message());
        send_close_notify(dtls);
        finish(dtls, err, reason);
        return;
    }
    if (dtls->client)
        pp_datagrams_clear(&dtls->flight);
    snprintf(dtls->cipher, sizeof(dtls->cipher), "%s %s", SSL_get_version(dtls->ssl),
             SSL_get_cipher_name(dtls->ssl));
    SSL_free_buffers(dtls->ssl);
    dtls->state = STATE_CONNECTED;
    dtls->resend_us = dtls->now_us;
    dtls->handlers->connected(dtls->arg, &keys);
    OPENSSL_cleanse(&keys, sizeof(keys));
}

static void shake_hands(pp_dtls *dtls)
{
    int result;

    ERR_clear_error();
    result = SSL_do_handshake(dtls->ssl);
    if (result == 1)
        complete(dtls);
    else if (SSL_get_error(dtls->ssl, result) == SSL_ERROR_WANT_READ)
        flush(dtls);
    else
        fail(dtls);
}

/* What is in the datagram: data, and the alert that ends it. */
static void read_on(pp_dtls *dtls)
{
    uint8_t data[PP_LIMIT_DTLS_DATAGRAM];
    int result, error;

    for (;;) {
        ERR_clear_error();
        result = SSL_read(dtls->ssl, data, sizeof(data));
        if (result <= 0)
            break;
        if (dtls->handlers->data)
            dtls->handlers->data(dtls->arg, data, (size_t)result);
        if (dtls->state != STATE_CONNECTED) /* closed or freed by the handler */
            return;
    }
    error = SSL_get_error(dtls->ssl, result);
    if (error == SSL_ERROR_WANT_READ) {
        SSL_free_buffers(dtls->ssl);
        flush(dtls);
    } else if (error == SSL_ERROR_ZERO_RETURN) {
        send_close_notify(dtls);
        finish(dtls, 0, "closed by the peer");
    } else {
        fail(dtls);
    }
}

/* Whether a record of the handshake is in the datagram (RFC 6347 section 4.1: type, version, number, length). */
static bool has_handshake(const uint8_t *data, size_t size)
{
    while (size >= 13) {
        size_t length = 13 + (size_t)(data[11] << 8 | data[12]);

        if (data[0] == SSL3_RT_HANDSHAKE || data[0] == SSL3_RT_CHANGE_CIPHER_SPEC)
            return true;
        if (length > size)
            return false;
        data += length;
        size -= length;
    }
    return false;
}

/* A peer that is still in the handshake has not got our last flight. */
static void repeat_last_flight(pp_dtls *dtls)
{
    if (dtls->state != STATE_CONNECTED || dtls->now_us < dtls->resend_us)
        return;
    dtls->resend_us = dtls->now_us + RESEND_LAST_US;
    resend(dtls);
}

static void look_at(pp_dtls *dtls, const pp_datagram *datagram)
{
    bool repeated = dtls->state == STATE_CONNECTED && has_handshake(datagram->data, datagram->size);

    dtls->wire.input = datagram->data;
    dtls->wire.input_size = datagram->size;
    dtls->flight_is_over = true;
    if (dtls->state == STATE_HANDSHAKE)
        shake_hands(dtls);
    if (dtls->state == STATE_CONNECTED)
        read_on(dtls);
    if (repeated && dtls->flight_is_over) /* OpenSSL has not answered by itself */
        repeat_last_flight(dtls);
    dtls->wire.input_size = 0;
}

/* Our flight has been sent, so what comes now may hold the certificate: not without a fingerprint. */
static bool must_wait(const pp_dtls *dtls)
{
    return dtls->fingerprint_count == 0 && dtls->flight.count != 0;
}

/* Looks at all that was received. What comes while a handler runs is added and looked at by the outermost call. */
static void work(pp_dtls *dtls)
{
    if (dtls->busy)
        return;
    dtls->busy = true;
    if (dtls->state == STATE_HANDSHAKE && dtls->client && dtls->flight.count == 0)
        shake_hands(dtls);
    while (dtls->received.first &&
           (dtls->state == STATE_HANDSHAKE || dtls->state == STATE_CONNECTED) && !must_wait(dtls)) {
        pp_datagram *datagram = pp_datagrams_take(&dtls->received);

        look_at(dtls, datagram);
        pp_free(datagram);
    }
    dtls->busy = false;
    if (dtls->freed)
        destroy(dtls);
}

/* The time to answer begins when everything is there that we need ourselves. */
static void set_now(pp_dtls *dtls, uint64_t now_us)
{
    dtls->now_us = now_us;
    if (dtls->state == STATE_HANDSHAKE && dtls->fingerprint_count && !dtls->give_up_us)
        dtls->give_up_us = now_us + GIVE_UP_US;
}

int pp_dtls_add_fingerprint(pp_dtls *dtls, pp_str hash, pp_str value)
{
    pp_fingerprint fingerprint;
    int err = pp_fingerprint_parse(hash, value, &fingerprint);

    if (err)
        return err;
    for (size_t i = 0; i < dtls->fingerprint_count; i++)
        if (memcmp(&dtls->fingerprints[i], &fingerprint, sizeof(fingerprint)) == 0)
            return 0;
    if (dtls->fingerprint_count == PP_LIMIT_DTLS_FINGERPRINTS)
        return pp_error(PIPIT_ERR_LIMIT, "dtls: more than %u fingerprints",
                        PP_LIMIT_DTLS_FINGERPRINTS);
    dtls->fingerprints[dtls->fingerprint_count++] = fingerprint;
    work(dtls);
    return 0;
}

void pp_dtls_start(pp_dtls *dtls, uint64_t now_us)
{
    if (dtls->state != STATE_NEW)
        return;
    dtls->state = STATE_HANDSHAKE;
    set_now(dtls, now_us);
    work(dtls);
}

void pp_dtls_receive(pp_dtls *dtls, const uint8_t *data, size_t size, uint64_t now_us)
{
    if (dtls->state == STATE_CLOSED || !pp_dtls_is(data, size) || size > PP_LIMIT_DTLS_DATAGRAM)
        return;
    set_now(dtls, now_us);
    /* Without room or memory it is lost, which datagrams may be. */
    if (dtls->received.count < PP_LIMIT_DTLS_WAITING &&
        pp_datagrams_add(&dtls->received, data, size))
        work(dtls);
}

/* --- time ------------------------------------------------------------------------------------- */

/* False: OpenSSL's timer has not run out, which in simulated time it never does. It may be asked so often only, so not while we wait
 * for a fingerprint. */
static bool send_anew(pp_dtls *dtls)
{
    bool sent;

    if (!dtls->give_up_us)
        return false;
    dtls->flight_is_over = true;
    ERR_clear_error();
    sent = DTLSv1_handle_timeout(dtls->ssl) > 0;
    dtls->no_memory = false; /* then it is as if it were lost */
    ERR_clear_error();
    flush(dtls);
    return sent;
}

static void tick(pp_dtls *dtls)
{
    uint64_t after_us =
        2 * dtls->resend_after_us < RESEND_MAX_US ? 2 * dtls->resend_after_us : RESEND_MAX_US;

    if (dtls->give_up_us && dtls->now_us >= dtls->give_up_us) {
        finish(dtls, PIPIT_ERR_TIMEOUT, "the peer did not answer the DTLS handshake for 30 s");
        return;
    }
    if (dtls->flight.count == 0 || dtls->now_us < dtls->resend_us)
        return;
    if (!send_anew(dtls))
        resend(dtls);
    dtls->resend_after_us = after_us;
    dtls->resend_us = dtls->now_us + after_us;
}

void pp_dtls_tick(pp_dtls *dtls, uint64_t now_us)
{
    if (dtls->state != STATE_HANDSHAKE || dtls->busy)
        return;
    set_now(dtls, now_us);
    dtls->busy = true;
    tick(dtls);
    dtls->busy = false;
    if (dtls->freed)
        destroy(dtls);
    else
        work(dtls);
}

uint64_t pp_dtls_deadline_us(const pp_dtls *dtls)
{
    uint64_t deadline = PP_NEVER;

    if (dtls->state != STATE_HANDSHAKE)
        return PP_NEVER;
    if (dtls->fingerprint_count)
        deadline = dtls->give_up_us ? dtls->give_up_us
                                    : dtls->now_us; /* at once: the time has to be taken */
    if (dtls->flight.count && dtls->resend_us < deadline)
        deadline = dtls->resend_us;
    return deadline;
}

/* --- data ------------------------------------------------------------------------------------- */

static int write_data(pp_dtls *dtls, const uint8_t *data, size_t size)
{
    int result;

    dtls->sends_data = true;
    ERR_clear_error();
    result = has_buffers(dtls) ? SSL_write(dtls->ssl, data, (int)size) : -1;
    dtls->sends_data = false;
    if (result > 0)
        return 0;
    ERR_clear_error();
    return pp_error(PIPIT_ERR_MEMORY, "dtls: no memory for a record");
}

int pp_dtls_send(pp_dtls *dtls, const uint8_t *data, size_t size)
{
    bool outermost = !dtls->busy;
    int err;

    if (dtls->state != STATE_CONNECTED)
        return pp_error(PIPIT_ERR_STATE, "dtls: not connected");
    if (size == 0 || size > PP_LIMIT_DTLS_DATA)
        return pp_error(PIPIT_ERR_LIMIT, "dtls: %zu octets do not go into a datagram", size);
    dtls->busy = true;
    err = write_data(dtls, data, size);
    if (!outermost)
        return err;
    if (dtls->state == STATE_CONNECTED)
        SSL_free_buffers(dtls->ssl);
    dtls->busy = false;
    if (dtls->freed)
        destroy(dtls);
    else
        work(dtls); /* what came meanwhile */
    return err;
}

/* --- the rest --------------------------------------------------------------------------------- */

void pp_dtls_close(pp_dtls *dtls)
{
    bool outermost = !dtls->busy;

    if (dtls->state == STATE_CLOSED)
        return;
    dtls->state = STATE_CLOSED;
    dtls->busy = true;
    send_close_notify(dtls);
    if (!outermost)
        return;
    dtls->busy = false;
    if (dtls->freed)
        destroy(dtls);
}

const char *pp_dtls_cipher(const pp_dtls *dtls)
{
    return dtls->cipher;
}

bool pp_dtls_is(const uint8_t *data, size_t size)
{
    return size > 0 && data[0] >= 20 && data[0] <= 63;
}
