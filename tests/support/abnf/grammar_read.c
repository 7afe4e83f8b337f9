/* grammar_read.c - the grammar's text made nodes, once; then what each node can begin with and what
 * can stand behind it, so that the matcher need not try ends that lead nowhere. */
#include "support/abnf/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static abnf_grammar grammar;

static void wrong(const char *rule, const char *at)
{
    fprintf(stderr, "abnf: the grammar is wrong in '%s' at '%s'\n", rule, at);
    abort();
}

unsigned abnf_rule_find(const abnf_grammar *g, const char *name, size_t size)
{
    unsigned i = 0;

    while (i < g->rule_count &&
           (*g->rules[i].name != *name || strncmp(g->rules[i].name, name, size) != 0 ||
            g->rules[i].name[size] != ' '))
        i++;
    return i < g->rule_count ? i : ABNF_RULES;
}

/* ------------------------------------------------------------------------------------- the text */

typedef struct reading {
    const char *rule, *at;
} reading;

static unsigned new_node(reading *r, abnf_kind kind)
{
    if (++grammar.node_count >= ABNF_NODES)
        wrong(r->rule, "(too many nodes)");
    grammar.nodes[grammar.node_count].kind = kind;
    return grammar.node_count;
}

static void skip_blanks(reading *r)
{
    while (*r->at == ' ')
        r->at++;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

static unsigned read_number(reading *r, unsigned otherwise)
{
    char *end = NULL;
    unsigned long value = strtoul(r->at, &end, 10);

    if (end == r->at || *r->at < '0' || *r->at > '9')
        return otherwise;
    r->at = end;
    return (unsigned)value;
}

/* %xNN, %xNN-MM, %s'literal' */
static unsigned read_percent(reading *r, unsigned (*literal)(reading *))
{
    unsigned node;
    char *end;
    unsigned long from, to;

    if (*r->at == 's') {
        r->at++;
        node = literal(r);
        grammar.nodes[node].exact = true;
        return node;
    }
    if (*r->at++ != 'x')
        wrong(r->rule, r->at);
    from = to = strtoul(r->at, &end, 16);
    if (*end == '-')
        to = strtoul(end + 1, &end, 16);
    r->at = end;
    node = new_node(r, ABNF_SET);
    if (to > 255)
        wrong(r->rule, r->at);
    for (; from <= to; from++)
        grammar.nodes[node].set.bits[from / 32] |= 1u << (from % 32);
    return node;
}

static unsigned read_literal(reading *r)
{
    unsigned node = new_node(r, ABNF_TEXT);
    const char *end = *r->at == '\'' ? strchr(r->at + 1, '\'') : NULL;

    if (!end || end == r->at + 1)
        wrong(r->rule, r->at);
    grammar.nodes[node].text = r->at + 1;
    grammar.nodes[node].size = (size_t)(end - r->at - 1);
    r->at = end + 1;
    return node;
}

static unsigned read_any(reading *r);

static unsigned read_group(reading *r, char close)
{
    unsigned inside;

    r->at++;
    inside = read_any(r);
    if (*r->at++ != close)
        wrong(r->rule, r->at);
    return inside;
}

static unsigned read_name(reading *r)
{
    unsigned node = new_node(r, ABNF_RULE);
    size_t size = 0;

    while (is_name(r->at[size]))
        size++;
    grammar.nodes[node].rule = abnf_rule_find(&grammar, r->at, size);
    if (!size || grammar.nodes[node].rule == ABNF_RULES)
        wrong(r->rule, r->at);
    r->at += size;
    return node;
}

static unsigned read_plain(reading *r)
{
    switch (*r->at) {
    case '(':
        return read_group(r, ')');
    case '\'':
        return read_literal(r);
    case '%':
        r->at++;
        return read_percent(r, read_literal);
    default:
        return read_name(r);
    }
}

static unsigned around(reading *r, abnf_kind kind, unsigned child, unsigned min, unsigned max)
{
    unsigned node = new_node(r, kind);

    grammar.nodes[node].child = child;
    grammar.nodes[node].min = min;
    grammar.nodes[node].max = max;
    return node;
}

/* One element with what stands before it: 3DIGIT, 1*tchar, [ port ], !name. */
static unsigned read_element(reading *r)
{
    unsigned min, max;

    if (*r->at == '[')
        return around(r, ABNF_TIMES, read_group(r, ']'), 0, 1);
    if (*r->at == '!') {
        r->at++;
        return around(r, ABNF_NOT, read_plain(r), 0, 0);
    }
    if (*r->at != '*' && (*r->at < '0' || *r->at > '9'))
        return read_plain(r);
    min = max = read_number(r, 0);
    if (*r->at == '*') {
        r->at++;
        max = read_number(r, UINT32_MAX);
    }
    return around(r, ABNF_TIMES, read_plain(r), min, max);
}

/* One or more, with slashes between them or nothing. */
static unsigned read_list(reading *r, abnf_kind kind, unsigned (*read)(reading *), const char *ends,
                          bool slashes)
{
    unsigned list = new_node(r, kind), last = 0;

    for (;;) {
        unsigned node;

        skip_blanks(r);
        node = read(r);
        skip_blanks(r);
        if (last)
            grammar.nodes[last].next = node;
        else
            grammar.nodes[list].child = node;
        last = node;
        if (slashes && *r->at == '/')
            r->at++;
        else if (slashes || !*r->at || strchr(ends, *r->at))
            return list;
    }
}

static unsigned read_all(reading *r)
{
    return read_list(r, ABNF_ALL, read_element, ")]/", false);
}

static unsigned read_any(reading *r)
{
    return read_list(r, ABNF_ANY, read_all, "", true);
}

/* ------------------------------------------------------------------- sets in place of small rules */

static void unite(abnf_set *to, const abnf_set *from)
{
    for (unsigned i = 0; i < 8; i++)
        to->bits[i] |= from->bits[i];
}

static bool overlap(const abnf_set *a, const abnf_set *b)
{
    uint32_t both = 0;

    for (unsigned i = 0; i < 8; i++)
        both |= a->bits[i] & b->bits[i];
    return both != 0;
}

static void add_octet(abnf_set *set, char c, bool exact)
{
    unsigned char octet = (unsigned char)c, other = octet;

    if (!exact && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
        other ^= 0x20;
    set->bits[octet / 32] |= 1u << (octet % 32);
    set->bits[other / 32] |= 1u << (other % 32);
}

/* Whether the node has become one octet of a set. */
static bool become_set(abnf_node *node)
{
    const abnf_node *child = &grammar.nodes[node->child];
    abnf_set set = {{0}};

    if (node->kind == ABNF_TEXT && node->size == 1)
        add_octet(&set, *node->text, node->exact);
    else if (node->kind == ABNF_RULE &&
             grammar.nodes[grammar.rules[node->rule].node].kind == ABNF_SET)
        set = grammar.nodes[grammar.rules[node->rule].node].set;
    else if (node->kind == ABNF_ALL && !child->next && child->kind == ABNF_SET)
        set = child->set;
    else if (node->kind != ABNF_ANY)
        return false;
    for (unsigned i = node->kind == ABNF_ANY ? node->child : 0; i; i = grammar.nodes[i].next) {
        if (grammar.nodes[i].kind != ABNF_SET)
            return false;
        unite(&set, &grammar.nodes[i].set);
    }
    node->kind = ABNF_SET;
    node->set = set;
    return true;
}

static void find_sets(void)
{
    for (bool more = true; more;) {
        more = false;
        for (unsigned i = 1; i <= grammar.node_count; i++)
            more |= grammar.nodes[i].kind != ABNF_SET && become_set(&grammar.nodes[i]);
    }
}

/* ------------------------------------------------------------------- what begins, what follows */

static void look_first(abnf_node *node)
{
    const abnf_node *child = &grammar.nodes[node->child];
    const abnf_node *target = &grammar.nodes[grammar.rules[node->rule].node];

    switch (node->kind) {
    case ABNF_SET:
        node->first = node->set;
        break;
    case ABNF_TEXT:
        add_octet(&node->first, *node->text, node->exact);
        break;
    case ABNF_RULE:
        unite(&node->first, &target->first);
        node->nullable = target->nullable;
        break;
    case ABNF_NOT:
        node->nullable = true;
        break;
    case ABNF_TIMES:
        unite(&node->first, &child->first);
        node->nullable = !node->min || child->nullable;
        break;
    case ABNF_ANY:
        for (unsigned i = node->child; i; i = grammar.nodes[i].next) {
            unite(&node->first, &grammar.nodes[i].first);
            node->nullable |= grammar.nodes[i].nullable;
        }
        break;
    case ABNF_ALL:
        node->nullable = true;
        for (unsigned i = node->child; i && node->nullable; i = grammar.nodes[i].next) {
            unite(&node->first, &grammar.nodes[i].first);
            node->nullable = grammar.nodes[i].nullable;
        }
        break;
    }
}

/* Hands what follows a node to those inside it. What a !X looks at is never cut short: it sees
 * anything behind it. */
static void look_follow(const abnf_node *node)
{
    abnf_set behind = node->follow;

    if (node->kind == ABNF_RULE)
        unite(&grammar.rules[node->rule].follow, &behind);
    if (node->kind == ABNF_NOT)
        memset(&behind, 0xFF, sizeof(behind));
    if (node->kind == ABNF_TIMES && node->max > 1)
        unite(&behind, &grammar.nodes[node->child].first);
    for (unsigned i = node->child; i; i = grammar.nodes[i].next) {
        abnf_set own = behind;

        if (node->kind == ABNF_ALL) {
            unsigned next = grammar.nodes[i].next;

            memset(&own, 0, sizeof(own));
            for (; next; next = grammar.nodes[next].next) {
                unite(&own, &grammar.nodes[next].first);
                if (!grammar.nodes[next].nullable)
                    break;
            }
            if (!next)
                unite(&own, &behind);
        }
        unite(&grammar.nodes[i].follow, &own);
    }
}

static void look_ahead(void)
{
    for (unsigned turn = 0; turn < 100; turn++) /* far more than the grammar is deep */
        for (unsigned i = grammar.node_count; i; i--)
            look_first(&grammar.nodes[i]);
    for (unsigned turn = 0; turn < 100; turn++) {
        for (unsigned i = 1; i <= grammar.node_count; i++)
            look_follow(&grammar.nodes[i]);
        for (unsigned i = 0; i < grammar.rule_count; i++)
            unite(&grammar.nodes[grammar.rules[i].node].follow, &grammar.rules[i].follow);
    }
    for (unsigned i = 1; i <= grammar.node_count; i++) {
        abnf_node *node = &grammar.nodes[i];

        node->greedy = node->kind == ABNF_TIMES && node->max == UINT32_MAX &&
                       grammar.nodes[node->child].kind == ABNF_SET &&
                       !overlap(&node->follow, &grammar.nodes[node->child].set);
    }
}

const abnf_grammar *abnf_grammar_get(void)
{
    if (grammar.rule_count)
        return &grammar;
    while (abnf_rules[grammar.rule_count] && grammar.rule_count < ABNF_RULES) {
        grammar.rules[grammar.rule_count].name = abnf_rules[grammar.rule_count];
        grammar.rule_count++;
    }
    for (unsigned i = 0; i < grammar.rule_count; i++) {
        const char *equals = strstr(abnf_rules[i], " = ");
        reading r = {abnf_rules[i], equals ? equals + 3 : abnf_rules[i]};

        grammar.rules[i].node = read_any(&r);
        if (!equals || *r.at)
            wrong(r.rule, r.at);
    }
    find_sets();
    look_ahead();
    return &grammar;
}
