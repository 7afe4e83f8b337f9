/* xml.h - a small document as a tree, read by expat: no DTD, no entities of its own, bounded in every direction. */
#ifndef PP_EVENT_XML_H
#define PP_EVENT_XML_H

#include "base/buf.h"

typedef struct pp_xml_attribute {
    const char *name; /* without a namespace */
    const char *value;
    struct pp_xml_attribute *next;
} pp_xml_attribute;

typedef struct pp_xml_element {
    const char *name; /* "namespace|local", or the local name alone */
    const char *text; /* trimmed, up to its first child; "" for none */
    pp_xml_attribute *attributes;
    struct pp_xml_element *parent, *children, *last_child, *next;
} pp_xml_element;

typedef struct pp_xml pp_xml; /* the document: everything in it lives as long as it does */

/* PIPIT_ERR_SYNTAX, PIPIT_ERR_LIMIT (PP_LIMIT_XML and its like), PIPIT_ERR_MEMORY. */
int pp_xml_parse(pp_str text, pp_xml **out);
void pp_xml_free(pp_xml *document); /* NULL is fine */
const pp_xml_element *pp_xml_root(const pp_xml *document);

/* Whether it has that local name in that namespace. */
bool pp_xml_is(const pp_xml_element *element, const char *ns, const char *name);
/* The first child of that name, or the next one behind `after`; NULL when there is none. */
const pp_xml_element *pp_xml_child(const pp_xml_element *parent, const pp_xml_element *after,
                                   const char *ns, const char *name);
size_t pp_xml_count(const pp_xml_element *parent, const char *ns, const char *name);
/* The text of the first child of that name; NULL when there is none. */
const char *pp_xml_text(const pp_xml_element *parent, const char *ns, const char *name);
const char *pp_xml_attribute_of(const pp_xml_element *element, const char *name); /* NULL: none */
/* An attribute or text that is a number; 0 when it is none. */
uint32_t pp_xml_number(const char *text);

/* Writes text with <, >, &, " and ' escaped. PIPIT_ERR_SYNTAX for what cannot stand in a document. */
int pp_xml_escape(const char *text, pp_buf *out);

#endif
