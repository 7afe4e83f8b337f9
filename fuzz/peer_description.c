/* peer_description.c - a remote description, as an offer and as an answer to ours, into a peer connection, before a call and in the
 * middle of one.
 * FUZZ: peer
 * What is answered must parse, with a part for each part offered. What is rolled back leaves nothing: the next offer is the one
 * before it, up to its version; an offer that restarts ICE has other credentials. */
#include "peer/peer.h"
#include "sctp/association.h"
#include "sdp/sdp.h"

#include "check.h"
#include "still_loop.h"

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

static const pp_peer_handlers handlers = {.state = on_state, .dtmf = on_dtmf};

static pp_peer *new_peer(pipit_loop *loop, bool offerer, pipit_media_security security)
{
    const pipit_peer_configuration configuration = {
        .security = security,
        .data_channels = security == PIPIT_SECURITY_DTLS && pp_sctp_is_there()};
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

/* --- in the middle of a call ------------------------------------------------------------------ */

static void offer_of(pp_peer *peer, pp_buf *out)
{
    pp_buf_clear(out);
    CHECK(pp_peer_create_offer(peer, out) == 0);
}

static pp_str ufrag_of(const pp_buf *sdp)
{
    pp_str text = pp_buf_text(sdp);
    const char *at = memmem(text.p, text.n, "a=ice-ufrag:", 12);

    CHECK(at);
    return pp_str_n(at + 12, 8);
}

/* From the line behind o=, which counts. */
static bool is_same(const pp_buf *a, const pp_buf *b)
{
    const char *from_a = memmem(a->p, a->n, "s=-", 3), *from_b = memmem(b->p, b->n, "s=-", 3);
    size_t left = (size_t)(a->p + a->n - from_a);

    return left == (size_t)(b->p + b->n - from_b) && memcmp(from_a, from_b, left) == 0;
}

static void connect_peers(pp_peer *a, pp_peer *b)
{
    pp_buf offer = {0}, answer = {0};

    CHECK(pp_peer_create_offer(a, &offer) == 0);
    CHECK(pp_peer_set_remote(b, true, pp_buf_text(&offer)) == 0);
    CHECK(pp_peer_create_answer(b, &answer) == 0);
    CHECK(pp_peer_set_remote(a, false, pp_buf_text(&answer)) == 0);
    pp_buf_free(&offer);
    pp_buf_free(&answer);
}

static void offer_in_call(pp_peer *peer, pp_str offer)
{
    pp_buf before = {0}, answer = {0}, after = {0};

    offer_of(peer, &before);
    if (pp_peer_set_remote(peer, true, offer) == 0 && pp_peer_create_answer(peer, &answer) == 0)
        check_answer(offer, pp_buf_text(&answer));
    pp_peer_rollback(peer);
    offer_of(peer, &after);
    CHECK(is_same(&before, &after));
    pp_buf_free(&before);
    pp_buf_free(&answer);
    pp_buf_free(&after);
}

static void answer_in_call(pp_peer *peer, pp_str answer)
{
    pp_buf before = {0}, offer = {0}, after = {0};

    offer_of(peer, &before);
    CHECK(pp_peer_restart_ice(peer, true) == 0);
    offer_of(peer, &offer);
    CHECK(!pp_str_eq(ufrag_of(&before), ufrag_of(&offer)));
    if (pp_peer_set_remote(peer, false, answer) == 0) {
        offer_of(peer, &after);
        CHECK(pp_str_eq(ufrag_of(&offer), ufrag_of(&after)));
    } else {
        pp_peer_rollback(peer);
        CHECK(pp_peer_restart_ice(peer, false) == 0);
        offer_of(peer, &after);
        CHECK(is_same(&before, &after));
    }
    pp_buf_free(&before);
    pp_buf_free(&offer);
    pp_buf_free(&after);
}

static void run(pipit_loop *loop, pipit_media_security security, pp_str sdp)
{
    pp_buf text = {0};
    pp_peer *peer = new_peer(loop, false, security), *other;

    if (pp_peer_set_remote(peer, true, sdp) == 0 && pp_peer_create_answer(peer, &text) == 0)
        check_answer(sdp, pp_buf_text(&text));
    pp_peer_free(peer);
    peer = new_peer(loop, true, security);
    pp_buf_clear(&text);
    CHECK(pp_peer_create_offer(peer, &text) == 0);
    (void)pp_peer_set_remote(peer, false, sdp);
    pp_peer_free(peer);
    peer = new_peer(loop, true, security);
    other = new_peer(loop, false, security);
    connect_peers(peer, other);
    offer_in_call(peer, sdp);
    if (security == PIPIT_SECURITY_DTLS)
        answer_in_call(other, sdp);
    else
        (void)pp_peer_set_remote(other, false, sdp);
    pp_peer_free(peer);
    pp_peer_free(other);
    pp_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pipit_loop loop = {0};

    still_loop_init(&loop);
    for (unsigned security = 0; security <= PIPIT_SECURITY_PLAIN_RTP; security++)
        run(&loop, (pipit_media_security)security, pp_str_n(data, size));
    pp_loop_run_due(&loop); /* channels say that they are closed */
    return 0;
}
