/* audio_receiver_play.c - one step of 20 ms: the next frame out of the jitter buffer, decoded, or made up when it is not there.
 *
 * `next_time` is the media time of the next sample to be decoded. A packet that is not there is made up at once; whether it was
 * lost, late, or never sent shows when the next one comes. If it was lost or never sent, the made-up time was its time. If it
 * was late it is played nevertheless, and all sound is that much later from then on: this is how the delay grows. */
#include "media/audio_receiver_inside.h"
#include "media/channels.h"

enum {
    START_US = 2 * PP_FRAME_MS * 1000, /* two frames */
    MADE_UP_MAX_MS = 200,              /* then silence: no voice is guessed for longer */
    LACK_US = -20000,                  /* less delay than wanted, and a frame is put in */
    EXCESS_US = 30000,                 /* more, and one is dropped */
    FAR_EXCESS_US = 150000,
    BACKLOG_US =
        (PP_LIMIT_JITTER_MS + 60) * 1000 /* more than that waiting, and packets are dropped */
};

static const double quiet = 1e-4; /* mean square: -40 dBFS */

static int64_t to_units(const pp_audio_receiver *receiver, size_t samples)
{
    return (int64_t)samples * receiver->buffer->clock_rate / receiver->sample_rate;
}

static size_t to_samples(const pp_audio_receiver *receiver, int64_t units)
{
    return (size_t)(units * receiver->sample_rate / receiver->buffer->clock_rate);
}

/* Statistics count at 48,000 a second, whatever the codec. */
static uint64_t to_counted(const pp_audio_receiver *receiver, size_t samples)
{
    return (uint64_t)samples * PP_ACCOUNT_RATE / receiver->sample_rate;
}

/* --- making up -------------------------------------------------------------------------------- */

static size_t make_noise(pp_audio_receiver *receiver, size_t wanted)
{
    size_t room, count = pp_receiver_frame(receiver);
    int16_t *end = pp_playout_end(&receiver->playout, &room);

    count = wanted < count ? wanted : count;
    count = count < room ? count : room;
    pp_comfort_noise_make(&receiver->noise, end, count);
    receiver->playout.count += count;
    receiver->is_silent = false;
    return count;
}

/* Up to a frame; the codec's guess for a while, and silence when that has gone on for too long. Returns samples. */
static size_t make_up(pp_audio_receiver *receiver, size_t wanted)
{
    size_t room, count = pp_receiver_frame(receiver);
    int16_t *end = pp_playout_end(&receiver->playout, &room);
    int given = 0;

    if (receiver->is_resting)
        return make_noise(receiver, wanted);
    if (receiver->made_up < (size_t)receiver->sample_rate * MADE_UP_MAX_MS / 1000)
        given = receiver->codec->conceal(receiver->codec, end, room);
    if (wanted < count)
        count = wanted;
    receiver->is_silent = given <= 0;
    if (given > 0) {
        count = count < (size_t)given ? count : (size_t)given;
        receiver->playout.count += count;
    } else {
        pp_playout_silence(&receiver->playout, count);
    }
    receiver->made_up += count;
    return count;
}

static void count_concealed(pp_audio_receiver *receiver, size_t samples)
{
    pp_account_concealed(&receiver->account, to_counted(receiver, samples), receiver->is_silent);
}

/* Nothing is there. Whose time this is will show. */
static void run_dry(pp_audio_receiver *receiver)
{
    size_t count;

    if (receiver->made_up >= (size_t)receiver->sample_rate * MADE_UP_MAX_MS / 1000) {
        pp_receiver_stop_playing(receiver);
        return;
    }
    count = make_up(receiver, pp_receiver_frame(receiver));
    receiver->stretched += to_units(receiver, count);
    if (!receiver->is_resting)
        receiver->uncertain += to_counted(receiver, count);
}

