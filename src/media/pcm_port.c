/* pcm_port.c - samples in and out of a call, for a program. */
#include "pipit/pcm_port.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "media/source.h"

#include <string.h>

enum {
    RATE_DEFAULT = 16000,
    FRAME_MS_DEFAULT = 20,
    BUFFER_MS_DEFAULT = 60000,
    BUFFER_MS_MAX = 600000,
    SAMPLES_A_MS_MAX = 48,
    FADE_MS = 5
};

struct mark {
    struct mark *next;
    uint64_t id;
    uint64_t at; /* reached when that much was sent or dropped */
};

struct pipit_pcm_port {
    unsigned references; /* the application's */
    unsigned ends;       /* source and sink that are still there */
    pipit_source *source;
    pipit_sink *sink;
    const pipit_pcm_port_handlers *handlers; /* none any more once the application has gone */
    void *user;
    unsigned rate;
    size_t frame;    /* samples */
    size_t capacity; /* samples that may wait */

    pp_buf queue; /* the samples, in the machine's order; before `taken` they have gone */
    size_t taken; /* octets */
    pipit_pcm_position position;
    int16_t last;  /* that was sent */
    size_t fading; /* samples until `last` has died away */
    bool drained;  /* and told so */
    struct mark *marks, **marks_end;
    size_t mark_count;

    int16_t heard[SAMPLES_A_MS_MAX * FRAME_MS_DEFAULT]; /* what there is of the next frame */
    size_t heard_count;
    uint64_t heard_at;
};

static const pipit_pcm_port_handlers no_handlers;

static void free_when_unused(pipit_pcm_port *port)
{
    if (port->references || port->ends)
        return;
    while (port->marks) {
        struct mark *mark = port->marks;

        port->marks = mark->next;
        pp_free(mark);
    }
    pp_buf_free(&port->queue);
    pp_free(port);
}

/* --- to the far end --------------------------------------------------------------------------- */

static size_t waiting(const pipit_pcm_port *port)
{
    return (port->queue.n - port->taken) / sizeof(int16_t);
}

static void take_mark(pipit_pcm_port *port, bool spoken)
{
    struct mark *mark = port->marks;
    uint64_t id = mark->id;

    port->marks = mark->next;
    if (!port->marks)
        port->marks_end = &port->marks;
    port->mark_count--;
    pp_free(mark);
    if (port->handlers->mark)
        port->handlers->mark(port, id, spoken, port->user);
}

static bool mark_is_reached(const pipit_pcm_port *port)
{
    return port->marks && port->marks->at <= port->position.sent + port->position.dropped;
}

/* After a flush the last sample that was sent dies away, so that nothing cracks. */
static void fade(pipit_pcm_port *port, int16_t *samples, size_t count)
{
    size_t whole = (size_t)FADE_MS * port->rate / 1000;

    for (size_t i = 0; i < count && port->fading; i++, port->fading--)
        samples[i] = (int16_t)(port->last * (int32_t)port->fading / (int32_t)whole);
}

/* The port never ends: silence where there is nothing to say. */
static size_t say(void *self, int16_t *samples, size_t count)
{
    pipit_pcm_port *port = self;
    size_t have = waiting(port) < count ? waiting(port) : count;

    memset(samples, 0, count * sizeof(*samples));
    if (have) {
        memcpy(samples, port->queue.p + port->taken, have * sizeof(*samples));
        port->taken += have * sizeof(*samples);
        port->position.sent += have;
        port->last = samples[have - 1];
        port->fading = 0;
    } else {
        fade(port, samples, count);
    }
    pipit_pcm_port_ref(port);
    while (mark_is_reached(port))
        take_mark(port, true);
    if (!waiting(port) && !port->drained) {
        port->drained = true;
        if (port->handlers->drained)
            port->handlers->drained(port, port->user);
    }
    pipit_pcm_port_unref(port);
    return count;
}

/* What has gone is moved over once it is the larger half, so that no sample is moved more than once on average. */
static void close_gap(pipit_pcm_port *port)
{
    if (port->taken < port->queue.n / 2 || !port->taken)
        return;
    pp_buf_consume(&port->queue, port->taken);
    port->taken = 0;
}

static uint64_t position(void *self)
{
    return ((const pipit_pcm_port *)self)->position.sent;
}

static void received(void *self, uint64_t sent)
{
    pipit_pcm_port *port = self;

    if (sent > port->position.received)
        port->position.received = sent;
}

int pipit_pcm_port_write(pipit_pcm_port *port, const int16_t *samples, size_t count)
{
    if (!port || (!samples && count))
        return pp_error(PIPIT_ERR_ARGUMENT, "pcm_port: port and samples are needed");
    if (count > pipit_pcm_port_room(port))
        return pp_error(PIPIT_ERR_LIMIT,
                        "pcm_port: %zu samples are more than the %zu there is "
                        "room for",
                        count, pipit_pcm_port_room(port));
    close_gap(port);
    pp_buf_add(&port->queue, samples, count * sizeof(*samples));
    if (pp_buf_error(&port->queue)) {
        port->queue.error = 0; /* what waited is still there, and nothing was added to it */
        return PIPIT_ERR_MEMORY;
    }
    port->position.written += count;
    port->drained = port->drained && !count;
    return 0;
}

size_t pipit_pcm_port_room(const pipit_pcm_port *port)
{
    return port ? port->capacity - waiting(port) : 0;
}

size_t pipit_pcm_port_flush(pipit_pcm_port *port)
{
    size_t count;

    if (!port)
        return 0;
    count = waiting(port);
    pp_buf_clear(&port->queue);
    port->taken = 0;
    port->position.dropped += count;
    if (count)
        port->fading = (size_t)FADE_MS * port->rate / 1000;
    port->drained = true;
    pipit_pcm_port_ref(port);
    while (mark_is_reached(port))
        take_mark(port, false);
    pipit_pcm_port_unref(port);
    return count;
}

