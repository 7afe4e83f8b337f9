/* data.c - tests of data channels in a peer connection: what is said of them, and that they carry. */
#include "base/error.h"
#include "peer/peer.h"
#include "pipit/peer.h"
#include "support/files.h"
#include "support/sim.h"
#include "support/time_of_day.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct side {
    pp_peer *peer;
    pp_peer_state state;
    pipit_data_channel *channel; /* the last that came, or ours */
    unsigned incoming, opened, closed, messages;
    char text[64];
    size_t octets;
} side;

static void on_state(void *arg, pp_peer_state state, const char *reason)
{
    (void)reason;
    ((side *)arg)->state = state;
}

static void on_dtmf(void *arg, char tone, unsigned duration_ms)
{
    (void)arg;
    (void)tone;
    (void)duration_ms;
}

static void on_open(pipit_data_channel *channel, void *user)
{
    (void)channel;
    ((side *)user)->opened++;
}

static void on_message(pipit_data_channel *channel, const pipit_data_channel_message_event *event,
                       void *user)
{
    side *s = user;

    (void)channel;
    s->messages++;
    s->octets += event->size;
    snprintf(s->text, sizeof(s->text), "%s", (const char *)event->data);
}

static void on_close(pipit_data_channel *channel, void *user)
{
    (void)channel;
    ((side *)user)->closed++;
}

static const pipit_data_channel_handlers channel_handlers = {
    .open = on_open, .message = on_message, .close = on_close};

static void on_channel(void *arg, pipit_data_channel *channel)
{
    side *s = arg;

    s->incoming++;
    pipit_data_channel_unref(s->channel);
    s->channel = pipit_data_channel_ref(channel);
    pipit_data_channel_set_handlers(channel, &channel_handlers, s);
}

static const pp_peer_handlers handlers = {
    .state = on_state, .dtmf = on_dtmf, .data_channel = on_channel};

static void new_side(sim *s, side *out, bool offerer, bool data_channels)
{
    const pipit_peer_configuration configuration = {.codecs = "PCMU",
                                                    .data_channels = data_channels};

    assert_int_equal(pp_peer_new(sim_loop(s), &configuration, &(pipit_media_stream){0}, offerer,
                                 &handlers, out, &out->peer),
                     0);
}

static int create(side *s, const char *label)
{
    const pipit_data_channel_options options = {.handlers = &channel_handlers, .user = s};

    return pp_peer_create_data_channel(s->peer, label, &options, &s->channel);
}

static char *describe(side *s, int (*make)(pp_peer *peer, pp_buf *out))
{
    pp_buf sdp = {0};
    char *text = NULL;

    assert_int_equal(make(s->peer, &sdp), 0);
    assert_int_equal(pp_buf_take(&sdp, &text), 0);
    return text;
}

static void exchange(side *a, side *b)
{
    char *offer = describe(a, pp_peer_create_offer), *answer;

    assert_int_equal(pp_peer_set_remote(b->peer, true, pp_str_c(offer)), 0);
    answer = describe(b, pp_peer_create_answer);
    assert_int_equal(pp_peer_set_remote(a->peer, false, pp_str_c(answer)), 0);
    pipit_free(offer);
    pipit_free(answer);
}

static sim *world;
static side a, b;

static void set_up(bool a_has, bool b_has)
{
    a = b = (side){0};
    assert_int_equal(sim_new(1, &world), 0);
    time_of_day_from(world);
    new_side(world, &a, true, a_has);
    new_side(world, &b, false, b_has);
}

static void tear_down(void)
{
    a.peer = pp_peer_free(a.peer);
    b.peer = pp_peer_free(b.peer);
    sim_advance_ms(world, 100);
    a.channel = pipit_data_channel_unref(a.channel);
    b.channel = pipit_data_channel_unref(b.channel);
    time_of_day_from(NULL);
    sim_free(world);
}

