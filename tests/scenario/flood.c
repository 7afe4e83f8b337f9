/* flood.c - a hundred thousand hostile messages over one connection: the user agent keeps its bounds, answers whoever is honest
 * meanwhile, and gives all memory back. */
#include "base/limits.h"
#include "base/rng.h"
#include "support/cast/lone.h"
#include "ua/session/session.h"
#include "ua/ua.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MESSAGES     100000u
#define TURN         100u  /* messages in a millisecond */
#define HONEST_EVERY 1000u /* messages between two honest questions */

/* --- memory, counted in octets ---------------------------------------------------------------- */

static size_t held, held_most;

static void *reallocate(void *arg, void *old, size_t size)
{
    size_t before = old ? malloc_usable_size(old) : 0;
    void *fresh = realloc(old, size);

    (void)arg;
    if (!fresh)
        return NULL;
    held = held - before + malloc_usable_size(fresh);
    held_most = held > held_most ? held : held_most;
    return fresh;
}

static void release(void *arg, void *memory)
{
    (void)arg;
    held -= malloc_usable_size(memory);
    free(memory);
}

static const pipit_allocator counting = {reallocate, release, NULL};

/* --- what comes ------------------------------------------------------------------------------- */

typedef struct flood {
    lone *l;
    pp_rng rng; /* of its own, so that the shapes do not depend on the user agent */
    char *text;
    size_t size;
    unsigned number; /* of the message */
    unsigned invite; /* number of the last INVITE */
} flood;

#define TEXT_MAX (96u << 10)

__attribute__((format(printf, 2, 3))) static void put(flood *f, const char *format, ...)
{
    va_list args;
    int size;

    va_start(args, format);
    size = vsnprintf(f->text + f->size, TEXT_MAX - f->size, format, args);
    va_end(args);
    assert_true(size >= 0 && (size_t)size < TEXT_MAX - f->size);
    f->size += (size_t)size;
}

static void put_request(flood *f, const char *method, unsigned number, const char *to_tag)
{
    put(f,
        "%s %s SIP/2.0\r\nVia: SIP/2.0/WSS evil.invalid;branch=z9hG4bKevil%u\r\n"
        "From: <sip:eve@example.com>;tag=e%u\r\nTo: <sip:alice@example.com>%s\r\n"
        "Call-ID: evil%u\r\nCSeq: 1 %s\r\n",
        method, pipit_ua_contact(f->l->ua), number, number, to_tag, number, method);
}

static void end(flood *f, const char *lines, const char *body)
{
    put(f, "%sContent-Length: %zu\r\n\r\n%s", lines, strlen(body), body);
}

static void put_noise(flood *f)
{
    f->size = 1 + pp_rng_below(&f->rng, 600);
    pp_rng_bytes(&f->rng, f->text, f->size);
}

static void put_invite(flood *f)
{
    f->invite = f->number;
    put_request(f, "INVITE", f->number, "");
    end(f, "Contact: <sip:eve@evil.invalid>\r\n", "");
}

static void put_cut_invite(flood *f)
{
    put_invite(f);
    f->size = pp_rng_below(&f->rng, (uint32_t)f->size);
}

static void put_flipped_invite(flood *f)
{
    put_invite(f);
    for (unsigned i = 0; i < 3; i++)
        f->text[pp_rng_below(&f->rng, (uint32_t)f->size)] ^= (char)(1 << pp_rng_below(&f->rng, 8));
}

static void put_nonsense_call(flood *f)
{
    put_request(f, "INVITE", f->number, "");
    end(f, "Contact: <sip:eve@evil.invalid>\r\nContent-Type: application/sdp\r\n", "v=1 nonsense");
}

static void put_cancel(flood *f) /* of the last call, or of none */
{
    put_request(f, "CANCEL", f->number % 2 ? f->invite : f->number, "");
    end(f, "", "");
}

static void put_unknown(flood *f)
{
    put_request(f, "XYZZY", f->number, f->number % 2 ? "" : ";tag=none");
    end(f, "", "");
}

static void put_long_header(flood *f)
{
    put_request(f, "OPTIONS", f->number, "");
    put(f, "Subject: %0*d\r\n", 20000, 0);
    end(f, "", "");
}

static void put_many_headers(flood *f)
{
    put_request(f, "OPTIONS", f->number, "");
    for (unsigned i = 0; i < 400; i++)
        put(f, "Supported: a,b,c\r\n");
    end(f, "", "");
}

