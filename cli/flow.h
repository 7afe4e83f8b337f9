/* flow.h - a call flow: who sent what to whom, and when. */
#ifndef CLI_FLOW_H
#define CLI_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#define FLOW_LABEL 48

typedef struct flow_step {
    double time;     /* seconds */
    size_t from, to; /* columns */
    size_t order;    /* as it was read, for steps of the same time */
    bool by_board;   /* told by the switchboard */
    bool doubled;    /* told by it too: not drawn */
    char label[FLOW_LABEL];
} flow_step;

typedef struct flow {
    flow_step *steps;
    size_t step_count, step_room;
    char **columns; /* names, in order of appearance */
    size_t column_count;
} flow;

/* The column of that name; made when it is new. False when memory is short. */
bool flow_column(flow *f, const char *name, size_t *out);
bool flow_add(flow *f, const flow_step *step);
void flow_free(flow *f);
/* Draws it on stdout. `utf8`: with lines and arrow heads. */
void flow_draw(flow *f, bool utf8);

#endif
