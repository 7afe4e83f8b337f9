/* association.c - an SCTP association by usrsctp: one socket, connected to the peer from both sides at once.
 *
 * usrsctp has one set of timers for the whole process and asks the system for chance and for the time of day, by which it measures
 * round trips; when a timer fires is told by our clock (stack.h). What it calls back is written down under the lock and looked
 * at, by the thread of our loop, once the lock is free: so handlers may do anything. A packet that a timer of ours made while
 * another thread advanced the time waits for our next tick, which is 10 ms away at most while anything is outstanding. */
#include "sctp/association.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/timers.h"
#include "sctp/happening.h"
#include "sctp/stack.h"

#include <stddef.h>
#include <usrsctp.h>

#define TICK_US        10000u
#define ACTIVE_US      1000000u /* so long after the last packet a delayed SACK may be due */
#define RTO_INITIAL_MS 500u
#define RTO_MIN_MS     200u
#define RTO_MAX_MS     800u
#define TIMES          40u     /* a packet is sent again: 32 s */
#define QUIET_US       250000u /* so long nothing has come while something is outstanding: nudged */
#define HEADER         12u     /* octets in front of the chunks (RFC 9260 section 3.1) */

typedef enum sctp_state { STATE_NEW, STATE_CONNECTING, STATE_CONNECTED, STATE_CLOSED } sctp_state;

struct pp_sctp {
    pp_sctp_place place;
    struct socket *socket;
    const pp_sctp_handlers *handlers;
    void *arg;
    sctp_state state;
    bool busy, freed;
    uint64_t now_us, active_us; /* when a packet came or went */
    uint64_t quiet_us;          /* since then: when one came, or it was nudged */
    bool outstanding;           /* usrsctp has something that a timer is for */
    unsigned resetting;         /* streams whose reset has not been answered */
    size_t queued;              /* octets usrsctp holds, under the lock */
    size_t window;              /* that it may have on the way (RFC 9260 section 7: cwnd) */
    pp_happenings told;         /* under the lock of the stack */
    pp_happenings news;         /* taken from there, and not looked at yet */
    pp_buf message;             /* pieces of one that came in several */
};

/* --- what usrsctp calls, under the lock ------------------------------------------------------- */

static void on_output(pp_sctp_place *place, const uint8_t *packet, size_t size)
{
    pp_sctp *sctp = (pp_sctp *)((char *)place - offsetof(pp_sctp, place));

    pp_happenings_add(&sctp->told, &(pp_happening){.kind = PP_HAPPENING_PACKET}, packet, size);
}

static int on_receive(struct socket *socket, union sctp_sockstore from, void *data, size_t size,
                      struct sctp_rcvinfo info, int flags, void *arg)
{
    pp_sctp *sctp = arg;
    const pp_happening like = {.kind = flags & MSG_NOTIFICATION ? PP_HAPPENING_NOTIFICATION
                                                                : PP_HAPPENING_PIECE,
                               .stream = info.rcv_sid,
                               .ppid = ntohl(info.rcv_ppid),
                               .ends = (flags & MSG_EOR) != 0};

    (void)socket;
    (void)from;
    if (data)
        pp_happenings_add(&sctp->told, &like, data, size);
    pp_free_foreign(data);
    return 1;
}

static int on_room(struct socket *socket, uint32_t room, void *arg)
{
    pp_sctp *sctp = arg;

    (void)socket;
    sctp->queued = room < PP_LIMIT_DATA_IN_FLIGHT ? PP_LIMIT_DATA_IN_FLIGHT - room : 0;
    return 1;
}

/* --- making and releasing --------------------------------------------------------------------- */

static bool set(pp_sctp *sctp, int level, int option, const void *value, size_t size)
{
    return usrsctp_setsockopt(sctp->socket, level, option, value, (socklen_t)size) == 0;
}

#define SET(sctp, option, ...)                                                                     \
    set((sctp), IPPROTO_SCTP, (option), &(__VA_ARGS__), sizeof(__VA_ARGS__))

static bool set_events(pp_sctp *sctp)
{
    static const uint16_t types[] = {SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT,
                                     SCTP_SHUTDOWN_EVENT, SCTP_PARTIAL_DELIVERY_EVENT};
    bool ok = true;

    for (size_t i = 0; ok && i < sizeof(types) / sizeof(types[0]); i++)
        ok = SET(
            sctp, SCTP_EVENT,
            (struct sctp_event){.se_assoc_id = SCTP_ALL_ASSOC, .se_type = types[i], .se_on = 1});
    return ok;
}

