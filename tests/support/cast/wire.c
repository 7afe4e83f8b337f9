/* wire.c - reads frames a second time, on its own: RFC 6455 section 5.2 in few lines. */
#include "support/cast/wire.h"

#include "support/files.h"

#include <stdlib.h>

typedef struct way way;

struct way { /* one direction of one connection */
    uint64_t stream;
    bool to_server, upgraded;
    char *octets, *message;
    size_t size, read, message_size;
    way *next;
};

struct wire {
    sim *s;
    way *ways;
    wire_message_function *message;
    void *arg;
};

static void append(char **to, size_t *size, const char *data, size_t count)
{
    *to = realloc(*to, *size + count + 1);
    assert_non_null(*to);
    memcpy(*to + *size, data, count);
    *size += count;
}

static way *way_of(const wire *w, uint64_t stream, bool to_server)
{
    way *found = w->ways;

    while (found && (found->stream != stream || found->to_server != to_server))
        found = found->next;
    return found;
}

static void skip_head(way *d)
{
    for (size_t i = d->read; i + 4 <= d->size && !d->upgraded; i++) {
        if (memcmp(d->octets + i, "\r\n\r\n", 4) == 0) {
            d->upgraded = true;
            d->read = i + 4;
        }
    }
}

static void take_frame(wire *w, way *d, const uint8_t *head, uint8_t *payload, size_t size)
{
    unsigned opcode = head[0] & 15;

    if (head[1] & 0x80)
        for (size_t i = 0; i < size; i++)
            payload[i] ^= payload[(ptrdiff_t)(i % 4) - 4];
    if (opcode >= 8)
        return;
    append(&d->message, &d->message_size, (char *)payload, size);
    if (!(head[0] & 0x80))
        return;
    if (w->message)
        w->message(w->arg, d->to_server, pp_str_n(d->message, d->message_size));
    d->message_size = 0;
}

/* The next whole frame; false when it is not there yet. Works on a copy, for it is unmasked. */
static bool next_frame(wire *w, way *d)
{
    const uint8_t *p = (const uint8_t *)d->octets + d->read;
    size_t left = d->size - d->read, at = 2, size;
    uint8_t *copy;

    if (left < 2)
        return false;
    size = p[1] & 127;
    at += size == 126 ? 2 : size == 127 ? 8 : 0;
    if (left < at)
        return false;
    if (size > 125)
        for (size = 0, p += 2; p < (const uint8_t *)d->octets + d->read + at; p++)
            size = size << 8 | *p;
    p = (const uint8_t *)d->octets + d->read;
    at += p[1] & 0x80 ? 4 : 0;
    if (left < at + size)
        return false;
    copy = malloc(at + size);
    assert_non_null(copy);
    memcpy(copy, p, at + size);
    d->read += at + size;
    take_frame(w, d, copy, copy + at, size);
    free(copy);
    return true;
}

static void on_octets(void *arg, uint64_t stream, bool to_server, const void *data, size_t size)
{
    wire *w = arg;
    way *d = way_of(w, stream, to_server);

    if (!d) {
        d = calloc(1, sizeof(*d));
        assert_non_null(d);
        *d = (way){.stream = stream, .to_server = to_server, .next = w->ways};
        w->ways = d;
    }
    append(&d->octets, &d->size, data, size);
    skip_head(d);
    while (d->upgraded && next_frame(w, d))
        ;
}

wire *wire_tap(sim *s, wire_message_function *message, void *arg)
{
    wire *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    *w = (wire){.s = s, .message = message, .arg = arg};
    sim_tap_streams(s, on_octets, w);
    return w;
}

pp_str wire_octets(const wire *w, uint64_t stream, bool to_server)
{
    const way *d = way_of(w, stream, to_server);

    return d ? pp_str_n(d->octets, d->size) : PP_STR_NONE;
}

void wire_free(wire *w)
{
    sim_tap_streams(w->s, NULL, NULL);
    while (w->ways) {
        way *next = w->ways->next;

        free(w->ways->octets);
        free(w->ways->message);
        free(w->ways);
        w->ways = next;
    }
    free(w);
}
