/* xml.c - a small document as a tree. What expat would do with entities is switched off: a DTD ends it. */
#include "event/xml.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"

#include <expat.h>

#define SEPARATOR '|'

/* Every piece of a document is one of these, so that all go together. */
typedef struct piece {
    struct piece *next;
} piece;

struct pp_xml {
    piece *pieces;
    pp_xml_element *root;
};

typedef struct reading {
    pp_xml *document;
    XML_Parser parser;
    pp_xml_element *open; /* the innermost */
    pp_buf text;          /* of it */
    unsigned depth, nodes;
    int error;
} reading;

/* --- memory ----------------------------------------------------------------------------------- */

static void *piece_of(reading *r, size_t size)
{
    piece *p = pp_zalloc(sizeof(*p) + size);

    if (!p) {
        r->error = PIPIT_ERR_MEMORY;
        return NULL;
    }
    p->next = r->document->pieces;
    r->document->pieces = p;
    return p + 1;
}

static char *copy_of(reading *r, pp_str text)
{
    char *copy = piece_of(r, text.n + 1);

    if (copy && text.n)
        memcpy(copy, text.p, text.n);
    return copy;
}

void pp_xml_free(pp_xml *document)
{
    if (!document)
        return;
    while (document->pieces) {
        piece *next = document->pieces->next;

        pp_free(document->pieces);
        document->pieces = next;
    }
    pp_free(document);
}

/* expat takes some failures of memory for faults of the document, and its memory functions have no argument. */
static _Thread_local bool expat_lacked_memory;

static void *expat_alloc(size_t size)
{
    void *memory = pp_alloc(size);

    expat_lacked_memory = expat_lacked_memory || !memory;
    return memory;
}

static void *expat_realloc(void *before, size_t size)
{
    void *memory = pp_realloc(before, size);

    expat_lacked_memory = expat_lacked_memory || !memory;
    return memory;
}

/* --- what expat finds ------------------------------------------------------------------------- */

static void stop(reading *r, int error)
{
    if (!r->error)
        r->error = error;
    XML_StopParser(r->parser, XML_FALSE);
}

static bool count_node(reading *r)
{
    if (++r->nodes <= PP_LIMIT_XML_NODES)
        return true;
    stop(r, pp_error(PIPIT_ERR_LIMIT, "document: more than %u elements and attributes",
                     PP_LIMIT_XML_NODES));
    return false;
}

static const char *local_name(const char *name)
{
    const char *separator = strrchr(name, SEPARATOR);

    return separator ? separator + 1 : name;
}

static int add_attributes(reading *r, pp_xml_element *element, const XML_Char **attributes)
{
    for (size_t i = 0; attributes[i]; i += 2) {
        pp_xml_attribute *attribute;

        if (strchr(attributes[i], SEPARATOR)) /* of another namespace: xml:lang and its like */
            continue;
        if (!count_node(r))
            return r->error;
        attribute = piece_of(r, sizeof(*attribute));
        if (!attribute)
            return r->error;
        attribute->name = copy_of(r, pp_str_c(attributes[i]));
        attribute->value = copy_of(r, pp_str_c(attributes[i + 1]));
        attribute->next = element->attributes;
        element->attributes = attribute;
    }
    return r->error;
}

/* The text before the first child is its text. */
static void take_text(reading *r)
{
    if (!r->open || r->open->text)
        return;
    r->open->text = copy_of(r, pp_str_trim(pp_buf_text(&r->text)));
    if (pp_buf_error(&r->text))
        r->error = pp_buf_error(&r->text);
    pp_buf_clear(&r->text);
}

static void hang_in(reading *r, pp_xml_element *element)
{
    element->parent = r->open;
    if (!r->open)
        r->document->root = element;
    else if (r->open->last_child)
        r->open->last_child->next = element;
    else
        r->open->children = element;
    if (r->open)
        r->open->last_child = element;
    r->open = element;
}

static void on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    reading *r = arg;
    pp_xml_element *element;

    take_text(r);
    if (++r->depth > PP_LIMIT_XML_DEPTH) {
        stop(r, pp_error(PIPIT_ERR_LIMIT, "document: more than %u elements within each other",
                         PP_LIMIT_XML_DEPTH));
        return;
    }
    if (!count_node(r))
        return;
    element = piece_of(r, sizeof(*element));
    if (element) {
        element->name = copy_of(r, pp_str_c(name));
        hang_in(r, element);
        add_attributes(r, element, attributes);
    }
    if (r->error)
        stop(r, r->error);
}

