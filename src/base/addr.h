/* addr.h - an IP address and port, IPv4 or IPv6, comparable and printable. */
#ifndef PP_BASE_ADDR_H
#define PP_BASE_ADDR_H

#include "base/str.h"

#include <netinet/in.h>
#include <sys/socket.h>

typedef struct pp_addr {
    uint8_t family; /* 4, 6, or 0 for none */
    uint16_t port;
    uint32_t scope; /* interface of an IPv6 link-local address */
    uint8_t ip[16]; /* network order; the first 4 for IPv4 */
} pp_addr;

#define PP_ADDR_TEXT 64 /* room for any address as text, brackets, scope and port */

/* An IP literal without brackets ("192.0.2.1", "2001:db8::1"). False when it is no literal. */
bool pp_addr_parse(pp_str text, uint16_t port, pp_addr *out);
/* "192.0.2.1" alone: four numbers up to 255 without leading zeros. */
bool pp_addr_parse_v4(pp_str text, uint8_t ip[4]);
bool pp_addr_eq(const pp_addr *a, const pp_addr *b); /* family, address and port */
bool pp_addr_same_ip(const pp_addr *a, const pp_addr *b);
bool pp_addr_is_loopback(const pp_addr *a);
bool pp_addr_is_link_local(const pp_addr *a);
bool pp_addr_is_any(const pp_addr *a);     /* 0.0.0.0 or :: */
bool pp_addr_is_unicast(const pp_addr *a); /* none of multicast, broadcast, unspecified */
/* "192.0.2.1" or "2001:db8::1"; returns `out`, which holds PP_ADDR_TEXT. */
char *pp_addr_ip_text(const pp_addr *a, char *out);
/* "192.0.2.1:5060" or "[2001:db8::1]:5060". */
char *pp_addr_text(const pp_addr *a, char *out);
socklen_t pp_addr_to_sockaddr(const pp_addr *a, struct sockaddr_storage *out);
bool pp_addr_from_sockaddr(const struct sockaddr *in,
                           pp_addr *out); /* ::ffff:a.b.c.d becomes IPv4 */

#endif