static bool set_sizes(pp_sctp *sctp)
{
    const int sending = PP_LIMIT_DATA_IN_FLIGHT, receiving = 2 * PP_LIMIT_DATA_MESSAGE;
    const struct linger abort_at_close = {.l_onoff = 1, .l_linger = 0};

    return set(sctp, SOL_SOCKET, SO_SNDBUF, &sending, sizeof(sending)) &&
           set(sctp, SOL_SOCKET, SO_RCVBUF, &receiving, sizeof(receiving)) &&
           set(sctp, SOL_SOCKET, SO_LINGER, &abort_at_close, sizeof(abort_at_close)) &&
           SET(sctp, SCTP_INITMSG,
               (struct sctp_initmsg){.sinit_num_ostreams = PP_LIMIT_DATA_STREAMS,
                                     .sinit_max_instreams = PP_LIMIT_DATA_STREAMS,
                                     .sinit_max_attempts = TIMES,
                                     .sinit_max_init_timeo = RTO_MAX_MS}) &&
           /* ICE finds out what passes and whether anybody is there; we send what passes everywhere. */
           SET(sctp, SCTP_PEER_ADDR_PARAMS,
               (struct sctp_paddrparams){.spp_address = {.ss_family = AF_CONN},
                                         .spp_flags = SPP_HB_DISABLE | SPP_PMTUD_DISABLE,
                                         .spp_pathmtu = PP_LIMIT_DATA_PACKET - HEADER});
}

static bool set_times(pp_sctp *sctp)
{
    return SET(sctp, SCTP_NODELAY, (int){1}) &&
           /* RFC 9260 section 16 has 1 s to 60 s and 10 times. ICE knows whether the path is there, so
            * a loss is made good soon, and an outage that ICE survives is survived. */
           SET(sctp, SCTP_RTOINFO,
               (struct sctp_rtoinfo){.srto_initial = RTO_INITIAL_MS,
                                     .srto_min = RTO_MIN_MS,
                                     .srto_max = RTO_MAX_MS}) &&
           SET(sctp, SCTP_ASSOCINFO, (struct sctp_assocparams){.sasoc_asocmaxrxt = TIMES}) &&
           SET(sctp, SCTP_DELAYED_SACK,
               (struct sctp_sack_info){.sack_delay = 40, .sack_freq = 2}) &&
           SET(sctp, SCTP_ENABLE_STREAM_RESET,
               (struct sctp_assoc_value){.assoc_id = SCTP_ALL_ASSOC,
                                         .assoc_value = SCTP_ENABLE_RESET_STREAM_REQ});
}

int pp_sctp_new(const pp_sctp_handlers *handlers, void *arg, pp_sctp **out)
{
    pp_sctp *sctp = PP_NEW(pp_sctp);
    bool ok;

    if (!sctp)
        return PIPIT_ERR_MEMORY;
    sctp->handlers = handlers;
    sctp->arg = arg;
    sctp->message.max = PP_LIMIT_DATA_MESSAGE + 1; /* the NUL */
    sctp->place.output = on_output;
    pp_sctp_stack_lock();
    sctp->socket = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, on_receive, on_room, 0, sctp);
    ok = sctp->socket && usrsctp_set_non_blocking(sctp->socket, 1) == 0 && set_events(sctp) &&
         set_sizes(sctp) && set_times(sctp);
    pp_sctp_stack_unlock();
    if (!ok) {
        pp_sctp_free(sctp);
        return pp_error(PIPIT_ERR_MEMORY, "sctp: usrsctp gave no socket");
    }
    *out = sctp;
    return 0;
}

static void destroy(pp_sctp *sctp)
{
    pp_happenings_clear(&sctp->told);
    pp_happenings_clear(&sctp->news);
    pp_buf_free(&sctp->message);
    pp_free(sctp);
}

/* --- what was told ---------------------------------------------------------------------------- */

/* Sends what is to be sent and puts the rest behind the news. */
static void collect(pp_sctp *sctp)
{
    pp_happenings told;
    pp_happening *happening;

    pp_sctp_stack_lock();
    told = sctp->told;
    sctp->told = (pp_happenings){0};
    pp_sctp_stack_unlock();
    sctp->news.lost |= told.lost;
    while ((happening = pp_happenings_take(&told))) {
        if (happening->kind == PP_HAPPENING_PACKET) {
            sctp->active_us = sctp->now_us;
            sctp->handlers->send(sctp->arg, happening->data, happening->size);
            pp_free(happening);
            continue;
        }
        happening->next = NULL;
        if (sctp->news.last)
            sctp->news.last->next = happening;
        else
            sctp->news.first = happening;
        sctp->news.last = happening;
    }
}

