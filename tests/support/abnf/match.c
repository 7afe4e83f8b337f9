/* match.c - all ends that a rule can reach from a place, as a set: no choice is ever taken back, and
 * what a rule reaches from a place is found once, so that any text takes polynomial time. */
#include "support/abnf/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 2000u /* of rules in rules: a comment in a comment … */

typedef struct memo { /* what rule r reaches from place p, at r * (size + 1) + p */
    uint32_t turn, from, count;
} memo;

typedef struct matching {
    const abnf_grammar *grammar;
    const unsigned char *text;
    size_t size, furthest;
    unsigned depth;
    uint32_t *ends; /* a stack */
    size_t top, capacity;
} matching;

/* Kept from one text to the next: the stamp of the turn tells which entries count. */
static struct {
    memo *entries;
    size_t capacity;
    uint32_t *ends;
    size_t ends_used, ends_capacity;
    uint32_t turn;
    uint32_t *stack;
    size_t stack_capacity;
} kept;

static void *grown(void *array, size_t *capacity, size_t wanted, size_t element)
{
    size_t before = *capacity;

    if (wanted <= before)
        return array;
    *capacity = wanted * 2;
    array = realloc(array, *capacity * element);
    if (!array)
        abort();
    memset((char *)array + before * element, 0, (*capacity - before) * element);
    return array;
}

