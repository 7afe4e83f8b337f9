/* presence.c - presence that is read is written as a document that reads the same. */
/* FUZZ: event */
#include "base/alloc.h"
#include "pipit/error.h"
#include "pipit/event_body.h"

#include "check.h"

#include <string.h>

static void check_same(const char *a, const char *b)
{
    CHECK(!a == !b);
    CHECK(!a || strcmp(a, b) == 0);
}

static void check_tuple(const pipit_presence_tuple *a, const pipit_presence_tuple *b)
{
    check_same(a->id, b->id);
    CHECK(a->id && a->basic == b->basic);
    check_same(a->contact, b->contact);
    check_same(a->priority, b->priority);
    check_same(a->note, b->note);
    check_same(a->timestamp, b->timestamp);
}

/* What a document may hold and we do not write: line ends within texts. */
static void check_written(const pipit_presence *first)
{
    pipit_presence *second = NULL;
    char *text = NULL;
    int err = pipit_presence_write(first, &text);

    CHECK(err == 0 || err == PIPIT_ERR_SYNTAX);
    if (err)
        return;
    CHECK(pipit_presence_parse(text, strlen(text), &second) == 0);
    check_same(first->entity, second->entity);
    check_same(first->note, second->note);
    CHECK(first->tuple_count == second->tuple_count);
    for (size_t i = 0; i < first->tuple_count; i++)
        check_tuple(&first->tuples[i], &second->tuples[i]);
    pipit_free(text);
    pipit_presence_free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pipit_presence *presence = NULL;

    if (pipit_presence_parse((const char *)data, size, &presence))
        return 0;
    check_written(presence);
    pipit_presence_free(presence);
    return 0;
}