static void close_down(pp_sctp *sctp, int error, const char *reason)
{
    if (sctp->state == STATE_CLOSED)
        return;
    sctp->state = STATE_CLOSED;
    sctp->handlers->closed(sctp->arg, error, reason);
}

static void tell_change(pp_sctp *sctp, const struct sctp_assoc_change *change)
{
    switch (change->sac_state) {
    case SCTP_COMM_UP:
        if (sctp->state != STATE_CONNECTING)
            return;
        sctp->state = STATE_CONNECTED;
        sctp->handlers->connected(sctp->arg);
        return;
    case SCTP_SHUTDOWN_COMP:
        close_down(sctp, 0, "the far end ended the association");
        return;
    case SCTP_COMM_LOST: /* with the ABORT behind it when there was one */
        if (change->sac_length > sizeof(*change))
            close_down(sctp, 0, "the far end ended the association");
        else
            close_down(sctp, PIPIT_ERR_TIMEOUT, "the far end stopped to answer SCTP");
        return;
    case SCTP_CANT_STR_ASSOC:
        close_down(sctp, PIPIT_ERR_TIMEOUT, "the far end did not answer SCTP");
        return;
    case SCTP_RESTART: /* its streams begin anew, ours do not: nothing fits any more */
        close_down(sctp, PIPIT_ERR_CONNECTION, "the far end began another association");
        return;
    default:
        return;
    }
}

static void tell_reset(pp_sctp *sctp, const struct sctp_stream_reset_event *event, size_t size)
{
    size_t count = (size - sizeof(*event)) / sizeof(uint16_t);

    for (size_t i = 0; i < count && !sctp->freed; i++) {
        uint16_t stream = event->strreset_stream_list[i];

        if (event->strreset_flags & SCTP_STREAM_RESET_OUTGOING_SSN) {
            sctp->resetting -= sctp->resetting > 0;
            sctp->handlers->outgoing_reset(sctp->arg, stream);
        } else if (event->strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) {
            sctp->handlers->incoming_reset(sctp->arg, stream);
        }
    }
}

static void tell_notification(pp_sctp *sctp, const pp_happening *happening)
{
    const union sctp_notification *event = (const union sctp_notification *)happening->data;

    if (happening->size < sizeof(event->sn_header))
        return;
    switch (event->sn_header.sn_type) {
    case SCTP_ASSOC_CHANGE:
        if (happening->size >= sizeof(event->sn_assoc_change))
            tell_change(sctp, &event->sn_assoc_change);
        return;
    case SCTP_STREAM_RESET_EVENT:
        if (happening->size >= sizeof(event->sn_strreset_event))
            tell_reset(sctp, &event->sn_strreset_event, happening->size);
        return;
    case SCTP_SHUTDOWN_EVENT:
        close_down(sctp, 0, "the far end ends the association");
        return;
    case SCTP_PARTIAL_DELIVERY_EVENT: /* the rest of a message was given up */
        pp_buf_clear(&sctp->message);
        return;
    default:
        return;
    }
}

static void tell_whole(pp_sctp *sctp, const pp_happening *last, pp_str message)
{
    sctp->handlers->message(sctp->arg, last->stream, last->ppid, message);
}

/* usrsctp gives a long message in pieces, and nothing else between them. */
static void tell_piece(pp_sctp *sctp, const pp_happening *piece)
{
    pp_buf *message = &sctp->message;

    if (piece->ends && message->n == 0 && !message->error && piece->size <= PP_LIMIT_DATA_MESSAGE) {
        tell_whole(sctp, piece, pp_str_n(piece->data, piece->size));
        return;
    }
    pp_buf_add(message, piece->data, piece->size);
    if (!piece->ends)
        return;
    pp_buf_char(message, '\0');
    if (pp_buf_error(message) == PIPIT_ERR_LIMIT)
        sctp->handlers->oversized(sctp->arg, piece->stream);
    else if (pp_buf_error(message))
        sctp->news.lost = true;
    else
        tell_whole(sctp, piece, pp_str_n(message->p, message->n - 1));
    pp_buf_free(message);
}

static void tell(pp_sctp *sctp)
{
    pp_happening *happening;

    collect(sctp);
    while (!sctp->freed && sctp->state != STATE_CLOSED &&
           (happening = pp_happenings_take(&sctp->news))) {
        if (happening->kind == PP_HAPPENING_PIECE)
            tell_piece(sctp, happening);
        else
            tell_notification(sctp, happening);
        pp_free(happening);
    }
    if (sctp->news.lost && !sctp->freed)
        close_down(sctp, PIPIT_ERR_MEMORY, "no memory for what came");
}

