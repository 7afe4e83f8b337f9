/* tone.c - a source that is a sine. */
#include "pipit/media.h"

#include "base/alloc.h"
#include "base/error.h"

#include <math.h>

enum { SAMPLE_RATE = 48000 };

static const double pi = 3.14159265358979323846;

struct tone {
    double amplitude, step, phase;
};

static size_t read_tone(void *self, int16_t *samples, size_t count)
{
    struct tone *tone = self;

    for (size_t i = 0; i < count; i++) {
        samples[i] = (int16_t)lrint(tone->amplitude * sin(tone->phase));
        tone->phase += tone->step;
        if (tone->phase > 2 * pi)
            tone->phase -= 2 * pi;
    }
    return count;
}

int pipit_source_tone(unsigned frequency_hz, double level_dbfs, pipit_source **out)
{
    static const pipit_source_interface functions = {.read = read_tone, .release = pp_free};
    struct tone *tone;
    int err;

    if (!frequency_hz || frequency_hz > SAMPLE_RATE / 2 || !(level_dbfs <= 0) || !out)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "tone: a frequency up to %d Hz and a level up to 0 dBFS are needed",
                        SAMPLE_RATE / 2);
    tone = PP_NEW(struct tone);
    if (!tone)
        return PIPIT_ERR_MEMORY;
    tone->amplitude = 32767 * pow(10, level_dbfs / 20);
    tone->step = 2 * pi * frequency_hz / SAMPLE_RATE;
    err = pipit_source_new(&functions, tone, SAMPLE_RATE, out);
    if (err)
        pp_free(tone);
    return err;
}
