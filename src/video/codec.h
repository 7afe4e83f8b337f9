/* codec.h - the table of video codecs: encoder, decoder, and how pictures go into packets and come out of them. */
#ifndef PP_VIDEO_CODEC_H
#define PP_VIDEO_CODEC_H

#include "base/buf.h"
#include "base/limits.h"
#include "pipit/video.h"

#define PP_VIDEO_CLOCK 90000u /* RTP's, of every codec here */

typedef struct pp_video_encoder pp_video_encoder;
typedef struct pp_video_decoder pp_video_decoder;

typedef struct pp_video_settings {
    unsigned width, height, frame_rate;
    unsigned bitrate;
} pp_video_settings;

struct pp_video_encoder { /* the head of every implementation's struct */
    /* Appends the picture, which has the size of the settings; `key` asks for a key frame, *is_key tells of one. Nothing is
     * appended for one that was left out to keep the rate. PIPIT_ERR_MEDIA, PIPIT_ERR_MEMORY. */
    int (*encode)(pp_video_encoder *encoder, const pipit_video_frame *frame, bool key, pp_buf *out,
                  bool *is_key);
    void (*set_bitrate)(pp_video_encoder *encoder, unsigned bitrate);
    void (*close)(pp_video_encoder *encoder);
    unsigned quantizer; /* of the last picture, as the stream has it; 0: not told */
};

struct pp_video_decoder {
    /* The planes are the decoder's, until the next call. `out->width` 0: there is no picture yet. PIPIT_ERR_MEDIA. */
    int (*decode)(pp_video_decoder *decoder, const uint8_t *data, size_t size,
                  pipit_video_frame *out);
    void (*close)(pp_video_decoder *decoder);
    unsigned quantizer; /* likewise */
};

typedef struct pp_video_payload { /* what one packet's payload says of its place */
    bool begins;                  /* a picture, for certain */
    bool key;                     /* if a picture begins here, it is a key frame */
} pp_video_payload;

/* One payload after another; 0, or an error that ends it. */
typedef int pp_video_payload_function(void *arg, const uint8_t *payload, size_t size, bool last);

typedef struct pp_video_packing {
    size_t max;          /* octets of a payload */
    uint16_t picture_id; /* of VP8 */
    pp_video_payload_function *put;
    void *arg;
} pp_video_packing;

typedef struct pp_video_codec_type {
    const char *name;           /* as in rtpmap */
    const char *implementation; /* the library's, for statistics */
    pipit_video_codec codec;
    const char *fmtp; /* ours; NULL: none */
    int payload_type; /* what we offer it as; RTX is the next one */
    /* Whether what the far end says in a=fmtp is something we can send and take. */
    bool (*fits)(pp_str fmtp);
    int (*open_encoder)(const pp_video_settings *settings, pp_video_encoder **out);
    int (*open_decoder)(pp_video_decoder **out);
    int (*pack)(const uint8_t *frame, size_t size, const pp_video_packing *packing);
    bool (*look)(const uint8_t *payload, size_t size, pp_video_payload *out); /* false: malformed */
    int (*unpack)(const uint8_t *payload, size_t size, pp_buf *out);          /* PIPIT_ERR_SYNTAX */
    /* The size a key frame says; false when it says none, or one beyond the limits. */
    bool (*read_size)(const uint8_t *frame, size_t size, unsigned *width, unsigned *height);
    bool (*is_key)(const uint8_t *frame, size_t size);
} pp_video_codec_type;

const pp_video_codec_type *pp_video_codec_at(size_t index);  /* in our order; NULL at the end */
const pp_video_codec_type *pp_video_codec_find(pp_str name); /* without regard to case */
const pp_video_codec_type *pp_video_codec_of(pipit_video_codec codec); /* NULL: not built in */

#define PP_VIDEO_CODECS 4u

typedef struct pp_video_codec_list { /* in order of preference */
    const pp_video_codec_type *types[PP_VIDEO_CODECS];
    size_t count;
} pp_video_codec_list;

/* By names, "VP8,H264"; NULL: all that are built in, which may be none. PIPIT_ERR_MEDIA for an unknown one, PIPIT_ERR_LIMIT. */
int pp_video_codec_list_choose(const char *names, pp_video_codec_list *out);
bool pp_video_codec_list_has(const pp_video_codec_list *list, const pp_video_codec_type *type);

pp_video_encoder *
pp_video_encoder_close(pp_video_encoder *encoder); /* NULL is fine; returns NULL */
pp_video_decoder *pp_video_decoder_close(pp_video_decoder *decoder);

#endif
