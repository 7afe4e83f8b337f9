/* pattern.c - the test pattern: a source whose pictures carry their number, and the reading of it.
 * The number stands at the bottom in fields of a 24th of the width and a 12th of the height: white, black, sixteen bits with
 * the highest first, four bits that check them, black, white. */
#include "pipit/video.h"

#include "base/alloc.h"
#include "base/error.h"
#include "video/picture.h"

#include <string.h>

enum {
    FIELDS = 24,
    FIELD_ROWS = 12, /* of the height */
    WHITE = 235,
    BLACK = 16,
    MIDDLE = 126,
    SIDE_MIN = 64,
    MOVES = 4 /* samples a picture */
};

struct pattern {
    pp_picture picture;
    unsigned number;
};

static unsigned check_bits(unsigned number)
{
    return (number ^ number >> 4 ^ number >> 8 ^ number >> 12) & 15;
}

/* All fields, the first one at the highest bit. */
static uint32_t fields_of(unsigned number)
{
    return 1u << 23 | (number & 0xffff) << 6 | check_bits(number) << 2 | 1;
}

static void fill_rows(const pp_picture *picture, unsigned plane, const uint8_t *row, unsigned from,
                      unsigned to)
{
    unsigned width = pp_plane_side(picture->width, plane);

    for (unsigned y = from; y < to; y++)
        memcpy(pp_picture_plane(picture, plane) + (size_t)y * width, row, width);
}

/* Eight bars of 75 % as EBU has them, white to black. */
static void draw_bars(const pp_picture *picture)
{
    static const uint8_t bars[3][8] = {{180, 162, 131, 112, 84, 65, 35, 16},
                                       {128, 44, 156, 72, 184, 100, 212, 128},
                                       {128, 142, 44, 58, 198, 212, 114, 128}};
    uint8_t row[PP_LIMIT_VIDEO_SIDE];

    for (unsigned plane = 0; plane < 3; plane++) {
        unsigned width = pp_plane_side(picture->width, plane);

        for (unsigned x = 0; x < width; x++)
            row[x] = bars[plane][x * 8 / width];
        fill_rows(picture, plane, row, 0, pp_plane_side(picture->height, plane));
    }
}

static void draw_number(const pp_picture *picture, unsigned number)
{
    uint8_t row[PP_LIMIT_VIDEO_SIDE];
    unsigned first = picture->height - picture->height / FIELD_ROWS;

    for (unsigned x = 0; x < picture->width; x++)
        row[x] =
            fields_of(number) >> (FIELDS - 1 - x * FIELDS / picture->width) & 1 ? WHITE : BLACK;
    fill_rows(picture, 0, row, first, picture->height);
    memset(row, 128, pp_plane_side(picture->width, 1));
    for (unsigned plane = 1; plane < 3; plane++)
        fill_rows(picture, plane, row, first / 2, pp_plane_side(picture->height, plane));
}

/* A square that goes from left to right across the middle. */
static void draw_square(const pp_picture *picture, unsigned number)
{
    unsigned side = picture->height / 8;
    unsigned left = number * MOVES % (picture->width - side);

    for (unsigned y = 0; y < side; y++)
        memset(pp_picture_plane(picture, 0) + (size_t)(picture->height / 2 + y) * picture->width +
                   left,
               WHITE, side);
}

static bool read_pattern(void *self, uint64_t time_us, pipit_video_frame *out)
{
    struct pattern *pattern = self;

    (void)time_us;
    draw_bars(&pattern->picture);
    draw_square(&pattern->picture, pattern->number);
    draw_number(&pattern->picture, pattern->number++);
    *out = pp_picture_frame(&pattern->picture);
    return true;
}

static void release_pattern(void *self)
{
    struct pattern *pattern = self;

    pp_picture_free(&pattern->picture);
    pp_free(pattern);
}

int pipit_video_source_pattern(unsigned width, unsigned height, pipit_video_source **out)
{
    static const pipit_video_source_interface functions = {.read = read_pattern,
                                                           .release = release_pattern};
    struct pattern *pattern;
    int err;

    width = width ? width : 640;
    height = height ? height : 480;
    if (!out || width < SIDE_MIN || height < SIDE_MIN || width > PP_LIMIT_VIDEO_SIDE ||
        height > PP_LIMIT_VIDEO_SIDE)
        return pp_error(PIPIT_ERR_ARGUMENT, "video source: a test pattern of %u x %u", width,
                        height);
    pattern = PP_NEW(struct pattern);
    if (!pattern)
        return PIPIT_ERR_MEMORY;
    err = pp_picture_set_size(&pattern->picture, width, height);
    if (!err)
        err = pipit_video_source_new(&functions, pattern, out);
    if (err)
        release_pattern(pattern);
    return err;
}

/* The average of the inner part of a field: its edges are smeared. */
static unsigned field_at(const pipit_video_frame *frame, unsigned field)
{
    unsigned rows = frame->height / FIELD_ROWS;
    unsigned top = frame->height - rows, first = frame->width * field / FIELDS;
    unsigned columns = frame->width / FIELDS, sum = 0, count = 0;

    for (unsigned y = top + rows / 3; y <= top + rows * 2 / 3 && y < frame->height; y++)
        for (unsigned x = first + columns / 3; x <= first + columns * 2 / 3; x++, count++)
            sum += frame->planes[0][y * frame->strides[0] + x];
    return sum / count;
}

bool pipit_video_pattern_number(const pipit_video_frame *frame, unsigned *out)
{
    uint32_t fields = 0;
    unsigned number;

    if (!frame || !out || !pp_video_frame_is_valid(frame) || frame->width < FIELDS ||
        frame->height < FIELD_ROWS)
        return false;
    for (unsigned i = 0; i < FIELDS; i++)
        fields = fields << 1 | (field_at(frame, i) >= MIDDLE);
    number = fields >> 6 & 0xffff;
    if (fields != fields_of(number))
        return false;
    *out = number;
    return true;
}
