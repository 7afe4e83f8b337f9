/* party.h - a user agent that another program commands, with as many calls as come to it. */
#ifndef INTEROP_PARTY_H
#define INTEROP_PARTY_H

#include "interop/kamailio/agent.h"

typedef enum party_manner { PARTY_ANSWERS, PARTY_RINGS, PARTY_REFUSES } party_manner;

/* A call of it. */
typedef struct leg {
    struct leg *next;
    struct party *of;
    char name[16];
    pipit_session *session;
    unsigned loud; /* samples of the far end's tone that were heard */
    bool holds;    /* as soon as the far end has described its media */
} leg;

typedef struct party_options {
    via over;
    int port;
    party_manner manner;
    bool unregistered;
    bool refreshes; /* the sessions of its calls */
    bool plain;     /* media that only agree, see plain.h */
} party_options;

typedef struct party {
    struct party *next;
    agent agent;
    char name[16]; /* the account as well */
    party_options how;
    party_manner manner;
    leg *legs;
    unsigned came; /* calls that came or that we were referred to */
} party;

/* Starts one for an account; its name becomes a part of every line. @return NULL with a reason at the stage */
party *party_start(stage *s, const char *name, const party_options *how);
/* Ends and frees it. @return the one after it */
party *party_stop(party *it);
/* @return the call of that name, NULL for none */
leg *party_leg(const party *it, const char *name);
/* Options of a call from it: "-", or "offerless", "timers" (60 s), "redirects" (one is followed) and "holds-early" with commas between.
 * @return 0 or PIPIT_ERR_* */
int party_call(party *it, const char *name, const char *target, const char *options);
int party_answer(leg *one);
/* A 183 with a description. */
int party_progress(leg *one);
/* `replaces`: NULL for a blind transfer */
int party_refer(leg *one, const char *target, const leg *replaces);
/* The outcome of a request inside the call becomes a line. */
void party_outcome(pipit_session *session, const pipit_outcome *outcome, void *user);

#endif
