/* relays.h - what the ICE servers give a peer connection. */
#ifndef PP_PEER_RELAYS_H
#define PP_PEER_RELAYS_H

#include "gather/gather.h"
#include "peer/inside.h"

typedef struct pp_peer_relays pp_peer_relays;

/* For a new agent. Nothing when there are no servers. */
int pp_peer_ask_servers(pp_peer *peer, const pp_ice *ice);
void pp_peer_close_idle_relays(pp_peer *root); /* those of agents that are gone */
/* False when there is no such base. */
bool pp_peer_relay_send(pp_peer *root, unsigned base, const pp_addr *to, pp_str data);
/* Whether that base is a relay whose server was reached from an address that is gone. */
bool pp_peer_relay_is_stranded(pp_peer *root, unsigned base);
/* PIPIT_ERR_IO when only relayed candidates may be used and a description would have none. */
int pp_peer_check_relays(pp_peer *peer);

#endif
