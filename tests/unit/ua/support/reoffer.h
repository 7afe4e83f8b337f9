/* reoffer.h - offers of ours inside of a call, and what came of them. */
#ifndef PP_TESTS_UA_REOFFER_H
#define PP_TESTS_UA_REOFFER_H

#include "unit/ua/support/stage.h"

typedef struct outcome {
    unsigned calls;
    pipit_cause cause;
    bool had_response, hang_up;
} outcome;

pipit_reoffer_options reoffer_options(outcome *o);
/* Of stage_in_call(): the offer is out, in at->last. */
void hold(stage *at, outcome *o);

#endif
