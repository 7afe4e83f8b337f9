/* echo_canceller.c - what the speaker plays does not go back, and what the microphone alone hears does. */
#include "media/echo_canceller.h"

#include "pipit/error.h"
#include "support/files.h"
#include "unit/media/signal.h"

#include <string.h>

enum { RATE = 16000, FRAME = RATE / 50, SECONDS = 12, DELAY = RATE / 25 };

static int16_t played[SECONDS * RATE], captured[SECONDS * RATE], clean[SECONDS * RATE];

static void run(pp_echo_canceller *canceller, bool with_played)
{
    for (size_t at = 0; at + FRAME <= SECONDS * RATE; at += FRAME)
        pp_echo_canceller_run(canceller, captured + at, with_played ? played + at : NULL,
                              clean + at);
}

static pp_echo_canceller *open_canceller(bool echo, bool noise)
{
    const pp_echo_canceller_options options = {
        .rate = RATE, .frame = FRAME, .echo = echo, .noise = noise};
    pp_echo_canceller *canceller = NULL;

    assert_int_equal(pp_echo_canceller_new(&options, &canceller), 0);
    return canceller;
}

/* A room: 40 ms later, and again after 55 ms. */
static void a_room_answers(int16_t *out, const int16_t *sound)
{
    for (size_t i = 0; i < SECONDS * RATE; i++) {
        double heard = i >= DELAY ? 0.4 * sound[i - DELAY] : 0;

        heard += i >= DELAY + 240 ? 0.2 * sound[i - DELAY - 240] : 0;
        out[i] = (int16_t)heard;
    }
}

static void what_is_played_is_taken_away(void **state)
{
    pp_echo_canceller *canceller = open_canceller(true, false);
    size_t last = (SECONDS - 3) * RATE;

    (void)state;
    test_speech(played, SECONDS * RATE, RATE, 0);
    a_room_answers(captured, played);
    run(canceller, true);
    /* 20 dB after it has learnt the room */
    assert_true(test_rms(clean + last, 3 * RATE) * 10 < test_rms(captured + last, 3 * RATE));
    pp_echo_canceller_free(canceller);
}

static void who_speaks_here_is_heard(void **state)
{
    pp_echo_canceller *canceller = open_canceller(true, false);
    size_t last = (SECONDS - 4) * RATE;
    double before;

    (void)state;
    memset(played, 0, sizeof(played));
    test_speech(captured, SECONDS * RATE, RATE, 0);
    before = test_rms(captured + last, 4 * RATE);
    run(canceller, false);
    assert_true(test_rms(clean + last, 4 * RATE) > before / 2);
    pp_echo_canceller_free(canceller);
}

static void noise_becomes_quieter(void **state)
{
    pp_echo_canceller *canceller = open_canceller(false, true);
    size_t last = (SECONDS - 4) * RATE;
    test_rng rng = {3};

    (void)state;
    for (size_t i = 0; i < SECONDS * RATE; i++)
        captured[i] = (int16_t)((test_rng_fraction(&rng) - 0.5) * 1000);
    run(canceller, false);
    assert_true(test_rms(clean + last, 4 * RATE) * 3 < test_rms(captured + last, 4 * RATE));
    pp_echo_canceller_free(canceller);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_played_is_taken_away),
        cmocka_unit_test(who_speaks_here_is_heard),
        cmocka_unit_test(noise_becomes_quieter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
