/* audio_measure.c - what the engine of an audio section knows for statistics (W3C webrtc-stats). */
#include "peer/audio.h"
#include "peer/inside.h"
#include "peer/report.h"

#include <math.h>

double pp_audio_heard_level(const pp_audio *audio)
{
    pp_audio_receiver_stats sound;

    if (pp_audio_player_rests(audio->player))
        return audio->heard_db ? pow(10, (audio->heard_db - PP_LEVEL_SILENCE) / 20.0) : 0;
    pp_audio_player_get_stats(audio->player, &sound);
    return pp_level_get(&sound.level);
}

static void measure_source(const pp_level *level, pipit_media_source_stats *out)
{
    out->audio_level = pp_level_get(level);
    out->total_audio_energy = level->energy;
    out->total_samples_duration = pp_level_seconds(level);
}

static void measure_heard(const pp_audio *audio, pipit_inbound_rtp_stats *out)
{
    pp_audio_receiver_stats sound;
    const pp_account *account = &sound.account;

    pp_audio_player_get_stats(audio->player, &sound);
    out->audio_level = pp_audio_heard_level(audio);
    out->packets_discarded = sound.packets_late + sound.packets_duplicate;
    out->total_samples_received = account->played;
    out->concealed_samples = account->concealed;
    out->silent_concealed_samples = account->silent_concealed;
    out->concealment_events = account->concealment_events;
    out->inserted_samples_for_deceleration = account->inserted;
    out->removed_samples_for_acceleration = account->removed;
    out->jitter_buffer_delay = account->delay_s;
    out->jitter_buffer_target_delay = account->target_s;
    out->jitter_buffer_emitted_count = account->emitted;
    out->total_audio_energy = sound.level.energy;
    out->total_samples_duration = (double)account->played / PP_ACCOUNT_RATE;
    out->fec_packets_used = sound.fec_packets_used;
}

void pp_audio_measure(const pp_transceiver *transceiver, pp_measures *out)
{
    const pp_audio *audio = (const pp_audio *)(const void *)transceiver;
    const pp_audio_format *format = &pp_audio_terms(transceiver->now.agreed)->formats[0];

    out->codec = format->codec->name;
    out->payload_type = format->payload_type;
    out->clock_rate = format->codec->clock_rate;
    out->channels = format->codec->channels;
    out->fmtp = format->fmtp;
    out->has_source = audio->source != NULL;
    if (audio->sender)
        measure_source(pp_audio_sender_level(audio->sender), &out->source);
    if (audio->player)
        measure_heard(audio, &out->in);
}
