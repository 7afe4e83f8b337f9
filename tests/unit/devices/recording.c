/* recording.c - sound and pictures in one file, read again by another program: ffprobe and ffmpeg. */
#include "pipit/recording.h"

#include "media/codec.h"
#include "media/encoded.h"
#include "media/source.h"
#include "pipit/error.h"
#include "support/files.h"
#include "support/scarce.h"
#include "video/codec.h"
#include "video/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    WIDTH = 160,
    HEIGHT = 120,
    SECONDS = 4,
    A_SECOND = 30,
    SOUND_STEP_US = 20000,
    LIGHT_MS = 700 /* dark and silent, then bright and loud, and so on */
};

static char folder[64], path[128];
static char reason[256];
static unsigned failures;

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/pipit-recording-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static void on_failed(const char *why, void *user)
{
    (void)user;
    snprintf(reason, sizeof(reason), "%s", why);
    failures++;
}

/* --- what a call would give ------------------------------------------------------------------- */

typedef struct stage {
    pipit_sink *sound;
    pipit_video_sink *pictures;
    pp_codec *voice;
    pp_video_encoder *encoder;
    const pp_video_codec_type *type;
    uint64_t sound_at_us, picture_at_us; /* captured */
    uint32_t timestamp;
    unsigned picture;
    int64_t sound_late_us; /* how much later than true sound seems to be captured */
} stage;

static const pp_codec_type *opus(void)
{
    return pp_codec_find(PP_LIT("opus"), 48000, 2);
}

static void open_stage(stage *s, const char *name, pipit_video_codec codec)
{
    static const pipit_recording_handlers handlers = {.failed = on_failed};
    const pipit_recording_options options = {.handlers = &handlers};
    const pp_video_settings settings = {WIDTH, HEIGHT, A_SECOND, 500000};

    *s = (stage){.type = pp_video_codec_of(codec),
                 .sound_at_us = 5000000,
                 .picture_at_us = 5000000,
                 .timestamp = UINT32_MAX - 48000};
    if (!s->type)
        skip();
    failures = 0;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (pipit_recording_open(path, &options, &s->sound, &s->pictures) == PIPIT_ERR_NOT_SUPPORTED)
        skip();
    assert_non_null(s->pictures);
    assert_int_equal(pp_codec_open(opus(), PP_STR_NONE, &s->voice), 0);
    assert_int_equal(s->type->open_encoder(&settings, &s->encoder), 0);
}

static void close_stage(stage *s)
{
    pipit_sink_unref(s->sound);
    pipit_video_sink_unref(s->pictures);
    pp_codec_close(s->voice);
    pp_video_encoder_close(s->encoder);
}

static bool is_bright(uint64_t captured_us)
{
    return captured_us / 1000 / LIGHT_MS % 2;
}

static void give_sound(stage *s, bool lost)
{
    int16_t samples[960];
    uint8_t packet[1275];
    pipit_audio_encoded frame = {.codec = "opus", .data = packet, .timestamp = s->timestamp};
    int size;

    for (size_t i = 0; i < 960; i++)
        samples[i] = !is_bright(s->sound_at_us + i * 1000 / 48) ? 0 : i / 48 % 2 ? 16000 : -16000;
    size = s->voice->encode(s->voice, samples, 960, 0, packet, sizeof(packet));
    assert_true(size > 0);
    frame.size = (size_t)size;
    frame.captured_us = s->sound_at_us + (uint64_t)s->sound_late_us;
    if (!lost)
        pp_sink_write_encoded(s->sound, &frame);
    s->timestamp += 960;
    s->sound_at_us += SOUND_STEP_US;
}

