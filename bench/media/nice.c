/* nice.c - legs as a media server on libnice has them: an agent of libnice for each, libsrtp2 for what goes through, all on one
 * GMainContext in one thread. What a leg brings goes back over it. Keys go from process to process and not by DTLS, which works at the
 * beginning of a call only: a leg has no memory for it. The world around is made in the same way, and not measured.
 *
 * usage: bench_media_nice LEGS SECONDS */
#include "measure.h"

#include <arpa/inet.h>
#include <nice/agent.h>
#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEADER = 12, /* of RTP */
    FRAME = 160, /* octets of 20 ms */
    KEY = 30,    /* with its salt */
    SLOTS = 20,  /* of a millisecond, each for a part of the legs */
    WARM_MS = 1500,
    DRAIN_MS = 500,
    SETUP_MAX_MS = 20000
};

typedef struct note { /* what one side tells the other of a leg */
    char ufrag[64], password[64];
    uint16_t port;
    unsigned char key[KEY];
} note;

typedef struct side side;

typedef struct leg {
    side *side;
    NiceAgent *agent;
    guint stream;
    bool gathered, ready;
    srtp_t out, in;
    uint16_t sequence;
} leg;

struct side {
    bool is_us; /* sends back; else the world, which begins */
    unsigned count, slot;
    double seconds;
    int talk;
    leg *legs;
    bool counting, over;
    uint64_t next_us, begun_us, sent, came;
    bench_times times, setup;
};

static void die(const char *what)
{
    fprintf(stderr, "bench media: libnice: %s\n", what);
    exit(1);
}

/* --- waiting ---------------------------------------------------------------------------------- */

static gboolean on_time(gpointer over)
{
    *(bool *)over = true;
    return G_SOURCE_REMOVE;
}

static void wait_ms(guint ms)
{
    bool over = false;

    g_timeout_add(ms, on_time, &over);
    while (!over)
        g_main_context_iteration(NULL, TRUE);
}

static void wait_for(const bool *done, const char *what)
{
    bool over = false;
    guint limit = g_timeout_add(SETUP_MAX_MS, on_time, &over);

    while (!*done && !over)
        g_main_context_iteration(NULL, TRUE);
    if (over)
        die(what);
    g_source_remove(limit);
}

/* --- packets ---------------------------------------------------------------------------------- */

static void send_packet(leg *l, uint8_t *packet, int size)
{
    if (srtp_protect(l->out, packet, &size) != srtp_err_status_ok)
        die("a packet was not protected");
    nice_agent_send(l->agent, l->stream, 1, (guint)size, (const gchar *)packet);
}

static void begin_packet(leg *l)
{
    uint8_t packet[HEADER + FRAME + SRTP_MAX_TRAILER_LEN] = {0x80};
    uint16_t sequence = htons(l->sequence);
    uint32_t timestamp = htonl(l->sequence * (uint32_t)FRAME), source = htonl(1);
    uint64_t now = bench_now_us();

    l->sequence++;
    memcpy(packet + 2, &sequence, sizeof(sequence));
    memcpy(packet + 4, &timestamp, sizeof(timestamp));
    memcpy(packet + 8, &source, sizeof(source));
    memcpy(packet + HEADER, &now, sizeof(now));
    send_packet(l, packet, HEADER + FRAME);
}

static void on_packet(NiceAgent *agent, guint stream, guint component, guint size, gchar *data,
                      gpointer arg)
{
    leg *l = arg;
    uint8_t packet[2048];
    int n = (int)size;
    uint64_t sent;

    (void)agent;
    (void)stream;
    (void)component;
    if (size > sizeof(packet) - SRTP_MAX_TRAILER_LEN)
        return;
    memcpy(packet, data, size);
    if (srtp_unprotect(l->in, packet, &n) != srtp_err_status_ok)
        return;
    if (l->side->is_us) {
        send_packet(l, packet, n);
    } else if (l->side->counting) {
        memcpy(&sent, packet + HEADER, sizeof(sent));
        if (sent < l->side->begun_us)
            return;
        bench_times_add(&l->side->times, bench_now_us() - sent);
        l->side->came++;
    }
}

