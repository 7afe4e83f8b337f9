/* cases.h - what is proved against Kamailio. Each case gives whether it holds; a reason or figures are with the stage. */
#ifndef INTEROP_CASES_H
#define INTEROP_CASES_H

#include "interop/kamailio/stage.h"

typedef struct test_case {
    const char *name; /* NULL ends a table */
    bool (*run)(stage *s, int parameter);
    int parameter;
} test_case;

extern const test_case registration_cases[];
extern const test_case message_cases[];
extern const test_case call_cases[];
extern const test_case subscription_cases[];
extern const test_case presence_cases[];
extern const test_case outbound_cases[];
extern const test_case recovery_cases[];
extern const test_case long_cases[]; /* take too long for every day */

#endif
