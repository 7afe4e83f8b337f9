/* inside.h - the grammar in memory, shared by its reader and its matcher. */
#ifndef PP_TESTS_ABNF_INSIDE_H
#define PP_TESTS_ABNF_INSIDE_H

#include "support/abnf/abnf.h"

#include <stdint.h>

typedef enum abnf_kind {
    ABNF_SET,  /* one octet of a set */
    ABNF_TEXT, /* a literal */
    ABNF_ALL,  /* one after the other */
    ABNF_ANY,  /* one of them */
    ABNF_TIMES,
    ABNF_NOT, /* an empty match where the inside does not match */
    ABNF_RULE
} abnf_kind;

typedef struct abnf_set {
    uint32_t bits[8];
} abnf_set;

typedef struct abnf_node {
    abnf_kind kind;
    unsigned child, next; /* numbers of nodes, 0: none */
    unsigned min, max;    /* of ABNF_TIMES */
    unsigned rule;        /* of ABNF_RULE */
    bool exact;           /* of ABNF_TEXT: letter case counts */
    bool greedy;          /* of ABNF_TIMES over a set: nothing behind can begin with the set */
    bool nullable;
    const char *text;
    size_t size;
    abnf_set set;    /* of ABNF_SET */
    abnf_set first;  /* octets that a match can begin with */
    abnf_set follow; /* octets that can stand behind */
} abnf_node;

typedef struct abnf_rule {
    const char *name;
    unsigned node;
    abnf_set follow;
} abnf_rule;

#define ABNF_NODES 4096u
#define ABNF_RULES 512u

typedef struct abnf_grammar {
    abnf_node nodes[ABNF_NODES]; /* the first is not used */
    abnf_rule rules[ABNF_RULES];
    unsigned node_count, rule_count;
} abnf_grammar;

/* The rules as text: NAME = ELEMENTS, as RFC 5234 has it, with two changes that suit C: literals
 * stand in single quotes (%s before them: letter case counts), and !X matches nothing where X does
 * not match. */
extern const char *const abnf_rules[];

/* Read once; ends the program with a sentence when the grammar itself is wrong. */
const abnf_grammar *abnf_grammar_get(void);
unsigned abnf_rule_find(const abnf_grammar *grammar, const char *name,
                        size_t size); /* or ABNF_RULES */

static inline bool abnf_set_has(const abnf_set *set, unsigned char c)
{
    return set->bits[c / 32] >> (c % 32) & 1;
}

#endif
