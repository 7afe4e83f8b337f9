/* peer_description.c - a remote description, as an offer and as an answer to ours, into a peer connection.
 * FUZZ: peer
 * What is answered must parse, with a part for each part offered. */
#include "base/loop.h"
#include "peer/peer.h"
#include "sdp/sdp.h"

#include "check.h"

static uint64_t time_us(const pipit_loop *loop)
{
    (void)loop;
    return 1000000;
}

static void wake(pipit_loop *loop)
{
    (void)loop;
}

static size_t no_addresses(pipit_loop *loop, pp_addr *out, size_t max)
{
    (void)loop;
    (void)max;
    pp_addr_parse(PP_LIT("192.0.2.1"), 0, out);
    return 1;
}

static int send_nowhere(pp_udp *udp, const pp_addr *to, const void *data, size_t size)
{
    (void)udp;
    (void)to;
    (void)data;
    (void)size;
    return 0;
}

static void close_nothing(pp_udp *udp)
{
    (void)udp;
}

static int open_nothing(pipit_loop *loop, const pp_addr *at, pp_udp_function *received, void *arg,
                        pp_udp **out)
{
    static pp_udp udp = {.send = send_nowhere, .close = close_nothing};

    (void)loop;
    (void)received;
    (void)arg;
    udp.local = *at;
    udp.local.port = 4000;
    *out = &udp;
    return 0;
}

static const pp_loop_ops ops = {.now_us = time_us,
                                .wall_us = time_us,
                                .wake = wake,
                                .udp_open = open_nothing,
                                .local_addresses = no_addresses};

static void count_up(void *arg, void *out, size_t size)
{
    static uint8_t next;

    (void)arg;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)out)[i] = next++;
}

static void on_state(void *arg, pp_peer_state state, const char *reason)
{
    (void)arg;
    (void)state;
    (void)reason;
}

static void on_dtmf(void *arg, char tone, unsigned duration_ms)
{
    (void)arg;
    (void)tone;
    (void)duration_ms;
}

static const pp_peer_handlers handlers = {on_state, on_dtmf};

static pp_peer *new_peer(pipit_loop *loop, bool offerer)
{
    const pipit_peer_configuration configuration = {0};
    const pipit_media_stream stream = {0};
    pp_peer *peer = NULL;

    CHECK(pp_peer_new(loop, &configuration, &stream, offerer, &handlers, NULL, &peer) == 0);
    return peer;
}

static void check_answer(pp_str offer, pp_str answer)
{
    pp_sdp *asked = NULL, *said = NULL;

    CHECK(pp_sdp_parse(offer, &asked) == 0 && pp_sdp_parse(answer, &said) == 0);
    CHECK(asked->media_count == said->media_count);
    for (size_t i = 0; i < said->media_count; i++)
        CHECK(pp_str_eq(asked->media[i].kind, said->media[i].kind) || asked->media[i].kind.n >= 32);
    pp_sdp_free(asked);
    pp_sdp_free(said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pipit_loop loop = {0};
    pp_buf text = {0};
    pp_peer *peer;

    pp_loop_init(&loop, &ops, (pp_rng){count_up, NULL});
    peer = new_peer(&loop, false);
    if (pp_peer_set_remote(peer, true, pp_str_n(data, size)) == 0 &&
        pp_peer_create_answer(peer, &text) == 0)
        check_answer(pp_str_n(data, size), pp_buf_text(&text));
    pp_peer_free(peer);
    peer = new_peer(&loop, true);
    pp_buf_clear(&text);
    CHECK(pp_peer_create_offer(peer, &text) == 0);
    (void)pp_peer_set_remote(peer, false, pp_str_n(data, size));
    pp_peer_free(peer);
    pp_buf_free(&text);
    return 0;
}
