/* parse.c - what it costs to parse and to print a SIP message, ours and others' on the same messages in one run:
 * CPU time here, instructions and heap calls from a file that bench/parse.sh fills (--count under callgrind, and --heap). */
#include "parse/check.h"
#include "parse/heap.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#ifdef BENCH_CALLGRIND
#include <valgrind/callgrind.h>
#endif

#define MAX_MESSAGES 32
#define INTERLEAVED  9    /* rounds, of which the median is told */
#define REPEATED     500  /* times a round does the same */
#define COUNTED      20   /* times under callgrind */
#define MAX_TEXT     8192 /* octets of a message */

enum { NEEDED, TYPED, PRINT, MEASURES };
static const char *const measure_names[MEASURES] = {"parse_min", "parse_all", "print"};

static const bench_peer *const peers[] = {
    &bench_nothing,
    &bench_pipit,
#ifdef BENCH_PEERS
    &bench_osip,
    &bench_sofia,
#endif
};
#define PEERS (sizeof(peers) / sizeof(*peers))

typedef struct sample {
    char name[64];
    char text[MAX_TEXT];
    size_t size;
} sample;

static sample samples[MAX_MESSAGES];
static size_t sample_count;

typedef struct figure {
    double ns, instructions;
    double heap_calls, heap_bytes, held;
} figure;

static figure figures[PEERS][MAX_MESSAGES][MEASURES];

static void stop(const char *what, const char *which)
{
    fprintf(stderr, "bench parse: %s: %s\n", what, which);
    exit(EXIT_FAILURE);
}

/* --- messages ------------------------------------------------------------------------------------------------- */

/* The files have LF, as text files do; the messages have CRLF. */
static void read_sample(const char *path, sample *out)
{
    FILE *file = fopen(path, "rb");
    const char *slash = strrchr(path, '/');
    int c;

    if (!file)
        stop("cannot be read", path);
    snprintf(out->name, sizeof(out->name), "%s", slash ? slash + 1 : path);
    out->name[strcspn(out->name, ".")] = '\0';
    while ((c = getc(file)) != EOF && out->size + 2 < MAX_TEXT) {
        if (c == '\n')
            out->text[out->size++] = '\r';
        out->text[out->size++] = (char)c;
    }
    fclose(file);
}

static void read_samples(void)
{
    glob_t found;

    if (glob(BENCH_MESSAGES "/*.sip", 0, NULL, &found))
        stop("no messages", BENCH_MESSAGES);
    for (size_t i = 0; i < found.gl_pathc && sample_count < MAX_MESSAGES; i++)
        read_sample(found.gl_pathv[i], &samples[sample_count++]);
    globfree(&found);
}

static pp_str wire_of(const sample *s)
{
    return pp_str_n(s->text, s->size);
}

/* --- what is measured ----------------------------------------------------------------------------------------- */

static void *keep(const bench_peer *peer, pp_str wire)
{
    void *kept;

    if (peer->keep(wire, &kept))
        stop("cannot parse", peer->name);
    return kept;
}

static void parse(const bench_peer *peer, pp_str wire, bool all)
{
    static bench_needed needed;
    static bench_typed typed;
    void *kept = keep(peer, wire);

    memset(&needed, 0, sizeof(needed));
    if (peer->needed(kept, &needed))
        stop("cannot take apart", peer->name);
    if (all) {
        memset(&typed, 0, sizeof(typed));
        if (peer->typed(kept, &typed))
            stop("cannot decode", peer->name);
    }
    peer->drop(kept);
}

static void print(const bench_peer *peer, void *kept)
{
    pp_str text;

    if (peer->print(kept, &text))
        stop("cannot print", peer->name);
}

static void repeat(const bench_peer *peer, pp_str wire, int measure, void *kept, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        if (measure == PRINT)
            print(peer, kept);
        else
            parse(peer, wire, measure == TYPED);
    }
}

