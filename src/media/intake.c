/* intake.c - reading a source at the rate somebody else needs. */
#include "media/intake.h"

#include "base/alloc.h"
#include "base/error.h"
#include "media/channels.h"
#include "media/codec.h"
#include "media/resample.h"
#include "media/source.h"

#include <string.h>

enum {
    STEPS_A_SECOND = 1000 / PP_FRAME_MS,
    RESAMPLED_MAX =
        PP_FRAME_SAMPLES_MAX + 2 * 6, /* a sample too many from 8,000 is six at 48,000 */
    PENDING_MAX = 2 * PP_FRAME_SAMPLES_MAX
};

struct pp_intake_feed {
    pipit_source *source; /* NULL: silence */
    pp_resampler *resampler;
    size_t remainder;  /* of the source's rate by 50: rates as 11,025 take turns */
    unsigned channels; /* the source's, if not more than are wanted */
    size_t pending_count;
    bool heard;
    int16_t pending[]; /* PENDING_MAX of each channel: read and not yet given */
};

static void feed_free(pp_intake_feed *feed)
{
    if (!feed)
        return;
    pp_resampler_free(feed->resampler);
    pipit_source_unref(feed->source);
    pp_free(feed);
}

static int feed_new(pipit_source *source, const pp_intake *intake, pp_intake_feed **out)
{
    unsigned channels =
        source && source->channels < intake->channels ? source->channels : intake->channels;
    pp_intake_feed *feed =
        pp_zalloc(sizeof(*feed) + PENDING_MAX * channels * sizeof(feed->pending[0]));
    int err = 0;

    if (!feed)
        return PIPIT_ERR_MEMORY;
    feed->channels = channels;
    if (source)
        err = pp_resampler_new(source->sample_rate, intake->rate, channels, &feed->resampler);
    if (err) {
        pp_free(feed);
        return err;
    }
    feed->source = pipit_source_ref(source);
    *out = feed;
    return 0;
}

/* 20 ms of the source, as many samples as that is this time. */
static void read_source(pp_intake_feed *feed)
{
    int16_t samples[PP_CHANNELS_MAX * PP_FRAME_SAMPLES_MAX];
    size_t room = PENDING_MAX - feed->pending_count;
    size_t count;

    feed->remainder += feed->source->sample_rate;
    count = feed->remainder / STEPS_A_SECOND;
    feed->remainder %= STEPS_A_SECOND;
    pp_source_read_channels(feed->source, feed->channels, samples, count);
    feed->pending_count += pp_resampler_run(feed->resampler, samples, count,
                                            feed->pending + feed->pending_count * feed->channels,
                                            room < RESAMPLED_MAX ? room : RESAMPLED_MAX);
}

/* What the resampler still owes is silence in front. */
static void take(pp_intake_feed *feed, unsigned channels, int16_t *frame, size_t wanted)
{
    const size_t each = feed->channels * sizeof(*frame);
    size_t have, missing;

    feed->heard = true; /* first: the source may set another one */
    if (feed->source)
        read_source(feed);
    have = feed->pending_count < wanted ? feed->pending_count : wanted;
    missing = wanted - have;
    memset(frame, 0, missing * each);
    memcpy(frame + missing * feed->channels, feed->pending, have * each);
    feed->pending_count -= have;
    memmove(feed->pending, feed->pending + have * feed->channels, feed->pending_count * each);
    if (feed->channels < channels)
        pp_channels_spread(frame, wanted);
}

int pp_intake_set(pp_intake *intake, pipit_source *source)
{
    pp_intake_feed *old = intake->feed;
    int err;

    if (old && old->source == source)
        return 0;
    err = feed_new(source, intake, &intake->feed);
    if (err)
        return err;
    if (old && old->heard && !intake->leaving)
        intake->leaving = old;
    else
        feed_free(old);
    return 0;
}

/* The old one alone for 10 ms: a resampler gives silence for the first five. */
static void fade(pp_intake_feed *leaving, unsigned channels, int16_t *frame, size_t count)
{
    int16_t old[PP_CHANNELS_MAX * PP_FRAME_SAMPLES_MAX];
    int32_t half = (int32_t)(count * channels) / 2;

    take(leaving, channels, old, count);
    memcpy(frame, old, (size_t)half * sizeof(*frame));
    for (int32_t i = 0; i < half; i++)
        frame[half + i] = (int16_t)((frame[half + i] * i + old[half + i] * (half - i)) / half);
}

/* What a source sets meanwhile is for the next time. */
void pp_intake_read(pp_intake *intake, int16_t *frame)
{
    size_t count = intake->rate / STEPS_A_SECOND;
    pp_intake_feed *leaving = intake->leaving;

    intake->leaving = NULL;
    take(intake->feed, intake->channels, frame, count);
    if (leaving)
        fade(leaving, intake->channels, frame, count);
    feed_free(leaving);
}

pipit_source *pp_intake_source(const pp_intake *intake)
{
    return intake->feed ? intake->feed->source : NULL;
}

void pp_intake_close(pp_intake *intake)
{
    feed_free(intake->feed);
    feed_free(intake->leaving);
    *intake = (pp_intake){0};
}
