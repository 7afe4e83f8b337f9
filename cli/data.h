/* data.h - the data channels of a call: told of, and what comes in them sent back. */
#ifndef CLI_DATA_H
#define CLI_DATA_H

#include "cli/talk.h"

/* One that the far end opened. */
void data_follow(talk *t, pipit_data_channel *channel);
/* One of ours, "pipit", that says hello. */
void data_open(talk *t);
/* They say nothing more: what they have to comes when the talk may be gone. */
void data_forget(talk *t);

#endif