/* Calls `run` for each peer, message and measure, warmed up; `kept` is there to be printed. */
static void each(void (*run)(size_t peer, size_t sample, int measure, void *kept))
{
    for (size_t s = 0; s < sample_count; s++) {
        for (size_t p = 0; p < PEERS; p++) {
            void *kept = keep(peers[p], wire_of(&samples[s]));
            for (int m = 0; m < MEASURES; m++) {
                if (m == PRINT)
                    print(peers[p], kept);
                run(p, s, m, kept);
            }
            peers[p]->drop(kept);
        }
    }
}

/* --- do they read the same? ----------------------------------------------------------------------------------- */

static bool same_as_ours(const bench_peer *peer, const sample *s, pp_str wire)
{
    bench_needed ours = {0}, theirs = {0};
    bench_typed our_types = {0}, their_types = {0};
    void *mine = keep(&bench_pipit, wire_of(s)), *other = keep(peer, wire);
    bool same = !bench_pipit.needed(mine, &ours) && !peer->needed(other, &theirs) &&
                !bench_pipit.typed(mine, &our_types) && !peer->typed(other, &their_types) &&
                bench_same_needed(s->name, &bench_pipit, &ours, peer, &theirs) &
                    bench_same_typed(s->name, &bench_pipit, &our_types, peer, &their_types);

    peer->drop(other);
    bench_pipit.drop(mine);
    return same;
}

/* Both in what came, and in what each prints of it. */
static void check(void)
{
    bool same = true;

    for (size_t s = 0; s < sample_count; s++) {
        for (size_t p = 1; p < PEERS; p++) {
            pp_str wire = wire_of(&samples[s]), printed;
            static char copy[2 * MAX_TEXT];
            void *kept = keep(peers[p], wire);
            if (peers[p] != &bench_pipit)
                same &= same_as_ours(peers[p], &samples[s], wire);
            if (peers[p]->print(kept, &printed) || printed.n > sizeof(copy))
                stop("cannot print", peers[p]->name);
            memcpy(copy, printed.p, printed.n);
            peers[p]->drop(kept);
            if (peers[p] != &bench_pipit)
                same &= same_as_ours(peers[p], &samples[s], pp_str_n(copy, printed.n));
        }
    }
    if (!same)
        stop("the parsers differ", "no figures");
}

/* --- CPU time ------------------------------------------------------------------------------------------------- */

static double times[PEERS][MAX_MESSAGES][MEASURES][INTERLEAVED];
static size_t round_now;

