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

/* What the engine of an RTP kind knows. It fills its own fields of the records, which are zeroed but for their levels; those that
 * the transceiver knows are filled behind it. */
typedef struct pp_measures {
    const char *codec; /* "opus"; NULL: nothing is agreed */
    unsigned payload_type, clock_rate, channels;
    const char *fmtp; /* of the far end; NULL or "" */
    bool has_source;
    pipit_inbound_rtp_stats in;
    pipit_outbound_rtp_stats out;
    pipit_media_source_stats source;
} pp_measures;

#endif