static void on_end(void *arg, const XML_Char *name)
{
    reading *r = arg;

    (void)name;
    take_text(r);
    r->depth--;
    r->open = r->open->parent;
    if (r->error)
        stop(r, r->error);
}

static void on_text(void *arg, const XML_Char *text, int size)
{
    reading *r = arg;

    if (r->open && !r->open->text)
        pp_buf_add(&r->text, text, (size_t)size);
}

/* Entities are declared in a DTD, and nothing we read has one. */
static void on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    stop(arg, pp_error(PIPIT_ERR_SYNTAX, "document: a document type is not taken"));
}

/* --- the document ----------------------------------------------------------------------------- */

static int run(reading *r, pp_str text)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    if (XML_Parse(r->parser, text.p, (int)text.n, XML_TRUE) == XML_STATUS_OK && !r->error)
        return 0;
    if (r->error)
        return r->error;
    if (expat_lacked_memory)
        return PIPIT_ERR_MEMORY;
    return pp_error(PIPIT_ERR_SYNTAX, "document: %s in line %lu",
                    XML_ErrorString(XML_GetErrorCode(r->parser)),
                    (unsigned long)XML_GetCurrentLineNumber(r->parser));
}

int pp_xml_parse(pp_str text, pp_xml **out)
{
    static const XML_Memory_Handling_Suite memory = {expat_alloc, expat_realloc, pp_free};
    static const XML_Char separator[] = {SEPARATOR, 0};
    reading r = {0};
    int err;

    if (text.n > PP_LIMIT_XML)
        return pp_error(PIPIT_ERR_LIMIT, "document: more than %u octets", PP_LIMIT_XML);
    expat_lacked_memory = false;
    r.document = PP_NEW(pp_xml);
    r.parser = XML_ParserCreate_MM("UTF-8", &memory, separator);
    err = r.document && r.parser ? run(&r, text) : PIPIT_ERR_MEMORY;
    if (r.parser)
        XML_ParserFree(r.parser);
    pp_buf_free(&r.text);
    if (err)
        pp_xml_free(r.document);
    else
        *out = r.document;
    return err;
}

/* --- looking around in it --------------------------------------------------------------------- */

const pp_xml_element *pp_xml_root(const pp_xml *document)
{
    return document->root;
}

bool pp_xml_is(const pp_xml_element *element, const char *ns, const char *name)
{
    const char *local = local_name(element->name);
    size_t n = local == element->name ? 0 : (size_t)(local - element->name) - 1;

    return strcmp(local, name) == 0 && pp_str_eq_c(pp_str_n(element->name, n), ns);
}

const pp_xml_element *pp_xml_child(const pp_xml_element *parent, const pp_xml_element *after,
                                   const char *ns, const char *name)
{
    const pp_xml_element *child = after ? after->next : parent->children;

    while (child && !pp_xml_is(child, ns, name))
        child = child->next;
    return child;
}

size_t pp_xml_count(const pp_xml_element *parent, const char *ns, const char *name)
{
    const pp_xml_element *child = NULL;
    size_t count = 0;

    while ((child = pp_xml_child(parent, child, ns, name)))
        count++;
    return count;
}

const char *pp_xml_text(const pp_xml_element *parent, const char *ns, const char *name)
{
    const pp_xml_element *child = pp_xml_child(parent, NULL, ns, name);

    return child ? child->text : NULL;
}

const char *pp_xml_attribute_of(const pp_xml_element *element, const char *name)
{
    for (const pp_xml_attribute *a = element->attributes; a; a = a->next)
        if (strcmp(a->name, name) == 0)
            return a->value;
    return NULL;
}

uint32_t pp_xml_number(const char *text)
{
    uint32_t number = 0;

    pp_str_to_u32(pp_str_c(text), 0, UINT32_MAX, &number);
    return number;
}

/* --- writing ---------------------------------------------------------------------------------- */

int pp_xml_escape(const char *text, pp_buf *out)
{
    if (!pp_str_is_utf8(pp_str_c(text)))
        return pp_error(PIPIT_ERR_SYNTAX, "document: a text that is no UTF-8");
    for (; *text; text++)
        switch (*text) {
        case '<':
            pp_buf_c(out, "&lt;");
            break;
        case '>':
            pp_buf_c(out, "&gt;");
            break;
        case '&':
            pp_buf_c(out, "&amp;");
            break;
        case '"':
            pp_buf_c(out, "&quot;");
            break;
        case '\'':
            pp_buf_c(out, "&apos;");
            break;
        default:
            if ((unsigned char)*text < ' ')
                return pp_error(PIPIT_ERR_SYNTAX, "document: a text with control characters");
            pp_buf_char(out, *text);
        }
    return pp_buf_error(out);
}
