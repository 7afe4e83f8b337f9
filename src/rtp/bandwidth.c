/* bandwidth.c - an estimate of a path's rate, by delay and by loss, as draft-ietf-rmcat-gcc describes it: the slope of the
 * delay tells of a growing queue long before it overflows; loss tells of one that did. */
#include "rtp/bandwidth.h"

#define BURST_US        5000   /* section 5.2: sent within it, packets are one group */
#define MEASURE_US      500000 /* of arrivals, for the throughput */
#define REDUCE_PAUSE_US 300000 /* between two steps down: the first must be able to show */
#define GROWTH          0.08   /* in a second */
#define BACK_OFF        0.85   /* of what came through */
#define PROVEN          1.5    /* of it: never far beyond that */
#define LOSS_HIGH       0.10   /* section 6 */
#define LOSS_LOW        0.02
#define LOSS_PACKETS    20u  /* fewer are too few to speak of a share */
#define THRESHOLD_MS    12.5 /* at the beginning; bounds of section 5.4 */
#define THRESHOLD_MIN   6.0
#define THRESHOLD_MAX   600.0

void pp_bandwidth_init(pp_bandwidth *bandwidth, uint32_t start, uint32_t min, uint32_t max)
{
    *bandwidth =
        (pp_bandwidth){.min = min, .max = max, .target = start, .threshold_ms = THRESHOLD_MS};
}

void pp_bandwidth_sent(pp_bandwidth *bandwidth, uint16_t sequence, size_t size, uint64_t now_us)
{
    bandwidth->sent[sequence % PP_LIMIT_TRANSPORT_PACKETS].sent_us = now_us ? now_us : 1;
    bandwidth->sent[sequence % PP_LIMIT_TRANSPORT_PACKETS].size = (uint32_t)size;
}

static void set_target(pp_bandwidth *bandwidth, double target)
{
    if (target > bandwidth->max)
        target = bandwidth->max;
    bandwidth->target = target < bandwidth->min ? bandwidth->min : (uint32_t)target;
}

static void reduce(pp_bandwidth *bandwidth, double target, uint64_t now_us)
{
    if (bandwidth->reduced_us && now_us < bandwidth->reduced_us + REDUCE_PAUSE_US)
        return;
    bandwidth->reduced_us = now_us;
    bandwidth->changed_us = now_us;
    if (target < bandwidth->target)
        set_target(bandwidth, target);
}

/* By a share of a second's growth, and not far beyond what has been shown to come through. */
static void grow(pp_bandwidth *bandwidth, uint64_t now_us)
{
    double seconds = bandwidth->changed_us && now_us > bandwidth->changed_us
                         ? (double)(now_us - bandwidth->changed_us) / 1e6
                         : 0;
    double target = bandwidth->target * (1 + GROWTH * (seconds < 1 ? seconds : 1)) + 1000 * seconds;
    double proven = bandwidth->throughput * PROVEN + 10000;

    bandwidth->changed_us = now_us;
    if (bandwidth->throughput && target > proven)
        target = proven;
    if (target > bandwidth->target)
        set_target(bandwidth, target);
}

/* --- delay ------------------------------------------------------------------------------------ */

/* Least squares through the points: milliseconds of delay that come with each millisecond. */
static double slope(const pp_bandwidth *bandwidth)
{
    double n = bandwidth->point_count, sum_x = 0, sum_y = 0, above = 0, below = 0;

    for (unsigned i = 0; i < bandwidth->point_count; i++) {
        sum_x += bandwidth->points[i].at_ms;
        sum_y += bandwidth->points[i].delay_ms;
    }
    for (unsigned i = 0; i < bandwidth->point_count; i++) {
        double x = bandwidth->points[i].at_ms - sum_x / n;

        above += x * (bandwidth->points[i].delay_ms - sum_y / n);
        below += x * x;
    }
    return below > 0 ? above / below : 0;
}

/* Section 5.4: the threshold follows what is seen, so that a flow beside one that fills queues does not starve. */
static void adapt_threshold(pp_bandwidth *bandwidth, double trend, uint64_t now_us)
{
    double size = trend < 0 ? -trend : trend;
    double elapsed_ms = bandwidth->noted_us ? (double)(now_us - bandwidth->noted_us) / 1000 : 0;
    double gain = size < bandwidth->threshold_ms ? 0.039 : 0.0087;

    bandwidth->noted_us = now_us;
    if (size > bandwidth->threshold_ms + 15)
        return; /* a spike teaches nothing */
    bandwidth->threshold_ms +=
        gain * (size - bandwidth->threshold_ms) * (elapsed_ms < 100 ? elapsed_ms : 100);
    if (bandwidth->threshold_ms < THRESHOLD_MIN)
        bandwidth->threshold_ms = THRESHOLD_MIN;
    if (bandwidth->threshold_ms > THRESHOLD_MAX)
        bandwidth->threshold_ms = THRESHOLD_MAX;
}

static void take_group(pp_bandwidth *bandwidth, uint64_t now_us)
{
    const pp_bandwidth_group *new = &bandwidth->group, *old = &bandwidth->before;
    double grown_ms, trend;

    if (!old->begun)
        return;
    grown_ms = ((double)(new->arrived_us - old->arrived_us) -
                (double)(int64_t)(new->last_sent_us - old->last_sent_us)) /
               1000;
    bandwidth->delay_ms += grown_ms;
    bandwidth->smooth_ms = 0.9 * bandwidth->smooth_ms + 0.1 * bandwidth->delay_ms;
    bandwidth->points[bandwidth->next_point].at_ms = (double)new->arrived_us / 1000;
    bandwidth->points[bandwidth->next_point].delay_ms = bandwidth->smooth_ms;
    bandwidth->next_point = (bandwidth->next_point + 1) % PP_BANDWIDTH_POINTS;
    if (bandwidth->point_count < PP_BANDWIDTH_POINTS) {
        bandwidth->point_count++;
        return;
    }
    trend = slope(bandwidth) * PP_BANDWIDTH_POINTS * 4;
    bandwidth->overused = trend > bandwidth->threshold_ms;
    adapt_threshold(bandwidth, trend, now_us);
}

