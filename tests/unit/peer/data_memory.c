/* data_memory.c - tests of peer connections with data channels, and with keys in their descriptions, whose memory runs out. */
#include "base/error.h"
#include "peer/peer.h"
#include "support/files.h"
#include "support/scarce.h"
#include "support/sim.h"
#include "support/time_of_day.h"

#include <stdlib.h>

static sim *world;

static void on_state(void *arg, pp_peer_state state, const char *reason)
{
    (void)arg;
    (void)state;
    (void)reason;
}

static void on_channel(void *arg, pipit_data_channel *channel)
{
    (void)arg;
    (void)pipit_data_channel_send_text(channel, "back");
}

static const pp_peer_handlers handlers = {.state = on_state, .data_channel = on_channel};

static pp_peer *new_peer(bool offerer, const pipit_peer_configuration *configuration)
{
    const pipit_media_stream none = {0};
    pp_peer *peer = NULL;
    int err = pp_peer_new(sim_loop(world), configuration, &none, offerer, &handlers, NULL, &peer);

    assert_true(err == 0 || err == PIPIT_ERR_MEMORY || err == PIPIT_ERR_TLS);
    return peer;
}

static void exchange(pp_peer *a, pp_peer *b)
{
    pp_buf offer = {0}, answer = {0};

    if (pp_peer_create_offer(a, &offer) == 0 &&
        pp_peer_set_remote(b, true, pp_buf_text(&offer)) == 0 &&
        pp_peer_create_answer(b, &answer) == 0)
        (void)pp_peer_set_remote(a, false, pp_buf_text(&answer));
    pp_buf_free(&offer);
    pp_buf_free(&answer);
}

static void live(const pipit_peer_configuration *configuration)
{
    pp_peer *a = new_peer(true, configuration), *b = new_peer(false, configuration);
    pipit_data_channel *channel = NULL;

    if (a && configuration->data_channels &&
        pp_peer_create_data_channel(a, "label", NULL, &channel) == 0)
        (void)pipit_data_channel_send_text(channel, "hello");
    if (a && b) {
        exchange(a, b);
        sim_advance_ms(world, 1000);
        exchange(b, a);
        sim_advance_ms(world, 300);
    }
    pp_peer_free(a);
    pp_peer_free(b);
    pipit_data_channel_unref(channel);
}

static void sweep(const pipit_peer_configuration *configuration, unsigned stride)
{
    bool failed = true;

    for (uint64_t n = 1; failed; n += stride) {
        assert_int_equal(sim_new(1, &world), 0);
        time_of_day_from(world);
        scarce_begin(n);
        live(configuration);
        failed = scarce_memory.failed;
        scarce_relax();
        sim_advance_ms(world, 100);
        assert_int_equal(scarce_end(), 0);
        time_of_day_from(NULL);
        sim_free(world);
    }
}

static void a_connection_with_channels_survives_the_lack_of_memory(void **state)
{
    (void)state;
    sweep(&(pipit_peer_configuration){.codecs = "PCMU", .data_channels = true}, 7);
}

static void a_connection_with_keys_in_its_descriptions_survives_the_lack_of_memory(void **state)
{
    (void)state;
    sweep(&(pipit_peer_configuration){.codecs = "PCMU", .security = PIPIT_SECURITY_SDES}, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_with_channels_survives_the_lack_of_memory),
        cmocka_unit_test(a_connection_with_keys_in_its_descriptions_survives_the_lack_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