/* --- steps ------------------------------------------------------------------------------------ */

/* After losses usrsctp may leave what is queued alone, with no timer running, and it takes the time that a lost INIT has cost for a round
 * trip: then it sends nothing again for seconds. Asked for a heartbeat it looks at what it has, and measures anew. */
static void nudge(pp_sctp *sctp, const struct sctp_paddrinfo *peer)
{
    struct sctp_paddrparams heartbeat = {.spp_address = peer->spinfo_address,
                                         .spp_flags = SPP_HB_DEMAND};

    if (!sctp->outstanding || sctp->now_us < sctp->quiet_us + QUIET_US)
        return;
    sctp->quiet_us = sctp->now_us;
    (void)set(sctp, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, &heartbeat, sizeof(heartbeat));
}

/* Whether a timer of usrsctp's is running, or should be: something was sent and not acknowledged, or waits, or is being asked. */
static void look_at_status(pp_sctp *sctp)
{
    struct sctp_status status = {0};
    socklen_t size = sizeof(status);

    sctp->outstanding = true;
    if (sctp->state != STATE_CONNECTED ||
        usrsctp_getsockopt(sctp->socket, IPPROTO_SCTP, SCTP_STATUS, &status, &size) != 0)
        return;
    sctp->outstanding = sctp->resetting || status.sstat_unackdata || sctp->queued;
    sctp->window = status.sstat_primary.spinfo_cwnd;
    nudge(sctp, &status.sstat_primary);
}

/* The start and the end of a step: between them usrsctp is ours, and its time is now. */
static bool begin(pp_sctp *sctp, uint64_t now_us)
{
    bool outermost = !sctp->busy;

    sctp->busy = true;
    sctp->now_us = now_us;
    pp_sctp_stack_lock();
    pp_sctp_stack_advance(now_us);
    return outermost;
}

static void end(pp_sctp *sctp, bool outermost, bool tells)
{
    if (sctp->socket)
        look_at_status(sctp);
    pp_sctp_stack_unlock();
    collect(sctp);
    if (!outermost)
        return;
    if (tells)
        tell(sctp);
    sctp->busy = false;
    if (sctp->freed)
        destroy(sctp);
}

pp_sctp *pp_sctp_free(pp_sctp *sctp)
{
    if (!sctp)
        return NULL;
    pp_sctp_stack_lock();
    if (sctp->socket)
        usrsctp_close(sctp->socket);
    sctp->socket = NULL;
    pp_sctp_stack_leave(&sctp->place);
    pp_sctp_stack_unlock();
    if (sctp->state != STATE_CLOSED)
        collect(sctp); /* the ABORT */
    sctp->state = STATE_CLOSED;
    sctp->freed = true;
    if (!sctp->busy)
        destroy(sctp);
    return NULL;
}

static bool meet(pp_sctp *sctp, uint16_t local_port, uint16_t remote_port)
{
    struct sockaddr_conn at = {.sconn_family = AF_CONN,
                               .sconn_port = htons(local_port),
                               .sconn_addr = (void *)sctp->place.number}; // NOLINT: stack.h
    struct sockaddr *address = (struct sockaddr *)&at;

    if (usrsctp_bind(sctp->socket, address, sizeof(at)) < 0)
        return false;
    at.sconn_port = htons(remote_port);
    return usrsctp_connect(sctp->socket, address, sizeof(at)) == 0 || errno == EINPROGRESS;
}

int pp_sctp_start(pp_sctp *sctp, uint16_t local_port, uint16_t remote_port, uint64_t now_us)
{
    bool outermost, ok;

    if (sctp->state != STATE_NEW)
        return pp_error(PIPIT_ERR_STATE, "sctp: started before");
    if (local_port == 0 || remote_port == 0)
        return pp_error(PIPIT_ERR_ARGUMENT, "sctp: 0 is no port");
    sctp->state = STATE_CONNECTING;
    sctp->active_us = now_us;
    outermost = begin(sctp, now_us);
    pp_sctp_stack_enter(&sctp->place, now_us);
    ok = meet(sctp, local_port, remote_port);
    if (!ok)
        sctp->state = STATE_CLOSED;
    end(sctp, outermost, false);
    return ok ? 0
              : pp_error(PIPIT_ERR_MEMORY, "sctp: usrsctp could not begin: %s", strerror(errno));
}

