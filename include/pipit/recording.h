/** @file recording.h  Sound and pictures of a call in one file, each as it came: nothing is decoded, and they stay together. There
 *  when Pipit was built with the headers of FFmpeg's libavformat, which is loaded when it is first needed. Nothing of it is in
 *  JsSIP; in a browser it is MediaRecorder. */
#ifndef PIPIT_RECORDING_H
#define PIPIT_RECORDING_H

#include "pipit/media.h"
#include "pipit/types.h"
#include "pipit/video.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a recording tells; may be NULL. Called on the loop's thread. */
typedef struct pipit_recording_handlers {
    /** Nothing more is written, for example because the disk is full; what was written stays. Once; from inside of a sink's
     *  `write`, or when the last reference goes.
     *  @param reason  a sentence, borrowed */
    void (*failed)(const char *reason, void *user);
} pipit_recording_handlers;

/** Options of a recording. */
typedef struct pipit_recording_options {
    const pipit_recording_handlers *handlers; /**< must outlive both sinks; NULL: none */
    void *user;                               /**< passed to the handlers */
} pipit_recording_options;

/** Two sinks into one file: give the one to a call's sound and the other to its pictures, or either by a tee beside others
 *  (pipit_sink_tee(), pipit_video_sink_tee()). Times are those of capture, so that sound and pictures are together when it is
 *  played; what was lost is missing. Writing is done by a thread of the file's own. It begins when both have begun, with a key frame;
 *  until then, 30 s at most, all is held in memory. Another codec during the call ends it.
 *  @param path      its ending says what it is: .webm for VP8 and Opus; .mkv (Matroska) for VP8 and H.264, Opus, G.722, PCMU and
 *                   PCMA; .mp4 for H.264 and Opus
 *  @param options   NULL: none
 *  @param sound     yours; NULL: pictures alone
 *  @param pictures  yours; NULL: sound alone. The file is complete when the last reference to the second of them is gone; that waits
 *                   for the disk
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_IO, PIPIT_ERR_NOT_SUPPORTED for another ending or without libavformat,
 *          PIPIT_ERR_MEMORY */
PIPIT_API int pipit_recording_open(const char *path, const pipit_recording_options *options,
                                   pipit_sink **sound, pipit_video_sink **pictures);

#ifdef __cplusplus
}
#endif
#endif
