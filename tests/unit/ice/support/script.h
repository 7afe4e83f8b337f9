/* script.h - one agent in virtual time against a peer whose packets the test makes by hand. */
#ifndef PP_TESTS_ICE_SCRIPT_H
#define PP_TESTS_ICE_SCRIPT_H

#include "ice/ice.h"
#include "stun/stun.h"
#include "support/files.h"

#define MS     1000u
#define SECOND 1000000u

#define THEIR_UFRAG "Ys7j"
#define THEIR_PWD   "SOt271GJid80FfvkSyoDdLw7"
#define WRONG_PWD   "wrongwrongwrongwrongwrong"

#define SENT_MAX 512

typedef struct sent {
    unsigned base;
    pp_addr to;
    size_t size;
    uint8_t data[600];
    pp_stun stun;
} sent;

typedef struct script {
    pp_ice *ice;  /* at 192.0.2.1:5000 */
    pp_addr peer; /* 198.51.100.7:7000 */
    uint64_t now_us, seed;
    pp_rng rng;
    sent log[SENT_MAX];
    size_t count; /* packets sent, of which the newest SENT_MAX are in the log */
    size_t octets;
    size_t changes;     /* of state */
    unsigned reflexive; /* questions to STUN servers that are over */
} script;

pp_addr address(const char *ip, uint16_t port);

/* begin() in two steps: no agent yet; the agent, or why there is none. */
script *script_new(void);
int script_open(script *s, bool controlling);
script *begin(bool controlling, bool with_remote);
/* One that controls and has just sent its first check to the peer. */
script *begin_checking(void);
void script_free(script *s);

/* The peer's description came. */
void set_remote(script *s, const char *ufrag, bool lite);
void add_remote(script *s, const char *ip, uint16_t port, uint32_t priority);
void advance(script *s, uint64_t us);
pp_str our_pwd(const script *s);

/* A request of the peer, as Chromium sends it when it controls; its username is in a static buffer. */
pp_stun request(script *s);
/* The answer to what we sent. */
pp_stun success(const sent *to);
void receive(script *s, const pp_addr *from, const pp_buf *packet);
/* `key` PP_STR_NONE: without integrity. */
void deliver(script *s, const pp_addr *from, const pp_stun *m, pp_str key);
void check_from(script *s, const pp_addr *from, bool use_candidate);
/* Answers our newest check of that address. */
void answer(script *s, const pp_addr *from);

const sent *last(const script *s);
/* The newest request that went to that address. */
const sent *request_to(const script *s, const pp_addr *to);
void assert_remote(const script *s, const pp_addr *expected);

#endif