static void a_channel_carries_messages_beside_the_sound(void **state)
{
    static uint8_t data[262144];

    (void)state;
    set_up(true, true);
    assert_int_equal(create(&a, "beside"), 0);
    assert_int_equal(pipit_data_channel_send_text(a.channel, "early"), 0);
    exchange(&a, &b);
    sim_advance_ms(world, 2000);
    assert_int_equal(a.state, PP_PEER_CONNECTED);
    assert_int_equal(a.opened, 1);
    assert_int_equal(b.incoming, 1);
    assert_string_equal(pipit_data_channel_label(b.channel), "beside");
    assert_string_equal(b.text, "early");
    assert_int_equal(pipit_data_channel_max_message_size(a.channel), sizeof(data));
    assert_int_equal(pipit_data_channel_send(b.channel, data, sizeof(data)), 0);
    sim_advance_ms(world, 2000);
    assert_int_equal(a.octets, sizeof(data));
    tear_down();
    assert_int_equal(a.closed, 1);
    assert_int_equal(b.closed, 1);
}

static void a_channel_survives_a_bad_network(void **state)
{
    (void)state;
    set_up(true, true);
    sim_set_loss(world, 100, 50);
    exchange(&a, &b);
    assert_int_equal(create(&b, "from the answerer"), 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(pipit_data_channel_send_text(b.channel, "again"), 0);
    sim_advance_ms(world, 60000);
    assert_int_equal(a.incoming, 1);
    assert_int_equal(a.messages, 100);
    assert_int_equal(pipit_data_channel_id(a.channel), 0); /* the answerer is the client of DTLS */
    tear_down();
}

static void a_re_offer_leaves_the_channels_as_they_are(void **state)
{
    (void)state;
    set_up(true, true);
    assert_int_equal(create(&a, ""), 0);
    exchange(&a, &b);
    sim_advance_ms(world, 2000);
    exchange(&b, &a);
    exchange(&a, &b);
    sim_advance_ms(world, 1000);
    assert_int_equal(pipit_data_channel_send_text(a.channel, "still here"), 0);
    sim_advance_ms(world, 1000);
    assert_string_equal(b.text, "still here");
    tear_down();
}

static void a_connection_without_channels_refuses_them(void **state)
{
    char *offer, *answer;

    (void)state;
    set_up(true, false);
    assert_int_equal(create(&b, ""), PIPIT_ERR_STATE);
    assert_int_equal(create(&a, ""), 0);
    offer = describe(&a, pp_peer_create_offer);
    assert_non_null(strstr(offer, "\r\nm=application "));
    assert_non_null(strstr(offer, " UDP/DTLS/SCTP webrtc-datachannel\r\n"));
    assert_non_null(strstr(offer, "\r\na=sctp-port:5000\r\n"));
    assert_non_null(strstr(offer, "\r\na=max-message-size:262144\r\n"));
    assert_non_null(strstr(offer, "\r\na=group:BUNDLE 0 1\r\n"));
    assert_int_equal(pp_peer_set_remote(b.peer, true, pp_str_c(offer)), 0);
    answer = describe(&b, pp_peer_create_answer);
    assert_non_null(strstr(answer, "\r\nm=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
    assert_int_equal(pp_peer_set_remote(a.peer, false, pp_str_c(answer)), 0);
    sim_advance_ms(world, 2000);
    assert_int_equal(a.state, PP_PEER_CONNECTED);
    assert_int_equal(a.closed, 1);
    assert_int_equal(a.opened, 0);
    a.channel = pipit_data_channel_unref(a.channel);
    assert_int_equal(create(&a, ""), PIPIT_ERR_STATE);
    pipit_free(offer);
    pipit_free(answer);
    tear_down();
}

static void an_offer_that_is_not_rfc_8841_gets_port_0(void **state)
{
    static const struct {
        const char *from, *to;
    } changes[] = {
        {" UDP/DTLS/SCTP webrtc-datachannel\r\n", " UDP/DTLS/SCTP something-else\r\n"},
        {" UDP/DTLS/SCTP webrtc-datachannel\r\n", " DTLS/SCTP webrtc-datachannel\r\n"},
        {"a=sctp-port:5000\r\n", "a=sctp-port:0\r\n"},
        {"a=sctp-port:5000\r\n", "a=sctp-port:70000\r\n"},
        {"a=sctp-port:5000\r\n", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        char *offer, *answer, *at, text[4096];

        set_up(true, true);
        offer = describe(&a, pp_peer_create_offer);
        at = strstr(offer, changes[i].from);
        assert_non_null(at);
        snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - offer), offer, changes[i].to,
                 at + strlen(changes[i].from));
        assert_int_equal(pp_peer_set_remote(b.peer, true, pp_str_c(text)), 0);
        answer = describe(&b, pp_peer_create_answer);
        assert_non_null(strstr(answer, "\r\nm=application 0 "));
        pipit_free(offer);
        pipit_free(answer);
        tear_down();
    }
}

/* aiortc and browsers of 2018 offer so. */
static void the_drafts_before_rfc_8841_are_answered_in_their_own_words(void **state)
{
    static const char new_words[] = " UDP/DTLS/SCTP webrtc-datachannel\r\n";
    char *offer, *answer, *at, text[4096];

    (void)state;
    set_up(true, true);
    offer = describe(&a, pp_peer_create_offer);
    at = strstr(offer, new_words);
    assert_non_null(at);
    snprintf(text, sizeof(text), "%.*s DTLS/SCTP 5000\r\n%s", (int)(at - offer), offer,
             at + strlen(new_words));
    at = strstr(text, "a=sctp-port:5000\r\n");
    assert_non_null(at);
    memcpy(at, "a=sctpmap:5000 1\r\n", 18); /* the text gives 5000 and "1" as its name */
    assert_int_equal(pp_peer_set_remote(b.peer, true, pp_str_c(text)), 0);
    answer = describe(&b, pp_peer_create_answer);
    assert_non_null(strstr(answer, "\r\nm=application 0 ")); /* not without the streams */
    pipit_free(answer);
    snprintf(at, sizeof(text) - (size_t)(at - text), "a=sctpmap:5000 webrtc-datachannel 1024\r\n%s",
             strstr(offer, "a=sctp-port:5000\r\n") + 18);
    assert_int_equal(pp_peer_set_remote(b.peer, true, pp_str_c(text)), 0);
    answer = describe(&b, pp_peer_create_answer);
    assert_null(strstr(answer, "\r\nm=application 0 "));
    assert_non_null(strstr(answer, " DTLS/SCTP 5000\r\n"));
    assert_non_null(strstr(answer, "\r\na=sctpmap:5000 webrtc-datachannel 1023\r\n"));
    pipit_free(offer);
    pipit_free(answer);
    tear_down();
}

static void channels_go_over_to_the_far_end_that_is_heard(void **state)
{
    side c = {0}, fork = {0};
    char *offer, *answer;

    (void)state;
    set_up(true, true);
    new_side(world, &c, false, true);
    assert_int_equal(create(&a, "to whoever answers"), 0);
    offer = describe(&a, pp_peer_create_offer);
    assert_int_equal(pp_peer_fork(a.peer, &handlers, &fork, &fork.peer), 0);
    assert_int_equal(pp_peer_set_remote(c.peer, true, pp_str_c(offer)), 0);
    answer = describe(&c, pp_peer_create_answer);
    assert_int_equal(pp_peer_set_remote(fork.peer, false, pp_str_c(answer)), 0);
    sim_advance_ms(world, 2000);
    assert_int_equal(fork.state, PP_PEER_CONNECTED);
    assert_int_equal(c.incoming, 0);
    assert_int_equal(pp_peer_hand_over(a.peer, fork.peer), 0);
    assert_int_equal(pipit_data_channel_send_text(a.channel, "you"), 0);
    sim_advance_ms(world, 1000);
    assert_int_equal(a.opened, 1);
    assert_string_equal(c.text, "you");
    fork.peer = pp_peer_free(fork.peer);
    c.peer = pp_peer_free(c.peer);
    sim_advance_ms(world, 100);
    assert_int_equal(a.closed, 1);
    pipit_data_channel_unref(c.channel);
    pipit_free(offer);
    pipit_free(answer);
    tear_down();
}

/* --- without a call --------------------------------------------------------------------------- */

static unsigned wanted;

static void on_negotiation_needed(pipit_peer *peer, void *user)
{
    (void)peer;
    (void)user;
    wanted++;
}

static void on_peer_channel(pipit_peer *peer, pipit_data_channel *channel, void *user)
{
    (void)peer;
    on_channel(user, channel);
}

static const pipit_peer_handlers alone = {.negotiation_needed = on_negotiation_needed,
                                          .data_channel = on_peer_channel};

static void settle(pipit_peer *from, pipit_peer *to)
{
    pipit_description said;

    assert_int_equal(pipit_peer_set_local_description(from, NULL), 0);
    assert_true(pipit_peer_local_description(from, &said));
    assert_int_equal(pipit_peer_set_remote_description(to, &said), 0);
}

static void a_connection_without_a_call_needs_nothing_but_a_channel(void **state)
{
    const pipit_data_channel_options options = {.handlers = &channel_handlers, .user = &a};
    pipit_peer *one = NULL, *other = NULL;
    pipit_description said;

    (void)state;
    a = b = (side){0};
    wanted = 0;
    assert_int_equal(sim_new(1, &world), 0);
    time_of_day_from(world);
    assert_int_equal(pipit_peer_new(sim_loop(world), NULL, &alone, &a, &one), 0);
    assert_int_equal(pipit_peer_new(sim_loop(world), NULL, &alone, &b, &other), 0);
    assert_int_equal(pipit_peer_create_data_channel(NULL, "", NULL, &a.channel),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_peer_create_data_channel(one, "alone", &options, &a.channel), 0);
    sim_advance_ms(world, 1);
    assert_int_equal(wanted, 1);
    settle(one, other);
    settle(other, one);
    assert_int_equal(pipit_data_channel_send_text(a.channel, "data alone"), 0);
    sim_advance_ms(world, 2000);
    assert_int_equal(pipit_peer_connection_state(one), PIPIT_CONNECTION_CONNECTED);
    assert_int_equal(b.incoming, 1);
    assert_string_equal(b.text, "data alone");
    assert_true(pipit_peer_local_description(other, &said));
    assert_null(strstr(said.sdp, "m=audio"));
    assert_null(pipit_peer_transceiver(one, 0));
    assert_int_equal(pipit_peer_close(one), 0);
    assert_int_equal(pipit_peer_create_data_channel(one, "", NULL, &a.channel), PIPIT_ERR_STATE);
    sim_advance_ms(world, 100);
    assert_int_equal(a.closed, 1);
    assert_int_equal(b.closed, 1);
    pipit_peer_unref(one);
    pipit_peer_unref(other);
    pipit_data_channel_unref(a.channel);
    pipit_data_channel_unref(b.channel);
    time_of_day_from(NULL);
    sim_advance_ms(world, 10);
    sim_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_without_a_call_needs_nothing_but_a_channel),
        cmocka_unit_test(a_channel_carries_messages_beside_the_sound),
        cmocka_unit_test(a_channel_survives_a_bad_network),
        cmocka_unit_test(a_re_offer_leaves_the_channels_as_they_are),
        cmocka_unit_test(a_connection_without_channels_refuses_them),
        cmocka_unit_test(an_offer_that_is_not_rfc_8841_gets_port_0),
        cmocka_unit_test(the_drafts_before_rfc_8841_are_answered_in_their_own_words),
        cmocka_unit_test(channels_go_over_to_the_far_end_that_is_heard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
