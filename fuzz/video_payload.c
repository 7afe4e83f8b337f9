/* video_payload.c - any octets as a payload of VP8 or H.264, and as a picture: what is unpacked is no longer than what it came from
 * but for start codes; a picture that is packed comes together again, unit by unit. */
/* FUZZ: video rtp base */
#include "video/ivf.h"
#include "video/payload.h"

#include "check.h"

enum { MAX = 60, START_CODE = 4 };

struct cut {
    const pp_video_codec_type *type;
    pp_buf whole;
    bool last;
};

static const pp_video_codec_type types[] = {
    {.name = "VP8", .pack = pp_vp8_pack, .look = pp_vp8_look, .unpack = pp_vp8_unpack},
    {.name = "H264", .pack = pp_h264_pack, .look = pp_h264_look, .unpack = pp_h264_unpack}};

static int take(void *arg, const uint8_t *payload, size_t size, bool last)
{
    struct cut *cut = arg;
    pp_video_payload look;

    CHECK(!cut->last && size <= MAX);
    CHECK(cut->type->look(payload, size, &look));
    cut->last = last;
    return cut->type->unpack(payload, size, &cut->whole);
}

static void check_units(const uint8_t *frame, size_t size, const pp_buf *whole)
{
    pp_h264_unit unit, back;
    size_t at = 0, back_at = 0;

    while (pp_h264_next(frame, size, &at, &unit)) {
        CHECK(pp_h264_next((const uint8_t *)whole->p, whole->n, &back_at, &back));
        CHECK(back.size == unit.size && memcmp(back.data, unit.data, unit.size) == 0);
    }
    CHECK(!pp_h264_next((const uint8_t *)whole->p, whole->n, &back_at, &back));
}

/* Types above 23 are no units but packings themselves: such a stream cannot be carried. */
static bool can_be_carried(const uint8_t *frame, size_t size)
{
    pp_h264_unit unit;
    size_t at = 0, count = 0;

    for (; pp_h264_next(frame, size, &at, &unit); count++)
        if (!pp_h264_type(&unit) || pp_h264_type(&unit) > 23 || unit.size < 2)
            return false;
    return count;
}

static void check_picture(const pp_video_codec_type *type, const uint8_t *frame, size_t size)
{
    struct cut cut = {.type = type};
    const pp_video_packing packing = {.max = MAX, .put = take, .arg = &cut};
    bool is_h264 = type == &types[1];

    if (is_h264 ? !can_be_carried(frame, size) : !size)
        return;
    CHECK(type->pack(frame, size, &packing) == 0);
    CHECK(cut.last);
    if (is_h264)
        check_units(frame, size, &cut.whole);
    else
        CHECK(cut.whole.n == size && memcmp(cut.whole.p, frame, size) == 0);
    pp_buf_free(&cut.whole);
}

static void check_headers(const uint8_t *data, size_t size)
{
    unsigned width = 0, height = 0;
    pp_ivf_header ivf;
    pp_y4m_header y4m;

    if (pp_vp8_read_size(data, size, &width, &height) ||
        pp_h264_read_size(data, size, &width, &height))
        CHECK(width && height && width <= PP_LIMIT_VIDEO_SIDE && height <= PP_LIMIT_VIDEO_SIDE);
    if (size >= PP_IVF_HEADER_SIZE && pp_ivf_read_header(data, &ivf) == 0)
        CHECK(ivf.rate && ivf.scale);
    if (pp_y4m_read_header(pp_str_n(data, size), &y4m) == 0)
        CHECK(y4m.rate && y4m.scale && y4m.width <= PP_LIMIT_VIDEO_SIDE &&
              y4m.height <= PP_LIMIT_VIDEO_SIDE && y4m.width && y4m.height);
    (void)pp_h264_fits(pp_str_n(data, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const pp_video_codec_type *type = &types[size ? data[0] & 1 : 0];
    pp_video_payload look;
    pp_buf out = {0};

    data += size > 0;
    size -= size > 0;
    if (type->unpack(data, size, &out) == 0) {
        CHECK(type->look(data, size, &look));
        CHECK(out.n <= size * (START_CODE + 1));
    }
    pp_buf_free(&out);
    check_picture(type, data, size);
    check_headers(data, size);
    return 0;
}
