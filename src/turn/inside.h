/* inside.h - the inside of a TURN client, shared by the files of this folder. */
#ifndef PP_TURN_INSIDE_H
#define PP_TURN_INSIDE_H

#include "base/limits.h"
#include "base/timers.h"
#include "turn/message.h"
#include "turn/turn.h"

#define PP_TURN_S             1000000u
#define PP_TURN_RTO_US        500000u               /* RFC 8489 section 6.2.1 */
#define PP_TURN_TRANSMISSIONS 7u                    /* Rc */
#define PP_TURN_LAST_WAIT     16u                   /* Rm, in times of the RTO */
#define PP_TURN_STREAM_US     (79 * PP_TURN_RTO_US) /* Ti, section 6.2.2: as long as all of them */
#define PP_TURN_CHALLENGES    3u                    /* nonces that one request may be sent with */
#define PP_TURN_LIFETIME_S    600u /* RFC 8656 section 3.2, where the server does not say */
#define PP_TURN_MARGIN_S      60u  /* an allocation is refreshed so long before it ends */
#define PP_TURN_RENEW_US                                                                           \
    (240u * PP_TURN_S) /* a permission lasts 300 s (section 9), a channel 600 s (section 12) */

#define PP_TURN_KEEP_US                                                                            \
    (15u * PP_TURN_S) /* a NAT forgets a way that is quiet for 30 s (RFC 8445 section 11) */

/* A request that waits for its answer. Its kind is its method. */
typedef struct pp_turn_request {
    unsigned method; /* 0: none is under way */
    uint8_t id[12];
    bool sealed; /* went with credentials */
    unsigned transmissions, challenges;
    uint64_t due_us, wait_us;
} pp_turn_request;

typedef enum pp_turn_permission {
    PP_TURN_NOT_ASKED,
    PP_TURN_GRANTED,
    PP_TURN_REFUSED /* for good: the server does not relay there */
} pp_turn_permission;

typedef struct pp_turn_peer {
    pp_addr address;
    pp_turn_permission permission;
    uint16_t channel; /* 0: none was asked for */
    bool bound, unbindable;
    pp_turn_request request;
    uint64_t renew_us,
        used_us;   /* when the permission is asked for again; when something was sent last */
    char *waiting; /* a datagram, until the permission is there */
    size_t waiting_size;
} pp_turn_peer;

typedef enum pp_turn_state {
    PP_TURN_NEW,
    PP_TURN_ALLOCATING,
    PP_TURN_ALLOCATED,
    PP_TURN_OVER, /* failed, or closed */
    PP_TURN_FREED
} pp_turn_state;

struct pp_turn {
    const pp_rng *rng;
    const pp_turn_handlers *handlers;
    void *arg;
    unsigned depth; /* calls under way: released when the last one returns */
    pp_turn_state state;
    bool stream, also_ipv6;

    /* credentials.c */
    char *username, *credential, *realm, *nonce, *algorithms;
    size_t algorithms_size;
    unsigned algorithm; /* of the key; 0: no challenge has come */
    bool anonymous;     /* the user name goes as a digest */
    uint8_t key[PP_STUN_MAC_MAX];
    size_t key_size;

    pp_turn_request request; /* Allocate or Refresh */
    uint64_t refresh_us;
    pp_addr relayed[2], mapped;

    pp_turn_peer *peers[PP_LIMIT_TURN_PEERS];
    size_t peer_count;
    unsigned next_channel;

    pp_buf in;     /* of a stream: what is not a whole message yet */
    pp_buf packet; /* reused for each that goes */
    bool spoke;    /* something went since keep_us was set */
    uint64_t keep_us;
};

/* turn.c. Around everything that may call a handler; leave may release. */
void pp_turn_enter(pp_turn *turn);
void pp_turn_leave(pp_turn *turn);
void pp_turn_fail(pp_turn *turn, int code, const char *reason, const pp_addr *alternate);
void pp_turn_transmit(pp_turn *turn); /* turn->packet */
static inline bool pp_turn_is_live(const pp_turn *turn)
{
    return turn->state == PP_TURN_ALLOCATING || turn->state == PP_TURN_ALLOCATED;
}

/* credentials.c. From a 401 or 438: false when it cannot be answered and is to be taken for none. */
bool pp_turn_challenged(pp_turn *turn, const pp_turn_message *challenge);
void pp_turn_put_credentials(const pp_turn *turn, pp_buf *out);
pp_stun_seal pp_turn_seal(const pp_turn *turn); /* key NULL while there was no challenge */
void pp_turn_forget_credentials(pp_turn *turn);

/* request.c. `peer` is NULL for Allocate and Refresh. */
void pp_turn_ask(pp_turn *turn, pp_turn_peer *peer, unsigned method, uint64_t now_us);
void pp_turn_run_request(pp_turn *turn, pp_turn_peer *peer, uint64_t now_us);
void pp_turn_answered(pp_turn *turn, const pp_turn_message *message, uint64_t now_us);
/* Writes into turn->packet. */
int pp_turn_write_request(pp_turn *turn, const pp_turn_peer *peer, pp_turn_request *request,
                          uint32_t lifetime_s);

/* allocation.c: how Allocate and Refresh end. `message` NULL: nobody answered. */
void pp_turn_allocation_answered(pp_turn *turn, unsigned method, const pp_turn_message *message,
                                 uint64_t now_us);
/* peer.c */
void pp_turn_peer_answered(pp_turn *turn, pp_turn_peer *peer, unsigned method,
                           const pp_turn_message *message, uint64_t now_us);
void pp_turn_run_peers(pp_turn *turn, uint64_t now_us);
void pp_turn_forget_peers(pp_turn *turn);
pp_turn_peer *pp_turn_peer_on(const pp_turn *turn,
                              unsigned channel); /* NULL when it is not bound */
bool pp_turn_permits(const pp_turn *turn, const pp_addr *address);

/* data.c */
void pp_turn_relay(pp_turn *turn, const pp_turn_peer *peer, const void *data, size_t size);
void pp_turn_indicated(pp_turn *turn, const pp_turn_message *message);
void pp_turn_channel_data(pp_turn *turn, const uint8_t *data, size_t size);

#endif
