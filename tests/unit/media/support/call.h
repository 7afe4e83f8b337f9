/* call.h - a far end that sends a tone, and our receiver. */
#ifndef PP_TESTS_MEDIA_CALL_H
#define PP_TESTS_MEDIA_CALL_H

#include "media/audio_receiver.h"
#include "support/files.h"
#include "unit/media/codecs.h"
#include "unit/media/signal.h"

enum { STEP_US = 20000, OPUS = 111, PCMU = 0, COMFORT_NOISE = 13, TELEPHONE_EVENT = 110 };

struct ear {
    size_t samples;
    double loudest; /* RMS of a step */
    double now;     /* of the last step */
};

struct call { /* a far end that sends a tone of 400 Hz, and our receiver */
    struct ear ear;
    pp_audio_receiver *receiver;
    pp_codec *encoder;
    uint64_t now_us;
    pp_rtp packet; /* the next one */
    size_t sent;   /* samples */
    uint8_t payload[1500];
};

void begin_at_rate(struct call *call, uint8_t payload_type, unsigned sink_rate);
void begin(struct call *call, uint8_t payload_type);
void end(struct call *call);
/* One frame of the tone is made; the sender's time moves on by it. */
void make_packet(struct call *call);
int deliver(struct call *call);
void step(struct call *call);
/* `count` packets in order, each just before its step. */
void talk(struct call *call, unsigned count);
void stay_silent(struct call *call, unsigned steps);
pp_audio_receiver_stats stats_of(const struct call *call);
double level_of(const struct call *call);

#endif
