/* line.c - packets by the time at which they come out. */
#include "interop/nets/line.h"

#include <stdlib.h>
#include <string.h>

/* Most are due last. */
static void insert(line *l, travelling *one)
{
    travelling *before = l->last;

    while (before && before->due_us > one->due_us)
        before = before->previous;
    one->previous = before;
    one->next = before ? before->next : l->first;
    if (one->next)
        one->next->previous = one;
    else
        l->last = one;
    if (before)
        before->next = one;
    else
        l->first = one;
    l->count++;
}

bool line_put(line *l, const packet *p, network *to, uint64_t due_us)
{
    travelling *one = l->count < LINE_MAX ? malloc(sizeof(*one)) : NULL;

    if (!one)
        return false;
    one->to = to;
    one->due_us = due_us;
    one->size = p->size;
    memcpy(one->data, p->data, p->size);
    insert(l, one);
    return true;
}

travelling *line_take(line *l, uint64_t now_us)
{
    travelling *one = l->first;

    if (!one || one->due_us > now_us)
        return NULL;
    l->first = one->next;
    if (one->next)
        one->next->previous = NULL;
    else
        l->last = NULL;
    l->count--;
    return one;
}
