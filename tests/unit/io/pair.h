/* pair.h - two ends of a stream under test, each with what it heard. */
#ifndef PP_TESTS_IO_PAIR_H
#define PP_TESTS_IO_PAIR_H

#include "base/alloc.h"
#include "base/buf.h"
#include "base/loop.h"
#include "support/files.h"

#include <stdio.h>

typedef struct side {
    pipit_loop *loop;
    pp_stream *stream;
    pp_buf in;
    unsigned connected, drained, closed, pieces;
    int error;
    char reason[256];
    size_t stop_at;     /* stop the loop when so much has come */
    bool close_at_data; /* close inside the handler */
} side;

static inline void side_connected(void *arg)
{
    ((side *)arg)->connected++;
}

static inline void side_data(void *arg, const uint8_t *data, size_t size)
{
    side *s = arg;

    pp_buf_add(&s->in, data, size);
    s->pieces++;
    if (s->close_at_data)
        s->stream = pp_stream_close(s->stream);
    if (s->stop_at && s->in.n >= s->stop_at)
        pipit_loop_stop(s->loop);
}

static inline void side_drained(void *arg)
{
    ((side *)arg)->drained++;
}

static inline void side_closed(void *arg, int error, const char *reason)
{
    side *s = arg;

    s->closed++;
    s->error = error;
    snprintf(s->reason, sizeof(s->reason), "%s", reason);
    s->stream = pp_stream_close(s->stream);
}

static const pp_stream_handlers side_handlers = {side_connected, side_data, side_drained,
                                                 side_closed};

static inline void side_free(side *s)
{
    s->stream = pp_stream_close(s->stream);
    pp_buf_free(&s->in);
}

static inline pp_addr loopback(uint16_t port)
{
    pp_addr address = {0};

    assert_true(pp_addr_parse(PP_LIT("127.0.0.1"), port, &address));
    return address;
}

#endif
