/* framed.c - packets on a stream: what comes out is the same however the stream is cut, and every octet of it is accounted for. */
/* FUZZ: peer base */
#include "peer/framed.h"
#include "base/limits.h"

#include "check.h"

typedef struct seen {
    size_t packets, octets;
    uint64_t sum;
    bool closed;
} seen;

static int no_send(pp_stream *stream, const void *data, size_t size)
{
    (void)stream;
    (void)data;
    (void)size;
    return 0;
}

static size_t no_queue(const pp_stream *stream)
{
    (void)stream;
    return 0;
}

static void no_close(pp_stream *stream)
{
    stream->handlers = NULL;
}

static void no_addresses(const pp_stream *stream, pp_addr *local, pp_addr *remote)
{
    (void)stream;
    *local = *remote = (pp_addr){0};
}

static const pp_stream_ops stream_ops = {no_send, no_queue, no_close, no_addresses};

static void on_packet(void *arg, pp_framed *framed, const uint8_t *data, size_t size)
{
    seen *s = arg;

    (void)framed;
    s->packets++;
    s->octets += size;
    for (size_t i = 0; i < size; i++)
        s->sum = s->sum * 31 + data[i];
    s->sum = s->sum * 31 + size;
}

static void on_closed(void *arg, pp_framed *framed)
{
    (void)framed;
    ((seen *)arg)->closed = true;
}

static const pp_framed_handlers handlers = {on_packet, on_closed};

static void feed(const uint8_t *data, size_t size, size_t cut, seen *out)
{
    pp_stream stream = {.ops = &stream_ops};
    pp_framed *framed = NULL;

    *out = (seen){0};
    CHECK(pp_framed_accept(&stream, &handlers, out, &framed) == 0);
    while (size && !out->closed) {
        size_t n = size < cut ? size : cut;

        stream.handlers->data(stream.arg, data, n);
        data += n;
        size -= n;
    }
    pp_framed_free(framed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    seen whole, cut;
    size_t left = size, at = 0, packets = 0;

    if (!size || size > PP_LIMIT_TCP_INPUT)
        return 0;
    while (left >= 2 && left - 2 >= ((size_t)data[at] << 8 | data[at + 1])) {
        size_t step = 2 + ((size_t)data[at] << 8 | data[at + 1]);

        at += step;
        left -= step;
        packets++;
    }
    feed(data, size, size, &whole);
    feed(data, size, 1 + data[0] % 7, &cut);
    CHECK(!whole.closed && whole.packets == packets && whole.octets + 2 * packets == at);
    CHECK(!cut.closed && cut.packets == packets && cut.sum == whole.sum);
    return 0;
}
