/* payload.h - pictures in RTP payloads: VP8 (RFC 7741) and H.264 (RFC 6184). For the codec table. */
#ifndef PP_VIDEO_PAYLOAD_H
#define PP_VIDEO_PAYLOAD_H

#include "video/codec.h"

/* payload_vp8.c */
int pp_vp8_pack(const uint8_t *frame, size_t size, const pp_video_packing *packing);
bool pp_vp8_look(const uint8_t *payload, size_t size, pp_video_payload *out);
int pp_vp8_unpack(const uint8_t *payload, size_t size, pp_buf *out);
bool pp_vp8_read_size(const uint8_t *frame, size_t size, unsigned *width, unsigned *height);
bool pp_vp8_is_key(const uint8_t *frame, size_t size);

/* payload_h264.c: packetization-mode 1; frames have start codes before their units (Annex B) */
int pp_h264_pack(const uint8_t *frame, size_t size, const pp_video_packing *packing);
bool pp_h264_look(const uint8_t *payload, size_t size, pp_video_payload *out);
int pp_h264_unpack(const uint8_t *payload, size_t size, pp_buf *out);

/* h264.c: the stream itself */
typedef struct pp_h264_unit {
    const uint8_t *data;
    size_t size;
} pp_h264_unit;
enum { PP_H264_SLICE = 1, PP_H264_IDR = 5, PP_H264_SEI = 6, PP_H264_SPS = 7, PP_H264_PPS = 8 };
static inline unsigned pp_h264_type(const pp_h264_unit *unit)
{
    return unit->data[0] & 31;
}
/* The next unit that is not empty, from *at on (0 at first); false at the end. */
bool pp_h264_next(const uint8_t *frame, size_t size, size_t *at, pp_h264_unit *out);
bool pp_h264_read_size(const uint8_t *frame, size_t size, unsigned *width, unsigned *height);
bool pp_h264_is_key(const uint8_t *frame, size_t size);
bool pp_h264_fits(
    pp_str fmtp); /* section 8.1 of RFC 6184: mode 1, a constrained baseline profile */

#endif