static void give_picture(stage *s)
{
    static uint8_t planes[WIDTH * HEIGHT * 3 / 2];
    const pipit_video_frame raw = {
        .width = WIDTH,
        .height = HEIGHT,
        .planes = {planes, planes + WIDTH * HEIGHT, planes + WIDTH * HEIGHT * 5 / 4},
        .strides = {WIDTH, WIDTH / 2, WIDTH / 2}};
    pipit_video_encoded frame = {.codec = s->type->codec,
                                 .width = WIDTH,
                                 .height = HEIGHT,
                                 .time_us = s->picture * 1000000ull / A_SECOND,
                                 .captured_us = s->picture_at_us};
    pp_buf octets = {0};

    memset(planes, is_bright(s->picture_at_us) ? 200 : 30, WIDTH * HEIGHT);
    memset(planes + WIDTH * HEIGHT, 128, WIDTH * HEIGHT / 2);
    assert_int_equal(s->encoder->encode(s->encoder, &raw, !s->picture, &octets, &frame.key), 0);
    frame.data = (const uint8_t *)octets.p;
    frame.size = octets.n;
    if (octets.n)
        s->pictures->functions->write_encoded(s->pictures->self, &frame);
    pp_buf_free(&octets);
    s->picture++;
    s->picture_at_us = 5000000 + s->picture * 1000000ull / A_SECOND;
}

static void play(stage *s, unsigned seconds)
{
    uint64_t end_us = s->sound_at_us + seconds * 1000000ull;

    while (s->sound_at_us < end_us) {
        give_sound(s, false);
        while (s->picture_at_us < s->sound_at_us)
            give_picture(s);
    }
}

/* --- what another program reads --------------------------------------------------------------- */

/* The output of a command with the file's name at its end, or the number in it. */
static void ask(const char *command, char *out, size_t size)
{
    char line[512];
    FILE *pipe;

    snprintf(line, sizeof(line), "%s %s 2>/dev/null", command, path);
    pipe = popen(line, "r");
    assert_non_null(pipe);
    out[fread(out, 1, size - 1, pipe)] = 0;
    pclose(pipe);
}

static double number(const char *command)
{
    char text[64];

    ask(command, text, sizeof(text));
    return atof(text);
}

static void need_ffmpeg(void)
{
    if (system("ffprobe -version >/dev/null 2>&1") != 0)
        skip();
}

#define PROBE "ffprobe -v error -of default=nw=1:nk=1 "

/* When each stretch of light and of sound begins, by decoding both: seconds. */
static size_t bright_at(double *out, size_t max)
{
    char line[512];
    double at, luma;
    bool was = false;
    size_t count = 0;
    FILE *pipe;

    snprintf(line, sizeof(line),
             "ffprobe -v error -f lavfi -i movie=%s,signalstats -show_entries "
             "frame=pts_time:frame_tags=lavfi.signalstats.YAVG -of csv=p=0",
             path);
    pipe = popen(line, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof(line), pipe) && sscanf(line, "%lf,%lf", &at, &luma) == 2) {
        if (luma > 100 && !was && count < max)
            out[count++] = at;
        was = luma > 100;
    }
    pclose(pipe);
    return count;
}

static size_t loud_at(double *out, size_t max)
{
    char line[512];
    int16_t samples[480];
    double at = 0;
    bool was = false;
    size_t count = 0, n;
    FILE *pipe;

    snprintf(line, sizeof(line),
             "ffmpeg -v error -i %s -map 0:a -af aresample=async=1:first_pts=0 -ar 48000 -ac 1 -f "
             "s16le -",
             path);
    pipe = popen(line, "r");
    assert_non_null(pipe);
    for (; (n = fread(samples, sizeof(*samples), 480, pipe)); at += 0.01) {
        int most = 0;

        for (size_t i = 0; i < n; i++)
            most = abs(samples[i]) > most ? abs(samples[i]) : most;
        if (most > 4000 && !was && count < max)
            out[count++] = at;
        was = most > 4000;
    }
    pclose(pipe);
    return count;
}

static void check_together(void)
{
    double light[8], sound[8];
    size_t count = bright_at(light, 8);

    assert_true(count >= 2);
    assert_int_equal(loud_at(sound, 8), count);
    for (size_t i = 0; i < count; i++)
        if (light[i] - sound[i] > 0.045 || sound[i] - light[i] > 0.045)
            fail_msg("light at %f s and its sound at %f s", light[i], sound[i]);
}

