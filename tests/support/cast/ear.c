/* ear.c - what a phone hears: how much of it, its frequency, and how loud a tone is in it. */
#include "support/cast/cast.h"

#include <math.h>
#include <stdlib.h>

static void remember(phone *p, const int16_t *samples, size_t count)
{
    const size_t room = sizeof(p->ear) / sizeof(*p->ear);

    for (size_t i = 0; i < count; i++) {
        p->heard_steps += abs(samples[i] - p->ear[(p->ear_at + room - 1) % room]) > 8000;
        p->ear[p->ear_at] = samples[i];
        p->ear_at = (p->ear_at + 1) % room;
    }
}

/* Goertzel's: one line of a spectrum. */
double phone_hears(const phone *p, double hz)
{
    const size_t room = sizeof(p->ear) / sizeof(*p->ear);
    double c = 2 * cos(6.283185307 * hz / PHONE_RATE), s1 = 0, s2 = 0, power;

    for (size_t i = 0; i < room; i++) {
        double s = p->ear[(p->ear_at + i) % room] + c * s1 - s2;

        s2 = s1;
        s1 = s;
    }
    power = (s1 * s1 + s2 * s2 - c * s1 * s2) / ((double)room * (double)room / 4);
    return 10 * log10(power / (32768.0 * 32768.0) + 1e-12);
}

static void hear(void *self, const int16_t *samples, size_t count)
{
    phone *p = self;
    uint64_t energy = 0;

    remember(p, samples, count);
    for (size_t i = 0; i < count; i++)
        energy += (uint64_t)((int32_t)samples[i] * samples[i]);
    if (energy < (uint64_t)count * 100 * 100) {
        p->heard_silence += count;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        p->heard_crossings += p->heard_last < 0 && samples[i] >= 0;
        p->heard_last = samples[i];
    }
    p->heard_samples += count;
    p->heard_energy += energy;
}

int phone_ear(phone *p, pipit_sink **out)
{
    static const pipit_sink_interface ear = {.write = hear};

    return pipit_sink_new(&ear, p, PHONE_RATE, out);
}

unsigned phone_frequency(phone *p)
{
    unsigned frequency =
        p->heard_samples > PHONE_RATE / 10
            ? (unsigned)((uint64_t)p->heard_crossings * PHONE_RATE / p->heard_samples)
            : 0;

    p->heard_samples = p->heard_energy = p->heard_silence = 0;
    p->heard_crossings = 0;
    return frequency;
}

static bool near(unsigned heard, unsigned expected)
{
    return heard + expected / 50 + 2 >= expected && heard <= expected + expected / 50 + 2;
}

void cast_check_sound(cast *c, unsigned alice_hz, unsigned bob_hz)
{
    unsigned alice, bob;

    sim_advance_ms(c->s, 500); /* what was on its way */
    phone_frequency(&c->alice);
    phone_frequency(&c->bob);
    sim_advance_ms(c->s, 1000);
    alice = phone_frequency(&c->alice);
    bob = phone_frequency(&c->bob);
    if (!near(alice, alice_hz) || !near(bob, bob_hz))
        fail_msg("alice heard %u Hz, not %u; bob heard %u Hz, not %u", alice, alice_hz, bob,
                 bob_hz);
}
