/** @file devices.h  Microphone and speaker (W3C: navigator.mediaDevices). They are there where SDL2 is installed: it is loaded when
 *  a device is first asked for, so that programs without sound carry none of it.
 *  SDL2 is one for the whole program: with loops in several threads, ask for devices in one of them only. */
#ifndef PIPIT_DEVICES_H
#define PIPIT_DEVICES_H

#include "pipit/media.h"
#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pipit_device_kind {
    PIPIT_AUDIO_INPUT, /**< a microphone */
    PIPIT_AUDIO_OUTPUT /**< a speaker */
} pipit_device_kind;

/** Calls `each` for every device of a kind, with the name to give to pipit_media_open().
 *  @return 0, PIPIT_ERR_NOT_SUPPORTED without SDL2, PIPIT_ERR_IO when the sound system does not answer, PIPIT_ERR_ARGUMENT */
PIPIT_API int pipit_devices(pipit_device_kind kind, void (*each)(const char *name, void *user),
                            void *user);

/** Events of devices; each may be NULL. Called on the loop's thread, during a call that has the stream. */
typedef struct pipit_device_handlers {
    /** One was unplugged. Another of its kind is taken as soon as there is one; until then it is silent */
    void (*lost)(pipit_device_kind kind, void *user);
    /** There is one again */
    void (*found)(pipit_device_kind kind, const char *name, void *user);
} pipit_device_handlers;

/** How to open microphone and speaker. */
typedef struct pipit_media_options {
    const char *microphone, *speaker; /**< names; NULL: the system's default */
    /** Off switches. With all three the sound is taken as it is at 48,000 samples a second, else at 16,000 */
    bool no_echo_cancellation, no_noise_suppression, no_gain_control;
    const pipit_device_handlers *handlers; /**< must outlive the stream's ends; NULL: none */
    void *user;                            /**< passed to the handlers */
    /** Where pictures come from: "pattern" (pipit_video_source_pattern()), or the name of a file, which is played again and again.
     *  NULL: a camera, which Pipit has no way to yet; give it pictures of your own by pipit_video_source_new() */
    const char *camera;
} pipit_media_options;

/** Opens what is asked for, as getUserMedia() does; give the result in the options of a call.
 *  @param constraints  audio: microphone and speaker; video: a source of pictures
 *  @param options      NULL for defaults
 *  @param out          sources and sink, each with a reference that is yours; the devices are closed when all are gone. What comes of
 *                      pictures goes where you say: pipit_video_sink_window()
 *  @return 0, and all that was asked for is there; else nothing is: PIPIT_ERR_NOT_SUPPORTED for sound without SDL2,
 *          PIPIT_ERR_NOT_FOUND for a device or a file that is not there, PIPIT_ERR_MEDIA for a file of something else, PIPIT_ERR_IO
 *          when it cannot be opened (its sentence says why), PIPIT_ERR_ARGUMENT when nothing is asked for, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_media_open(const pipit_media_constraints *constraints,
                               const pipit_media_options *options, pipit_media_stream *out);

#ifdef __cplusplus
}
#endif
#endif
