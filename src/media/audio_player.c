/* audio_player.c - steps of a receiver, on another thread as far as they decode. While one is under way, nobody touches what it is
 * prepared from. */
#include "media/audio_player.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "media/encoded.h"

#include <string.h>

enum { OWED_MAX = 10 }; /* steps: behind by more, they are left out as those of a late clock are */

typedef struct kept { /* a packet that came while a step was under way */
    struct kept *next;
    uint64_t came_us;
    pp_rtp packet;
    uint8_t payload[];
} kept;

struct pp_audio_player {
    pp_work work;
    pp_audio_receiver *receiver;
    pipit_loop *loop;
    void (*ready)(void *arg);
    void *arg;
    uint64_t now_us;  /* of the last step */
    bool is_prepared; /* and not played yet */
    unsigned owed;    /* steps that were due meanwhile */
    kept *first, *last;
    size_t kept_count;
    pipit_sink *next_sink; /* one of encoded sound, which ends all decoding; NULL: none waits */
    pp_audio_receiver_stats stats; /* as they were when the step was begun */
};

static bool is_busy(const pp_audio_player *player)
{
    return player->work.under_way || player->is_prepared;
}

/* Maybe on another thread. */
static void run(void *arg)
{
    pp_audio_player *player = arg;

    pp_audio_receiver_prepare(player->receiver, player->now_us);
}

static void drop_kept(pp_audio_player *player)
{
    while (player->first) {
        kept *packet = player->first;

        player->first = packet->next;
        pp_free(packet);
    }
    player->kept_count = 0;
}

static void destroy(void *arg)
{
    pp_audio_player *player = arg;

    drop_kept(player);
    pp_audio_receiver_free(player->receiver);
    pipit_sink_unref(player->next_sink);
    pp_free(player);
}

static void done(void *arg)
{
    pp_audio_player *player = arg;

    player->is_prepared = true;
    player->ready(player->arg);
}

int pp_audio_player_new(const pp_audio_player_options *options, pp_audio_player **out)
{
    pp_audio_player *player = PP_NEW(pp_audio_player);
    int err;

    if (!player)
        return PIPIT_ERR_MEMORY;
    player->loop = options->loop;
    player->ready = options->ready;
    player->arg = options->arg;
    player->work = (pp_work){.run = run, .done = done, .arg = player};
    err = pp_audio_receiver_new(&options->receiver, &player->receiver);
    if (err) {
        pp_free(player);
        return err;
    }
    *out = player;
    return 0;
}

pp_audio_player *pp_audio_player_free(pp_audio_player *player)
{
    if (player)
        pp_work_leave(&player->work, destroy);
    return NULL;
}

/* --- what comes ------------------------------------------------------------------------------- */

static int keep(pp_audio_player *player, const pp_rtp *packet, uint64_t now_us)
{
    kept *copy;

    if (player->kept_count == PP_LIMIT_JITTER_PACKETS)
        return pp_error(PIPIT_ERR_LIMIT, "media: %u packets wait to be looked at",
                        PP_LIMIT_JITTER_PACKETS);
    copy = pp_alloc(sizeof(*copy) + packet->size);
    if (!copy)
        return PIPIT_ERR_MEMORY;
    *copy = (kept){.came_us = now_us, .packet = *packet};
    if (packet->size)
        memcpy(copy->payload, packet->payload, packet->size);
    copy->packet.payload = copy->payload;
    if (player->first)
        player->last->next = copy;
    else
        player->first = copy;
    player->last = copy;
    player->kept_count++;
    return 0;
}

int pp_audio_player_add(pp_audio_player *player, const pp_rtp *packet, uint64_t now_us)
{
    return is_busy(player) ? keep(player, packet, now_us)
                           : pp_audio_receiver_add(player->receiver, packet, now_us);
}

static void take_kept(pp_audio_player *player)
{
    for (const kept *packet = player->first; packet; packet = packet->next)
        (void)pp_audio_receiver_add(player->receiver, &packet->packet, packet->came_us);
    drop_kept(player);
}

/* --- steps ------------------------------------------------------------------------------------ */

static void begin(pp_audio_player *player, uint64_t now_us)
{
    bool goes = pp_audio_receiver_is_costly(player->receiver);

    player->now_us = now_us;
    if (goes && pp_work_goes_away(player->loop))
        pp_audio_receiver_get_stats(player->receiver, &player->stats);
    if (pp_work_start(goes ? player->loop : NULL, &player->work))
        pp_audio_receiver_play(player->receiver, now_us);
}

void pp_audio_player_step(pp_audio_player *player, uint64_t now_us)
{
    if (!is_busy(player))
        begin(player, now_us);
    else if (player->owed < OWED_MAX)
        player->owed++;
}

static void end(pp_audio_player *player)
{
    pipit_sink *sink = player->next_sink;

    player->is_prepared = false;
    player->next_sink = NULL;
    if (sink)
        (void)pp_audio_receiver_set_sink(player->receiver, sink);
    pipit_sink_unref(sink);
    pp_audio_receiver_play(player->receiver, player->now_us);
    take_kept(player);
}

bool pp_audio_player_go_on(pp_audio_player *player, uint64_t now_us)
{
    if (player->is_prepared) {
        end(player);
        return true;
    }
    if (!player->owed || is_busy(player))
        return false;
    player->owed--;
    begin(player, now_us);
    return true;
}

/* --- the receiver's ends ---------------------------------------------------------------------- */

/* A sink of samples can be set at any time: it has nothing to do with decoding. */
int pp_audio_player_set_sink(pp_audio_player *player, pipit_sink *sink)
{
    bool waits = is_busy(player) && pp_sink_is_encoded(sink);

    pipit_sink_unref(player->next_sink);
    player->next_sink = waits ? pipit_sink_ref(sink) : NULL;
    return waits ? 0 : pp_audio_receiver_set_sink(player->receiver, sink);
}

bool pp_audio_player_rests(const pp_audio_player *player)
{
    return pp_audio_receiver_rests(player->receiver);
}

uint64_t pp_audio_player_behind_us(const pp_audio_player *player)
{
    return pp_audio_receiver_behind_us(player->receiver);
}

void pp_audio_player_get_stats(const pp_audio_player *player, pp_audio_receiver_stats *out)
{
    if (is_busy(player))
        *out = player->stats;
    else
        pp_audio_receiver_get_stats(player->receiver, out);
}