static void check_file(const char *codec)
{
    char text[64];

    assert_int_equal(failures, 0);
    ask(PROBE "-select_streams v -show_entries stream=codec_name", text, sizeof(text));
    assert_true(strncmp(text, codec, strlen(codec)) == 0);
    ask(PROBE "-select_streams a -show_entries stream=codec_name", text, sizeof(text));
    assert_true(strncmp(text, "opus", 4) == 0);
    assert_true(number(PROBE "-select_streams v -show_entries stream=width") == WIDTH);
    assert_in_range(number(PROBE "-select_streams v -count_frames -show_entries "
                                 "stream=nb_read_frames"),
                    SECONDS * A_SECOND - 3, SECONDS * A_SECOND + 1);
    assert_in_range(number(PROBE "-show_entries format=duration") * 1000, SECONDS * 1000 - 150,
                    SECONDS * 1000 + 150);
    check_together();
}

/* --- tests ------------------------------------------------------------------------------------ */

static void record(const char *file, pipit_video_codec codec, const char *name)
{
    stage s;

    need_ffmpeg();
    open_stage(&s, file, codec);
    play(&s, SECONDS);
    close_stage(&s);
    check_file(name);
}

static void a_call_is_a_file(void **state)
{
    (void)state;
    record("call.webm", PIPIT_VIDEO_VP8, "vp8");
}

static void a_call_of_h264_is_a_file_of_matroska(void **state)
{
    (void)state;
    record("call.mkv", PIPIT_VIDEO_H264, "h264");
}

static void a_call_of_h264_is_a_file_of_mp4(void **state)
{
    (void)state;
    record("call.mp4", PIPIT_VIDEO_H264, "h264");
}

/* When the light goes on in what is played, three times over. */
static void check_played(void)
{
    pipit_video_source *source = NULL;
    pipit_video_frame frame;
    unsigned pictures = 0, flashes = 0;
    bool was = false;

    assert_int_equal(pipit_video_source_file(path, true, &source), 0);
    for (uint64_t at_us = 0; at_us < 3 * SECONDS * 1000000ull; at_us += 1000000 / A_SECOND) {
        if (!source->functions->read(source->self, at_us, &frame))
            continue;
        assert_true(frame.width == WIDTH && frame.height == HEIGHT);
        flashes += frame.planes[0][0] > 100 && !was;
        was = frame.planes[0][0] > 100;
        pictures++;
    }
    assert_in_range(pictures, 3 * SECONDS * A_SECOND * 8 / 10, 3 * SECONDS * A_SECOND);
    assert_in_range(flashes, 3 * 2, 3 * 4);
    pipit_video_source_unref(source);
}

static void a_recording_is_played(void **state)
{
    static const struct {
        const char *name;
        pipit_video_codec codec;
    } files[] = {{"film.webm", PIPIT_VIDEO_VP8},
                 {"film.mkv", PIPIT_VIDEO_H264},
                 {"film.mp4", PIPIT_VIDEO_H264}};

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        stage s;

        open_stage(&s, files[i].name, files[i].codec);
        play(&s, SECONDS);
        close_stage(&s);
        check_played();
    }
}

/* Sound was thought to be 400 ms late, until a report of its sender told better. */
static void sound_and_pictures_find_together_late(void **state)
{
    stage s;

    (void)state;
    need_ffmpeg();
    open_stage(&s, "late.webm", PIPIT_VIDEO_VP8);
    s.sound_late_us = 400000;
    play(&s, 1);
    s.sound_late_us = 0;
    play(&s, SECONDS - 1);
    close_stage(&s);
    assert_int_equal(failures, 0);
    check_together();
}

static void what_was_lost_moves_nothing(void **state)
{
    stage s;

    (void)state;
    need_ffmpeg();
    open_stage(&s, "lost.webm", PIPIT_VIDEO_VP8);
    for (unsigned i = 0; i < SECONDS * 50; i++) {
        give_sound(&s, i % 10 == 9);
        while (s.picture_at_us < s.sound_at_us)
            give_picture(&s);
    }
    close_stage(&s);
    assert_int_equal(failures, 0);
    assert_int_equal(
        (int)number(PROBE "-select_streams a -count_packets -show_entries stream=nb_read_packets"),
        SECONDS * 45);
    check_together();
}