static double cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void take_time(size_t p, size_t s, int measure, void *kept)
{
    double began = cpu_ns();

    repeat(peers[p], wire_of(&samples[s]), measure, kept, REPEATED);
    times[p][s][measure][round_now] = (cpu_ns() - began) / REPEATED;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void take_times(void)
{
    for (round_now = 0; round_now < INTERLEAVED; round_now++)
        each(take_time);
    for (size_t p = 0; p < PEERS; p++)
        for (size_t s = 0; s < sample_count; s++)
            for (int m = 0; m < MEASURES; m++) {
                double *all = times[p][s][m];
                qsort(all, INTERLEAVED, sizeof(*all), by_size);
                figures[p][s][m].ns = all[INTERLEAVED / 2];
            }
}

/* --- under callgrind, and with a counting heap ------------------------------------------------------------------- */

#ifdef BENCH_CALLGRIND
static void count(size_t p, size_t s, int measure, void *kept)
{
    char name[128];

    snprintf(name, sizeof(name), "%zu %zu %d %d", p, s, measure, COUNTED);
    CALLGRIND_ZERO_STATS;
    repeat(peers[p], wire_of(&samples[s]), measure, kept, COUNTED);
    CALLGRIND_DUMP_STATS_AT(name);
}
#endif

static void weigh(size_t p, size_t s, int measure, void *kept)
{
    bench_heap before = bench_heap_now(), after;
    void *another;
    double held;

    repeat(peers[p], wire_of(&samples[s]), measure, kept, COUNTED);
    after = bench_heap_now();
    another = keep(peers[p], wire_of(&samples[s]));
    held = (double)(bench_heap_now().held - after.held);
    peers[p]->drop(another);
    printf("heap %zu %zu %d %g %g %g\n", p, s, measure,
           (double)(after.calls - before.calls) / COUNTED,
           (double)(after.bytes - before.bytes) / COUNTED, held);
}

/* Lines "instructions PEER SAMPLE MEASURE TIMES NUMBER" and "heap PEER SAMPLE MEASURE CALLS BYTES HELD". */
static void read_figures(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[256];

    if (!file)
        stop("cannot be read", path);
    while (fgets(line, sizeof(line), file)) {
        size_t p, s;
        unsigned m;
        double a, b, c = 0;
        figure *f;
        bool heap = strncmp(line, "heap ", 5) == 0;
        if (sscanf(line, "%*s %zu %zu %u %lf %lf %lf", &p, &s, &m, &a, &b, &c) < 5 || p >= PEERS ||
            s >= sample_count || m >= MEASURES)
            continue;
        f = &figures[p][s][m];
        if (heap) {
            f->heap_calls = a;
            f->heap_bytes = b;
            f->held = c;
        } else {
            f->instructions = b / a;
        }
    }
    fclose(file);
}

/* --- the table ------------------------------------------------------------------------------------------------ */

typedef double (*pick)(const figure *f);

static double instructions(const figure *f)
{
    return f->instructions;
}

static double ns(const figure *f)
{
    return f->ns;
}

static double heap_calls(const figure *f)
{
    return f->heap_calls;
}

static double heap_bytes(const figure *f)
{
    return f->heap_bytes;
}

static double held(const figure *f)
{
    return f->held;
}

/* Less what the same run costs when nothing is done in it. */
static double net(size_t p, size_t s, int measure, pick of)
{
    return of(&figures[p][s][measure]) - of(&figures[0][s][measure]);
}

static double mean(size_t p, int measure, pick of)
{
    double sum = 0;

    for (size_t s = 0; s < sample_count; s++)
        sum += net(p, s, measure, of);
    return sum / (double)sample_count;
}

static void head(const char *what)
{
    printf("%-30s", what);
    for (int m = 0; m < MEASURES; m++)
        printf(" |%*s", (int)(PEERS - 1) * 10, measure_names[m]);
    printf("\n%-22s  octets", "");
    for (int m = 0; m < MEASURES; m++) {
        printf(" |");
        for (size_t p = 1; p < PEERS; p++)
            printf("%10s", peers[p]->name);
    }
    printf("\n");
}

static void table(const char *what, pick of)
{
    head(what);
    for (size_t s = 0; s < sample_count; s++) {
        printf("%-22s  %6zu", samples[s].name, samples[s].size);
        for (int m = 0; m < MEASURES; m++) {
            printf(" |");
            for (size_t p = 1; p < PEERS; p++)
                printf("%10.0f", net(p, s, m, of));
        }
        printf("\n");
    }
}

static void means(const char *what, pick of, int decimals)
{
    printf("%-30s", what);
    for (int m = 0; m < MEASURES; m++) {
        printf(" |");
        for (size_t p = 1; p < PEERS; p++)
            printf("%10.*f", decimals, mean(p, m, of));
    }
    printf("\n");
}

static void times_fewer(void)
{
    printf("%-30s", "a peer's to ours");
    for (int m = 0; m < MEASURES; m++) {
        printf(" |");
        for (size_t p = 1; p < PEERS; p++)
            printf("%9.1fx", mean(p, m, instructions) / mean(1, m, instructions));
    }
    printf("\n");
}

static void report(bool counted)
{
    if (counted) {
        table("instructions", instructions);
        means("mean", instructions, 0);
        times_fewer();
        printf("\n");
    }
    head("mean of all messages");
    means("CPU ns", ns, 0);
    if (counted) {
        means("heap calls", heap_calls, 1);
        means("heap octets", heap_bytes, 0);
        means("octets held", held, 0);
    }
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";

    read_samples();
    for (size_t p = 0; p < PEERS; p++)
        if (peers[p]->begin())
            stop("cannot begin", peers[p]->name);
#ifdef BENCH_CALLGRIND
    if (strcmp(mode, "--count") == 0) {
        each(count);
        return EXIT_SUCCESS;
    }
#endif
    if (bench_heap_now) {
        each(weigh);
        return EXIT_SUCCESS;
    }
    check();
    take_times();
    if (argc > 1)
        read_figures(mode);
    report(argc > 1);
    return EXIT_SUCCESS;
}