static void add_to_group(pp_bandwidth *bandwidth, uint64_t sent_us, int64_t arrived_us,
                         uint64_t now_us)
{
    pp_bandwidth_group *group = &bandwidth->group;

    if (group->begun && sent_us < group->first_sent_us)
        return; /* overtaken: it says nothing about the queue of now */
    if (group->begun && sent_us - group->first_sent_us > BURST_US) {
        take_group(bandwidth, now_us);
        bandwidth->before = *group;
        group->begun = false;
    }
    if (!group->begun)
        *group = (pp_bandwidth_group){true, sent_us, sent_us, arrived_us};
    group->last_sent_us = sent_us;
    group->arrived_us = arrived_us;
}

/* --- feedback --------------------------------------------------------------------------------- */

static void measure(pp_bandwidth *bandwidth, uint32_t size, int64_t arrived_us)
{
    int64_t elapsed_us;

    if (!bandwidth->bytes || arrived_us < bandwidth->first_arrived_us)
        bandwidth->first_arrived_us = arrived_us;
    bandwidth->bytes += size;
    elapsed_us = arrived_us - bandwidth->first_arrived_us;
    if (elapsed_us < MEASURE_US)
        return;
    bandwidth->throughput = (uint32_t)((double)bandwidth->bytes * 8e6 / (double)elapsed_us);
    bandwidth->bytes = 0;
}

struct feedback {
    pp_bandwidth *bandwidth;
    uint64_t now_us;
};

static void take_arrival(void *arg, uint16_t sequence, bool arrived, int64_t at_us)
{
    const struct feedback *feedback = arg;
    pp_bandwidth *bandwidth = feedback->bandwidth;
    size_t slot = sequence % PP_LIMIT_TRANSPORT_PACKETS;
    uint64_t sent_us = bandwidth->sent[slot].sent_us;

    if (!sent_us)
        return;
    bandwidth->sent[slot].sent_us = 0;
    if (!arrived) {
        bandwidth->lost++;
        return;
    }
    bandwidth->arrived++;
    measure(bandwidth, bandwidth->sent[slot].size, at_us);
    add_to_group(bandwidth, sent_us, at_us, feedback->now_us);
}

static void look_at_loss(pp_bandwidth *bandwidth)
{
    uint32_t all = bandwidth->arrived + bandwidth->lost;

    if (all < LOSS_PACKETS)
        return;
    bandwidth->loss = (double)bandwidth->lost / all;
    bandwidth->arrived = bandwidth->lost = 0;
}

/* The lower of both views counts: delay says stop first, loss when there is no queue to see. */
static void decide(pp_bandwidth *bandwidth, uint64_t now_us)
{
    if (bandwidth->overused)
        reduce(bandwidth,
               BACK_OFF * (bandwidth->throughput ? bandwidth->throughput : bandwidth->target),
               now_us);
    else if (bandwidth->loss > LOSS_HIGH)
        reduce(bandwidth, bandwidth->target * (1 - bandwidth->loss / 2), now_us);
    else if (bandwidth->loss < LOSS_LOW)
        grow(bandwidth, now_us);
    else
        bandwidth->changed_us = now_us;
}

int pp_bandwidth_feedback(pp_bandwidth *bandwidth, const uint8_t *body, size_t size,
                          uint64_t now_us)
{
    struct feedback feedback = {bandwidth, now_us};
    int err = pp_transport_feedback_parse(body, size, take_arrival, &feedback);

    if (err)
        return err;
    look_at_loss(bandwidth);
    decide(bandwidth, now_us);
    return 0;
}

void pp_bandwidth_came(pp_bandwidth *bandwidth, uint64_t sent_us, size_t size, uint64_t now_us)
{
    measure(bandwidth, (uint32_t)size, (int64_t)now_us);
    if (sent_us)
        add_to_group(bandwidth, sent_us, (int64_t)now_us, now_us);
}

void pp_bandwidth_counted(pp_bandwidth *bandwidth, uint32_t arrived, uint32_t lost)
{
    bandwidth->arrived += arrived;
    bandwidth->lost += lost;
}

/* The first that is known of the path is what came through it. */
bool pp_bandwidth_look(pp_bandwidth *bandwidth, uint64_t now_us)
{
    if (!bandwidth->throughput)
        return false;
    if (!bandwidth->changed_us)
        set_target(bandwidth, bandwidth->throughput * PROVEN);
    look_at_loss(bandwidth);
    decide(bandwidth, now_us);
    return true;
}

void pp_bandwidth_loss(pp_bandwidth *bandwidth, double fraction, uint64_t now_us)
{
    bandwidth->loss = fraction;
    decide(bandwidth, now_us);
}

void pp_bandwidth_cap(pp_bandwidth *bandwidth, uint64_t bits_a_second)
{
    bandwidth->capped = bits_a_second < UINT32_MAX ? (uint32_t)bits_a_second : UINT32_MAX;
}

uint32_t pp_bandwidth_target(const pp_bandwidth *bandwidth)
{
    uint32_t target = bandwidth->target;

    if (bandwidth->capped && bandwidth->capped < target)
        target = bandwidth->capped;
    return target < bandwidth->min ? bandwidth->min : target;
}
