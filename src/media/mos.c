/* mos.c - R factor and mean opinion score (ITU-T G.107), with what of it a receiver can know: delay and loss. */
#include "media/mos.h"

/* The highest R of a narrow-band call with all other parameters at their defaults. */
static const double best_r = 93.2;

/* G.107 section 7.4 in its usual short form: delay hurts a little at first and much beyond 177.3 ms. */
static double delay_impairment(double ms)
{
    return 0.024 * ms + (ms > 177.3 ? 0.11 * (ms - 177.3) : 0);
}

/* G.107 section 7.5; the robustness against random loss is G.113 appendix I's for G.711 with and without concealment. */
static double loss_impairment(double loss, int robust)
{
    double percent = loss * 100;
    double robustness = robust ? 25.1 : 4.3;

    return 95 * percent / (percent + robustness);
}

static double clamp(double value, double min, double max)
{
    if (!(value > min)) /* not a number is the worst */
        return min;
    return value < max ? value : max;
}

double pp_mos(double one_way_delay_ms, double loss, int robust)
{
    double delay = clamp(one_way_delay_ms, 0, 10000);
    double r = clamp(best_r - delay_impairment(delay) - loss_impairment(clamp(loss, 0, 1), robust),
                     0, 100);

    return clamp(1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6, 1, 4.5);
}