/* After a dry time a packet came: the time up to it, as far as it goes, was already filled. */
static void settle_dry_time(pp_audio_receiver *receiver, const pp_jitter_packet *first)
{
    int64_t gap = first->time - receiver->next_time;
    bool nothing_was_sent = first->sequence == receiver->last_sequence + 1 && gap > 0;

    if (!nothing_was_sent)
        pp_account_concealed(&receiver->account, receiver->uncertain, false);
    if (gap < receiver->stretched)
        receiver->account.inserted +=
            to_counted(receiver, to_samples(receiver, receiver->stretched - gap));
    receiver->next_time += gap < receiver->stretched ? gap : receiver->stretched;
    receiver->stretched = 0;
    receiver->uncertain = 0;
}

/* The lost frame just before `first`, out of its redundancy. */
static bool use_redundancy(pp_audio_receiver *receiver, const pp_jitter_packet *first)
{
    size_t room;
    int16_t *end = pp_playout_end(&receiver->playout, &room);
    int given =
        receiver->codec->decode(receiver->codec, first->payload, first->size, true, end, room);

    if (given <= 0)
        return false;
    receiver->playout.count += (size_t)given;
    receiver->next_time += to_units(receiver, (size_t)given);
    receiver->made_up = 0;
    receiver->fec_packets++;
    return true;
}

/* A packet is missing, and there is less delay than the network asks for: it may be only late. A frame more of delay costs least
 * here, where a frame is to be made up anyway. */
static void grow_delay(pp_audio_receiver *receiver)
{
    size_t count = make_up(receiver, pp_receiver_frame(receiver));

    count_concealed(receiver, count);
    receiver->account.inserted += to_counted(receiver, count);
    receiver->excess_us += PP_FRAME_MS * 1000;
}

/* Time before `first` for which there is no packet: lost, or never sent. */
static void fill_gap(pp_audio_receiver *receiver, const pp_jitter_packet *first)
{
    int64_t gap = first->time - receiver->next_time;
    int64_t redundancy = receiver->codec->redundancy(receiver->codec, first->payload, first->size);
    bool lost = first->sequence != receiver->last_sequence + 1;
    size_t count;

    if (lost && redundancy && redundancy == gap && use_redundancy(receiver, first))
        return;
    if (lost && redundancy && redundancy < gap)
        gap -= redundancy;
    count = make_up(receiver, to_samples(receiver, gap));
    if (lost)
        count_concealed(receiver, count);
    receiver->next_time += count ? to_units(receiver, count) : gap;
}

/* --- playing ---------------------------------------------------------------------------------- */

static void measure_delay(pp_audio_receiver *receiver, const pp_jitter_packet *packet,
                          size_t samples, uint64_t now_us)
{
    const pp_jitter_buffer *buffer = receiver->buffer;
    int64_t played_us =
        (int64_t)now_us + pp_jitter_buffer_us(buffer, to_units(receiver, receiver->playout.count));
    int64_t offset = played_us - pp_jitter_buffer_us(buffer, packet->time);
    double waited_us = (double)(played_us - (int64_t)packet->arrived_us);
    int64_t target_us = pp_arrival_target_us(&buffer->arrival);

    pp_account_emitted(&receiver->account, to_counted(receiver, samples), waited_us / 1e6,
                       (double)target_us / 1e6);
    receiver->delay_us += (waited_us - receiver->delay_us) / 8;
    receiver->excess_us = offset - buffer->arrival.fastest - target_us;
}

static int begin_to_rest(pp_audio_receiver *receiver, const pp_jitter_packet *first, int16_t *out)
{
    size_t count = receiver->sample_rate * PP_COMFORT_MS / 1000;

    if (!pp_comfort_noise_read(&receiver->noise, first->payload, first->size))
        return 0;
    receiver->is_resting = true;
    pp_comfort_noise_make(&receiver->noise, out, count);
    return (int)count;
}

static int decode(pp_audio_receiver *receiver, const pp_jitter_packet *first)
{
    size_t room;
    int16_t *end = pp_playout_end(&receiver->playout, &room);

    if (pp_receiver_is_comfort_noise(receiver, first->payload_type))
        return begin_to_rest(receiver, first, end);
    receiver->is_resting = false;
    return receiver->codec->decode(receiver->codec, first->payload, first->size, false, end, room);
}

