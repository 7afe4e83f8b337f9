/* candidates.c - candidates as text (RFC 8839 section 5.1). */
#include "peer/inside.h"

#include <stdio.h>

bool pp_peer_candidate(pp_peer *peer, size_t index, char out[PP_PEER_CANDIDATE])
{
    static const char *const tcp_types[] = {[PP_CANDIDATE_UDP] = "",
                                            [PP_CANDIDATE_TCP_ACTIVE] = " tcptype active",
                                            [PP_CANDIDATE_TCP_PASSIVE] = " tcptype passive"};
    const pp_ice *ice = pp_peer_newest_ice(peer);
    const pp_candidate *c = ice ? pp_ice_local(ice, index) : NULL;
    char ip[PP_ADDR_TEXT], related[PP_ADDR_TEXT] = "0.0.0.0";
    int size;

    if (!c)
        return false;
    size = snprintf(out, PP_PEER_CANDIDATE, "%s 1 %s %u %s %u typ %s%s", c->foundation,
                    c->transport == PP_CANDIDATE_UDP ? "udp" : "tcp", c->priority,
                    pp_addr_ip_text(&c->address, ip), (unsigned)c->address.port,
                    pp_candidate_type_name(c->type), tcp_types[c->transport]);
    if (c->type == PP_CANDIDATE_HOST)
        return true;
    if (c->related.family)
        pp_addr_ip_text(&c->related, related);
    snprintf(out + size, PP_PEER_CANDIDATE - (size_t)size, " raddr %s rport %u", related,
             (unsigned)c->related.port);
    return true;
}
