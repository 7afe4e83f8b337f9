/* repeat.c - a lost frame made of the one before. */
#include "media/codecs/repeat.h"

#include <string.h>

static size_t frame_of(const pp_repeat *repeat)
{
    return repeat->rate / 50;
}

void pp_repeat_remember(pp_repeat *repeat, const int16_t *samples, size_t count)
{
    size_t all = 2 * frame_of(repeat);
    size_t kept = count < all ? all - count : 0;

    memmove(repeat->history, repeat->history + all - kept, kept * sizeof(*samples));
    memcpy(repeat->history + kept, samples + count - (all - kept), (all - kept) * sizeof(*samples));
    repeat->lost = 0;
}

/* How alike the last frame is to what was `lag` samples earlier, 1 at best. */
static double likeness(const int16_t *now, size_t count, size_t lag)
{
    const int16_t *before = now - lag;
    double product = 0, energy = 1;

    for (size_t i = 0; i < count; i++) {
        product += (double)now[i] * before[i];
        energy += (double)before[i] * before[i];
    }
    return product > 0 ? product * product / energy : 0;
}

/* A voice is between 50 and 400 Hz. */
static size_t find_pitch(const pp_repeat *repeat)
{
    size_t frame = frame_of(repeat);
    size_t best = frame;
    double best_likeness = 0;

    for (size_t lag = repeat->rate / 400; lag <= repeat->rate / 50; lag++) {
        double alike = likeness(repeat->history + frame, frame, lag);

        if (alike > best_likeness) {
            best_likeness = alike;
            best = lag;
        }
    }
    return best;
}

int pp_repeat_conceal(pp_repeat *repeat, int16_t *out, size_t capacity)
{
    size_t frame = frame_of(repeat);
    size_t count = capacity < frame ? capacity : frame;
    size_t fade = 4 * frame;

    if (!repeat->lost)
        repeat->pitch = find_pitch(repeat);
    for (size_t i = 0; i < count; i++, repeat->lost++) {
        size_t at = 2 * frame - repeat->pitch + repeat->lost % repeat->pitch;
        int left = repeat->lost < fade ? (int)(fade - repeat->lost) : 0;

        out[i] = (int16_t)(repeat->history[at] * left / (int)fade);
    }
    return (int)count;
}
