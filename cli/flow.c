/* flow.c - a call flow, kept and drawn. */
#include "cli/flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME_WIDTH 10
#define GAP_MIN    20
#define MARGIN     6

bool flow_column(flow *f, const char *name, size_t *out)
{
    char **columns;
    char *copy;

    for (size_t i = 0; i < f->column_count; i++)
        if (strcmp(f->columns[i], name) == 0) {
            *out = i;
            return true;
        }
    columns = realloc(f->columns, (f->column_count + 1) * sizeof(*columns));
    if (!columns)
        return false;
    f->columns = columns;
    copy = strdup(name);
    if (!copy)
        return false;
    *out = f->column_count;
    f->columns[f->column_count++] = copy;
    return true;
}

bool flow_add(flow *f, const flow_step *step)
{
    if (f->step_count == f->step_room) {
        size_t room = f->step_room ? 2 * f->step_room : 64;
        flow_step *steps = realloc(f->steps, room * sizeof(*steps));

        if (!steps)
            return false;
        f->steps = steps;
        f->step_room = room;
    }
    f->steps[f->step_count] = *step;
    f->steps[f->step_count].order = f->step_count;
    f->step_count++;
    return true;
}

void flow_free(flow *f)
{
    for (size_t i = 0; i < f->column_count; i++)
        free(f->columns[i]);
    free(f->columns);
    free(f->steps);
    *f = (flow){0};
}

/* --- drawing ---------------------------------------------------------------------------------- */

enum glyph { LIFE = 1, DASH, HEAD_RIGHT, HEAD_LEFT, START_RIGHT, START_LEFT };

static void put_glyph(char c, bool utf8)
{
    static const char *const fine[] = {"", "│", "─", "▶", "◀", "├", "┤"};
    static const char *const plain[] = {"", "|", "-", ">", "<", "|", "|"};

    if (c >= LIFE && c <= START_LEFT)
        fputs(utf8 ? fine[(int)c] : plain[(int)c], stdout);
    else
        fputc(c, stdout);
}

static int by_time(const void *a, const void *b)
{
    const flow_step *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

typedef struct canvas {
    const flow *f;
    size_t *place; /* of each column, from the left */
    size_t gap, margin, width;
    char *line;
    bool utf8;
} canvas;

static bool is_board(const flow *f, size_t column)
{
    return strcmp(f->columns[column], "switchboard") == 0;
}

/* The phone that calls first; the first one when nobody calls. */
static size_t find_caller(const flow *f)
{
    for (size_t i = 0; i < f->step_count; i++)
        if (strncmp(f->steps[i].label, "INVITE", 6) == 0 && !is_board(f, f->steps[i].from))
            return f->steps[i].from;
    return is_board(f, 0) ? 1 : 0;
}

/* The caller, the switchboard, the other phones. */
static void place_columns(canvas *c)
{
    const flow *f = c->f;
    size_t caller = find_caller(f), next = 2;

    for (size_t i = 0; i < f->column_count; i++)
        c->place[i] = is_board(f, i) ? 1 : i == caller ? 0 : next++;
}

static void find_width(canvas *c)
{
    c->gap = GAP_MIN;
    c->margin = MARGIN;
    for (size_t i = 0; i < c->f->step_count; i++)
        if (strlen(c->f->steps[i].label) + 6 > c->gap)
            c->gap = strlen(c->f->steps[i].label) + 6;
    for (size_t i = 0; i < c->f->column_count; i++) {
        size_t size = strlen(c->f->columns[i]);

        if (size + 2 > c->gap)
            c->gap = size + 2;
        if (size / 2 + 1 > c->margin)
            c->margin = size / 2 + 1;
    }
    /* Room for the last name, and for a place that stays empty before the switchboard. */
    c->width = c->margin + c->gap * (c->f->column_count + 1) + 1;
}

/* The middle of a column. */
static size_t middle(const canvas *c, size_t column)
{
    return c->margin + c->place[column] * c->gap;
}

static void clear_line(canvas *c, char life)
{
    memset(c->line, ' ', c->width);
    for (size_t i = 0; i < c->f->column_count && life; i++)
        c->line[middle(c, i)] = life;
}

static void put_line(const canvas *c)
{
    size_t end = c->width;

    while (end && c->line[end - 1] == ' ')
        end--;
    for (size_t i = 0; i < end; i++)
        put_glyph(c->line[i], c->utf8);
    fputc('\n', stdout);
}

static void draw_names(canvas *c)
{
    clear_line(c, 0);
    for (size_t i = 0; i < c->f->column_count; i++) {
        size_t size = strlen(c->f->columns[i]);

        memcpy(c->line + middle(c, i) - size / 2, c->f->columns[i], size);
    }
    printf("%*s", TIME_WIDTH + 2, "");
    put_line(c);
}

static void draw_step(canvas *c, const flow_step *step, double start)
{
    size_t from = middle(c, step->from), to = middle(c, step->to);
    size_t left = from < to ? from : to, right = from < to ? to : from, size = strlen(step->label);

    clear_line(c, LIFE);
    if (left < right) {
        memset(c->line + left + 1, DASH, right - left - 1);
        c->line[from] = from < to ? START_RIGHT : START_LEFT;
        c->line[from < to ? to - 1 : to + 1] = from < to ? HEAD_RIGHT : HEAD_LEFT;
    }
    size = size < right - left ? size : right - left;
    memcpy(c->line + (left + right) / 2 - size / 2, step->label, size);
    if (size && left < right) {
        c->line[(left + right) / 2 - size / 2 - 1] = ' ';
        c->line[(left + right) / 2 - size / 2 + size] = ' ';
    }
    printf("%*.3f s", TIME_WIDTH - 1, step->time - start);
    fputc(' ', stdout);
    put_line(c);
}

void flow_draw(flow *f, bool utf8)
{
    canvas c = {.f = f, .utf8 = utf8};

    qsort(f->steps, f->step_count, sizeof(*f->steps), by_time);
    find_width(&c);
    c.place = calloc(f->column_count, sizeof(*c.place));
    c.line = malloc(c.width + 1);
    if (c.place && c.line) {
        place_columns(&c);
        draw_names(&c);
        for (size_t i = 0; i < f->step_count; i++)
            if (!f->steps[i].doubled)
                draw_step(&c, &f->steps[i], f->steps[0].time);
    }
    free(c.place);
    free(c.line);
}
