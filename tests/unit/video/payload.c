/* payload.c - pictures cut into payloads and put together again, and payloads as others make them. */
#include "video/payload.h"

#include "pipit/error.h"
#include "support/files.h"

enum { MAX = 100 };

struct cut {
    const pp_video_codec_type *type;
    pp_buf whole;
    unsigned count, lasts;
    size_t longest;
    uint8_t first[MAX];
};

static int take(void *arg, const uint8_t *payload, size_t size, bool last)
{
    struct cut *cut = arg;
    pp_video_payload look;

    if (!cut->count)
        memcpy(cut->first, payload, size < MAX ? size : MAX);
    assert_true(cut->type->look(payload, size, &look));
    assert_true(look.begins || cut->count);
    cut->count++;
    cut->lasts += last;
    cut->longest = size > cut->longest ? size : cut->longest;
    return cut->type->unpack(payload, size, &cut->whole);
}

/* Types that need no encoder here: only their packing is used. */
static const pp_video_codec_type vp8 = {
    .name = "VP8", .pack = pp_vp8_pack, .look = pp_vp8_look, .unpack = pp_vp8_unpack};
static const pp_video_codec_type h264 = {
    .name = "H264", .pack = pp_h264_pack, .look = pp_h264_look, .unpack = pp_h264_unpack};

static struct cut cut_up(const pp_video_codec_type *type, const void *frame, size_t size)
{
    struct cut cut = {.type = type};
    const pp_video_packing packing = {.max = MAX, .picture_id = 0x7f05, .put = take, .arg = &cut};

    assert_int_equal(type->pack(frame, size, &packing), 0);
    assert_int_equal(cut.lasts, 1);
    assert_true(cut.longest <= MAX);
    return cut;
}

static void a_vp8_frame_comes_together_again(void **state)
{
    static const size_t sizes[] = {1, 95, 96, 97, 192, 193, 1000, 5000};
    uint8_t frame[5000];

    (void)state;
    for (size_t i = 0; i < sizeof(frame); i++)
        frame[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct cut cut = cut_up(&vp8, frame, sizes[i]);

        assert_int_equal(cut.count, (sizes[i] + 95) / 96);
        assert_int_equal(cut.whole.n, sizes[i]);
        assert_memory_equal(cut.whole.p, frame, sizes[i]);
        assert_memory_equal(cut.first, "\x90\x80\xff\x05", 4);
        pp_buf_free(&cut.whole);
    }
}

