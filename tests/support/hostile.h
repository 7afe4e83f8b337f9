/* hostile.h - texts that try to be more than the text of one field. */
#ifndef PP_TESTS_HOSTILE_H
#define PP_TESTS_HOSTILE_H

#include <stddef.h>

size_t hostile_texts(void); /* how many there are */
void hostile_text(size_t index, char *out, size_t room);

#endif