void pp_sctp_receive(pp_sctp *sctp, const uint8_t *data, size_t size, uint64_t now_us)
{
    bool outermost;

    if (size < HEADER || sctp->state == STATE_NEW || sctp->state == STATE_CLOSED)
        return;
    sctp->active_us = sctp->quiet_us = now_us;
    outermost = begin(sctp, now_us);
    usrsctp_conninput((void *)sctp->place.number, data, size, 0); // NOLINT: stack.h
    end(sctp, outermost, true);
}

void pp_sctp_tick(pp_sctp *sctp, uint64_t now_us)
{
    if (sctp->state == STATE_NEW || sctp->state == STATE_CLOSED)
        return;
    end(sctp, begin(sctp, now_us), true);
}

uint64_t pp_sctp_deadline_us(const pp_sctp *sctp)
{
    if (sctp->state == STATE_NEW || sctp->state == STATE_CLOSED)
        return PP_NEVER;
    if (sctp->news.first || sctp->news.lost)
        return sctp->now_us;
    if (sctp->outstanding || sctp->now_us < sctp->active_us + ACTIVE_US)
        return sctp->now_us + TICK_US;
    return PP_NEVER;
}

/* --- sending ---------------------------------------------------------------------------------- */

static uint16_t policy_of(const pp_sctp_message *message)
{
    static const uint16_t policies[] = {[PP_SCTP_RELIABLE] = SCTP_PR_SCTP_NONE,
                                        [PP_SCTP_RETRANSMITS] = SCTP_PR_SCTP_RTX,
                                        [PP_SCTP_LIFE_TIME] = SCTP_PR_SCTP_TTL};

    return policies[message->policy];
}

static int why_not(int code)
{
    if (code == EWOULDBLOCK || code == EAGAIN || code == ENOBUFS || code == ENOMEM)
        return pp_error(PIPIT_ERR_LIMIT, "sctp: the far end has not acknowledged enough");
    if (code == EINVAL || code == EMSGSIZE)
        return pp_error(PIPIT_ERR_ARGUMENT, "sctp: the far end has no such stream");
    return pp_error(PIPIT_ERR_STATE, "sctp: %s", strerror(code));
}

/* usrsctp looks at a life time only before it sends a message again. So what it could not send at once is kept from it. */
static bool must_wait(const pp_sctp *sctp, const pp_sctp_message *message)
{
    errno = EWOULDBLOCK;
    return message->policy == PP_SCTP_LIFE_TIME && sctp->queued && sctp->queued >= sctp->window;
}

int pp_sctp_send(pp_sctp *sctp, const pp_sctp_message *message, uint64_t now_us)
{
    struct sctp_sendv_spa spa = {
        .sendv_flags = SCTP_SEND_SNDINFO_VALID | SCTP_SEND_PRINFO_VALID,
        .sendv_sndinfo = {.snd_sid = message->stream,
                          .snd_flags = message->unordered ? SCTP_UNORDERED : 0,
                          .snd_ppid = htonl(message->ppid)},
        .sendv_prinfo = {.pr_policy = policy_of(message), .pr_value = message->limit}};
    bool outermost;
    ssize_t sent;
    int code;

    if (sctp->state != STATE_CONNECTED)
        return pp_error(PIPIT_ERR_STATE, "sctp: not connected");
    outermost = begin(sctp, now_us);
    sent = must_wait(sctp, message) ? -1
                                    : usrsctp_sendv(sctp->socket, message->data.p, message->data.n,
                                                    NULL, 0, &spa, sizeof(spa), SCTP_SENDV_SPA, 0);
    code = errno;
    sctp->queued += sent > 0 ? (size_t)sent : 0;
    end(sctp, outermost, false);
    return sent < 0 ? why_not(code) : 0;
}

int pp_sctp_reset(pp_sctp *sctp, uint16_t stream, uint64_t now_us)
{
    union {
        struct sctp_reset_streams reset;
        uint8_t room[sizeof(struct sctp_reset_streams) + sizeof(uint16_t)];
    } request = {.reset = {.srs_flags = SCTP_STREAM_RESET_OUTGOING, .srs_number_streams = 1}};
    bool outermost, ok;

    if (sctp->state != STATE_CONNECTED)
        return pp_error(PIPIT_ERR_STATE, "sctp: not connected");
    memcpy(request.room + sizeof(request.reset), &stream, sizeof(stream));
    outermost = begin(sctp, now_us);
    ok = SET(sctp, SCTP_RESET_STREAMS, request);
    sctp->resetting += ok;
    end(sctp, outermost, false);
    return ok ? 0 : pp_error(PIPIT_ERR_NOT_SUPPORTED, "sctp: stream %u cannot be reset", stream);
}

bool pp_sctp_is_there(void)
{
    return true;
}
