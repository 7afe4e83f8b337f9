/* dice.h - chance from a seed: the same each time. The state is the seed at first. */
#ifndef PP_TESTS_DICE_H
#define PP_TESTS_DICE_H

#include "base/rng.h"

uint64_t dice_u64(uint64_t *state);
/* A generator on that state, which must outlive it. */
pp_rng dice_rng(uint64_t *state);

#endif
