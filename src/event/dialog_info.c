/* dialog_info.c - application/dialog-info+xml (RFC 4235). */
#include "base/alloc.h"
#include "base/error.h"
#include "event/xml.h"
#include "pipit/event_body.h"

#define NS "urn:ietf:params:xml:ns:dialog-info"

typedef struct dialog_info {
    pipit_dialog_info head;
    pp_xml *document; /* its strings */
} dialog_info;

static int wrong(const char *what)
{
    return pp_error(PIPIT_ERR_SYNTAX, "dialog-info: %s", what);
}

static void read_party(const pp_xml_element *dialog, const char *name, pipit_dialog_party *out)
{
    const pp_xml_element *party = pp_xml_child(dialog, NULL, NS, name);
    const pp_xml_element *identity, *target;

    if (!party)
        return;
    identity = pp_xml_child(party, NULL, NS, "identity");
    target = pp_xml_child(party, NULL, NS, "target");
    out->identity = identity ? identity->text : NULL;
    out->display_name = identity ? pp_xml_attribute_of(identity, "display") : NULL;
    out->target = target ? pp_xml_attribute_of(target, "uri") : NULL;
}

static int read_dialog(const pp_xml_element *element, pipit_dialog_entry *out)
{
    const pp_xml_element *state = pp_xml_child(element, NULL, NS, "state");

    out->id = pp_xml_attribute_of(element, "id");
    if (!out->id || !state)
        return wrong("a dialog without id or state");
    out->state = state->text;
    out->event = pp_xml_attribute_of(state, "event");
    out->code = pp_xml_number(pp_xml_attribute_of(state, "code"));
    out->call_id = pp_xml_attribute_of(element, "call-id");
    out->local_tag = pp_xml_attribute_of(element, "local-tag");
    out->remote_tag = pp_xml_attribute_of(element, "remote-tag");
    out->direction = pp_xml_attribute_of(element, "direction");
    out->duration = pp_xml_number(pp_xml_text(element, NS, "duration"));
    read_party(element, "local", &out->local);
    read_party(element, "remote", &out->remote);
    return 0;
}

static int read_dialogs(const pp_xml_element *root, pipit_dialog_info *out)
{
    size_t count = pp_xml_count(root, NS, "dialog");
    const pp_xml_element *element = NULL;
    pipit_dialog_entry *dialogs;
    int err = 0;

    if (!count)
        return 0;
    dialogs = pp_array(count, sizeof(*dialogs));
    if (!dialogs)
        return PIPIT_ERR_MEMORY;
    out->dialogs = dialogs;
    for (size_t i = 0; i < count && !err; i++) {
        element = pp_xml_child(root, element, NS, "dialog");
        err = read_dialog(element, &dialogs[i]);
    }
    out->dialog_count = count;
    return err;
}

static int read_all(dialog_info *d)
{
    const pp_xml_element *root = pp_xml_root(d->document);
    const char *state = pp_xml_attribute_of(root, "state");

    if (!pp_xml_is(root, NS, "dialog-info"))
        return wrong("another kind of document");
    d->head.entity = pp_xml_attribute_of(root, "entity");
    if (!d->head.entity || !pp_xml_attribute_of(root, "version"))
        return wrong("no entity or version");
    d->head.version = pp_xml_number(pp_xml_attribute_of(root, "version"));
    d->head.partial = state && strcmp(state, "partial") == 0;
    return read_dialogs(root, &d->head);
}

int pipit_dialog_info_parse(const char *text, size_t size, pipit_dialog_info **out)
{
    dialog_info *d;
    int err;

    if (!text || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "dialog-info: the text is missing");
    d = PP_NEW(dialog_info);
    if (!d)
        return PIPIT_ERR_MEMORY;
    err = pp_xml_parse(pp_str_n(text, size), &d->document);
    if (!err)
        err = read_all(d);
    if (err)
        pipit_dialog_info_free(&d->head);
    else
        *out = &d->head;
    return err;
}

void pipit_dialog_info_free(pipit_dialog_info *info)
{
    dialog_info *d = (dialog_info *)info;

    if (!d)
        return;
    pp_free((pipit_dialog_entry *)d->head.dialogs);
    pp_xml_free(d->document);
    pp_free(d);
}
