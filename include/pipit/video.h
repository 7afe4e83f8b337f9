/** @file video.h  Where the pictures of a call come from and go to. A picture is I420: a plane of brightness, and two of colour with
 *  half as many samples each way. */
#ifndef PIPIT_VIDEO_H
#define PIPIT_VIDEO_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pipit_video_codec {
    PIPIT_VIDEO_VP8, /**< RFC 6386; there when Pipit was built with libvpx */
    PIPIT_VIDEO_H264 /**< constrained baseline profile; there when Pipit was built with openh264 */
} pipit_video_codec;

/** What is sent. Zero is good for a video phone. */
typedef struct pipit_video_constraints {
    unsigned width,
        height; /**< pictures are made smaller to fit in, their shape kept; 0: 1,280 and 720 */
    unsigned frame_rate; /**< pictures a second, 1 to 60; 0: 30 */
    /** Most bits a second, 30,000 on; less where the network takes less. 0: 1,500,000 */
    unsigned bitrate;
} pipit_video_constraints;

/** A picture. */
typedef struct pipit_video_frame {
    unsigned width, height; /**< 16 to 4,096 */
    const uint8_t
        *planes[3]; /**< Y, U and V; colour has (width + 1) / 2 samples in (height + 1) / 2 rows */
    size_t strides[3]; /**< octets from one row to the next */
    uint64_t time_us;  /**< given to a sink: since its first picture. A source leaves it alone */
    /** Given to a sink: when it was captured, in microseconds. All that one far end sends in a call, sound too, is on one line of
     *  time, by its sender reports (RFC 3550 section 6.4.1); before the first of them, by when it came. 0: not known */
    uint64_t captured_us;
    /** Given to a sink: show it so much later than now, and it is seen together with the sound that was captured with it. At most
     *  500,000; 0: at once */
    uint64_t wait_us;
} pipit_video_frame;

/** A picture as a codec has it. */
typedef struct pipit_video_encoded {
    pipit_video_codec codec;
    const uint8_t *
        data; /**< a VP8 frame (RFC 6386); of H.264 all units of a picture, each behind a start code */
    size_t size;
    bool key;               /**< can be shown without any before it */
    unsigned width, height; /**< given to a sink with each key frame; a source leaves them alone */
    uint64_t time_us;       /**< as in ::pipit_video_frame */
    uint64_t captured_us;   /**< likewise */
} pipit_video_encoded;

/** A source of your own: of pictures, or of those that something else has encoded, a camera's hardware for example. */
typedef struct pipit_video_source_interface {
    /** The picture of now. Called on the loop's thread, as often a second as the constraints say.
     *  @param time_us  since the first call
     *  @param out      its planes stay yours; they must not change before the next call
     *  @return false when there is no new one: nothing is sent */
    bool (*read)(void *self, uint64_t time_us, pipit_video_frame *out);
    /** The next encoded picture, instead of `read`. Called on the loop's thread every 10 ms, and again until there is none. `codec`
     *  is filled in already; a call whose far end does not take it sends nothing.
     *  @return false when there is none */
    bool (*read_encoded)(void *self, uint64_t time_us, pipit_video_encoded *out);
    /** The far end cannot go on without a key frame, or begins: the next one had better be one. Only with `read_encoded`. */
    void (*key_frame)(void *self);
    /** What the network takes, as far as is known: aim at that. Only with `read_encoded`; optional. */
    void (*bitrate)(void *self, unsigned bits_a_second);
    void (*release)(void *self); /**< the last reference is gone; optional */
    pipit_video_codec codec;     /**< of `read_encoded` */
} pipit_video_source_interface;

/** A sink of your own: of pictures, of encoded ones, or of both. Each is optional. */
typedef struct pipit_video_sink_interface {
    /** Take a picture, which is gone when this returns. Called on the loop's thread as soon as it is whole. */
    void (*write)(void *self, const pipit_video_frame *frame);
    /** Take one as it came, before it is decoded; without `write` none is. Pictures between a loss and the next key frame are left
     *  out, so that what comes can be decoded. */
    void (*write_encoded)(void *self, const pipit_video_encoded *frame);
    void (*release)(void *self); /**< the last reference is gone; optional */
} pipit_video_sink_interface;

/** @param functions  must outlive the source; either `read` or `read_encoded` with `key_frame`
 *  @param out        yours; a source is read by one call at a time
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_video_source_new(const pipit_video_source_interface *functions, void *self,
                                     pipit_video_source **out);
/** @return 0, PIPIT_ERR_ARGUMENT when it takes neither pictures nor encoded ones, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_video_sink_new(const pipit_video_sink_interface *functions, void *self,
                                   pipit_video_sink **out);

/** Bars of colour, something that moves, and the picture's number in black and white fields, which
 *  pipit_video_pattern_number() reads at the other end.
 *  @param width, height  64 to 4,096; 0: 640 and 480
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_video_source_pattern(unsigned width, unsigned height, pipit_video_source **out);
/** The number in a picture of the test pattern, however it was scaled and encoded.
 *  @return whether there is one */
PIPIT_API bool pipit_video_pattern_number(const pipit_video_frame *frame, unsigned *out);

/** Plays the pictures of a file: IVF with VP8 or H.264, Y4M with 4:2:0; and WebM, Matroska and MP4 with VP8 or H.264 where
 *  libavformat is (recording.h).
 *  @param loop  start again at the end; otherwise its last picture stays
 *  @return 0, PIPIT_ERR_NOT_FOUND, PIPIT_ERR_MEDIA when it is no such file, PIPIT_ERR_NOT_SUPPORTED for a codec that is not built in,
 *  PIPIT_ERR_MEMORY */
PIPIT_API int pipit_video_source_file(const char *path, bool loop, pipit_video_source **out);
/** Records what comes, as it comes, from the first key frame on: to WebM, Matroska or MP4 when the name ends with .webm, .mkv or
 *  .mp4 (recording.h, which puts the sound beside it), else to an IVF file. A thread of the file's own writes it, and it is complete
 *  when the sink's last reference is gone. Should the codec change meanwhile, it ends there.
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_IO, PIPIT_ERR_NOT_SUPPORTED as pipit_recording_open(), PIPIT_ERR_MEMORY */
PIPIT_API int pipit_video_sink_file(const char *path, pipit_video_sink **out);

/** A sink that writes to two: `second` may be NULL. Both are referenced.
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_video_sink_tee(pipit_video_sink *first, pipit_video_sink *second,
                                   pipit_video_sink **out);

PIPIT_API pipit_video_source *pipit_video_source_ref(pipit_video_source *source);
/** @return NULL */
PIPIT_API pipit_video_source *pipit_video_source_unref(pipit_video_source *source);
PIPIT_API pipit_video_sink *pipit_video_sink_ref(pipit_video_sink *sink);
/** @return NULL */
PIPIT_API pipit_video_sink *pipit_video_sink_unref(pipit_video_sink *sink);

/** @return whether it was built in */
PIPIT_API bool pipit_video_has_codec(pipit_video_codec codec);

#ifdef __cplusplus
}
#endif
#endif
