/* speech_similarity.c - two signals compared as spectrograms.
 *
 * Every 10 ms the energy of 16 bands is taken in decibels, and from each band its mean, so that what is left is how the sound
 * changes and not what the line does to it. The delay is where the two fit best as wholes. Then pieces of a third of a second
 * are correlated, each with a little freedom to move, because a jitter buffer drops and inserts frames; the similarity is the
 * mean over the pieces in which something was said. */
#include "speech_similarity.h"

#include "base/alloc.h"
#include "base/error.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
    HOP = SPEECH_RATE / 100,
    WINDOW = 256,
    BANDS = 16,
    BIN_FIRST = 6,  /* 190 Hz */
    BIN_LAST = 108, /* 3,375 Hz */
    LAG_MAX = 300,  /* 3 s */
    PIECE = 32,
    MOVE_MAX = 6
};

static const double floor_db = -40;  /* below the loudest: what is softer is noise of a codec */
static const double spoken_db = -30; /* a frame above this counts as speech */
static const double pi = 3.14159265358979323846;

struct picture { /* a signal as bands over time */
    size_t frames;
    double (*bands)[BANDS];
    double *energy; /* of each frame, mean square */
};

struct tables {
    double window[WINDOW], cosine[WINDOW], sine[WINDOW];
    unsigned band_of[BIN_LAST + 1];
};

/* Bands grow with frequency, as hearing does. */
static void fill_tables(struct tables *tables)
{
    double low = log(1 + BIN_FIRST / 22.0), high = log(1 + (BIN_LAST + 1) / 22.0);

    for (unsigned i = 0; i < WINDOW; i++) {
        tables->window[i] = 0.5 - 0.5 * cos(2 * pi * i / WINDOW);
        tables->cosine[i] = cos(2 * pi * i / WINDOW);
        tables->sine[i] = sin(2 * pi * i / WINDOW);
    }
    for (unsigned bin = BIN_FIRST; bin <= BIN_LAST; bin++)
        tables->band_of[bin] = (unsigned)((log(1 + bin / 22.0) - low) / (high - low) * BANDS);
}

static double bin_energy(const struct tables *tables, const double *windowed, unsigned bin)
{
    double re = 0, im = 0;

    for (unsigned i = 0; i < WINDOW; i++) {
        re += windowed[i] * tables->cosine[i * bin % WINDOW];
        im += windowed[i] * tables->sine[i * bin % WINDOW];
    }
    return re * re + im * im;
}

static void analyse_frame(const struct tables *tables, const int16_t *samples, double *bands,
                          double *energy)
{
    double windowed[WINDOW];

    *energy = 0;
    for (unsigned i = 0; i < WINDOW; i++) {
        windowed[i] = samples[i] * tables->window[i];
        *energy += (double)samples[i] * samples[i] / WINDOW;
    }
    memset(bands, 0, BANDS * sizeof(*bands));
    for (unsigned bin = BIN_FIRST; bin <= BIN_LAST; bin++)
        bands[tables->band_of[bin]] += bin_energy(tables, windowed, bin);
}

static double loudest_energy(const struct picture *picture)
{
    double loudest = 0;

    for (size_t t = 0; t < picture->frames; t++)
        loudest = fmax(loudest, picture->energy[t]);
    return loudest;
}

static bool is_spoken(const struct picture *picture, size_t t, double loudest)
{
    return picture->energy[t] > loudest * pow(10, spoken_db / 10);
}

static double loudest_band(const struct picture *picture)
{
    double loudest = 1e-9;

    for (size_t t = 0; t < picture->frames; t++)
        for (unsigned b = 0; b < BANDS; b++)
            loudest = fmax(loudest, picture->bands[t][b]);
    return loudest;
}

/* The mean over what is spoken: a recording may have any silence around it. */
static double spoken_mean(const struct picture *picture, unsigned band, double loudest)
{
    double sum = 0;
    size_t spoken = 0;

    for (size_t t = 0; t < picture->frames; t++) {
        if (!is_spoken(picture, t, loudest))
            continue;
        sum += picture->bands[t][band];
        spoken++;
    }
    return spoken ? sum / (double)spoken : floor_db;
}

/* Energies become decibels above the floor, and of those the distance from their band's mean. */
static void level_out(struct picture *picture)
{
    double top = loudest_band(picture), loudest = loudest_energy(picture);

    for (unsigned b = 0; b < BANDS; b++) {
        double mean;

        for (size_t t = 0; t < picture->frames; t++)
            picture->bands[t][b] = fmax(10 * log10(picture->bands[t][b] / top + 1e-12), floor_db);
        mean = spoken_mean(picture, b, loudest);
        for (size_t t = 0; t < picture->frames; t++)
            picture->bands[t][b] -= mean;
    }
}