static void put_large_body(flood *f)
{
    put_request(f, "MESSAGE", f->number, "");
    put(f, "Content-Type: text/plain\r\n\r\n%0*d", 70000, 0);
}

static void put_message(flood *f)
{
    put_request(f, "MESSAGE", f->number, "");
    end(f, "Content-Type: text/plain\r\n", "buy");
}

static void put_in_dialog(flood *f)
{
    static const char *const methods[] = {"BYE", "ACK", "INFO", "NOTIFY", "PRACK", "REFER"};

    put_request(f, methods[pp_rng_below(&f->rng, 6)], f->number, ";tag=none");
    end(f, "", "");
}

/* A 2xx for a call of ours that never was: it names our Call-IDs, for the server sees them. */
static void put_response(flood *f)
{
    put(f,
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/WSS evil.invalid;branch=z9hG4bKevil%u\r\n"
        "From: <sip:alice@example.com>;tag=a%u\r\nTo: <sip:eve@example.com>;tag=e%u\r\n"
        "Call-ID: %sevil%u\r\nCSeq: 1 INVITE\r\nContact: <sip:eve@evil.invalid>\r\n",
        f->number, f->number, f->number, f->l->ua->settings.call_id_prefix, f->number);
    end(f, "", "");
}

static void put_next(flood *f)
{
    static void (*const often[])(flood * f) = {
        put_noise,          put_invite,        put_invite,  put_cut_invite,
        put_flipped_invite, put_nonsense_call, put_cancel,  put_unknown,
        put_in_dialog,      put_message,       put_response};
    static void (*const seldom[])(flood * f) = {put_long_header, put_many_headers, put_large_body};

    f->size = 0;
    f->number++;
    if (pp_rng_below(&f->rng, 100) == 0)
        seldom[pp_rng_below(&f->rng, 3)](f);
    else
        often[pp_rng_below(&f->rng, sizeof(often) / sizeof(*often))](f);
}

/* --- what is held ----------------------------------------------------------------------------- */

typedef struct peak {
    size_t transactions, calls, dialogs;
} peak;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void look(const pipit_ua *ua, peak *p)
{
    p->transactions = larger(p->transactions, pp_transactions_count(ua->transactions));
    p->calls = larger(p->calls, ua->calls);
    p->dialogs = larger(p->dialogs, pp_dialogs_count(ua->dialogs));
}

static void pour(flood *f, peak *most)
{
    while (f->number < MESSAGES) {
        put_next(f);
        pipit_socket_data(f->l->socket, f->text, f->size);
        look(f->l->ua, most);
        if (f->number % TURN == 0)
            sim_advance_ms(f->l->s, 1);
        if (f->number % HONEST_EVERY == 0 && !lone_works(f->l))
            fail_msg("an honest OPTIONS was answered %d behind %u", f->l->status, f->number);
    }
}

static double cpu_s(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void a_user_agent_stands_a_flood(void **state)
{
    flood f = {.rng = {0}};
    peak most = {0};
    size_t before;
    double started;

    (void)state;
    pipit_set_allocator(&counting);
    held = held_most = 0;
    f.l = lone_new("sip:alice@example.com", 0);
    f.rng = sim_loop(f.l->s)->rng;
    f.text = malloc(TEXT_MAX);
    assert_non_null(f.text);
    assert_true(lone_works(f.l));
    before = held;
    started = cpu_s();
    pour(&f, &most);
    started = cpu_s() - started;
    sim_advance_ms(f.l->s, 100000); /* nobody answered, nobody acknowledged */
    assert_true(lone_works(f.l));
    printf(
        "figure: flood of %u hostile messages: at most %zu transactions, %zu calls, %zu dialogs, "
        "%zu KiB; %.1f us each; %u honest OPTIONS answered; back from %zu to %zu KiB\n",
        MESSAGES, most.transactions, most.calls, most.dialogs, held_most >> 10,
        started * 1e6 / MESSAGES, f.l->asked, held_most >> 10, held >> 10);
    assert_int_equal(most.calls, PP_LIMIT_SESSIONS);
    assert_true(most.transactions <= 2 * PP_LIMIT_TRANSACTIONS);
    assert_true(most.dialogs <= PP_LIMIT_DIALOGS);
    assert_true(held_most < 8u << 20);
    f.l->session = pipit_session_unref(f.l->session);
    assert_true(held < before + 4096);
    free(f.text);
    lone_free(f.l);
    assert_int_equal(held, 0);
    pipit_set_allocator(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_agent_stands_a_flood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
