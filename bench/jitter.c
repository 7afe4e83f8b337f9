/* jitter.c - what the receiver's jitter buffer makes of bad networks, beside speexdsp's on the same packets: how late the sound is,
 * and how much of it had to be made up. Draws build/bench/jitter.svg. */
#include "jitter/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS_MAX = 16, WIDTH = 900, HEIGHT = 170, TOP = 40, LEFT = 60, DELAY_MAX_MS = 450 };

static trace_packet packets[TRACE_PACKETS];
static play_record ours, speex;

struct figures {
    double mean_ms, late_ms; /* of what is heard: on average, and 95 of 100 are earlier */
    double made_up;          /* share of frames */
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The last packet ends the measurement: behind it there is nothing to be heard. */
static struct figures measure(const play_record *record)
{
    static double delays[TRACE_PACKETS + 100];
    struct figures out = {0};
    size_t heard = 0, frames = 0, begun = 0;

    for (size_t i = 0; i < record->count; i++) {
        const play_frame *frame = &record->frames[i];

        begun = begun ? begun : (frame->packet >= 0 ? i + 1 : 0);
        if (!begun || frame->at_ms > packets[TRACE_PACKETS - 1].sent_ms)
            continue;
        frames++;
        if (frame->packet < 0)
            continue;
        delays[heard] = frame->at_ms - packets[frame->packet].sent_ms;
        out.mean_ms += delays[heard++];
    }
    qsort(delays, heard, sizeof(*delays), compare);
    out.mean_ms /= heard ? (double)heard : 1;
    out.late_ms = heard ? delays[heard * 95 / 100] : 0;
    out.made_up = frames ? 1 - (double)heard / (double)frames : 1;
    return out;
}

static double share_lost(void)
{
    size_t lost = 0;

    for (size_t i = 0; i < TRACE_PACKETS; i++)
        lost += packets[i].lost;
    return (double)lost / TRACE_PACKETS;
}

/* --- the picture ------------------------------------------------------------------------------ */

static double x_of(double ms)
{
    return LEFT + ms / (TRACE_PACKETS * 20.0) * (WIDTH - LEFT - 10);
}

static double y_of(double top, double delay_ms)
{
    double shown = delay_ms < DELAY_MAX_MS ? delay_ms : DELAY_MAX_MS;

    return top + (HEIGHT - TOP) * (1 - shown / DELAY_MAX_MS);
}

static void draw_network(FILE *file, double top)
{
    fprintf(file, "<path stroke='#bbb' fill='none' d='");
    for (size_t i = 0; i < TRACE_PACKETS; i++)
        if (!packets[i].lost)
            fprintf(file, "M%.1f %.1fv0.8", x_of(packets[i].sent_ms),
                    y_of(top, packets[i].came_ms - packets[i].sent_ms));
    fprintf(file, "'/>\n");
}

/* Delays as a line, what was made up as ticks at `ticks`. */
static void draw_record(FILE *file, double top, const play_record *record, const char *colour,
                        double ticks)
{
    bool down = false;

    fprintf(file, "<path stroke='%s' stroke-width='1.3' fill='none' d='", colour);
    for (size_t i = 0; i < record->count; i++) {
        const play_frame *frame = &record->frames[i];

        if (frame->packet >= 0)
            fprintf(file, "%c%.1f %.1f", down ? 'L' : 'M', x_of(frame->at_ms),
                    y_of(top, frame->at_ms - packets[frame->packet].sent_ms));
        down = frame->packet >= 0;
    }
    fprintf(file, "'/>\n<path stroke='%s' fill='none' d='", colour);
    for (size_t i = 0; i < record->count; i++)
        if (record->frames[i].packet < 0 &&
            record->frames[i].at_ms < packets[TRACE_PACKETS - 1].sent_ms)
            fprintf(file, "M%.1f %.1fv5", x_of(record->frames[i].at_ms), ticks);
    fprintf(file, "'/>\n");
}

static void draw(FILE *file, size_t row, const trace_kind *kind)
{
    double top = (double)row * HEIGHT + TOP;

    fprintf(file, "<text x='%d' y='%.0f'>%s: %s</text>\n", LEFT, top - 8, kind->name, kind->what);
    for (int ms = 0; ms <= DELAY_MAX_MS; ms += 150)
        fprintf(file,
                "<path stroke='#eee' d='M%d %.1fH%d'/><text x='%d' y='%.1f' text-anchor='end' "
                "fill='#777'>%d ms</text>\n",
                LEFT, y_of(top, ms), WIDTH - 10, LEFT - 6, y_of(top, ms) + 4, ms);
    draw_network(file, top);
    draw_record(file, top, &speex, "#d07020", top + HEIGHT - TOP + 8);
    draw_record(file, top, &ours, "#1060c0", top + HEIGHT - TOP + 2);
}

static FILE *open_picture(void)
{
    size_t rows = 0;
    FILE *file = fopen("build/bench/jitter.svg", "w");

    while (trace_kinds[rows].name)
        rows++;
    if (!file)
        return NULL;
    fprintf(file,
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %zu' font-family='sans-serif' "
            "font-size='12'>\n"
            "<rect width='100%%' height='100%%' fill='white'/>\n"
            "<text x='%d' y='16'>From the microphone to the ear, over a minute: "
            "<tspan fill='#1060c0'>Pipit</tspan>, <tspan fill='#d07020'>speexdsp</tspan>, "
            "<tspan fill='#999'>the network alone</tspan>. Ticks: made up.</text>\n",
            WIDTH, rows * HEIGHT + TOP, LEFT);
    return file;
}

int main(void)
{
    FILE *picture = open_picture(); /* none where the folder is not there */

    printf("%-10s %6s   %-27s %-27s\n", "", "", "Pipit", "speexdsp");
    printf("%-10s %6s   %8s %8s %9s  %8s %8s %9s\n", "trace", "lost", "mean", "95 %", "made up",
           "mean", "95 %", "made up");
    for (size_t i = 0; trace_kinds[i].name; i++) {
        struct figures a, b;

        trace_kinds[i].make(packets);
        play_ours(packets, &ours);
        play_speex(packets, &speex);
        a = measure(&ours);
        b = measure(&speex);
        printf("%-10s %5.1f%%   %5.0f ms %5.0f ms %8.2f%%  %5.0f ms %5.0f ms %8.2f%%\n",
               trace_kinds[i].name, 100 * share_lost(), a.mean_ms, a.late_ms, 100 * a.made_up,
               b.mean_ms, b.late_ms, 100 * b.made_up);
        if (picture)
            draw(picture, i, &trace_kinds[i]);
    }
    if (picture) {
        fprintf(picture, "</svg>\n");
        fclose(picture);
        printf("picture: build/bench/jitter.svg\n");
    }
    return 0;
}
