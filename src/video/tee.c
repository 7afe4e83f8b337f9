/* tee.c - a sink of pictures that writes to two. */
#include "video/source.h"

#include "base/alloc.h"
#include "base/error.h"

struct tee {
    pipit_video_sink *sinks[2]; /* the second may be NULL */
};

static void write_tee(void *self, const pipit_video_frame *frame)
{
    const struct tee *tee = self;

    for (unsigned i = 0; i < 2; i++)
        if (tee->sinks[i] && tee->sinks[i]->functions->write)
            tee->sinks[i]->functions->write(tee->sinks[i]->self, frame);
}

static void write_tee_encoded(void *self, const pipit_video_encoded *frame)
{
    const struct tee *tee = self;

    for (unsigned i = 0; i < 2; i++)
        if (tee->sinks[i] && tee->sinks[i]->functions->write_encoded)
            tee->sinks[i]->functions->write_encoded(tee->sinks[i]->self, frame);
}

static void release_tee(void *self)
{
    struct tee *tee = self;

    for (unsigned i = 0; i < 2; i++)
        pipit_video_sink_unref(tee->sinks[i]);
    pp_free(tee);
}

/* Nothing is decoded that neither of them wants. */
static const pipit_video_sink_interface *functions_for(const struct tee *tee)
{
    static const pipit_video_sink_interface both = {write_tee, write_tee_encoded, release_tee};
    static const pipit_video_sink_interface encoded = {NULL, write_tee_encoded, release_tee};

    for (unsigned i = 0; i < 2; i++)
        if (tee->sinks[i] && tee->sinks[i]->functions->write)
            return &both;
    return &encoded;
}

int pipit_video_sink_tee(pipit_video_sink *first, pipit_video_sink *second, pipit_video_sink **out)
{
    struct tee *tee;
    int err;

    if (!first || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "video tee: first and out are needed");
    tee = PP_NEW(struct tee);
    if (!tee)
        return PIPIT_ERR_MEMORY;
    tee->sinks[0] = pipit_video_sink_ref(first);
    tee->sinks[1] = pipit_video_sink_ref(second);
    err = pipit_video_sink_new(functions_for(tee), tee, out);
    if (err)
        release_tee(tee);
    return err;
}
