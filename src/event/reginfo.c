/* reginfo.c - application/reginfo+xml (RFC 3680). */
#include "base/alloc.h"
#include "base/error.h"
#include "event/xml.h"
#include "pipit/event_body.h"

#define NS "urn:ietf:params:xml:ns:reginfo"

typedef struct reginfo {
    pipit_reginfo head;
    pp_xml *document; /* its strings */
} reginfo;

static int wrong(const char *what)
{
    return pp_error(PIPIT_ERR_SYNTAX, "reginfo: %s", what);
}

static int read_contact(const pp_xml_element *element, pipit_reginfo_contact *out)
{
    out->id = pp_xml_attribute_of(element, "id");
    out->state = pp_xml_attribute_of(element, "state");
    out->event = pp_xml_attribute_of(element, "event");
    out->uri = pp_xml_text(element, NS, "uri");
    if (!out->id || !out->state || !out->event || !out->uri)
        return wrong("a contact without id, state, event or uri");
    out->display_name = pp_xml_text(element, NS, "display-name");
    out->call_id = pp_xml_attribute_of(element, "callid");
    out->expires = pp_xml_number(pp_xml_attribute_of(element, "expires"));
    return 0;
}

static int read_contacts(const pp_xml_element *registration, pipit_reginfo_registration *out)
{
    size_t count = pp_xml_count(registration, NS, "contact");
    const pp_xml_element *element = NULL;
    pipit_reginfo_contact *contacts;
    int err = 0;

    if (!count)
        return 0;
    contacts = pp_array(count, sizeof(*contacts));
    if (!contacts)
        return PIPIT_ERR_MEMORY;
    out->contacts = contacts;
    for (size_t i = 0; i < count && !err; i++) {
        element = pp_xml_child(registration, element, NS, "contact");
        err = read_contact(element, &contacts[i]);
    }
    out->contact_count = count;
    return err;
}

static int read_registration(const pp_xml_element *element, pipit_reginfo_registration *out)
{
    out->aor = pp_xml_attribute_of(element, "aor");
    out->id = pp_xml_attribute_of(element, "id");
    out->state = pp_xml_attribute_of(element, "state");
    if (!out->aor || !out->id || !out->state)
        return wrong("a registration without aor, id or state");
    return read_contacts(element, out);
}

static int read_registrations(const pp_xml_element *root, pipit_reginfo *out)
{
    size_t count = pp_xml_count(root, NS, "registration");
    const pp_xml_element *element = NULL;
    pipit_reginfo_registration *registrations;
    int err = 0;

    if (!count)
        return 0;
    registrations = pp_array(count, sizeof(*registrations));
    if (!registrations)
        return PIPIT_ERR_MEMORY;
    out->registrations = registrations;
    out->registration_count = count;
    for (size_t i = 0; i < count && !err; i++) {
        element = pp_xml_child(root, element, NS, "registration");
        err = read_registration(element, &registrations[i]);
    }
    return err;
}

static int read_all(reginfo *r)
{
    const pp_xml_element *root = pp_xml_root(r->document);
    const char *state = pp_xml_attribute_of(root, "state");

    if (!pp_xml_is(root, NS, "reginfo"))
        return wrong("another kind of document");
    if (!pp_xml_attribute_of(root, "version"))
        return wrong("no version");
    r->head.version = pp_xml_number(pp_xml_attribute_of(root, "version"));
    r->head.partial = state && strcmp(state, "partial") == 0;
    return read_registrations(root, &r->head);
}

int pipit_reginfo_parse(const char *text, size_t size, pipit_reginfo **out)
{
    reginfo *r;
    int err;

    if (!text || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "reginfo: the text is missing");
    r = PP_NEW(reginfo);
    if (!r)
        return PIPIT_ERR_MEMORY;
    err = pp_xml_parse(pp_str_n(text, size), &r->document);
    if (!err)
        err = read_all(r);
    if (err)
        pipit_reginfo_free(&r->head);
    else
        *out = &r->head;
    return err;
}

void pipit_reginfo_free(pipit_reginfo *info)
{
    reginfo *r = (reginfo *)info;

    if (!r)
        return;
    for (size_t i = 0; i < r->head.registration_count; i++)
        pp_free((pipit_reginfo_contact *)r->head.registrations[i].contacts);
    pp_free((pipit_reginfo_registration *)r->head.registrations);
    pp_xml_free(r->document);
    pp_free(r);
}
