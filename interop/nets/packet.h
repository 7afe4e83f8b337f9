/* packet.h - UDP and TCP in IPv4 (RFC 791, 768, 9293) as it comes from a kernel: whose it is, and with other addresses. */
#ifndef PP_NETS_PACKET_H
#define PP_NETS_PACKET_H

#include "base/addr.h"

#define PACKET_MAX 1500u

typedef struct packet {
    uint8_t *data;       /* borrowed */
    size_t size, header; /* octets of the whole, of the IP header */
    bool tcp;
    pp_addr from, to;
} packet;

/* False for what is neither, for fragments, and for what is not whole. */
bool packet_read(packet *out, uint8_t *data, size_t size);
void packet_readdress(packet *p, const pp_addr *from, const pp_addr *to);

#endif
