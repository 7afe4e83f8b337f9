/* datagrams.c - a queue of datagrams. */
#include "dtls/datagrams.h"

#include "base/alloc.h"

#include <string.h>

bool pp_datagrams_add(pp_datagrams *queue, const uint8_t *data, size_t size)
{
    pp_datagram *datagram = pp_alloc(sizeof(*datagram) + size);

    if (!datagram)
        return false;
    datagram->next = NULL;
    datagram->size = size;
    memcpy(datagram->data, data, size);
    if (queue->last)
        queue->last->next = datagram;
    else
        queue->first = datagram;
    queue->last = datagram;
    queue->count++;
    return true;
}

pp_datagram *pp_datagrams_take(pp_datagrams *queue)
{
    pp_datagram *datagram = queue->first;

    if (!datagram)
        return NULL;
    queue->first = datagram->next;
    if (!queue->first)
        queue->last = NULL;
    queue->count--;
    return datagram;
}

void pp_datagrams_clear(pp_datagrams *queue)
{
    while (queue->first)
        pp_free(pp_datagrams_take(queue));
}
