/* over_dtls.c - tests of data channels where they live: in the records of a DTLS association, on a network that loses. */
#include "dtls/dtls.h"

#include "base/rng.h"
#include "support/dice.h"
#include "support/time_of_day.h"

#include "support/pair.h"

typedef struct side side;

struct side {
    side *other;
    pp_dtls *dtls;
    pp_channels *channels;
    bool client;
    pp_timer timer;
    unsigned incoming;
    size_t octets, sum;
};

typedef struct datagram {
    pp_timer timer;
    side *to;
    size_t size;
    uint8_t data[];
} datagram;

static sim *world;
static uint64_t seed = 1;
static unsigned loss_percent, flying;
static pp_certificate *certificate;

static uint64_t now_us(void)
{
    return sim_now_us(world);
}

static void on_timer(void *arg);

static void schedule(side *s)
{
    uint64_t at = s->dtls ? pp_dtls_deadline_us(s->dtls) : PP_NEVER;

    if (at == PP_NEVER)
        pp_loop_stop_timer(sim_loop(world), &s->timer);
    else
        pp_loop_start_timer_us(sim_loop(world), &s->timer, at > now_us() ? at - now_us() : 0,
                               on_timer, s);
}

static void on_timer(void *arg)
{
    side *s = arg;

    pp_dtls_tick(s->dtls, now_us());
    schedule(s);
}

static void arrive(void *arg)
{
    datagram *d = arg;

    flying--;
    if (d->to->dtls)
        pp_dtls_receive(d->to->dtls, d->data, d->size, now_us());
    schedule(d->to);
    free(d);
}

static void dtls_send(void *arg, const uint8_t *data, size_t size)
{
    side *s = arg;
    uint32_t dice = (uint32_t)dice_u64(&seed);
    datagram *d;

    assert_true(size <= PP_LIMIT_DTLS_MTU);
    if (dice % 100 < loss_percent)
        return;
    d = calloc(1, sizeof(*d) + size);
    assert_non_null(d);
    d->to = s->other;
    d->size = size;
    memcpy(d->data, data, size);
    flying++;
    pp_loop_start_timer_us(sim_loop(world), &d->timer, 5000 + dice / 100 % 20000, arrive, d);
}

static void dtls_connected(void *arg, const pp_srtp_keys *keys)
{
    side *s = arg;
    const pp_channels_terms terms = {
        .client = s->client, .local_port = 5000, .remote_port = 5000, .max_message_size = 65536};

    assert_int_equal(keys->profile, PP_SRTP_AES128_CM_SHA1_80);
    assert_int_equal(pp_channels_connect(s->channels, &terms), 0);
}

static void dtls_closed(void *arg, int error, const char *reason)
{
    (void)arg;
    (void)error;
    fail_msg("%s", reason);
}

static void dtls_data(void *arg, const uint8_t *data, size_t size)
{
    side *s = arg;

    pp_channels_receive(s->channels, data, size);
}

static const pp_dtls_handlers dtls_handlers = {dtls_send, dtls_connected, dtls_closed, dtls_data};

static void sctp_send(void *arg, const uint8_t *data, size_t size)
{
    side *s = arg;

    assert_int_equal(pp_dtls_send(s->dtls, data, size), 0);
}

static void on_message(pipit_data_channel *channel, const pipit_data_channel_message_event *event,
                       void *user)
{
    side *s = user;
    const uint8_t *data = event->data;

    (void)channel;
    s->octets += event->size;
    for (size_t i = 0; i < event->size; i++)
        s->sum = s->sum * 31 + data[i];
}

static const pipit_data_channel_handlers channel_handlers = {.message = on_message};

static void on_channel(void *arg, pipit_data_channel *channel)
{
    side *s = arg;

    s->incoming++;
    pipit_data_channel_set_handlers(channel, &channel_handlers, s);
}

static const pp_channels_handlers handlers = {sctp_send, on_channel, NULL};

static void make_side(side *s, side *other, bool client)
{
    pp_buf value = {0};

    *s = (side){.other = other, .client = client};
    assert_int_equal(pp_channels_new(sim_loop(world), &handlers, s, &s->channels), 0);
    assert_int_equal(pp_dtls_new(certificate, client, &dtls_handlers, s, &s->dtls), 0);
    assert_int_equal(pp_certificate_fingerprint(certificate, PP_HASH_SHA256, &value), 0);
    assert_int_equal(pp_dtls_add_fingerprint(s->dtls, PP_LIT("sha-256"), pp_buf_text(&value)), 0);
    pp_buf_free(&value);
}

static void release_side(side *s)
{
    s->channels = pp_channels_free(s->channels);
    s->dtls = pp_dtls_free(s->dtls);
    pp_loop_stop_timer(sim_loop(world), &s->timer);
}

static void a_megabyte_comes_whole(void **state)
{
    static uint8_t data[65536];
    side client, server;
    pipit_data_channel *channel = NULL;
    size_t sum = 0;

    (void)state;
    assert_int_equal(sim_new(1, &world), 0);
    time_of_day_from(world);
    loss_percent = 5;
    make_side(&client, &server, true);
    make_side(&server, &client, false);
    assert_int_equal(pp_channels_create(client.channels, "bulk", NULL, &channel), 0);
    for (int i = 0; i < 16; i++) {
        for (size_t k = 0; k < sizeof(data); k++) {
            data[k] = (uint8_t)dice_u64(&seed);
            sum = sum * 31 + data[k];
        }
        assert_int_equal(pipit_data_channel_send(channel, data, sizeof(data)), 0);
    }
    pp_dtls_start(server.dtls, now_us());
    pp_dtls_start(client.dtls, now_us());
    schedule(&server);
    schedule(&client);
    sim_advance_ms(world, 120000);
    assert_int_equal(server.incoming, 1);
    assert_int_equal(server.octets, 1 << 20);
    assert_int_equal(server.sum, sum);
    pipit_data_channel_unref(channel);
    release_side(&client);
    release_side(&server);
    while (flying)
        sim_advance_ms(world, 100);
    sim_advance_ms(world, 1);
    time_of_day_from(NULL);
    sim_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_megabyte_comes_whole)};
    pp_rng rng = pp_rng_system();

    if (pp_certificate_generate(&rng, 1700000000000000u, 30, NULL, &certificate) < 0)
        return EXIT_FAILURE;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pp_certificate_unref(certificate);
    return failed;
}
