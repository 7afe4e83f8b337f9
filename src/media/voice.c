/* voice.c - whether somebody speaks. */
#include "media/voice.h"

#include "media/level.h"

#include <math.h>

static const double floor_power =
    1e-7; /* -70 dBFS: no line is more quiet, and digital silence is no noise */
static const double loudest_noise = 1e-3; /* -30 dBFS: what is louder is no background */

void pp_voice_init(pp_voice *voice, double margin_db, unsigned onset, unsigned hangover)
{
    *voice = (pp_voice){.margin = pow(10, margin_db / 10), .onset = onset, .hangover = hangover};
}

/* Down at once, for a pause of the voice is the noise; up slowly, by 10 dB in three seconds, for what stays is noise. */
static void follow_noise(pp_voice *voice, double power)
{
    if (power < voice->noise || voice->noise == 0)
        voice->noise += (power - voice->noise) * (voice->noise == 0 ? 1 : 0.2);
    else
        voice->noise *= 1.015;
    if (voice->noise < floor_power)
        voice->noise = floor_power;
    if (voice->noise > loudest_noise)
        voice->noise = loudest_noise;
}

bool pp_voice_add(pp_voice *voice, const int16_t *samples, size_t count)
{
    return pp_voice_add_power(voice, pp_level_mean_square(samples, count), count);
}

bool pp_voice_add_power(pp_voice *voice, double power, size_t count)
{
    bool before = voice->speaking;

    follow_noise(voice, power);
    if (power > voice->noise * voice->margin) {
        voice->loud += (unsigned)count;
        voice->quiet = 0;
    } else {
        voice->quiet += (unsigned)count;
        voice->loud = 0;
    }
    if (voice->loud >= voice->onset)
        voice->speaking = true;
    if (voice->quiet >= voice->hangover)
        voice->speaking = false;
    return voice->speaking != before;
}
