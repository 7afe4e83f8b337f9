/* reginfo.c - registrations have what every one must have, and a comment behind the document changes nothing. */
/* FUZZ: event */
#include "base/buf.h"
#include "pipit/event_body.h"

#include "check.h"

#include <string.h>

static void check_contacts(const pipit_reginfo_registration *a, const pipit_reginfo_registration *b)
{
    CHECK(a->aor && a->id && a->state);
    CHECK(strcmp(a->aor, b->aor) == 0);
    CHECK(a->contact_count == b->contact_count);
    for (size_t i = 0; i < a->contact_count; i++) {
        CHECK(a->contacts[i].id && a->contacts[i].state && a->contacts[i].event);
        CHECK(strcmp(a->contacts[i].uri, b->contacts[i].uri) == 0);
        CHECK(a->contacts[i].expires == b->contacts[i].expires);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pipit_reginfo *first = NULL, *second = NULL;
    pp_buf more = {0};

    if (pipit_reginfo_parse((const char *)data, size, &first))
        return 0;
    pp_buf_add(&more, data, size);
    pp_buf_c(&more, "<!-- -->");
    if (more.n <= 65536) {
        CHECK(pipit_reginfo_parse(more.p, more.n, &second) == 0);
        CHECK(first->version == second->version && first->partial == second->partial);
        CHECK(first->registration_count == second->registration_count);
        for (size_t i = 0; i < first->registration_count; i++)
            check_contacts(&first->registrations[i], &second->registrations[i]);
    }
    pp_buf_free(&more);
    pipit_reginfo_free(first);
    pipit_reginfo_free(second);
    return 0;
}
