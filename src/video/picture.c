/* picture.c - pictures: their memory, their size, and making them smaller. */
#include "video/picture.h"

#include "base/alloc.h"
#include "base/error.h"

#include <string.h>

static bool is_size(unsigned width, unsigned height)
{
    return width >= PP_LIMIT_VIDEO_SIDE_MIN && height >= PP_LIMIT_VIDEO_SIDE_MIN &&
           width <= PP_LIMIT_VIDEO_SIDE && height <= PP_LIMIT_VIDEO_SIDE;
}

bool pp_video_frame_is_valid(const pipit_video_frame *frame)
{
    bool valid = is_size(frame->width, frame->height);

    for (unsigned i = 0; valid && i < 3; i++)
        valid = frame->planes[i] && frame->strides[i] >= pp_plane_side(frame->width, i);
    return valid;
}

size_t pp_picture_size(unsigned width, unsigned height)
{
    return (size_t)width * height + 2 * (size_t)pp_plane_side(width, 1) * pp_plane_side(height, 1);
}

int pp_picture_set_size(pp_picture *picture, unsigned width, unsigned height)
{
    size_t size = pp_picture_size(width, height);
    uint8_t *memory;

    if (!is_size(width, height))
        return pp_error(PIPIT_ERR_LIMIT, "video: a picture of %u x %u", width, height);
    if (size > picture->capacity) {
        memory = pp_alloc(size);
        if (!memory)
            return PIPIT_ERR_MEMORY;
        pp_free(picture->memory);
        picture->memory = memory;
        picture->capacity = size;
    }
    picture->width = width;
    picture->height = height;
    return 0;
}

uint8_t *pp_picture_plane(const pp_picture *picture, unsigned plane)
{
    size_t all = (size_t)picture->width * picture->height;
    size_t half = (size_t)pp_plane_side(picture->width, 1) * pp_plane_side(picture->height, 1);

    return picture->memory + (plane ? all + (plane - 1) * half : 0);
}

pipit_video_frame pp_picture_frame(const pp_picture *picture)
{
    pipit_video_frame frame = {.width = picture->width, .height = picture->height};

    for (unsigned i = 0; i < 3; i++) {
        frame.planes[i] = pp_picture_plane(picture, i);
        frame.strides[i] = pp_plane_side(picture->width, i);
    }
    return frame;
}

void pp_picture_fit(const pipit_video_frame *frame, unsigned *width, unsigned *height)
{
    unsigned w = frame->width, h = frame->height;

    if (w > *width) {
        h = (unsigned)((uint64_t)h * *width / w);
        w = *width;
    }
    if (h > *height) {
        w = (unsigned)((uint64_t)w * *height / h);
        h = *height;
    }
    *width = w > PP_LIMIT_VIDEO_SIDE_MIN ? w & ~1u : PP_LIMIT_VIDEO_SIDE_MIN;
    *height = h > PP_LIMIT_VIDEO_SIDE_MIN ? h & ~1u : PP_LIMIT_VIDEO_SIDE_MIN;
}

struct axis { /* one sample of the new row or column, between two of the old */
    unsigned first, second;
    unsigned weight; /* of the second, of 256 */
};

static struct axis axis_at(unsigned at, unsigned to, unsigned from)
{
    uint64_t position = ((2 * (uint64_t)at + 1) * from * 128) / to; /* of its middle, by 256 */
    struct axis axis = {0};

    position = position > 128 ? position - 128 : 0;
    axis.first = (unsigned)(position >> 8);
    axis.second = axis.first + 1 < from ? axis.first + 1 : from - 1;
    axis.weight = (unsigned)(position & 255);
    return axis;
}

static void scale_row(uint8_t *to, unsigned width, const uint8_t *const rows[2],
                      const struct axis *down, unsigned from)
{
    for (unsigned x = 0; x < width; x++) {
        struct axis across = axis_at(x, width, from);
        unsigned above =
            rows[0][across.first] * (256 - across.weight) + rows[0][across.second] * across.weight;
        unsigned below =
            rows[1][across.first] * (256 - across.weight) + rows[1][across.second] * across.weight;

        to[x] = (uint8_t)((above * (256 - down->weight) + below * down->weight + 32768) >> 16);
    }
}

void pp_picture_scale(const pp_picture *picture, const pipit_video_frame *frame)
{
    for (unsigned i = 0; i < 3; i++) {
        unsigned width = pp_plane_side(picture->width, i);
        unsigned height = pp_plane_side(picture->height, i);
        uint8_t *to = pp_picture_plane(picture, i);

        for (unsigned y = 0; y < height; y++, to += width) {
            struct axis down = axis_at(y, height, pp_plane_side(frame->height, i));
            const uint8_t *const rows[2] = {frame->planes[i] + down.first * frame->strides[i],
                                            frame->planes[i] + down.second * frame->strides[i]};

            scale_row(to, width, rows, &down, pp_plane_side(frame->width, i));
        }
    }
}

void pp_picture_copy(const pp_picture *picture, const pipit_video_frame *frame)
{
    for (unsigned i = 0; i < 3; i++) {
        unsigned width = pp_plane_side(picture->width, i);
        uint8_t *to = pp_picture_plane(picture, i);

        for (unsigned y = 0; y < pp_plane_side(picture->height, i); y++, to += width)
            memcpy(to, frame->planes[i] + y * frame->strides[i], width);
    }
}

void pp_picture_free(pp_picture *picture)
{
    pp_free(picture->memory);
    *picture = (pp_picture){0};
}
