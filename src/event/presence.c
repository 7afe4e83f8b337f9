/* presence.c - application/pidf+xml (RFC 3863): read and written. */
#include "base/alloc.h"
#include "base/error.h"
#include "event/xml.h"
#include "pipit/event_body.h"

#define NS "urn:ietf:params:xml:ns:pidf"

typedef struct presence {
    pipit_presence head;
    pp_xml *document; /* its strings */
} presence;

static const char *const basics[] = {
    [PIPIT_PRESENCE_OPEN] = "open", [PIPIT_PRESENCE_CLOSED] = "closed"};

/* --- reading ---------------------------------------------------------------------------------- */

static pipit_presence_basic read_basic(const pp_xml_element *tuple)
{
    const pp_xml_element *status = pp_xml_child(tuple, NULL, NS, "status");
    const char *text = status ? pp_xml_text(status, NS, "basic") : NULL;

    for (unsigned i = PIPIT_PRESENCE_OPEN; text && i <= PIPIT_PRESENCE_CLOSED; i++)
        if (strcmp(text, basics[i]) == 0)
            return (pipit_presence_basic)i;
    return PIPIT_PRESENCE_UNKNOWN;
}

static int read_tuple(const pp_xml_element *element, pipit_presence_tuple *out)
{
    const pp_xml_element *contact = pp_xml_child(element, NULL, NS, "contact");

    out->id = pp_xml_attribute_of(element, "id");
    if (!out->id)
        return pp_error(PIPIT_ERR_SYNTAX, "presence: a tuple without id");
    out->basic = read_basic(element);
    out->contact = contact ? contact->text : NULL;
    out->priority = contact ? pp_xml_attribute_of(contact, "priority") : NULL;
    out->note = pp_xml_text(element, NS, "note");
    out->timestamp = pp_xml_text(element, NS, "timestamp");
    return 0;
}

static int read_tuples(const pp_xml_element *root, pipit_presence *out)
{
    size_t count = pp_xml_count(root, NS, "tuple");
    const pp_xml_element *element = NULL;
    pipit_presence_tuple *tuples;
    int err = 0;

    if (!count)
        return 0;
    tuples = pp_array(count, sizeof(*tuples));
    if (!tuples)
        return PIPIT_ERR_MEMORY;
    out->tuples = tuples;
    for (size_t i = 0; i < count && !err; i++) {
        element = pp_xml_child(root, element, NS, "tuple");
        err = read_tuple(element, &tuples[i]);
    }
    out->tuple_count = count;
    return err;
}

static int read_all(presence *p)
{
    const pp_xml_element *root = pp_xml_root(p->document);

    if (!pp_xml_is(root, NS, "presence"))
        return pp_error(PIPIT_ERR_SYNTAX, "presence: another kind of document");
    p->head.entity = pp_xml_attribute_of(root, "entity");
    if (!p->head.entity)
        return pp_error(PIPIT_ERR_SYNTAX, "presence: no entity");
    p->head.note = pp_xml_text(root, NS, "note");
    return read_tuples(root, &p->head);
}

int pipit_presence_parse(const char *text, size_t size, pipit_presence **out)
{
    presence *p;
    int err;

    if (!text || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "presence: the text is missing");
    p = PP_NEW(presence);
    if (!p)
        return PIPIT_ERR_MEMORY;
    err = pp_xml_parse(pp_str_n(text, size), &p->document);
    if (!err)
        err = read_all(p);
    if (err)
        pipit_presence_free(&p->head);
    else
        *out = &p->head;
    return err;
}

void pipit_presence_free(pipit_presence *presence_)
{
    presence *p = (presence *)presence_;

    if (!p)
        return;
    pp_free((pipit_presence_tuple *)p->head.tuples);
    pp_xml_free(p->document);
    pp_free(p);
}

/* --- writing ---------------------------------------------------------------------------------- */

/* <name>text</name>; nothing for NULL. */
static int write_text(const char *name, const char *text, pp_buf *out)
{
    int err;

    if (!text)
        return 0;
    pp_buf_format(out, "<%s>", name);
    err = pp_xml_escape(text, out);
    pp_buf_format(out, "</%s>", name);
    return err;
}

/* name="value"; nothing for NULL. */
static int write_attribute(const char *name, const char *value, pp_buf *out)
{
    int err;

    if (!value)
        return 0;
    pp_buf_format(out, " %s=\"", name);
    err = pp_xml_escape(value, out);
    pp_buf_char(out, '"');
    return err;
}

static int write_contact(const pipit_presence_tuple *tuple, pp_buf *out)
{
    int err;

    if (!tuple->contact)
        return 0;
    pp_buf_c(out, "<contact");
    err = write_attribute("priority", tuple->priority, out);
    pp_buf_char(out, '>');
    if (!err)
        err = pp_xml_escape(tuple->contact, out);
    pp_buf_c(out, "</contact>");
    return err;
}

static int write_tuple(const pipit_presence_tuple *tuple, pp_buf *out)
{
    int err;

    if (!tuple->id || (unsigned)tuple->basic > PIPIT_PRESENCE_CLOSED)
        return pp_error(PIPIT_ERR_ARGUMENT, "presence: a tuple without id, or of no known status");
    pp_buf_c(out, "<tuple");
    err = write_attribute("id", tuple->id, out);
    pp_buf_c(out, "><status>");
    if (!err && tuple->basic != PIPIT_PRESENCE_UNKNOWN)
        err = write_text("basic", basics[tuple->basic], out);
    pp_buf_c(out, "</status>");
    if (!err)
        err = write_contact(tuple, out);
    if (!err)
        err = write_text("note", tuple->note, out);
    if (!err)
        err = write_text("timestamp", tuple->timestamp, out);
    pp_buf_c(out, "</tuple>");
    return err;
}

int pipit_presence_write(const pipit_presence *presence_, char **out)
{
    pp_buf text = {0};
    int err;

    if (!presence_ || !presence_->entity || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "presence: it is missing, or its entity");
    pp_buf_c(&text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<presence xmlns=\"" NS "\"");
    err = write_attribute("entity", presence_->entity, &text);
    pp_buf_char(&text, '>');
    for (size_t i = 0; i < presence_->tuple_count && !err; i++)
        err = write_tuple(&presence_->tuples[i], &text);
    if (!err)
        err = write_text("note", presence_->note, &text);
    pp_buf_c(&text, "</presence>\r\n");
    if (!err)
        err = pp_buf_take(&text, out);
    pp_buf_free(&text);
    return err;
}