static void a_sink_can_have_pictures_alone(void **state)
{
    stage s;

    (void)state;
    need_ffmpeg();
    open_stage(&s, "both.webm", PIPIT_VIDEO_VP8);
    pipit_video_sink_unref(s.pictures);
    snprintf(path, sizeof(path), "%s/pictures.webm", folder);
    assert_int_equal(pipit_video_sink_file(path, &s.pictures), 0);
    for (unsigned i = 0; i < SECONDS * A_SECOND; i++)
        give_picture(&s);
    close_stage(&s);
    assert_true(number(PROBE "-show_entries format=nb_streams") == 1);
    assert_true(number(PROBE "-count_packets -show_entries stream=nb_read_packets") > 100);
}

static void a_codec_that_does_not_fit_is_told(void **state)
{
    stage s;

    (void)state;
    open_stage(&s, "wrong.webm", PIPIT_VIDEO_H264);
    play(&s, SECONDS);
    assert_int_equal(failures, 1);
    assert_non_null(strstr(reason, "webm takes no H264"));
    close_stage(&s);
    assert_int_equal(failures, 1);
}

static void a_full_disk_is_told(void **state)
{
    char full[128];
    stage s;

    (void)state;
    snprintf(full, sizeof(full), "%s/full.webm", folder);
    assert_int_equal(symlink("/dev/full", full), 0);
    open_stage(&s, "full.webm", PIPIT_VIDEO_VP8);
    play(&s, SECONDS);
    close_stage(&s);
    assert_int_equal(failures, 1);
    assert_non_null(strstr(reason, "No space left"));
}

static void what_cannot_be_recorded_is_refused(void **state)
{
    pipit_video_sink *pictures = NULL;
    pipit_sink *sound = NULL;
    int err = pipit_recording_open("/nowhere/at/all.webm", NULL, &sound, &pictures);

    (void)state;
    assert_true(err == PIPIT_ERR_IO || err == PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pipit_recording_open("/tmp/x.avi", NULL, &sound, &pictures),
                     PIPIT_ERR_NOT_SUPPORTED);
    if (err == PIPIT_ERR_IO)
        assert_int_equal(pipit_recording_open("/tmp/x.webm", NULL, NULL, NULL), PIPIT_ERR_ARGUMENT);
    assert_true(!sound && !pictures);
}

static void a_recording_without_memory_leaves_nothing(void **state)
{
    int err = PIPIT_ERR_MEMORY;
    stage s;

    (void)state;
    open_stage(&s, "first.webm", PIPIT_VIDEO_VP8); /* so that all is loaded */
    close_stage(&s);
    for (uint64_t fail = 1; err == PIPIT_ERR_MEMORY && fail < 20; fail++) {
        pipit_video_sink *pictures = NULL;
        pipit_sink *sound = NULL;

        scarce_begin(fail);
        err = pipit_recording_open(path, NULL, &sound, &pictures);
        pipit_sink_unref(sound);
        pipit_video_sink_unref(pictures);
        assert_int_equal(scarce_end(), 0);
    }
    assert_int_equal(err, 0);
}

/* From the first packet on memory fails: it is told, and that is all. */
static void memory_that_runs_out_is_told(void **state)
{
    stage s;

    (void)state;
    scarce_begin(0);
    open_stage(&s, "memory.webm", PIPIT_VIDEO_VP8);
    play(&s, 3);
    scarce_fail(1);
    give_sound(&s, false);
    give_sound(&s, false);
    assert_int_equal(failures, 1);
    close_stage(&s);
    assert_int_equal(failures, 1);
    assert_int_equal(scarce_end(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_a_file),
        cmocka_unit_test(a_call_of_h264_is_a_file_of_matroska),
        cmocka_unit_test(a_call_of_h264_is_a_file_of_mp4),
        cmocka_unit_test(a_recording_is_played),
        cmocka_unit_test(sound_and_pictures_find_together_late),
        cmocka_unit_test(what_was_lost_moves_nothing),
        cmocka_unit_test(a_sink_can_have_pictures_alone),
        cmocka_unit_test(a_codec_that_does_not_fit_is_told),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(what_cannot_be_recorded_is_refused),
        cmocka_unit_test(a_recording_without_memory_leaves_nothing),
        cmocka_unit_test(memory_that_runs_out_is_told),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
