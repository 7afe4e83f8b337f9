/* playout.c - the decoded sound that is next. */
#include "media/playout.h"

#include "base/alloc.h"
#include "pipit/error.h"

int pp_playout_open(pp_playout *playout)
{
    if (!playout->samples)
        playout->samples = pp_array(PP_PLAYOUT_SAMPLES, sizeof(*playout->samples));
    return playout->samples ? 0 : PIPIT_ERR_MEMORY;
}

void pp_playout_close(pp_playout *playout)
{
    pp_free(playout->samples);
    *playout = (pp_playout){0};
}

int16_t *pp_playout_end(pp_playout *playout, size_t *room)
{
    *room = PP_PLAYOUT_SAMPLES - playout->count;
    return playout->samples + playout->count;
}

void pp_playout_silence(pp_playout *playout, size_t count)
{
    size_t room;
    int16_t *end = pp_playout_end(playout, &room);

    count = count < room ? count : room;
    memset(end, 0, count * sizeof(*end));
    playout->count += count;
}

static void remove_samples(pp_playout *playout, size_t at, size_t count)
{
    playout->count -= count;
    memmove(playout->samples + at, playout->samples + at + count,
            (playout->count - at) * sizeof(*playout->samples));
}

void pp_playout_take(pp_playout *playout, int16_t *out, size_t count)
{
    size_t have = playout->count < count ? playout->count : count;

    memset(out + have, 0, (count - have) * sizeof(*out));
    if (!have)
        return;
    memcpy(out, playout->samples, have * sizeof(*out));
    remove_samples(playout, 0, have);
}

void pp_playout_squeeze(pp_playout *playout, size_t frame)
{
    int16_t *first = playout->samples;
    const int16_t *second = first + frame;

    if (playout->count < 2 * frame)
        return;
    for (size_t i = 0; i < frame; i++)
        first[i] =
            (int16_t)(((int)first[i] * (int)(frame - i) + (int)second[i] * (int)i) / (int)frame);
    remove_samples(playout, frame, frame);
}
