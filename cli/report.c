/* report.c - the closing summary of a call. */
#include "cli/report.h"

static double lost_percent(const pipit_stats *s)
{
    uint64_t expected = s->packets_received + s->packets_lost;

    return expected ? 100.0 * (double)s->packets_lost / (double)expected : 0;
}

/* Three digits behind the point are enough. */
static void add_rounded(cJSON *json, const char *name, double value)
{
    json_number(json, name, (double)(long long)(value * 1000 + (value < 0 ? -0.5 : 0.5)) / 1000);
}

static void add_stats(cJSON *json, const pipit_stats *s)
{
    json_string(json, "codec", s->codec);
    json_string(json, "local_candidate", s->local_candidate);
    json_string(json, "remote_candidate", s->remote_candidate);
    json_string(json, "local_candidate_type", s->local_candidate_type);
    json_string(json, "remote_candidate_type", s->remote_candidate_type);
    json_string(json, "dtls_cipher", s->dtls_cipher);
    json_string(json, "srtp_profile", s->srtp_profile);
    json_number(json, "packets_sent", (double)s->packets_sent);
    json_number(json, "packets_received", (double)s->packets_received);
    json_number(json, "bytes_sent", (double)s->bytes_sent);
    json_number(json, "bytes_received", (double)s->bytes_received);
    json_number(json, "packets_lost", (double)s->packets_lost);
    json_number(json, "packets_discarded", (double)s->packets_discarded);
    json_number(json, "concealed_samples", (double)s->concealed_samples);
    add_rounded(json, "jitter_ms", s->jitter_ms);
    add_rounded(json, "round_trip_time_ms", s->round_trip_time_ms);
    add_rounded(json, "remote_fraction_lost", s->remote_fraction_lost);
    add_rounded(json, "mos", s->mos);
    json_number(json, "ice_ms", s->ice_ms);
    json_number(json, "dtls_ms", s->dtls_ms);
}

static void add_video(cJSON *json, const pipit_video_stats *v, const picture_seen *seen)
{
    cJSON *video = cJSON_AddObjectToObject(json, "video");

    json_string(video, "codec", v->codec);
    json_number(video, "packets_sent", (double)v->packets_sent);
    json_number(video, "retransmitted_packets_sent", (double)v->retransmitted_packets_sent);
    json_number(video, "packets_received", (double)v->packets_received);
    json_number(video, "packets_lost", (double)v->packets_lost);
    json_number(video, "packets_repaired", (double)v->packets_repaired);
    json_number(video, "frames_sent", (double)v->frames_sent);
    json_number(video, "key_frames_sent", (double)v->key_frames_sent);
    json_number(video, "frames_skipped", (double)v->frames_skipped);
    json_number(video, "frames_received", (double)v->frames_received);
    json_number(video, "key_frames_received", (double)v->key_frames_received);
    json_number(video, "frames_decoded", (double)v->frames_decoded);
    json_number(video, "nacks_sent", (double)v->nacks_sent);
    json_number(video, "nacks_received", (double)v->nacks_received);
    json_number(video, "plis_sent", (double)v->plis_sent);
    json_number(video, "plis_received", (double)v->plis_received);
    json_number(video, "width_sent", v->width_sent);
    json_number(video, "height_sent", v->height_sent);
    json_number(video, "width_received", v->width_received);
    json_number(video, "height_received", v->height_received);
    json_number(video, "target_bitrate", v->target_bitrate);
    json_number(video, "pattern_pictures", seen->count);
    json_number(video, "pattern_last", seen->last);
}

static void for_programs(const agent *a, const report_times *times, const pipit_stats *stats,
                         const picture_seen *seen)
{
    cJSON *json = agent_event(a, "summary");

    json_number(json, "set_up_ms", (double)times->set_up_ms);
    json_number(json, "talk_ms", (double)times->talk_ms);
    if (stats)
        add_stats(json, stats);
    if (stats && seen)
        add_video(json, &stats->video, seen);
    json_end(json);
}

static void for_people(const agent *a, const pipit_stats *s)
{
    agent_say(a, "  codec           %s", s->codec[0] ? s->codec : "none was agreed");
    agent_say(a, "  packets         %llu sent, %llu received, %llu lost (%.1f %%)",
              (unsigned long long)s->packets_sent, (unsigned long long)s->packets_received,
              (unsigned long long)s->packets_lost, lost_percent(s));
    agent_say(a, "  jitter          %.1f ms", s->jitter_ms);
    if (s->round_trip_time_ms >= 0)
        agent_say(a, "  round trip      %.1f ms", s->round_trip_time_ms);
    else
        agent_say(a, "  round trip      not measured");
    if (s->mos > 0)
        agent_say(a, "  MOS estimate    %.1f", s->mos);
    else
        agent_say(a, "  MOS estimate    none: too little was heard");
}

static void video_for_people(const agent *a, const pipit_video_stats *v, const picture_seen *seen)
{
    if (!v->codec[0]) {
        agent_say(a, "  video           was not agreed");
        return;
    }
    agent_say(a, "  video           %s, %ux%u sent, %ux%u seen", v->codec, v->width_sent,
              v->height_sent, v->width_received, v->height_received);
    agent_say(a, "  pictures        %llu sent, %llu seen, %llu and %llu key frames",
              (unsigned long long)v->frames_sent, (unsigned long long)v->frames_decoded,
              (unsigned long long)v->key_frames_sent, (unsigned long long)v->key_frames_received);
    if (seen->count)
        agent_say(a, "  test pattern    %u pictures with a number, the last %u", seen->count,
                  seen->last);
}

void report_call(const agent *a, const report_times *times, const pipit_stats *stats,
                 const picture_seen *seen)
{
    for_programs(a, times, stats, seen);
    agent_say(a, "%s", "");
    agent_say(a, "  set-up time     %.3f s", (double)times->set_up_ms / 1000);
    agent_say(a, "  talk time       %.2f s", (double)times->talk_ms / 1000);
    if (stats)
        for_people(a, stats);
    if (stats && seen)
        video_for_people(a, &stats->video, seen);
}
