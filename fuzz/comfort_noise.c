/* comfort_noise.c - any description makes a noise, which is not louder than it says, and described anew it is about as loud. */
/* FUZZ: media */
#include "media/comfort_noise.h"

#include "check.h"
#include "media/level.h"

enum { COUNT = 1600 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_comfort_noise noise = {0};
    pp_comfort_ear ear = {0};
    uint8_t again[PP_COMFORT_SIZE];
    int16_t samples[COUNT];

    CHECK(pp_comfort_noise_read(&noise, data, size) == (size > 0));
    if (!size)
        return 0;
    pp_comfort_noise_make(&noise, samples, COUNT);
    pp_comfort_noise_make(&noise, samples, COUNT);
    if ((data[0] & 127) == 127)
        CHECK(pp_level_mean_square(samples, COUNT) == 0);
    pp_comfort_ear_add(&ear, samples, COUNT);
    pp_comfort_ear_write(&ear, again);
    for (size_t i = 1; i < sizeof(again); i++)
        CHECK(again[i] < 255);
    CHECK(pp_comfort_noise_read(&noise, again, sizeof(again)));
    return 0;
}
