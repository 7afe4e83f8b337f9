/* pictures.c - a sender of pictures whose packets are dropped. */
#include "pictures.h"

#include "pipit/pipit.h"
#include "video/sender.h"

#include <stdlib.h>

enum { WIDTH = 1280, HEIGHT = 720, BITRATE = 1500000 };

struct bench_pictures {
    pipit_loop *loop;
    pp_timer clock;
    pp_video_sender *sender;
    pipit_video_source *source;
    uint64_t begun_us;
};

static void drop(void *arg, pp_rtp *packet)
{
    (void)arg;
    (void)packet;
}

static void tick(void *arg)
{
    bench_pictures *p = arg;
    uint64_t now_us = pp_loop_now_us(p->loop);
    uint64_t next_us = pp_video_sender_run(p->sender, now_us, true);

    pp_loop_start_timer_us(p->loop, &p->clock, next_us > now_us ? next_us - now_us : 0, tick, p);
}

static void ready(void *arg)
{
    bench_pictures *p = arg;

    pp_loop_start_timer_us(p->loop, &p->clock, 0, tick, p);
}

int bench_pictures_new(pipit_loop *loop, bench_pictures **out)
{
    bench_pictures *p = calloc(1, sizeof(*p));
    pp_video_sender_options options = {
        .format = {pp_video_codec_find(PP_LIT("VP8")), 96, -1},
        .constraints = {.width = WIDTH, .height = HEIGHT, .frame_rate = 30, .bitrate = BITRATE},
        .send = drop,
        .ready = ready,
        .arg = p,
        .loop = loop};
    int err = p ? 0 : PIPIT_ERR_MEMORY;

    if (!err && !options.format.type)
        err = PIPIT_ERR_NOT_SUPPORTED;
    if (!err)
        err = pipit_video_source_pattern(WIDTH, HEIGHT, &options.source);
    if (!err)
        err = pp_video_sender_new(&options, &p->sender);
    if (err) {
        free(p);
        return err;
    }
    p->loop = loop;
    p->source = options.source;
    p->begun_us = pp_loop_now_us(loop);
    tick(p);
    *out = p;
    return 0;
}

bench_pictures *bench_pictures_free(bench_pictures *p)
{
    if (!p)
        return NULL;
    pp_loop_stop_timer(p->loop, &p->clock);
    pp_video_sender_free(p->sender);
    pipit_video_source_unref(p->source);
    free(p);
    return NULL;
}

void bench_pictures_told(const bench_pictures *p, double *encoded, double *took_ms)
{
    pp_video_sender_stats stats;
    double seconds = (double)(pp_loop_now_us(p->loop) - p->begun_us) / 1e6;

    pp_video_sender_get_stats(p->sender, &stats);
    *encoded = (double)stats.encoded / seconds;
    *took_ms = stats.encoded ? (double)stats.encode_us / (double)stats.encoded / 1000 : 0;
}
