/* parse.c - what it costs to read and to write a SIP message: CPU time and heap calls for each. */
#include "base/alloc.h"
#include "sip/outgoing.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 20000u

static const char *const messages[][2] = {
    {"REGISTER",
     "REGISTER sip:example.com SIP/2.0\r\n"
     "Via: SIP/2.0/WSS 4l1b5q7d2c3e.invalid;branch=z9hG4bK8a7s6d5f4g3h2j1k0l9z\r\n"
     "Max-Forwards: 69\r\nTo: <sip:alice@example.com>\r\n"
     "From: \"Alice\" <sip:alice@example.com>;tag=q8w7e6r5t4\r\nCall-ID: m1n2b3v4c5x6z7a8s9d0\r\n"
     "CSeq: 2 REGISTER\r\nAuthorization: Digest algorithm=SHA-256, username=\"alice\", "
     "realm=\"example.com\", "
     "nonce=\"abcdef0123456789\", uri=\"sip:example.com\", "
     "response=\"0123456789abcdef0123456789abcdef\", "
     "qop=auth, cnonce=\"x1y2z3\", nc=00000001\r\n"
     "Contact: <sip:u1v2w3x4@4l1b5q7d2c3e.invalid;transport=ws>;+sip.ice;reg-id=1;"
     "+sip.instance=\"<urn:uuid:00000000-0000-4000-8000-000000000001>\";expires=600\r\n"
     "Expires: 600\r\nSupported: path,gruu,outbound\r\nUser-Agent: Pipit\r\nContent-Length: "
     "0\r\n\r\n"},
    {"200",
     "SIP/2.0 200 OK\r\nVia: SIP/2.0/WSS "
     "4l1b5q7d2c3e.invalid;branch=z9hG4bK8a7s6d5f4g3h2j1k0l9z\r\n"
     "Record-Route: <sip:127.0.0.1:8080;transport=ws;lr>\r\nTo: "
     "<sip:bob@example.com>;tag=p0o9i8u7\r\n"
     "From: \"Alice\" <sip:alice@example.com>;tag=q8w7e6r5t4\r\nCall-ID: m1n2b3v4c5x6z7a8s9d0\r\n"
     "CSeq: 2 INVITE\r\nContact: <sip:bob@h7g6f5.invalid;transport=ws>\r\nSupported: outbound\r\n"
     "Content-Length: 0\r\n\r\n"},
    {"BYE", "BYE sip:bob@h7g6f5.invalid;transport=ws SIP/2.0\r\nRoute: "
            "<sip:127.0.0.1:8080;transport=ws;lr>\r\n"
            "Via: SIP/2.0/WSS "
            "4l1b5q7d2c3e.invalid;branch=z9hG4bK1a2s3d4f5g6h7j8k9l0z\r\nMax-Forwards: 69\r\n"
            "To: <sip:bob@example.com>;tag=p0o9i8u7\r\nFrom: \"Alice\" "
            "<sip:alice@example.com>;tag=q8w7e6r5t4\r\n"
            "Call-ID: m1n2b3v4c5x6z7a8s9d0\r\nCSeq: 3 BYE\r\nContent-Length: 0\r\n\r\n"},
};

static uint64_t heap_calls;

static void *counting_realloc(void *arg, void *memory, size_t size)
{
    (void)arg;
    heap_calls++;
    return realloc(memory, size);
}

static void counting_free(void *arg, void *memory)
{
    (void)arg;
    free(memory);
}

static double cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void stop(const char *what)
{
    fprintf(stderr, "%s failed\n", what);
    exit(EXIT_FAILURE);
}

static void measure(const char *name, pp_str wire)
{
    pp_message *message = NULL;
    pp_outgoing *outgoing = NULL;
    pp_buf text = {0};
    double began = cpu_ns(), parse, write;
    uint64_t calls = heap_calls;

    for (unsigned i = 0; i < ROUNDS; i++) {
        pp_message_unref(message);
        if (pp_message_parse(wire, &message) < 0)
            stop("parse");
    }
    parse = (cpu_ns() - began) / ROUNDS;
    calls = heap_calls - calls;
    if (pp_outgoing_from_message(message, &outgoing) < 0)
        stop("copy");
    began = cpu_ns();
    for (unsigned i = 0; i < ROUNDS; i++) {
        pp_buf_clear(&text);
        if (pp_outgoing_write(outgoing, &text) < 0)
            stop("write");
    }
    write = (cpu_ns() - began) / ROUNDS;
    printf("%-10s %6zu octets   parse %7.0f ns, %4.1f heap calls   write %7.0f ns\n", name, wire.n,
           parse, (double)calls / ROUNDS, write);
    pp_buf_free(&text);
    pp_outgoing_unref(outgoing);
    pp_message_unref(message);
}

int main(void)
{
    const pipit_allocator counting = {counting_realloc, counting_free, NULL};

    pipit_set_allocator(&counting);
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
        measure(messages[i][0], pp_str_c(messages[i][1]));
    return EXIT_SUCCESS;
}
