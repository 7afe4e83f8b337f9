/* packet.c - reading the addresses of a packet, and putting others there. */
#include "interop/nets/packet.h"

#include <string.h>

enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

/* Where its fields are. */
enum {
    AT_LENGTH = 2,
    AT_FRAGMENT = 6,
    AT_PROTOCOL = 9,
    AT_CHECKSUM = 10,
    AT_FROM = 12,
    AT_TO = 16
};
enum { IP_HEADER = 20, TCP_HEADER = 20, UDP_HEADER = 8 };
enum { TCP_CHECKSUM = 16, UDP_CHECKSUM = 6 };

static uint16_t get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static pp_addr address(const uint8_t *ip, const uint8_t *port)
{
    pp_addr a = {.family = 4, .port = get_u16(port)};

    memcpy(a.ip, ip, 4);
    return a;
}

bool packet_read(packet *out, uint8_t *data, size_t size)
{
    size_t header = size < IP_HEADER ? 0 : (size_t)(data[0] & 15) * 4;
    const uint8_t *ports = data + header;

    if (header < IP_HEADER || data[0] >> 4 != 4 || get_u16(data + AT_LENGTH) != size)
        return false;
    if (get_u16(data + AT_FRAGMENT) & 0x3fff) /* more of them, or not the first */
        return false;
    if (data[AT_PROTOCOL] != PROTOCOL_TCP && data[AT_PROTOCOL] != PROTOCOL_UDP)
        return false;
    *out = (packet){
        .data = data, .size = size, .header = header, .tcp = data[AT_PROTOCOL] == PROTOCOL_TCP};
    if (size < header + (out->tcp ? TCP_HEADER : UDP_HEADER))
        return false;
    out->from = address(data + AT_FROM, ports);
    out->to = address(data + AT_TO, ports + 2);
    return true;
}

/* --- other addresses -------------------------------------------------------------------------- */

static uint32_t add_up(uint32_t sum, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + 1 < size; i += 2)
        sum += get_u16(data + i);
    return size % 2 ? sum + ((uint32_t)data[size - 1] << 8) : sum;
}

/* RFC 1071. */
static uint16_t checksum(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void sum_up_transport(packet *p)
{
    uint8_t *transport = p->data + p->header,
            *at = transport + (p->tcp ? TCP_CHECKSUM : UDP_CHECKSUM);
    size_t size = p->size - p->header;
    uint32_t sum = add_up((uint32_t)size + p->data[AT_PROTOCOL], p->data + AT_FROM, 8);

    if (!p->tcp && get_u16(at) == 0) /* RFC 768: none was made */
        return;
    put_u16(at, 0);
    sum = checksum(add_up(sum, transport, size));
    put_u16(at, (uint16_t)(sum || p->tcp ? sum : 0xffff));
}

void packet_readdress(packet *p, const pp_addr *from, const pp_addr *to)
{
    memcpy(p->data + AT_FROM, from->ip, 4);
    memcpy(p->data + AT_TO, to->ip, 4);
    put_u16(p->data + p->header, from->port);
    put_u16(p->data + p->header + 2, to->port);
    put_u16(p->data + AT_CHECKSUM, 0);
    put_u16(p->data + AT_CHECKSUM, checksum(add_up(0, p->data, p->header)));
    sum_up_transport(p);
    p->from = *from;
    p->to = *to;
}