/* A packet that cannot be decoded is as good as lost: its time is then a gap. */
static void decode_first(pp_audio_receiver *receiver, const pp_jitter_packet *first,
                         uint64_t now_us)
{
    int given = decode(receiver, first);

    if (given > 0) {
        measure_delay(receiver, first, (size_t)given, now_us);
        if (!receiver->is_resting)
            receiver->packet_units = first->duration;
        receiver->playout.count += (size_t)given;
        receiver->next_time = first->time + to_units(receiver, (size_t)given);
        receiver->last_sequence = first->sequence;
        receiver->made_up = 0;
    }
    pp_jitter_buffer_take(receiver->buffer);
}

/* Events at the front are done with; packets whose time has passed come too late. */
static const pp_jitter_packet *first_of_use(pp_audio_receiver *receiver)
{
    const pp_jitter_packet *first;

    while ((first = pp_jitter_buffer_first(receiver->buffer))) {
        bool is_event = !first->duration;

        if (!is_event && (!receiver->playing || first->time >= receiver->next_time))
            return first;
        if (is_event) {
            /* Before it anything may have been lost; that shows when it is not the next number. */
            if (first->sequence == receiver->last_sequence + 1)
                receiver->last_sequence = first->sequence;
            pp_jitter_buffer_take(receiver->buffer);
        } else {
            pp_jitter_buffer_skip(receiver->buffer);
        }
    }
    return NULL;
}

/* One thing more into the playout: a packet, a frame of redundancy, a frame made up. Each call adds samples, takes a packet or
 * stops playing, so that whoever calls it again comes to an end. */
static void extend(pp_audio_receiver *receiver, uint64_t now_us)
{
    const pp_jitter_packet *first = first_of_use(receiver);

    if (!first) {
        run_dry(receiver);
        return;
    }
    settle_dry_time(receiver, first);
    if (first->time - receiver->next_time >
        (int64_t)receiver->buffer->clock_rate * PP_LIMIT_JITTER_MS / 1000)
        receiver->next_time = first->time; /* too long to fill */
    if (first->time == receiver->next_time)
        decode_first(receiver, first, now_us);
    else if (first->sequence != receiver->last_sequence + 1 && receiver->excess_us < LACK_US)
        grow_delay(receiver);
    else
        fill_gap(receiver, first);
}

static void begin_with(pp_audio_receiver *receiver, const pp_jitter_packet *first)
{
    receiver->next_time = first->time;
    receiver->last_sequence = first->sequence - 1;
}

/* What is dropped leaves no gap: filling one takes as long as playing it would have, and as much comes meanwhile, so that there would
 * be a backlog, and nothing to hear, for ever. */
static void drop_backlog(pp_audio_receiver *receiver, int64_t allowed_us)
{
    const pp_jitter_packet *first;
    bool dropped = false;

    while ((first = first_of_use(receiver)) && receiver->buffer->count > 1 &&
           pp_jitter_buffer_us(receiver->buffer, pp_jitter_buffer_held(receiver->buffer) -
                                                     first->duration) >= allowed_us) {
        pp_jitter_buffer_skip(receiver->buffer);
        dropped = true;
    }
    if (dropped && first)
        begin_with(receiver, first);
}

/* Starts when enough is there, or has been there for long enough (a far end that sends a frame now and then). */
static void try_start(pp_audio_receiver *receiver, uint64_t now_us)
{
    const pp_jitter_packet *first = first_of_use(receiver);
    int64_t wanted_us = pp_arrival_target_us(&receiver->buffer->arrival);

    if (!first)
        return;
    wanted_us = wanted_us > START_US ? wanted_us : START_US;
    if (pp_jitter_buffer_us(receiver->buffer, pp_jitter_buffer_held(receiver->buffer)) <
            wanted_us &&
        (int64_t)(now_us - first->arrived_us) < wanted_us)
        return;
    drop_backlog(receiver, wanted_us + START_US);
    first = first_of_use(receiver);
    if (!first)
        return;
    receiver->playing = true;
    begin_with(receiver, first);
}

