/* video_receiver.c - any sequence of packets at a receiver of pictures: what it holds stays bounded, what it gives out is whole and within
 * the limits, what it asks for is bounded, and a good stream afterwards is seen within a second. */
/* FUZZ: video rtp base */
#include "base/reader.h"
#include "video/sender.h"
#include "video/source.h"

#include "check.h"

enum { WIDTH = 64, HEIGHT = 64, MEDIA = 96, AGAIN = 97, OTHER = 102 };

struct watching {
    unsigned pictures;
    pp_video_receiver *receiver;
    uint64_t now_us;
};

static void show(void *self, const pipit_video_frame *frame)
{
    CHECK(frame->width && frame->height && frame->planes[0] && frame->planes[2]);
    ((struct watching *)self)->pictures++;
}

static void note(void *self, const pipit_video_encoded *frame)
{
    (void)self;
    CHECK(frame->size <= PP_LIMIT_VIDEO_FRAME);
    CHECK(!frame->key ||
          (frame->width <= PP_LIMIT_VIDEO_SIDE && frame->height <= PP_LIMIT_VIDEO_SIDE));
}

static void ask(struct watching *w)
{
    pp_buf out = {0};

    (void)pp_video_receiver_ask(w->receiver, w->now_us, 40000, 9, &out);
    CHECK(out.n <= 12 + 4 * PP_LIMIT_NACK + 12);
    pp_buf_free(&out);
}

/* Records: what, sequence, timestamp, size, payload. The next number of the same picture is most likely. */
static void play_any(struct watching *w, pp_reader *r)
{
    static const uint8_t types[] = {MEDIA, MEDIA, MEDIA, AGAIN, OTHER, 100};
    pp_rtp packet = {.ssrc = 1};

    for (unsigned i = 0; r->n && i < 2000; i++) {
        uint8_t what = pp_reader_u8(r);
        pp_reader payload;

        packet.payload_type = types[what % 6];
        packet.marker = what & 0x80;
        packet.sequence = (uint16_t)(what & 0x40 ? pp_reader_u16(r) : packet.sequence + 1u);
        packet.timestamp += what & 0x20 ? pp_reader_u8(r) * 3000u : 0;
        packet.ssrc += (what & 0x1f) == 0x1f;
        payload = pp_reader_sub(r, pp_reader_u8(r));
        packet.payload = payload.p;
        packet.size = payload.n;
        pp_video_receiver_add(w->receiver, &packet, w->now_us);
        w->now_us += 7000;
        if (i % 3 == 0)
            ask(w);
    }
}

static void deliver(void *arg, pp_rtp *packet)
{
    struct watching *w = arg;

    pp_video_receiver_add(w->receiver, packet, w->now_us);
}

static void play_good(struct watching *w, const pp_video_format *format)
{
    pipit_video_source *source = NULL;
    pp_video_sender *sender = NULL;

    CHECK(pipit_video_source_pattern(WIDTH, HEIGHT, &source) == 0);
    CHECK(pp_video_sender_new(&(pp_video_sender_options){.format = *format,
                                                         .ssrc = 4000000,
                                                         .first_sequence = 7,
                                                         .source = source,
                                                         .send = deliver,
                                                         .arg = w},
                              &sender) == 0);
    w->pictures = 0;
    for (unsigned i = 0; i < 30; i++, w->now_us += 33333)
        pp_video_sender_run(sender, w->now_us, true);
    CHECK(w->pictures >= 20);
    pp_video_sender_free(sender);
    pipit_video_source_unref(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const pipit_video_sink_interface functions = {.write = show, .write_encoded = note};
    const pp_video_format formats[] = {{pp_video_codec_at(0), MEDIA, AGAIN},
                                       {pp_video_codec_at(1), OTHER, -1}};
    struct watching w = {.now_us = 1000000};
    pp_reader r = pp_reader_of(data, size);
    pipit_video_sink *sink = NULL;

    if (!formats[0].type)
        return 0; /* nothing is built in */
    CHECK(pipit_video_sink_new(&functions, &w, &sink) == 0);
    CHECK(pp_video_receiver_new(
              &(pp_video_receiver_options){
                  .formats = formats, .format_count = formats[1].type ? 2 : 1, .sink = sink},
              &w.receiver) == 0);
    play_any(&w, &r);
    play_good(&w, &formats[0]);
    pp_video_receiver_free(w.receiver);
    pipit_video_sink_unref(sink);
    return 0;
}
