/* stack.h - usrsctp, of which a process has one: who may be in it, its time, and which association a packet of it is of.
 *
 * It has locks of its own, but its timers run for all associations at once. So one lock of ours is held around every call, by
 * whatever thread, and what it calls back is only written down: the thread of the association's loop looks at it later. */
#ifndef PP_SCTP_STACK_H
#define PP_SCTP_STACK_H

#include <stddef.h>
#include <stdint.h>

/* usrsctp's address of an association. It is no pointer: usrsctp shows it to the peer in its cookie. */
typedef struct pp_sctp_place {
    uintptr_t number; /* 0: none */
    void (*output)(struct pp_sctp_place *place, const uint8_t *packet, size_t size);
    struct pp_sctp_place *next, *previous;
} pp_sctp_place;

/* All that follow are called with the lock held; the first call makes the stack. */
void pp_sctp_stack_lock(void);
void pp_sctp_stack_unlock(void);
void pp_sctp_stack_enter(pp_sctp_place *place, uint64_t now_us);
void pp_sctp_stack_leave(pp_sctp_place *place);
/* Runs the timers that are due. Loops have the same clock; one that is behind changes nothing. */
void pp_sctp_stack_advance(uint64_t now_us);

#endif