/* Whether a frame may be dropped now: soon where nobody hears it, else now and then. */
static bool may_squeeze(const pp_audio_receiver *receiver)
{
    size_t frame = pp_receiver_frame(receiver);
    unsigned rest = receiver->excess_us > FAR_EXCESS_US ? 5 : 25;

    if (receiver->excess_us <= EXCESS_US || receiver->made_up)
        return false;
    if (pp_level_mean_square(receiver->playout.samples, frame * receiver->channels) < quiet)
        rest = 4;
    return receiver->steps_since_squeeze >= rest;
}

static bool next_is_there(pp_audio_receiver *receiver)
{
    const pp_jitter_packet *first = first_of_use(receiver);

    return first && first->time == receiver->next_time;
}

static void squeeze(pp_audio_receiver *receiver, uint64_t now_us)
{
    size_t frame = pp_receiver_frame(receiver);

    while (receiver->playout.count < 2 * frame && next_is_there(receiver))
        decode_first(receiver, pp_jitter_buffer_first(receiver->buffer), now_us);
    if (receiver->playout.count < 2 * frame)
        return;
    pp_playout_squeeze(&receiver->playout, frame);
    receiver->account.removed += to_counted(receiver, frame);
    receiver->steps_since_squeeze = 0;
    receiver->excess_us -= PP_FRAME_MS * 1000;
}

static void prepare_frame(pp_audio_receiver *receiver, uint64_t now_us)
{
    size_t frame = pp_receiver_frame(receiver);

    if (!receiver->playing)
        try_start(receiver, now_us);
    if (receiver->playing)
        drop_backlog(receiver, BACKLOG_US);
    while (receiver->playing && receiver->playout.count < frame)
        extend(receiver, now_us);
    receiver->steps_since_squeeze++;
    if (receiver->playing && may_squeeze(receiver))
        squeeze(receiver, now_us);
}

/* The next sample out of the playout, as far as its time goes on evenly. */
static void note_captured(pp_audio_receiver *receiver, uint64_t now_us)
{
    uint64_t at_us = 0;

    if (receiver->playing)
        at_us = pp_receiver_captured_us(
            receiver,
            (uint32_t)(receiver->next_time - to_units(receiver, receiver->playout.count)));
    receiver->behind_us = at_us && now_us > at_us ? now_us - at_us : 0;
    pp_sink_tell_captured(receiver->outlet.sink, at_us);
}

uint64_t pp_audio_receiver_behind_us(const pp_audio_receiver *receiver)
{
    return receiver->behind_us;
}

bool pp_audio_receiver_is_costly(const pp_audio_receiver *receiver)
{
    return receiver->codec && receiver->codec->type->is_costly &&
           (receiver->playing || receiver->buffer->count);
}

void pp_audio_receiver_prepare(pp_audio_receiver *receiver, uint64_t now_us)
{
    if (receiver->codec) /* there is none for a sink of encoded sound */
        prepare_frame(receiver, now_us);
}

void pp_audio_receiver_play(pp_audio_receiver *receiver, uint64_t now_us)
{
    int16_t frame[PP_CHANNELS_MAX * PP_FRAME_SAMPLES_MAX];
    size_t count = pp_receiver_frame(receiver);

    if (pp_sink_is_encoded(receiver->outlet.sink))
        return;
    note_captured(receiver, now_us);
    receiver->account.played +=
        to_counted(receiver, receiver->playout.count < count ? receiver->playout.count : count);
    pp_playout_take(&receiver->playout, frame, count);
    pp_level_add(&receiver->level, frame, count * receiver->channels);
    pp_outlet_write(&receiver->outlet, frame, count);
}

void pp_audio_receiver_step(pp_audio_receiver *receiver, uint64_t now_us)
{
    pp_audio_receiver_prepare(receiver, now_us);
    pp_audio_receiver_play(receiver, now_us);
}