/* A twentieth of the legs each millisecond; what was missed is made up for. */
static gboolean on_tick(gpointer arg)
{
    side *s = arg;

    if (s->over)
        return G_SOURCE_REMOVE;
    for (; s->next_us <= bench_now_us(); s->next_us += 1000, s->slot = (s->slot + 1) % SLOTS)
        for (unsigned i = s->slot; i < s->count; i += SLOTS) {
            begin_packet(&s->legs[i]);
            s->sent += s->counting;
        }
    return G_SOURCE_CONTINUE;
}

/* --- setting up ------------------------------------------------------------------------------- */

static void on_gathered(NiceAgent *agent, guint stream, gpointer arg)
{
    (void)agent;
    (void)stream;
    ((leg *)arg)->gathered = true;
}

static void on_state(NiceAgent *agent, guint stream, guint component, guint state, gpointer arg)
{
    (void)agent;
    (void)stream;
    (void)component;
    ((leg *)arg)->ready = state == NICE_COMPONENT_STATE_READY;
}

static void open_agent(leg *l)
{
    NiceAddress loopback;

    nice_address_init(&loopback);
    nice_address_set_from_string(&loopback, "127.0.0.1");
    l->agent = nice_agent_new(NULL, NICE_COMPATIBILITY_RFC5245);
    g_object_set(l->agent, "controlling-mode", (gboolean)l->side->is_us, "upnp", FALSE, "ice-tcp",
                 FALSE, NULL);
    nice_agent_add_local_address(l->agent, &loopback);
    l->stream = nice_agent_add_stream(l->agent, 1);
    g_signal_connect(l->agent, "candidate-gathering-done", G_CALLBACK(on_gathered), l);
    g_signal_connect(l->agent, "component-state-changed", G_CALLBACK(on_state), l);
    nice_agent_attach_recv(l->agent, l->stream, 1, NULL, on_packet, l);
    if (!l->stream || !nice_agent_gather_candidates(l->agent, l->stream))
        die("no candidates");
    wait_for(&l->gathered, "no candidates");
}

static void describe(const leg *l, note *out)
{
    gchar *ufrag, *password;
    GSList *candidates = nice_agent_get_local_candidates(l->agent, l->stream, 1);

    if (!candidates || !nice_agent_get_local_credentials(l->agent, l->stream, &ufrag, &password))
        die("no candidate");
    memset(out, 0, sizeof(*out));
    snprintf(out->ufrag, sizeof(out->ufrag), "%s", ufrag);
    snprintf(out->password, sizeof(out->password), "%s", password);
    out->port = (uint16_t)nice_address_get_port(&((NiceCandidate *)candidates->data)->addr);
    if (getrandom(out->key, KEY, 0) != KEY)
        die("no key");
    g_free(ufrag);
    g_free(password);
    g_slist_free_full(candidates, (GDestroyNotify)nice_candidate_free);
}

static void take(leg *l, const note *theirs)
{
    NiceCandidate *candidate = nice_candidate_new(NICE_CANDIDATE_TYPE_HOST);
    GSList *all = g_slist_append(NULL, candidate);

    candidate->component_id = 1;
    candidate->stream_id = l->stream;
    candidate->transport = NICE_CANDIDATE_TRANSPORT_UDP;
    candidate->priority = 2130706431;
    strcpy(candidate->foundation, "1");
    nice_address_set_from_string(&candidate->addr, "127.0.0.1");
    nice_address_set_port(&candidate->addr, theirs->port);
    if (!nice_agent_set_remote_credentials(l->agent, l->stream, theirs->ufrag, theirs->password) ||
        nice_agent_set_remote_candidates(l->agent, l->stream, 1, all) < 1)
        die("their candidate is of no use");
    g_slist_free_full(all, (GDestroyNotify)nice_candidate_free);
}

