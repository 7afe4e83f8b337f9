/* trace.c - networks made from a seed. */
#include "trace.h"

#include <math.h>

static uint64_t state;

static double chance(void) /* 0 to 1: splitmix64 */
{
    uint64_t z = (state += 0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

static double exponential(double mean)
{
    return -mean * log(1 - chance());
}

/* Each 20 ms of the sender's clock, which runs fast by `ppm`. Packets of one flow do not overtake each other. */
static void send_all(trace_packet *packets, double ppm, double (*delay_ms)(double at_ms),
                     double loss)
{
    double last = 0;

    state = 20;
    for (size_t i = 0; i < TRACE_PACKETS; i++) {
        trace_packet *packet = &packets[i];

        packet->sent_ms = (double)i * 20 * (1 - ppm / 1e6);
        packet->came_ms = packet->sent_ms + delay_ms(packet->sent_ms);
        packet->lost = chance() < loss;
        if (packet->lost)
            continue;
        packet->came_ms = packet->came_ms > last ? packet->came_ms : last + 0.1;
        last = packet->came_ms;
    }
}

static double steady_delay(double at_ms)
{
    (void)at_ms;
    return 20 + exponential(1);
}

static void steady(trace_packet *packets)
{
    send_all(packets, 0, steady_delay, 0);
}

static void losses(trace_packet *packets)
{
    send_all(packets, 0, steady_delay, 0.05);
}

static void drift(trace_packet *packets)
{
    send_all(packets, 300, steady_delay, 0);
}

/* Contention, and every few seconds a station that holds the air. */
static double wireless_delay(double at_ms)
{
    static double held_until;

    if (at_ms < 20)
        held_until = 0;
    if (chance() < 0.008)
        held_until = at_ms + 40 + 60 * chance();
    return 15 + exponential(4) + (at_ms < held_until ? held_until - at_ms : 0);
}

static void wireless(trace_packet *packets)
{
    send_all(packets, 0, wireless_delay, 0.005);
}

/* A queue that fills for five seconds and empties in one. */
static double congested_delay(double at_ms)
{
    double phase = fmod(at_ms, 8000);
    double queue = phase < 5000 ? phase / 5000 : phase < 6000 ? (6000 - phase) / 1000 : 0;

    return 25 + 180 * queue + exponential(5);
}

static void congested(trace_packet *packets)
{
    send_all(packets, 0, congested_delay, 0.01);
}

/* Slots of 10 ms, handovers of 300 ms. */
static double mobile_delay(double at_ms)
{
    double since = fmod(at_ms, 15000) - 7000;
    double handover = since >= 0 && since < 300 ? 300 - since : 0;

    return 45 + 10 * floor(exponential(0.8)) + handover;
}

static void mobile(trace_packet *packets)
{
    send_all(packets, 0, mobile_delay, 0.01);
}

static double rerouted_delay(double at_ms)
{
    return (at_ms > 20000 && at_ms < 40000 ? 110 : 30) + exponential(2);
}

static void rerouted(trace_packet *packets)
{
    send_all(packets, 0, rerouted_delay, 0);
}

/* Gilbert: a fifth is lost, five in a row on average. */
static void bursts(trace_packet *packets)
{
    bool bad = false;

    send_all(packets, 0, steady_delay, 0);
    for (size_t i = 0; i < TRACE_PACKETS; i++) {
        bad = bad ? chance() >= 0.2 : chance() < 0.05;
        packets[i].lost = bad;
    }
}

const trace_kind trace_kinds[] = {
    {"steady", "a good line", steady},
    {"losses", "5 % lost, one by one", losses},
    {"bursts", "20 % lost, five in a row", bursts},
    {"wireless", "a busy Wi-Fi", wireless},
    {"congested", "a queue that fills and empties", congested},
    {"mobile", "slots, and a handover of 300 ms every 15 s", mobile},
    {"rerouted", "80 ms more for 20 s", rerouted},
    {"drift", "a sender that is 300 ppm fast", drift},
    {NULL, NULL, NULL},
};