static void push(matching *m, size_t end)
{
    m->ends = grown(m->ends, &m->capacity, m->top + 1, sizeof(*m->ends));
    m->ends[m->top++] = (uint32_t)end;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Sorts what lies from `base` on and drops doubles. */
static void tidy(matching *m, size_t base)
{
    size_t kept_to = base;

    if (m->top - base < 2)
        return;
    qsort(m->ends + base, m->top - base, sizeof(*m->ends), by_value);
    for (size_t i = base; i < m->top; i++)
        if (i == base || m->ends[i] != m->ends[kept_to - 1])
            m->ends[kept_to++] = m->ends[i];
    m->top = kept_to;
}

static void match(matching *m, unsigned number, size_t at);

static void reached(matching *m, size_t at)
{
    if (at > m->furthest)
        m->furthest = at;
}

static void match_text(matching *m, const abnf_node *node, size_t at)
{
    if (m->size - at < node->size)
        return;
    for (size_t i = 0; i < node->size; i++) {
        unsigned char a = m->text[at + i], b = (unsigned char)node->text[i];
        bool letter = (a | 0x20) >= 'a' && (a | 0x20) <= 'z' && !node->exact;

        if (letter ? (a | 0x20) != (b | 0x20) : a != b)
            return;
        reached(m, at + i + 1);
    }
    push(m, at + node->size);
}

/* Replaces the ends from `base` on by all that `number` reaches from them. */
static void step(matching *m, unsigned number, size_t base)
{
    size_t before = m->top;

    for (size_t i = base; i < before; i++)
        match(m, number, m->ends[i]);
    memmove(m->ends + base, m->ends + before, (m->top - before) * sizeof(*m->ends));
    m->top = base + (m->top - before);
    tidy(m, base);
}

static void match_times_set(matching *m, const abnf_node *node, size_t at)
{
    const abnf_set *set = &m->grammar->nodes[node->child].set;
    size_t count = 0;

    while (count < node->max && at + count < m->size && abnf_set_has(set, m->text[at + count]))
        count++;
    reached(m, at + count);
    for (size_t i = node->greedy ? count : node->min; i <= count && count >= node->min; i++)
        push(m, at + i);
}

/* Drops from what lies behind `fresh` on that is among the ends before it; they begin at `base`. */
static void drop_known(matching *m, size_t base, size_t fresh)
{
    size_t keep = fresh;
    uint32_t max = 0;

    for (size_t i = base; i < fresh; i++)
        max = m->ends[i] > max ? m->ends[i] : max;
    for (size_t i = fresh; i < m->top; i++) {
        size_t k = base;

        while (m->ends[i] <= max && k < fresh && m->ends[k] != m->ends[i])
            k++;
        if (m->ends[i] > max || k == fresh)
            m->ends[keep++] = m->ends[i];
    }
    m->top = keep;
    tidy(m, fresh);
}

/* Level by level: an end that was reached with fewer turns is not looked at again. */
static void match_times(matching *m, const abnf_node *node, size_t at)
{
    size_t base = m->top, level = base;

    push(m, at);
    for (unsigned i = 0; i < node->min; i++)
        step(m, node->child, base);
    for (unsigned i = node->min; i < node->max && level < m->top; i++) {
        size_t fresh = m->top;

        for (; level < fresh; level++)
            match(m, node->child, m->ends[level]);
        drop_known(m, base, fresh);
    }
    tidy(m, base);
}

static void match_rule(matching *m, const abnf_node *node, size_t at)
{
    size_t key = node->rule * (m->size + 1) + at, base = m->top;
    memo *entry = &kept.entries[key];

    if (entry->turn != kept.turn) {
        if (++m->depth < DEPTH_MAX)
            match(m, m->grammar->rules[node->rule].node, at);
        m->depth--;
        kept.ends = grown(kept.ends, &kept.ends_capacity, kept.ends_used + (m->top - base),
                          sizeof(*kept.ends));
        if (m->top > base)
            memcpy(kept.ends + kept.ends_used, m->ends + base, (m->top - base) * sizeof(*m->ends));
        entry->turn = kept.turn;
        entry->from = (uint32_t)kept.ends_used;
        entry->count = (uint32_t)(m->top - base);
        kept.ends_used += m->top - base;
        return;
    }
    for (uint32_t i = 0; i < entry->count; i++)
        push(m, kept.ends[entry->from + i]);
}

static void match(matching *m, unsigned number, size_t at)
{
    const abnf_node *node = &m->grammar->nodes[number];
    size_t base = m->top;

    if (!node->nullable && (at == m->size || !abnf_set_has(&node->first, m->text[at])))
        return;
    switch (node->kind) {
    case ABNF_SET:
        reached(m, at + 1);
        push(m, at + 1);
        break;
    case ABNF_TEXT:
        match_text(m, node, at);
        break;
    case ABNF_RULE:
        match_rule(m, node, at);
        break;
    case ABNF_ANY:
        for (unsigned i = node->child; i; i = m->grammar->nodes[i].next)
            match(m, i, at);
        tidy(m, base);
        break;
    case ABNF_ALL:
        push(m, at);
        for (unsigned i = node->child; i && m->top > base; i = m->grammar->nodes[i].next)
            step(m, i, base);
        break;
    case ABNF_TIMES:
        if (m->grammar->nodes[node->child].kind == ABNF_SET)
            match_times_set(m, node, at);
        else
            match_times(m, node, at);
        break;
    case ABNF_NOT:
        match(m, node->child, at);
        if (m->top > base)
            m->top = base;
        else
            push(m, at);
        break;
    }
}

bool abnf_has_rule(const char *rule)
{
    return abnf_rule_find(abnf_grammar_get(), rule, strlen(rule)) != ABNF_RULES;
}

bool abnf_matches(const char *rule, const char *text, size_t size, char *why, size_t room)
{
    const abnf_grammar *grammar = abnf_grammar_get();
    matching m = {grammar, (const unsigned char *)text, size, 0, 0, kept.stack,
                  0,       kept.stack_capacity};
    unsigned number = abnf_rule_find(grammar, rule, strlen(rule));
    bool whole;

    if (number == ABNF_RULES)
        abort();
    kept.turn++;
    kept.ends_used = 0;
    kept.entries = grown(kept.entries, &kept.capacity, grammar->rule_count * (size + 1),
                         sizeof(*kept.entries));
    match(&m, grammar->rules[number].node, 0);
    whole = m.top && m.ends[m.top - 1] == size;
    kept.stack = m.ends;
    kept.stack_capacity = m.capacity;
    if (!whole)
        snprintf(why, room, "no %s beyond octet %zu of '%.*s'", rule, m.furthest,
                 size < 400 ? (int)size : 400, text);
    return whole;
}
