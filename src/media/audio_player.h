/* audio_player.h - a receiver whose steps are prepared by a media thread where the loop has some and the codec is worth the way. What comes
 * meanwhile waits for the thread. */
#ifndef PP_MEDIA_AUDIO_PLAYER_H
#define PP_MEDIA_AUDIO_PLAYER_H

#include "base/work.h"
#include "media/audio_receiver.h"

typedef struct pp_audio_player pp_audio_player;

typedef struct pp_audio_player_options {
    pp_audio_receiver_options receiver;
    /* A step has been prepared meanwhile, for pp_audio_player_go_on(). NULL: without media threads. */
    void (*ready)(void *arg);
    void *arg;
    pipit_loop *loop; /* NULL: all is done at once */
} pp_audio_player_options;

int pp_audio_player_new(const pp_audio_player_options *options, pp_audio_player **out);
/* What is under way is not heard. NULL is fine; returns NULL. */
pp_audio_player *pp_audio_player_free(pp_audio_player *player);
/* As those of a receiver. */
int pp_audio_player_set_sink(pp_audio_player *player, pipit_sink *sink);
int pp_audio_player_add(pp_audio_player *player, const pp_rtp *packet, uint64_t now_us);
void pp_audio_player_step(pp_audio_player *player, uint64_t now_us);
bool pp_audio_player_rests(const pp_audio_player *player);
uint64_t pp_audio_player_behind_us(const pp_audio_player *player);
void pp_audio_player_get_stats(const pp_audio_player *player, pp_audio_receiver_stats *out);
/* Plays what was prepared, takes what came meanwhile, makes up for steps that were due; to be called until it returns false. */
bool pp_audio_player_go_on(pp_audio_player *player, uint64_t now_us);

#endif
