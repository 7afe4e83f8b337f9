/* time_of_day.h - the time of day as a simulation has it, for libraries that ask the system: usrsctp does. */
#ifndef PP_TESTS_TIME_OF_DAY_H
#define PP_TESTS_TIME_OF_DAY_H

#include "support/sim.h"

/* NULL: the system's again. */
void time_of_day_from(const sim *s);

#endif