int pipit_pcm_port_mark(pipit_pcm_port *port, uint64_t id)
{
    struct mark *mark;

    if (!port)
        return pp_error(PIPIT_ERR_ARGUMENT, "pcm_port: port is needed");
    if (port->mark_count == PP_LIMIT_PCM_MARKS)
        return pp_error(PIPIT_ERR_LIMIT, "pcm_port: %u marks wait already", PP_LIMIT_PCM_MARKS);
    mark = PP_NEW(struct mark);
    if (!mark)
        return PIPIT_ERR_MEMORY;
    mark->id = id;
    mark->at = port->position.written;
    *port->marks_end = mark;
    port->marks_end = &mark->next;
    port->mark_count++;
    pipit_pcm_port_ref(port);
    while (mark_is_reached(port))
        take_mark(port, true);
    pipit_pcm_port_unref(port);
    return 0;
}

void pipit_pcm_port_position(const pipit_pcm_port *port, pipit_pcm_position *out)
{
    *out = port ? port->position : (pipit_pcm_position){0};
}

/* --- from the far end ------------------------------------------------------------------------- */

static void hear_frame(pipit_pcm_port *port)
{
    uint64_t at = port->heard_at;

    port->heard_at += port->frame;
    port->heard_count = 0;
    if (port->handlers->heard)
        port->handlers->heard(port, port->heard, port->frame, at, port->user);
}

static void hear(void *self, const int16_t *samples, size_t count)
{
    pipit_pcm_port *port = self;

    while (count) {
        size_t room = port->frame - port->heard_count;
        size_t part = count < room ? count : room;

        memcpy(port->heard + port->heard_count, samples, part * sizeof(*samples));
        port->heard_count += part;
        samples += part;
        count -= part;
        if (port->heard_count == port->frame)
            hear_frame(port);
    }
}

/* --- the port --------------------------------------------------------------------------------- */

static void leave(void *self)
{
    pipit_pcm_port *port = self;

    port->ends--;
    free_when_unused(port);
}

static int check(const pipit_pcm_port_options *options)
{
    unsigned rate = options->sample_rate, frame_ms = options->frame_ms;

    if (rate && rate != 8000 && rate != 16000 && rate != 24000 && rate != 48000)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "pcm_port: sample_rate %u is none of 8000, 16000, 24000 and 48000", rate);
    if (frame_ms && frame_ms != 10 && frame_ms != 20)
        return pp_error(PIPIT_ERR_ARGUMENT, "pcm_port: frame_ms %u is neither 10 nor 20", frame_ms);
    if (options->buffer_ms > BUFFER_MS_MAX)
        return pp_error(PIPIT_ERR_ARGUMENT, "pcm_port: buffer_ms %u is more than %d",
                        options->buffer_ms, BUFFER_MS_MAX);
    return 0;
}

static int open_ends(pipit_pcm_port *port)
{
    static const pipit_source_interface source_functions = {say, leave, position, received};
    static const pipit_sink_interface sink_functions = {.write = hear, .release = leave};
    int err = pipit_source_new(&source_functions, port, port->rate, &port->source);

    if (err)
        return err;
    port->ends++;
    err = pipit_sink_new(&sink_functions, port, port->rate, &port->sink);
    if (err)
        return err;
    port->ends++;
    return 0;
}

int pipit_pcm_port_new(const pipit_pcm_port_options *options, pipit_pcm_port **out)
{
    static const pipit_pcm_port_options defaults;
    pipit_pcm_port *port;
    unsigned buffer_ms;
    int err;

    if (!out)
        return pp_error(PIPIT_ERR_ARGUMENT, "pcm_port: out is needed");
    options = options ? options : &defaults;
    err = check(options);
    if (err)
        return err;
    port = PP_NEW(pipit_pcm_port);
    if (!port)
        return PIPIT_ERR_MEMORY;
    buffer_ms = options->buffer_ms ? options->buffer_ms : BUFFER_MS_DEFAULT;
    port->references = 1;
    port->rate = options->sample_rate ? options->sample_rate : RATE_DEFAULT;
    port->frame = port->rate / 1000 * (options->frame_ms ? options->frame_ms : FRAME_MS_DEFAULT);
    port->capacity = (size_t)port->rate / 1000 * buffer_ms;
    port->queue.max = 2 * port->capacity * sizeof(int16_t);
    port->marks_end = &port->marks;
    port->drained = true;
    port->handlers = options->handlers ? options->handlers : &no_handlers;
    port->user = options->user;
    err = open_ends(port);
    if (err) {
        pipit_pcm_port_unref(port);
        return err;
    }
    *out = port;
    return 0;
}

pipit_pcm_port *pipit_pcm_port_ref(pipit_pcm_port *port)
{
    if (port)
        port->references++;
    return port;
}

/* The ends may outlive it in a call; the last of them frees the rest. */
pipit_pcm_port *pipit_pcm_port_unref(pipit_pcm_port *port)
{
    pipit_source *source;
    pipit_sink *sink;

    if (!port || --port->references)
        return NULL;
    source = port->source;
    sink = port->sink;
    port->source = NULL;
    port->sink = NULL;
    port->handlers = &no_handlers;
    pp_buf_clear(&port->queue);
    port->taken = 0;
    if (!source && !sink)
        free_when_unused(port);
    pipit_source_unref(source);
    pipit_sink_unref(sink);
    return NULL;
}

pipit_media_stream pipit_pcm_port_stream(const pipit_pcm_port *port)
{
    pipit_media_stream none = {0};

    return port ? (pipit_media_stream){.audio_source = port->source, .audio_sink = port->sink}
                : none;
}
