/* codec.h - the table of codecs, and one codec in use. Counts of samples are of each channel; two stand by turns, left first. */
#ifndef PP_MEDIA_CODEC_H
#define PP_MEDIA_CODEC_H

#include "base/str.h"
#include "pipit/media.h"

#define PP_FRAME_MS          20u /* of a step, and of what is made up */
#define PP_PACKET_MS_MIN     10u /* that are sent; what comes may have other times */
#define PP_PACKET_MS_MAX     60u
#define PP_FRAME_SAMPLES_MAX 960u  /* 20 ms at 48,000, of each channel */
#define PP_FRAME_BYTES_MAX   1275u /* the longest Opus frame, RFC 6716 section 3.2.1 */

typedef struct pp_codec pp_codec; /* an encoder and decoder pair */

typedef struct pp_codec_type {
    const char *name;        /* as in rtpmap: "opus" */
    uint32_t clock_rate;     /* of RTP */
    uint32_t channels;       /* as in rtpmap */
    unsigned sample_rate;    /* of the PCM it takes and gives */
    int static_payload_type; /* -1: dynamic */
    int payload_type;        /* what we offer it as */
    unsigned packet_times;   /* that it can make: bit n stands for 10 n ms */
    bool is_costly;          /* more than the way to a media thread and back */
    int (*open)(const struct pp_codec_type *type, pp_str remote_fmtp, pp_codec **out);
} pp_codec_type;

struct pp_codec { /* the head of every implementation's struct */
    const pp_codec_type *type;
    /* Octets written, 0 when nothing needs to be sent (DTX), or PIPIT_ERR_*; `count` is that of one of its packet times. `expected_loss`: 0 to 1, what the far end reports. */
    int (*encode)(pp_codec *codec, const int16_t *samples, size_t count, double expected_loss,
                  uint8_t *out, size_t size);
    /* Samples given, or PIPIT_ERR_MEDIA. `fec`: decode the frame *before* this packet from its redundancy; 0 when it holds none. */
    int (*decode)(pp_codec *codec, const uint8_t *data, size_t size, bool fec, int16_t *out,
                  size_t capacity);
    /* Makes up one frame of 20 ms for a lost one; samples given. */
    int (*conceal)(pp_codec *codec, int16_t *out, size_t capacity);
    /* How much time a packet holds, in RTP clock units; 0 when it is malformed. */
    uint32_t (*duration)(pp_codec *codec, const uint8_t *data, size_t size);
    /* How much of the time *before* this packet its redundancy holds, in RTP clock units; 0 when it has none. */
    uint32_t (*redundancy)(pp_codec *codec, const uint8_t *data, size_t size);
    void (*close)(pp_codec *codec);
    /* Our own wishes, before the first frame is encoded. NULL: there is nothing to choose. */
    void (*configure)(pp_codec *codec, const pipit_opus_options *options);
    /* One or two, of what is encoded from now on and decoded; before the first. NULL: it has one in any case. */
    void (*set_channels)(pp_codec *codec, unsigned channels);
};

const pp_codec_type *pp_codec_at(
    size_t
        index); /* in our order of preference; NULL at the end: opus, G722 where it is built in, PCMU, PCMA */
const pp_codec_type *pp_codec_find(pp_str name, uint32_t clock_rate,
                                   uint32_t channels); /* name without regard to case */
/* The longest of the codec's packet times that is not longer than that; the shortest when all are. */
unsigned pp_codec_packet_ms(const pp_codec_type *type, unsigned wished_ms);
int pp_codec_open(const pp_codec_type *type, pp_str remote_fmtp, pp_codec **out);
/* Asked for so many channels, it has them or one. */
unsigned pp_codec_set_channels(pp_codec *codec, unsigned channels);
pp_codec *pp_codec_close(pp_codec *codec); /* NULL is fine; returns NULL */

#endif
