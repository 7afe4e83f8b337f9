/* figures.c - lines are read, the least of each figure is set beside the aims and beside JsSIP. */
#include "figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FIGURES 64
#define MAX_SAMPLES 64

typedef struct figure {
    char name[48];
    double samples[MAX_SAMPLES];
    size_t count;
} figure;

static figure figures[MAX_FIGURES];
static size_t figure_count;

void bench_figure(const char *name, double value)
{
    printf("%s %.3f\n", name, value);
}

static figure *find(const char *name)
{
    for (size_t i = 0; i < figure_count; i++)
        if (strcmp(figures[i].name, name) == 0)
            return &figures[i];
    return NULL;
}

static void add(const char *name, double value)
{
    figure *f = find(name);

    if (!f && figure_count < MAX_FIGURES) {
        f = &figures[figure_count++];
        snprintf(f->name, sizeof(f->name), "%s", name);
    }
    if (f && f->count < MAX_SAMPLES)
        f->samples[f->count++] = value;
}

/* What else runs on the machine only adds to a time. */
static double value(const char *name)
{
    const figure *f = find(name);
    double least = f ? f->samples[0] : 0;

    for (size_t i = 1; f && i < f->count; i++)
        if (f->samples[i] < least)
            least = f->samples[i];
    return least;
}

static void read_lines(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[128], name[48];
    double number;

    if (!file) {
        fprintf(stderr, "bench ua: %s cannot be read\n", path);
        exit(EXIT_FAILURE);
    }
    while (fgets(line, sizeof(line), file))
        if (sscanf(line, "%47s %lf", name, &number) == 2)
            add(name, number);
    fclose(file);
}

/* --- the table -------------------------------------------------------------------------------------------------- */

typedef struct row {
    const char *what;
    double ours, theirs; /* theirs: 0 for none */
    double aim;          /* 0: none */
    int decimals;
} row;

static void print_row(const row *r)
{
    printf("%-58s %9.*f", r->what, r->decimals, r->ours);
    if (r->aim > 0)
        printf(" %9.*f %-6s", r->decimals, r->aim, r->ours <= r->aim ? "met" : "missed");
    else
        printf(" %9s %-6s", "", "");
    if (r->theirs > 0)
        printf(" %9.*f %8.1fx", r->decimals, r->theirs, r->ours > 0 ? r->theirs / r->ours : 0);
    printf("\n");
}

static void memory_rows(void)
{
    double bare = value("memory.ws.bare.heap"), agent = value("memory.ws.agent.heap");
    double secure = value("memory.wss.agent.heap") + value("memory.wss.agent.openssl");
    const row rows[] = {
        {"ws: heap above its socket, octets", agent - bare, 0, 2048, 0},
        {"ws: heap of the socket, octets", bare, 0, 0, 0},
        {"ws: all in, resident, KiB", value("memory.ws.agent.resident") / 1024,
         value("memory.jssip.resident") / 1024, 0, 1},
        {"wss: heap of all, OpenSSL's with it, KiB", secure / 1024, 0, 31, 1},
        {"wss: all in, resident, KiB", value("memory.wss.agent.resident") / 1024, 0, 31, 1},
    };

    printf("idle registered user agent\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        print_row(&rows[i]);
}

static void registration_rows(void)
{
    double jssip = value("register.jssip.fresh.all"),
           jssip_user = value("register.jssip.fresh.user");
    const row rows[] = {
        {"challenged (two round trips), us", value("register.pipit.fresh.all"), jssip, 16, 1},
        {"  of it in user space", value("register.pipit.fresh.user"), jssip_user, 4, 1},
        {"with the nonce of the last time (one), us", value("register.pipit.again.all"), jssip, 9,
         1},
        {"  of it in user space", value("register.pipit.again.user"), jssip_user, 3, 1},
    };

    printf("CPU of a registration on an open connection, ws\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        print_row(&rows[i]);
}

static void crowd_rows(void)
{
    const row rows[] = {
        {"user agents", value("crowd.agents"), 0, 0, 0},
        {"registered at the end", value("crowd.registered"), 0, 0, 0},
        {"lost on the way", value("crowd.losses"), 0, 0, 0},
        {"refreshes of each", value("crowd.refreshes") / value("crowd.agents"), 0, 0, 1},
        {"CPU of a refresh, us", value("crowd.cpu"), 0, 0, 1},
    };

    printf("many in one process, on one loop\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        print_row(&rows[i]);
}

static void ratio_row(const char *what, const char *few, const char *many, int decimals)
{
    double of_few = value(few), of_many = value(many);

    if (of_few > 0 && of_many > 0)
        printf("%-58s %9.*f %9.*f %8.2fx %s\n", what, decimals, of_few, decimals, of_many,
               of_many / of_few, of_many <= 1.1 * of_few ? "met" : "missed");
}

static void transaction_rows(void)
{
    printf("%-58s %9s %9s %9s\n", "a transaction beside others that are alive", "1000", "1000000",
           "aim 1.1x");
    ratio_row("client: instructions", "alive.client.1000.instructions",
              "alive.client.1000000.instructions", 0);
    ratio_row("client: CPU ns", "alive.client.1000.ns", "alive.client.1000000.ns", 0);
    ratio_row("server: instructions", "alive.server.1000.instructions",
              "alive.server.1000000.instructions", 0);
    ratio_row("server: CPU ns", "alive.server.1000.ns", "alive.server.1000000.ns", 0);
}

void bench_figures_table(const char *path)
{
    read_lines(path);
    printf("%-58s %9s %9s %-6s %9s %9s\n", "", "pipit", "aim", "", "JsSIP", "JsSIP's to ours");
    memory_rows();
    registration_rows();
    crowd_rows();
    transaction_rows();
}
