/* picture.h - a picture with memory of its own. */
#ifndef PP_VIDEO_PICTURE_H
#define PP_VIDEO_PICTURE_H

#include "base/limits.h"
#include "pipit/video.h"

typedef struct pp_picture { /* zeroed: none */
    uint8_t *memory;
    size_t capacity;
    unsigned width, height;
} pp_picture;

/* Within the limits, and with all it needs. */
bool pp_video_frame_is_valid(const pipit_video_frame *frame);
/* What is in it after a change of size is undefined. PIPIT_ERR_LIMIT, PIPIT_ERR_MEMORY: unchanged. */
int pp_picture_set_size(pp_picture *picture, unsigned width, unsigned height);
size_t pp_picture_size(unsigned width, unsigned height); /* octets, planes without gaps */
uint8_t *pp_picture_plane(const pp_picture *picture, unsigned plane);
pipit_video_frame pp_picture_frame(const pp_picture *picture);
/* The largest even size with the shape of `frame` that fits in, and is not larger than it. */
void pp_picture_fit(const pipit_video_frame *frame, unsigned *width, unsigned *height);
/* `frame` scaled to the size of `picture`. */
void pp_picture_scale(const pp_picture *picture, const pipit_video_frame *frame);
/* `frame`, which has the size of `picture`. */
void pp_picture_copy(const pp_picture *picture, const pipit_video_frame *frame);
void pp_picture_free(pp_picture *picture);

/* Plane 0 has all samples, 1 and 2 half as many each way. */
static inline unsigned pp_plane_side(unsigned side, unsigned plane)
{
    return plane ? (side + 1) / 2 : side;
}

#endif
