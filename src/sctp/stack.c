/* stack.c - usrsctp, of which a process has one. It is never given back: it cannot be while another thread may be about to use it. */
#include "sctp/stack.h"

#include <pthread.h>
#include <stdbool.h>
#include <usrsctp.h>

#define PLACES 64u /* lists of associations by their numbers */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool made;
static pp_sctp_place *places[PLACES];
static size_t count;
static uintptr_t last_number;
static uint64_t last_us; /* up to when the timers have run */

static pp_sctp_place **list_of(uintptr_t number)
{
    return &places[number % PLACES];
}

/* What is left of an association that has gone may still want to send. */
static int output(void *number, void *packet, size_t size, uint8_t tos, uint8_t set_df)
{
    pp_sctp_place *place = *list_of((uintptr_t)number);

    (void)tos;
    (void)set_df;
    while (place && place->number != (uintptr_t)number)
        place = place->next;
    if (place)
        place->output(place, packet, size);
    return 0;
}

static void make(void)
{
    usrsctp_init_nothreads(0, output, NULL);
    usrsctp_sysctl_set_sctp_ecn_enable(0); /* ECN is IP's, of which it sees nothing */
    usrsctp_sysctl_set_sctp_asconf_enable(0);
    usrsctp_sysctl_set_sctp_auth_enable(0); /* DTLS does that */
    usrsctp_sysctl_set_sctp_nr_outgoing_streams_default(16);
    made = true;
}

void pp_sctp_stack_lock(void)
{
    pthread_mutex_lock(&lock);
    if (!made)
        make();
}

void pp_sctp_stack_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

void pp_sctp_stack_enter(pp_sctp_place *place, uint64_t now_us)
{
    pp_sctp_place **list;

    if (count++ == 0)
        last_us = now_us; /* nobody had a timer */
    place->number = ++last_number;
    list = list_of(place->number);
    place->previous = NULL;
    place->next = *list;
    if (place->next)
        place->next->previous = place;
    *list = place;
    usrsctp_register_address((void *)place->number); // NOLINT: a number in a pointer's clothes
}

void pp_sctp_stack_leave(pp_sctp_place *place)
{
    if (!place->number)
        return;
    usrsctp_deregister_address((void *)place->number); // NOLINT: as above
    if (place->previous)
        place->previous->next = place->next;
    else
        *list_of(place->number) = place->next;
    if (place->next)
        place->next->previous = place->previous;
    place->number = 0;
    count--;
}

void pp_sctp_stack_advance(uint64_t now_us)
{
    uint64_t elapsed_ms = now_us > last_us ? (now_us - last_us) / 1000 : 0;

    if (elapsed_ms == 0)
        return;
    last_us += elapsed_ms * 1000;
    usrsctp_handle_timers(elapsed_ms < UINT32_MAX ? (uint32_t)elapsed_ms : UINT32_MAX);
}
