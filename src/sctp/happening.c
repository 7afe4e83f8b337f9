/* happening.c - what usrsctp told of an association. */
#include "sctp/happening.h"

#include "base/alloc.h"

#include <string.h>

void pp_happenings_add(pp_happenings *list, const pp_happening *like, const void *data, size_t size)
{
    pp_happening *happening = pp_alloc(sizeof(*happening) + size + 1);

    if (!happening) {
        list->lost |= like->kind != PP_HAPPENING_PACKET;
        return;
    }
    *happening = *like;
    happening->next = NULL;
    happening->size = size;
    memcpy(happening->data, data, size);
    happening->data[size] = '\0';
    if (list->last)
        list->last->next = happening;
    else
        list->first = happening;
    list->last = happening;
}

pp_happening *pp_happenings_take(pp_happenings *list)
{
    pp_happening *happening = list->first;

    if (!happening)
        return NULL;
    list->first = happening->next;
    if (!list->first)
        list->last = NULL;
    return happening;
}

void pp_happenings_clear(pp_happenings *list)
{
    while (list->first)
        pp_free(pp_happenings_take(list));
}
