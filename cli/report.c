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

static void for_programs(const agent *a, const report_times *times, const pipit_stats *stats)
{
    cJSON *json = agent_event(a, "summary");

    json_number(json, "set_up_ms", (double)times->set_up_ms);
    json_number(json, "talk_ms", (double)times->talk_ms);
    if (stats)
        add_stats(json, stats);
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

void report_call(const agent *a, const report_times *times, const pipit_stats *stats)
{
    for_programs(a, times, stats);
    agent_say(a, "%s", "");
    agent_say(a, "  set-up time     %.3f s", (double)times->set_up_ms / 1000);
    agent_say(a, "  talk time       %.2f s", (double)times->talk_ms / 1000);
    if (stats)
        for_people(a, stats);
}