static void every_form_of_a_vp8_descriptor_is_read(void **state)
{
    static const struct {
        const char *payload;
        size_t size;
        bool begins, key;
    } rows[] = {
        {"\x10\x00zzz", 5, true, true},
        {"\x10\x01zzz", 5, true, false},
        {"\x00\x00zzz", 5, false, false},
        {"\x11\x00zzz", 5, false, false}, /* the second partition begins */
        {"\x90\x80\x11\x00zz", 6, true, true},
        {"\x90\xf0\x91\x22\x33\x44\x00z", 8, true, true},
        {"\x90\x20\x44\x00z", 5, true, true},
        {"\x90\x40\x33\x00z", 5, true, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pp_video_payload look;

        assert_true(pp_vp8_look((const uint8_t *)rows[i].payload, rows[i].size, &look));
        assert_int_equal(look.begins, rows[i].begins);
        assert_int_equal(look.key, rows[i].key);
    }
}

static void a_vp8_payload_without_a_frame_is_refused(void **state)
{
    pp_video_payload look;
    pp_buf out = {0};

    (void)state;
    assert_false(pp_vp8_look((const uint8_t *)"\x90\x80\x91\x22", 4, &look));
    assert_false(pp_vp8_look((const uint8_t *)"\x90", 1, &look));
    assert_false(pp_vp8_look(NULL, 0, &look));
    assert_int_equal(pp_vp8_unpack((const uint8_t *)"\x10", 1, &out), PIPIT_ERR_SYNTAX);
}

static void a_vp8_key_frame_tells_its_size(void **state)
{
    static const uint8_t key[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x42, 0xe0, 0x01};
    static const uint8_t huge[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f};
    unsigned width = 0, height = 0;

    (void)state;
    assert_true(pp_vp8_read_size(key, sizeof(key), &width, &height));
    assert_int_equal(width, 640); /* without the two bits of scaling */
    assert_int_equal(height, 480);
    assert_false(pp_vp8_read_size(huge, sizeof(huge), &width, &height));
    assert_false(pp_vp8_read_size(key, sizeof(key) - 1, &width, &height));
}

/* SPS, PPS, a slice that fits nowhere, and one that does. */
static size_t make_h264(uint8_t *out)
{
    static const uint8_t sets[] = {0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0, 0, 1, 0x68, 0xce, 0x3c};
    size_t n = sizeof(sets);

    memcpy(out, sets, n);
    memcpy(out + n, "\0\0\0\1\x65", 5);
    for (n += 5; n < 1000; n++)
        out[n] = (uint8_t)(n % 251 + 1);
    memcpy(out + n, "\0\0\1\x41slice", 9);
    return n + 9;
}

static void an_h264_picture_comes_together_again(void **state)
{
    uint8_t frame[1100];
    size_t size = make_h264(frame), at = 0, back_at = 0;
    struct cut cut = cut_up(&h264, frame, size);
    pp_h264_unit unit, back;

    (void)state;
    assert_int_equal(cut.first[0], 0x78); /* SPS and PPS in one STAP-A, NRI of both 3 */
    assert_int_equal(cut.count, 1 + 11 + 1);
    while (pp_h264_next(frame, size, &at, &unit)) {
        assert_true(pp_h264_next((const uint8_t *)cut.whole.p, cut.whole.n, &back_at, &back));
        assert_int_equal(back.size, unit.size);
        assert_memory_equal(back.data, unit.data, unit.size);
    }
    assert_false(pp_h264_next((const uint8_t *)cut.whole.p, cut.whole.n, &back_at, &back));
    pp_buf_free(&cut.whole);
}

static void an_h264_key_frame_is_known_by_its_first_payload(void **state)
{
    static const struct {
        const char *payload;
        size_t size;
        bool begins, key;
    } rows[] = {
        {"\x67\x42\xc0\x1f", 4, true, true}, {"\x65zz", 3, false, true},
        {"\x41zz", 3, false, false},         {"\x78\0\2\x67z\0\2\x68z", 9, true, true},
        {"\x58\0\2\x41z", 5, false, false},  {"\x7c\x85zz", 4, false, true},
        {"\x7c\x05zz", 4, false, false},     {"\x5c\x81zz", 4, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pp_video_payload look;

        assert_true(pp_h264_look((const uint8_t *)rows[i].payload, rows[i].size, &look));
        assert_int_equal(look.begins, rows[i].begins);
        assert_int_equal(look.key, rows[i].key);
    }
}

static void a_malformed_h264_payload_is_refused(void **state)
{
    static const struct {
        const char *payload;
        size_t size;
    } rows[] = {{"", 0},         {"\x65", 1},   {"\x7c", 1},   {"\x7c\x85", 2}, {"\x78\0\5\x67", 4},
                {"\x78\0\0", 3}, {"\x60zz", 3}, {"\x79zz", 3}, {"\x7dzz", 3}};
    pp_buf out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_int_equal(pp_h264_unpack((const uint8_t *)rows[i].payload, rows[i].size, &out),
                         PIPIT_ERR_SYNTAX);
    pp_buf_free(&out);
}

static void only_what_we_can_send_and_take_fits(void **state)
{
    (void)state;
    assert_true(pp_h264_fits(
        PP_LIT("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f")));
    assert_true(pp_h264_fits(PP_LIT("profile-level-id=42C028; packetization-mode=1")));
    assert_true(pp_h264_fits(PP_LIT("packetization-mode=1;profile-level-id=4d801f")));
    assert_false(pp_h264_fits(PP_LIT("packetization-mode=1;profile-level-id=42001f")));
    assert_false(pp_h264_fits(PP_LIT("packetization-mode=1;profile-level-id=64001f")));
    assert_false(pp_h264_fits(PP_LIT("packetization-mode=0;profile-level-id=42e01f")));
    assert_false(pp_h264_fits(PP_LIT("profile-level-id=42e01f")));
    assert_false(pp_h264_fits(PP_LIT("packetization-mode=1;profile-level-id=42e0")));
    assert_false(pp_h264_fits(PP_STR_NONE));
}

static void an_sps_tells_the_size(void **state)
{
    /* 640 x 360, cropped from 368 rows. */
    static const uint8_t sps[] = {0,    0,    0,    0x01, 0x67, 0x42, 0xc0,
                                  0x1e, 0xda, 0x02, 0x80, 0xbf, 0xe5, 0x40};
    unsigned width = 0, height = 0;

    (void)state;
    assert_true(pp_h264_read_size(sps, sizeof(sps), &width, &height));
    assert_int_equal(width, 640);
    assert_int_equal(height, 360);
    assert_false(pp_h264_read_size(sps, 9, &width, &height));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vp8_frame_comes_together_again),
        cmocka_unit_test(every_form_of_a_vp8_descriptor_is_read),
        cmocka_unit_test(a_vp8_payload_without_a_frame_is_refused),
        cmocka_unit_test(a_vp8_key_frame_tells_its_size),
        cmocka_unit_test(an_h264_picture_comes_together_again),
        cmocka_unit_test(an_h264_key_frame_is_known_by_its_first_payload),
        cmocka_unit_test(a_malformed_h264_payload_is_refused),
        cmocka_unit_test(only_what_we_can_send_and_take_fits),
        cmocka_unit_test(an_sps_tells_the_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
