/* echo.c - a sink and a source with a small ring between them: what is heard is said back. */
#include "pipit/media.h"

#include "base/alloc.h"
#include "base/error.h"

enum { SAMPLE_RATE = 48000, DELAY = SAMPLE_RATE / 25, CAPACITY = SAMPLE_RATE / 5 };

struct echo {
    unsigned ends; /* source and sink */
    bool playing;  /* enough was heard to begin */
    size_t first, count;
    int16_t ring[CAPACITY];
};

static void hear(void *self, const int16_t *samples, size_t count)
{
    struct echo *echo = self;

    for (size_t i = 0; i < count; i++) {
        echo->ring[(echo->first + echo->count) % CAPACITY] = samples[i];
        if (echo->count < CAPACITY)
            echo->count++;
        else
            echo->first = (echo->first + 1) % CAPACITY; /* nobody listens: the oldest goes */
    }
    if (echo->count >= DELAY)
        echo->playing = true;
}

/* Silence while there is not enough: an echo never ends. */
static size_t say(void *self, int16_t *samples, size_t count)
{
    struct echo *echo = self;

    if (echo->count < count)
        echo->playing = false;
    for (size_t i = 0; i < count; i++) {
        samples[i] = echo->playing ? echo->ring[echo->first] : 0;
        if (!echo->playing)
            continue;
        echo->first = (echo->first + 1) % CAPACITY;
        echo->count--;
    }
    return count;
}

static void leave(void *self)
{
    struct echo *echo = self;

    if (!--echo->ends)
        pp_free(echo);
}

int pipit_echo(pipit_source **source, pipit_sink **sink)
{
    static const pipit_source_interface source_functions = {.read = say, .release = leave};
    static const pipit_sink_interface sink_functions = {.write = hear, .release = leave};
    pipit_source *new_source = NULL;
    pipit_sink *new_sink = NULL;
    struct echo *echo;
    int err;

    if (!source || !sink)
        return pp_error(PIPIT_ERR_ARGUMENT, "echo: source and sink are needed");
    echo = PP_NEW(struct echo);
    if (!echo)
        return PIPIT_ERR_MEMORY;
    echo->ends = 2;
    err = pipit_source_new(&source_functions, echo, SAMPLE_RATE, &new_source);
    if (!err)
        err = pipit_sink_new(&sink_functions, echo, SAMPLE_RATE, &new_sink);
    if (err) {
        echo->ends = new_source ? 1 : 0;
        if (!new_source)
            pp_free(echo);
        pipit_source_unref(new_source);
        return err;
    }
    *source = new_source;
    *sink = new_sink;
    return 0;
}
