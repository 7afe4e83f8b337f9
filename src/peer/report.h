/* report.h - a report of statistics while it is made. Whoever adds a record fills what pp_report_add() gives; texts are copied by
 * pp_report_text(). A failure is remembered and told at the end. */
#ifndef PP_PEER_REPORT_H
#define PP_PEER_REPORT_H

#include "peer/transceiver.h"
#include "pipit/stats_report.h"

typedef struct pp_report_entry {
    pipit_stats_record record;
    struct pp_report_entry *next;
} pp_report_entry;

typedef struct pp_report_note {
    struct pp_report_note *next;
    char text[];
} pp_report_note;

struct pipit_stats_report {
    double timestamp;
    pp_report_entry *first, *last;
    pp_report_note *texts;
    bool failed;
    pipit_stats_record nowhere; /* what memory was too short for */
};

/* `id` lives as long as the report. Never NULL: without memory what is filled goes nowhere. */
pipit_stats_record *pp_report_add(pipit_stats_report *report, pipit_stats_type type,
                                  const char *id);
/* NULL and "" give NULL. */
const char *pp_report_text(pipit_stats_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What the engine of an RTP kind knows and the transceiver does not; zeroed but for the levels. */
typedef struct pp_measures {
    const char *codec; /* "opus"; NULL: nothing is agreed */
    unsigned payload_type, clock_rate, channels;
    const char *fmtp; /* of the far end; NULL or "" */
    bool has_source;
    double level_in, level_out; /* negative: there is none */
    uint64_t packets_discarded, concealed_samples, fec_packets_used;
    uint64_t frames_received, frames_decoded, key_frames_received, nacks_sent, plis_sent;
    unsigned width_in, height_in;
    uint64_t retransmitted, frames_sent, key_frames_sent, nacks_received, plis_received;
    unsigned width_out, height_out, target_bitrate;
} pp_measures;

#endif
