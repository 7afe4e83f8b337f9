/* tcp.h - the ICE candidates of a peer connection that are over TCP (RFC 6544). To an agent each is a base like a socket. */
#ifndef PP_PEER_TCP_H
#define PP_PEER_TCP_H

#include "peer/inside.h"

/* For a new agent: what its configuration wants, on those addresses. Nothing is no error. PIPIT_ERR_MEMORY. */
int pp_peer_add_tcp(pp_peer *peer, pp_ice *ice, const pp_addr *addresses, size_t count);
/* False when there is no such base. */
bool pp_peer_tcp_send(pp_peer *root, unsigned base, const pp_addr *to, pp_str data);
bool pp_peer_tcp_is_stranded(const pp_peer *root, unsigned base);
/* Those that no agent uses, and names of agents that are gone. */
void pp_peer_close_idle_tcp(pp_peer *root, bool (*is_used)(const pp_peer *root, unsigned base));
void pp_peer_forget_tcp_names(pp_peer *root, bool (*wanted)(void *arg, const char *ufrag));

#endif
