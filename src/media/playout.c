/* playout.c - the decoded sound that is next. */
#include "media/playout.h"

#include "base/alloc.h"
#include "pipit/error.h"

int pp_playout_open(pp_playout *playout, unsigned channels_max)
{
    if (!playout->samples)
        playout->samples =
            pp_array((size_t)PP_PLAYOUT_SAMPLES * channels_max, sizeof(*playout->samples));
    return playout->samples ? 0 : PIPIT_ERR_MEMORY;
}

void pp_playout_close(pp_playout *playout)
{
    pp_free(playout->samples);
    playout->samples = NULL;
    playout->count = 0;
}

int16_t *pp_playout_end(pp_playout *playout, size_t *room)
{
    *room = PP_PLAYOUT_SAMPLES - playout->count;
    return playout->samples + playout->count * playout->channels;
}

void pp_playout_silence(pp_playout *playout, size_t count)
{
    size_t room;
    int16_t *end = pp_playout_end(playout, &room);

    count = count < room ? count : room;
    memset(end, 0, count * playout->channels * sizeof(*end));
    playout->count += count;
}

static void remove_samples(pp_playout *playout, size_t at, size_t count)
{
    const size_t channels = playout->channels;

    playout->count -= count;
    memmove(playout->samples + at * channels, playout->samples + (at + count) * channels,
            (playout->count - at) * channels * sizeof(*playout->samples));
}

void pp_playout_take(pp_playout *playout, int16_t *out, size_t count)
{
    const size_t channels = playout->channels;
    size_t have = playout->count < count ? playout->count : count;

    memset(out + have * channels, 0, (count - have) * channels * sizeof(*out));
    if (!have)
        return;
    memcpy(out, playout->samples, have * channels * sizeof(*out));
    remove_samples(playout, 0, have);
}

void pp_playout_squeeze(pp_playout *playout, size_t frame)
{
    const size_t all = frame * playout->channels;
    int16_t *first = playout->samples;
    const int16_t *second = first + all;

    if (playout->count < 2 * frame)
        return;
    for (size_t i = 0; i < all; i++)
        first[i] = (int16_t)(((int)first[i] * (int)(all - i) + (int)second[i] * (int)i) / (int)all);
    remove_samples(playout, frame, frame);
}
