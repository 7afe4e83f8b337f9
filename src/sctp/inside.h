/* inside.h - the structs of data channels, shared by the files of this folder. */
#ifndef PP_SCTP_INSIDE_H
#define PP_SCTP_INSIDE_H

#include "base/buf.h"
#include "base/limits.h"
#include "sctp/association.h"
#include "sctp/channels.h"
#include "sctp/dcep.h"

typedef struct pp_outgoing_data { /* a message that waits */
    struct pp_outgoing_data *next;
    uint32_t ppid;
    uint64_t expires_us; /* PP_NEVER: does not */
    size_t size;         /* of the application's message */
    size_t octets;       /* on the wire: an empty message has one */
    uint8_t data[];
} pp_outgoing_data;

enum { /* events that are due */
       PP_DUE_OPEN = 1,
       PP_DUE_LOW = 2,
       PP_DUE_CLOSING = 4,
       PP_DUE_ERROR = 8,
       PP_DUE_CLOSE = 16
};

struct pipit_data_channel {
    unsigned references;
    pp_channels *owner;                  /* NULL: they are gone */
    pipit_data_channel *next, *previous; /* of the owner */
    char *label, *protocol;
    size_t label_size, protocol_size;
    bool unordered, negotiated, made_by_peer;
    pp_sctp_policy policy;
    uint16_t limit;
    int id; /* -1: none yet */
    pipit_data_channel_state state;
    bool
        acknowledged; /* the far end knows the channel: unordered messages cannot overtake the OPEN */
    bool reset, reset_done, peer_reset;

    pp_outgoing_data *first, *last;
    size_t buffered, threshold;
    bool ready; /* in the owner's list of those that have something to send */
    pipit_data_channel *next_ready;
    pp_buf part; /* of a message in the deprecated way */

    unsigned due;
    pipit_data_channel *next_due;
    int error;
    const char *reason; /* of static storage */
    const pipit_data_channel_handlers *handlers;
    void *user;
    pipit_data_channel_stats stats;
};

struct pp_channels {
    unsigned references;
    pipit_loop *loop;
    const pp_channels_handlers *handlers;
    void *arg;
    pp_sctp *sctp; /* NULL before it is connected, and when it is gone */
    pp_channels_terms terms;
    bool connected, closed;
    pp_timer timer; /* the association's */
    pp_post post;   /* events are due */
    bool posted;    /* and hold a reference */
    pipit_data_channel *first, *last;
    unsigned count;
    pipit_data_channel **by_id; /* `ids` of them */
    size_t ids;
    pipit_data_channel *ready, *last_ready;
    pipit_data_channel *due, *last_due;
    pp_channels_stats stats;
};

/* channels.c */
void pp_channels_hold(pp_channels *channels);
void pp_channels_release(pp_channels *channels);
void pp_channels_schedule(pp_channels *channels);
uint64_t pp_channels_now_us(const pp_channels *channels);

/* table.c */
int pp_channels_add(pp_channels *channels, pipit_data_channel *channel); /* takes a reference */
void pp_channels_remove(pipit_data_channel *channel);                    /* gives it back */
int pp_channels_set_id(pipit_data_channel *channel, unsigned id);
int pp_channels_choose_id(pipit_data_channel *channel);
void pp_channels_free_id(pipit_data_channel *channel);
pipit_data_channel *pp_channels_find(const pp_channels *channels, unsigned id);

/* events.c: an event is told at the end of the turn, or before the next message is */
void pp_channel_due(pipit_data_channel *channel, unsigned events);
void pp_channels_tell(pp_channels *channels);

/* channel.c */
typedef struct pp_channel_settings {
    pp_str label, protocol;
    bool unordered, negotiated, made_by_peer;
    pp_sctp_policy policy;
    uint16_t limit;
    int id;
} pp_channel_settings;
int pp_channel_new(const pp_channel_settings *settings, pipit_data_channel **out);

/* sending.c */
int pp_channel_enqueue(pipit_data_channel *channel, uint32_t ppid, pp_str data);
int pp_channel_enqueue_first(pipit_data_channel *channel,
                             const pp_buf *dcep); /* ahead of all that waits */
void pp_channel_ready(
    pipit_data_channel *channel); /* has its turn, if it is open and has something to send */
void pp_channel_drop_queue(pipit_data_channel *channel);
void pp_channels_pump(pp_channels *channels);

/* closing.c */
void pp_channel_close(pipit_data_channel *channel);
void pp_channel_fail(pipit_data_channel *channel, int error, const char *reason);
void pp_channel_drained(pipit_data_channel *channel); /* nothing waits any more */
void pp_channels_on_outgoing_reset(void *arg, uint16_t stream);
void pp_channels_on_incoming_reset(void *arg, uint16_t stream);

/* receiving.c */
void pp_channels_on_message(void *arg, uint16_t stream, uint32_t ppid, pp_str data);
void pp_channels_on_oversized(void *arg, uint16_t stream);

/* opening.c */
int pp_channel_open(pipit_data_channel *channel); /* SCTP stands */
void pp_channels_on_open(pp_channels *channels, uint16_t stream, pp_str message);

#endif
