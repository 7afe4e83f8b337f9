/* choice.c - which socket is tried: the heaviest that has not failed, and one by chance among equals. */
#include "transport/inside.h"

pp_member *pp_transport_pick(pp_transport *t, unsigned weight_min)
{
    pp_member *found = NULL;
    uint32_t equals = 0;

    for (size_t i = 0; i < t->count; i++) {
        pp_member *m = &t->members[i];

        if (m->failed || m->weight < weight_min || (found && m->weight < found->weight))
            continue;
        equals = found && m->weight == found->weight ? equals + 1 : 1;
        if (pp_rng_below(&t->loop->rng, equals) ==
            0) /* so each of n is kept with a chance of 1/n */
            found = m;
    }
    return found;
}

void pp_transport_forget_failures(pp_transport *t)
{
    for (size_t i = 0; i < t->count; i++)
        t->members[i].failed = false;
}
