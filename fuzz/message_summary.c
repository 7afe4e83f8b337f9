/* message_summary.c - a message summary that is read is written as one that reads the same. */
/* FUZZ: event */
#include "base/alloc.h"
#include "pipit/event_body.h"

#include "check.h"

#include <string.h>

static void check_same(const pipit_message_count *a, const pipit_message_count *b)
{
    CHECK(a->given == b->given && a->fresh == b->fresh && a->old == b->old);
    CHECK(a->fresh_urgent == b->fresh_urgent && a->old_urgent == b->old_urgent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pipit_message_summary *first = NULL, *second = NULL;
    char *text = NULL;

    if (pipit_message_summary_parse((const char *)data, size, &first))
        return 0;
    CHECK(pipit_message_summary_write(first, &text) == 0);
    CHECK(pipit_message_summary_parse(text, strlen(text), &second) == 0);
    CHECK(first->waiting == second->waiting);
    CHECK(!first->account == !second->account);
    CHECK(!first->account || strcmp(first->account, second->account) == 0);
    check_same(&first->voice, &second->voice);
    check_same(&first->fax, &second->fax);
    check_same(&first->pager, &second->pager);
    check_same(&first->multimedia, &second->multimedia);
    check_same(&first->text, &second->text);
    pipit_free(text);
    pipit_message_summary_free(first);
    pipit_message_summary_free(second);
    return 0;
}
