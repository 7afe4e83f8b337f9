/* figures.h - what was measured, as lines "NAME NUMBER" of a file, and the table of it. */
#ifndef BENCH_UA_FIGURES_H
#define BENCH_UA_FIGURES_H

/* Prints a line. */
void bench_figure(const char *name, double value);
/* Reads all lines of a file; of a name that comes several times the median is told. */
void bench_figures_table(const char *path);

#endif
