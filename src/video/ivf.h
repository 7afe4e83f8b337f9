/* ivf.h - the two plain files of pictures: IVF (encoded ones) and Y4M (raw ones), as octets. */
#ifndef PP_VIDEO_IVF_H
#define PP_VIDEO_IVF_H

#include "base/buf.h"
#include "pipit/video.h"

#define PP_IVF_HEADER_SIZE 32u
#define PP_IVF_FRAME_SIZE  12u /* before each frame */

typedef struct pp_ivf_header {
    pipit_video_codec codec;
    unsigned width, height;
    uint32_t rate, scale; /* a tick is scale / rate seconds */
    uint32_t frames;      /* 0: not known */
} pp_ivf_header;

bool pp_is_ivf(const uint8_t *data, size_t size);
/* PIPIT_ERR_MEDIA; PIPIT_ERR_NOT_SUPPORTED for another codec than ours. */
int pp_ivf_read_header(const uint8_t data[PP_IVF_HEADER_SIZE], pp_ivf_header *out);
void pp_ivf_write_header(const pp_ivf_header *header, pp_buf *out);
void pp_ivf_read_frame(const uint8_t data[PP_IVF_FRAME_SIZE], uint32_t *size, uint64_t *ticks);
void pp_ivf_write_frame(pp_buf *out, size_t size, uint64_t ticks);

typedef struct pp_y4m_header {
    unsigned width, height;
    uint32_t rate, scale; /* pictures a second: rate / scale */
} pp_y4m_header;

bool pp_is_y4m(const uint8_t *data, size_t size);
/* The first line, without its end. PIPIT_ERR_MEDIA; PIPIT_ERR_NOT_SUPPORTED for other colours than 4:2:0. */
int pp_y4m_read_header(pp_str line, pp_y4m_header *out);

#endif
