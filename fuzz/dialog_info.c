/* dialog_info.c - calls of a phone have what every one must have, and a comment behind the document changes nothing. */
/* FUZZ: event */
#include "base/buf.h"
#include "pipit/event_body.h"

#include "check.h"

#include <string.h>

static void check_dialogs(const pipit_dialog_info *a, const pipit_dialog_info *b)
{
    CHECK(a->version == b->version && a->partial == b->partial);
    CHECK(strcmp(a->entity, b->entity) == 0);
    CHECK(a->dialog_count == b->dialog_count);
    for (size_t i = 0; i < a->dialog_count; i++) {
        CHECK(a->dialogs[i].id && a->dialogs[i].state);
        CHECK(strcmp(a->dialogs[i].id, b->dialogs[i].id) == 0);
        CHECK(strcmp(a->dialogs[i].state, b->dialogs[i].state) == 0);
        CHECK(a->dialogs[i].code == b->dialogs[i].code);
        CHECK(a->dialogs[i].duration == b->dialogs[i].duration);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pipit_dialog_info *first = NULL, *second = NULL;
    pp_buf more = {0};

    if (pipit_dialog_info_parse((const char *)data, size, &first))
        return 0;
    pp_buf_add(&more, data, size);
    pp_buf_c(&more, "<!-- -->");
    if (more.n <= 65536) {
        CHECK(pipit_dialog_info_parse(more.p, more.n, &second) == 0);
        check_dialogs(first, second);
    }
    pp_buf_free(&more);
    pipit_dialog_info_free(first);
    pipit_dialog_info_free(second);
    return 0;
}
