/* alive.h - what a transaction costs while others are alive. */
#ifndef BENCH_UA_ALIVE_H
#define BENCH_UA_ALIVE_H

#include <stdbool.h>

/* CPU nanoseconds of a transaction (request made and sent, answer read, over) beside `alive` others. With `count` set the
 * instructions of `times` of them are left to callgrind instead, named "ALIVE TIMES", and 0 is returned. */
double bench_alive(unsigned alive, unsigned times, bool count);

#endif
