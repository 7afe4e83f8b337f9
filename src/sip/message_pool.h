/* message_pool.h - memory of messages that are gone, for those that come and go: in the steady state a message costs no heap call.
 * A pool belongs to one thread, as its messages do. */
#ifndef PP_SIP_MESSAGE_POOL_H
#define PP_SIP_MESSAGE_POOL_H

#include "base/loop.h"
#include "sip/marks.h"
#include "sip/message.h"

typedef struct pp_message_pool pp_message_pool;

/* Keeps the memory of `spare` messages at most. */
int pp_message_pool_new(size_t spare, pp_message_pool **out);
/* The one that all on a loop share, made for the first and freed by the last: the memory of idle user agents is small. */
int pp_message_pool_share(pipit_loop *loop, pp_message_pool **out);
/* Messages of it may still be there: it goes with the last of them. NULL is fine; returns NULL. */
pp_message_pool *pp_message_pool_free(pp_message_pool *pool);

/* pp_message_parse() into the pool's memory; NULL: from the heap. */
int pp_message_parse_pooled(pp_message_pool *pool, const pp_wire *wire, pp_message **out);

/* The same by the marks that `find` finds, or without any (NULL): for tests, since what comes out is the same. */
int pp_message_parse_with(pp_marks_finder *find, pp_message_pool *pool, pp_str wire,
                          pp_message **out);

/* For the files of messages: so many octets, not cleared, and their way back. */
void *pp_message_pool_take(pp_message_pool *pool, size_t size);
void pp_message_pool_give(void *memory);
/* The pool such memory is of, for what is made of the message in it; NULL: none. */
pp_message_pool *pp_message_pool_of(const void *memory);

#endif