static int take_picture(const struct tables *tables, const int16_t *samples, size_t count,
                        struct picture *out)
{
    out->frames = count < WINDOW ? 0 : (count - WINDOW) / HOP + 1;
    out->bands = pp_array(out->frames, sizeof(*out->bands));
    out->energy = pp_array(out->frames, sizeof(*out->energy));
    if (!out->bands || !out->energy)
        return PIPIT_ERR_MEMORY;
    for (size_t t = 0; t < out->frames; t++)
        analyse_frame(tables, samples + t * HOP, out->bands[t], &out->energy[t]);
    level_out(out);
    return 0;
}

static void drop_picture(struct picture *picture)
{
    pp_free(picture->bands);
    pp_free(picture->energy);
}

static double product(const double *a, const double *b)
{
    double sum = 0;

    for (unsigned i = 0; i < BANDS; i++)
        sum += a[i] * b[i];
    return sum;
}

/* A frame of the recording, or NULL beyond its ends. */
static const double *frame_at(const struct picture *picture, long t)
{
    return t >= 0 && t < (long)picture->frames ? picture->bands[t] : NULL;
}

static double fit(const struct picture *played, const struct picture *recorded, long lag)
{
    double sum = 0;

    for (size_t t = 0; t < played->frames; t++) {
        const double *other = frame_at(recorded, (long)t + lag);

        if (other)
            sum += product(played->bands[t], other);
    }
    return sum;
}

static long find_lag(const struct picture *played, const struct picture *recorded)
{
    double best = fit(played, recorded, 0);
    long best_lag = 0;

    for (long lag = -LAG_MAX; lag <= LAG_MAX; lag++) {
        double value = fit(played, recorded, lag);

        if (value > best) {
            best = value;
            best_lag = lag;
        }
    }
    return best_lag;
}

static double correlate_piece(const struct picture *played, const struct picture *recorded,
                              size_t from, long lag)
{
    double ab = 0, aa = 1e-9, bb = 1e-9;

    for (size_t t = from; t < from + PIECE; t++) {
        const double *other = frame_at(recorded, (long)t + lag);

        aa += product(played->bands[t], played->bands[t]);
        if (!other)
            continue;
        ab += product(played->bands[t], other);
        bb += product(other, other);
    }
    return ab / sqrt(aa * bb);
}

static bool piece_is_spoken(const struct picture *picture, size_t from, double loudest)
{
    unsigned spoken = 0;

    for (size_t t = from; t < from + PIECE; t++)
        spoken += is_spoken(picture, t, loudest);
    return spoken * 2 > PIECE;
}

static double mean_similarity(const struct picture *played, const struct picture *recorded,
                              long lag)
{
    double loudest = loudest_energy(played), sum = 0;
    size_t pieces = 0;

    for (size_t from = 0; from + PIECE <= played->frames; from += PIECE / 2) {
        double best = 0;

        if (!piece_is_spoken(played, from, loudest))
            continue;
        for (long move = -MOVE_MAX; move <= MOVE_MAX; move++)
            best = fmax(best, correlate_piece(played, recorded, from, lag + move));
        sum += best;
        pieces++;
    }
    return pieces ? sum / (double)pieces : 0;
}

static double level_difference(const struct picture *played, const struct picture *recorded,
                               long lag)
{
    double loudest = loudest_energy(played), before = 0, after = 0;

    for (size_t t = 0; t < played->frames; t++) {
        long other = (long)t + lag;

        if (!is_spoken(played, t, loudest) || !frame_at(recorded, other))
            continue;
        before += played->energy[t];
        after += recorded->energy[other];
    }
    return after > 0 && before > 0 ? fmax(10 * log10(after / before), -99) : -99;
}

int compare_speech(const int16_t *played, size_t played_count, const int16_t *recorded,
                   size_t recorded_count, speech_comparison *out)
{
    struct tables *tables = PP_NEW(struct tables);
    struct picture before = {0}, after = {0};
    int err = tables ? 0 : PIPIT_ERR_MEMORY;

    if (!err) {
        fill_tables(tables);
        err = take_picture(tables, played, played_count, &before);
    }
    if (!err)
        err = take_picture(tables, recorded, recorded_count, &after);
    if (!err && (before.frames < PIECE || loudest_energy(&before) < 1))
        err = pp_error(PIPIT_ERR_MEDIA, "speech: what was played is too short or silent");
    if (!err) {
        long lag = find_lag(&before, &after);

        *out = (speech_comparison){
            .similarity = mean_similarity(&before, &after, lag),
            .delay_ms = (double)lag * 10,
            .level_db = level_difference(&before, &after, lag),
        };
    }
    drop_picture(&before);
    drop_picture(&after);
    pp_free(tables);
    return err;
}
