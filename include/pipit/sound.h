/** @file sound.h  Sources and sinks to build with: meters that tell levels and voice, recordings of both sides, tones with a
 *  rhythm, places in files. Each takes its own references to what it is given. Nothing of it is in JsSIP. */
#ifndef PIPIT_SOUND_H
#define PIPIT_SOUND_H

#include "pipit/media.h"
#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a meter tells; each may be NULL. Called on the loop's thread. */
typedef struct pipit_meter_handlers {
    /** How loud it was since the last time, root mean square: 1 is full scale */
    void (*level)(double level, void *user);
    /** Somebody began to speak, or has stopped */
    void (*voice)(bool speaking, void *user);
} pipit_meter_handlers;

/** Options of a meter. */
typedef struct pipit_meter_options {
    unsigned interval_ms; /**< between two `level`; 0: 100 */
    double margin_db;     /**< how much louder than the noise a voice is; 0: 10 */
    unsigned onset_ms;    /**< how long it must be so, before `voice` says true; 0: 60 */
    unsigned hangover_ms; /**< how long it must not, before `voice` says false; 0: 400 */
    const pipit_meter_handlers *handlers; /**< must outlive the meter */
    void *user;                           /**< passed to the handlers */
} pipit_meter_options;

/** A source that gives what another one gives, and tells how loud that is; of two channels it is both together.
 *  @param source   what is measured
 *  @param options  handlers are needed
 *  @param out      yours
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_source_meter(pipit_source *source, const pipit_meter_options *options,
                                 pipit_source **out);
/** A sink that passes on what it is given, and tells how loud that is.
 *  @param sink  where it goes; NULL: nowhere, and the meter takes 16,000 samples a second
 *  @return as pipit_source_meter() */
PIPIT_API int pipit_sink_meter(pipit_sink *sink, const pipit_meter_options *options,
                               pipit_sink **out);

/** A source that gives what another one gives, and writes it to a sink besides: with pipit_sink_stereo_file() a recording.
 *  It has as many channels as `source`.
 *  @param source  NULL: silence, at the sink's rate
 *  @param out     yours; ends when `source` does
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_source_tap(pipit_source *source, pipit_sink *sink, pipit_source **out);
/** Two sinks into one 16 bit WAV file of two channels, in step: both sides of a call, with pipit_source_tap() around its source for
 *  the one and pipit_sink_tee() around its sink for the other. One that falls behind by more than 200 ms, or is gone, is silent
 *  there. For one side alone use pipit_sink_file(). Each side has one channel: of two it gets the mean.
 *  @param sample_rate  8,000 to 48,000
 *  @param left,right   yours; the file is complete when the last reference to the second of them is gone
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_IO, PIPIT_ERR_MEMORY.  In use: cli/sound.c */
PIPIT_API int pipit_sink_stereo_file(const char *path, unsigned sample_rate, pipit_sink **left,
                                     pipit_sink **right);

/** One part of a rhythm of tones. */
typedef struct pipit_tone_part {
    unsigned frequencies[4]; /**< Hz, together; zeroes are left out, and none at all is silence */
    unsigned duration_ms;    /**< 10 or more */
} pipit_tone_part;

/** Tones in a rhythm, over and over: ring-back, busy, call waiting.
 *  @param parts       copied
 *  @param count       1 to 16
 *  @param level_dbfs  of each frequency; 0 is full scale, -18 is comfortable
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_source_cadence(const pipit_tone_part *parts, size_t count, double level_dbfs,
                                   pipit_source **out);
/** The tone a caller hears while it rings at the far end, and others, as ITU-T E.180 has them.
 *  @param name  "ringback", "busy", "congestion", "dial" or "waiting", with a country in front for its own ("us-ringback",
 *               "uk-ringback", "us-busy", …); without one it is 425 Hz as in most of Europe
 *  @return 0, PIPIT_ERR_NOT_FOUND for a name that is not there, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_source_call_progress(const char *name, pipit_source **out);

/** Goes to another place of a file (pipit_source_file()); one that had ended goes on from there.
 *  @param position_ms  beyond its end: to its end
 *  @return 0, PIPIT_ERR_NOT_SUPPORTED when it is no file or cannot go to places, PIPIT_ERR_ARGUMENT */
PIPIT_API int pipit_source_seek(pipit_source *source, uint64_t position_ms);
/** @param out  filled in: the place of the file that is read next, in ms
 *  @return 0, PIPIT_ERR_NOT_SUPPORTED when it is no file, PIPIT_ERR_ARGUMENT */
PIPIT_API int pipit_source_tell(const pipit_source *source, uint64_t *out);

#ifdef __cplusplus
}
#endif
#endif