static srtp_t key_of(const note *n, srtp_ssrc_type_t direction)
{
    srtp_policy_t policy = {.ssrc = {.type = direction}, .key = (unsigned char *)n->key};
    srtp_t session;

    srtp_crypto_policy_set_rtp_default(&policy.rtp);
    srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    if (srtp_create(&session, &policy) != srtp_err_status_ok)
        die("no SRTP");
    return session;
}

/* The legs before are served meanwhile. */
static void hear(const side *s, void *out, size_t size)
{
    ssize_t n;

    while ((n = recv(s->talk, out, size, MSG_DONTWAIT)) < 0)
        wait_ms(1);
    if ((size_t)n != size)
        die("the other side is gone");
}

static void set_up(side *s, leg *l)
{
    uint64_t begun = bench_now_us();
    note ours, theirs;

    l->side = s;
    open_agent(l);
    describe(l, &ours);
    if (write(s->talk, &ours, sizeof(ours)) != sizeof(ours))
        die("the other side is gone");
    hear(s, &theirs, sizeof(theirs));
    l->out = key_of(&ours, ssrc_any_outbound);
    l->in = key_of(&theirs, ssrc_any_inbound);
    take(l, &theirs);
    wait_for(&l->ready, "a leg did not come up");
    bench_times_add(&s->setup, bench_now_us() - begun);
}

/* --- both sides ------------------------------------------------------------------------------- */

static void run(side *s, bench_result *out)
{
    double before = bench_memory(), cpu;

    for (unsigned i = 0; i < s->count; i++)
        set_up(s, &s->legs[i]);
    s->next_us = bench_now_us();
    if (!s->is_us)
        g_timeout_add(1, on_tick, s);
    wait_ms(WARM_MS);
    s->counting = true;
    s->begun_us = bench_now_us();
    cpu = bench_cpu_seconds();
    wait_ms((guint)(s->seconds * 1000));
    out->cpu_percent = (bench_cpu_seconds() - cpu) * 100 / s->seconds;
    out->octets = bench_memory() - before;
    out->threads = bench_threads();
    out->descriptors = bench_descriptors();
    s->over = true;
    wait_ms(DRAIN_MS); /* for what is on its way */
    out->setup_ms = bench_times_ms(&s->setup, 0.5);
    out->lost_percent = s->sent ? 100 - (double)s->came * 100 / (double)s->sent : 0;
    for (unsigned i = 0; i < 3; i++)
        out->latency_ms[i] = bench_times_ms(&s->times, (const double[]){0.5, 0.99, 0.999}[i]);
}

static void print(unsigned legs, const bench_result *us, const bench_result *world)
{
    printf("%-6s %6u %9.4f %9.1f %8u %8u %8.1f %8.2f %8.2f %8.2f %8.3f %7.1f\n", "nice", legs,
           us->cpu_percent / legs, us->octets / legs / 1024, us->threads, us->descriptors,
           us->setup_ms, world->latency_ms[0], world->latency_ms[1], world->latency_ms[2],
           world->lost_percent, us->cpu_percent);
}

int main(int argc, char **argv)
{
    static side s;
    bench_result us = {0}, world = {0};
    int talk[2];

    if (argc != 3 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, talk))
        die("usage: bench_media_nice LEGS SECONDS");
    s.count = (unsigned)strtoul(argv[1], NULL, 10);
    s.seconds = strtod(argv[2], NULL);
    s.legs = calloc(s.count, sizeof(*s.legs));
    s.is_us = fork() != 0; /* before GLib has threads */
    s.talk = talk[s.is_us];
    close(talk[!s.is_us]);
    if (!s.legs || srtp_init() != srtp_err_status_ok)
        die("no memory");
    run(&s, s.is_us ? &us : &world);
    if (!s.is_us)
        return write(s.talk, &world, sizeof(world)) == sizeof(world) ? 0 : 1;
    hear(&s, &world, sizeof(world));
    print(s.count, &us, &world);
    return 0;
}
