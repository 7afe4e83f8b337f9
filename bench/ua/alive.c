/* alive.c - transactions in one table on a loop whose time is set by hand; each has its request and its deadline. */
#include "alive.h"

#include "base/error.h"
#include "base/map.h"
#include "transaction/transaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#ifdef BENCH_CALLGRIND
#include <valgrind/callgrind.h>
#endif

#define SPREAD_US 16000000u /* over which the first ones were started: half of what they live */

typedef struct bench {
    pipit_loop loop;
    uint64_t now_us, chance;
    pp_transactions *table;
    pp_server_transaction *came; /* the last request */
    unsigned answered;
} bench;

static uint64_t now_us(const pipit_loop *loop)
{
    return ((const bench *)(const void *)loop)->now_us;
}

static void wake(pipit_loop *loop)
{
    (void)loop;
}

static const pp_loop_ops loop_ops = {
    .now_us = now_us, .wall_us = now_us, .wake = wake, .release = wake};

/* splitmix64 (Steele, Lea and Flood, 2014). */
static void draw(void *arg, void *out, size_t size)
{
    uint64_t *state = arg;
    uint8_t *octets = out;

    for (size_t i = 0; i < size; i++) {
        uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

        z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
        octets[i] = (uint8_t)(z >> 56);
    }
}

static bool send_nowhere(void *arg, void *flow, pp_str wire)
{
    (void)arg;
    (void)flow;
    return wire.n > 0;
}

static void on_request(void *arg, void *flow, pp_server_transaction *transaction,
                       const pp_message *request)
{
    (void)flow;
    (void)request;
    ((bench *)arg)->came = transaction;
}

static const pp_transactions_owner owner = {.send = send_nowhere, .request = on_request};

static void on_response(void *arg, const pp_message *response)
{
    (void)response;
    ((bench *)arg)->answered++;
}

static const pp_client_handlers handlers = {.response = on_response};

static void stop(const char *what)
{
    fprintf(stderr, "bench ua: %s: %s\n", what, pipit_error_message());
    exit(EXIT_FAILURE);
}

static void receive(bench *b, const char *text, int size)
{
    pp_message *message = NULL;

    if (pp_message_parse(pp_str_n(text, (size_t)size), &message))
        stop("a message cannot be read");
    pp_transactions_receive(b->table, NULL, message);
    pp_message_unref(message);
}

/* --- of ours ---------------------------------------------------------------------------------- */

static void ask(bench *b, const char *branch)
{
    pp_outgoing *request = NULL;

    if (pp_outgoing_request(PP_OPTIONS, PP_LIT("sip:bob@bench.invalid"), &request))
        stop("no request");
    pp_outgoing_add_format(request, PP_HEADER_VIA, "SIP/2.0/WS h8fk2.invalid;branch=%s", branch);
    pp_outgoing_add(request, PP_HEADER_MAX_FORWARDS, PP_LIT("69"));
    pp_outgoing_add(request, PP_HEADER_FROM, PP_LIT("<sip:alice@bench.invalid>;tag=qwerty"));
    pp_outgoing_add(request, PP_HEADER_TO, PP_LIT("<sip:bob@bench.invalid>"));
    pp_outgoing_add(request, PP_HEADER_CALL_ID, PP_LIT("0123456789"));
    pp_outgoing_add(request, PP_HEADER_CSEQ, PP_LIT("1 OPTIONS"));
    if (pp_client_start(b->table, NULL, request, &handlers, b, NULL))
        stop("no transaction");
    pp_outgoing_unref(request);
}

static void be_answered(bench *b, const char *branch)
{
    char text[512];
    int size = snprintf(text, sizeof(text),
                        "SIP/2.0 200 OK\r\n"
                        "Via: SIP/2.0/WS h8fk2.invalid;branch=%s\r\n"
                        "From: <sip:alice@bench.invalid>;tag=qwerty\r\n"
                        "To: <sip:bob@bench.invalid>;tag=uiop\r\n"
                        "Call-ID: 0123456789\r\n"
                        "CSeq: 1 OPTIONS\r\n"
                        "Content-Length: 0\r\n\r\n",
                        branch);

    receive(b, text, size);
}

/* --- of others -------------------------------------------------------------------------------- */

static void be_asked(bench *b, const char *branch)
{
    char text[512];
    int size = snprintf(text, sizeof(text),
                        "OPTIONS sip:alice@h8fk2.invalid;transport=ws SIP/2.0\r\n"
                        "Via: SIP/2.0/WS bench.invalid;branch=%s\r\n"
                        "Max-Forwards: 69\r\n"
                        "From: <sip:bob@bench.invalid>;tag=%s\r\n"
                        "To: <sip:alice@bench.invalid>\r\n"
                        "Call-ID: %s\r\n"
                        "CSeq: 1 OPTIONS\r\n"
                        "Content-Length: 0\r\n\r\n",
                        branch, branch, branch);

    b->came = NULL;
    receive(b, text, size);
    if (!b->came)
        stop("no transaction");
}

static void answer(bench *b, const char *branch)
{
    (void)branch;
    if (pp_server_answer(b->came, 200, NULL, NULL))
        stop("no answer");
    b->answered++;
}

/* --- turned over ------------------------------------------------------------------------------ */

typedef struct side {
    void (*begin)(bench *b, const char *branch);
    void (*end)(bench *b, const char *branch);
} side;

static const side client = {ask, be_answered}, server = {be_asked, answer};

static void turn_over(bench *b, const side *s, unsigned times)
{
    char branch[PP_BRANCH_SIZE];

    for (unsigned i = 0; i < times; i++) {
        pp_branch_new(&b->loop.rng, branch);
        s->begin(b, branch);
        s->end(b, branch);
        pp_loop_run_due(&b->loop);
    }
}

static double cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void count_instructions(bench *b, const side *s, unsigned alive, unsigned times)
{
#ifdef BENCH_CALLGRIND
    char name[64];

    snprintf(name, sizeof(name), "%u %u", alive, times);
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    turn_over(b, s, times);
    CALLGRIND_DUMP_STATS_AT(name);
    CALLGRIND_STOP_INSTRUMENTATION;
#else
    (void)b;
    (void)s;
    (void)alive;
    (void)times;
#endif
}

double bench_alive(const bench_alive_options *o)
{
    static bench b;
    static const uint8_t key[16] = {1, 2, 3};
    const side *s = o->server ? &server : &client;
    char branch[PP_BRANCH_SIZE];
    double began, took = 0;

    b = (bench){.now_us = 1000000};
    pp_loop_init(&b.loop, &loop_ops, (pp_rng){draw, &b.chance});
    pp_map_seed(key);
    if (pp_transactions_new(&b.loop, &owner, &b, true, &b.table))
        stop("no table");
    pp_transactions_expect(b.table, o->alive);
    for (unsigned i = 0; i < o->alive; i++) {
        pp_branch_new(&b.loop.rng, branch);
        s->begin(&b, branch);
        b.now_us += SPREAD_US / o->alive;
    }
    turn_over(&b, s, o->times); /* warms up */
    if (o->count) {
        count_instructions(&b, s, o->alive, o->times);
    } else {
        began = cpu_ns();
        turn_over(&b, s, o->times);
        took = (cpu_ns() - began) / o->times;
    }
    if (b.answered < 2 * o->times || pp_transactions_count(b.table) != o->alive)
        stop("the table does not hold what it should");
    pp_transactions_free(b.table);
    return took;
}
