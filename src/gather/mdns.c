/* mdns.c - the messages of multicast DNS, as far as one question needs them (RFC 1035 section 4, RFC 6762 section 18). */
#include "gather/mdns.h"

#include "base/reader.h"

#define TYPE_A    1u
#define TYPE_AAAA 28u
#define CLASS_IN  1u
#define UNICAST                                                                                    \
    0x8000u /* in a question: an answer to us alone will do (section 5.4); in an answer: cache flush */
#define NAME_SIZE 255u
#define JUMPS     16u /* of compressed names in one name */

static bool is_label(pp_str label)
{
    for (size_t i = 0; i < label.n; i++) {
        char c = label.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-'))
            return false;
    }
    return label.n && label.n <= 63;
}

bool pp_mdns_is_name(pp_str name)
{
    pp_str last = PP_STR_NONE;
    size_t labels = 0;

    if (name.n > 253)
        return false;
    for (; name.p; labels++) {
        last = pp_str_split(&name, '.');
        if (!is_label(last))
            return false;
    }
    return labels >= 2 && pp_str_ieq_c(last, "local");
}

static void put_name(pp_str name, pp_buf *out)
{
    while (name.p) {
        pp_str label = pp_str_split(&name, '.');

        pp_buf_u8(out, (unsigned)label.n);
        pp_buf_str(out, label);
    }
    pp_buf_u8(out, 0);
}

void pp_mdns_write_query(pp_str name, pp_buf *out)
{
    const unsigned types[] = {TYPE_A, TYPE_AAAA};

    pp_buf_u32(out, 0); /* id and flags */
    pp_buf_u16(out, 2);
    pp_buf_u16(out, 0);
    pp_buf_u32(out, 0);
    for (size_t i = 0; i < 2; i++) {
        put_name(name, out);
        pp_buf_u16(out, types[i]);
        pp_buf_u16(out, CLASS_IN | UNICAST);
    }
}

/* RFC 1035 section 4.1.4. Leaves the reader behind the name; `out` has dots between labels. False when it is malformed. */
static bool read_name(pp_str packet, pp_reader *r, pp_buf *out)
{
    pp_reader at = *r;
    bool jumped = false;

    for (unsigned jumps = 0;;) {
        unsigned length = pp_reader_u8(&at);
        const uint8_t *label;

        if (at.failed)
            return false;
        if (length >> 6 == 3) {
            size_t to = (length & 63u) << 8 | pp_reader_u8(&at);

            if (at.failed || to >= packet.n || ++jumps > JUMPS)
                return false;
            if (!jumped)
                *r = at;
            jumped = true;
            at = pp_reader_of(packet.p + to, packet.n - to);
            continue;
        }
        label = length >> 6 ? NULL : pp_reader_bytes(&at, length);
        if (!label || out->n + length + 1 > NAME_SIZE)
            return false;
        if (!length)
            break;
        if (out->n)
            pp_buf_char(out, '.');
        pp_buf_add(out, label, length);
    }
    if (!jumped)
        *r = at;
    return true;
}

static bool read_address(unsigned type, pp_reader *data, pp_addr *out)
{
    size_t size = type == TYPE_A ? 4 : 16;
    const uint8_t *ip = type == TYPE_A || type == TYPE_AAAA ? pp_reader_bytes(data, size) : NULL;

    if (!ip || data->n)
        return false;
    *out = (pp_addr){.family = type == TYPE_A ? 4 : 6};
    memcpy(out->ip, ip, size);
    return pp_addr_is_unicast(out);
}

/* A resource record; whether it is an address of that name. Fails the reader when it is malformed. */
static bool read_record(pp_str packet, pp_reader *r, pp_str name, pp_addr *out)
{
    pp_buf owner = {0};
    bool good = read_name(packet, r, &owner), wanted;
    unsigned type = pp_reader_u16(r), class = pp_reader_u16(r);
    pp_reader data;

    pp_reader_u32(r); /* time to live */
    data = pp_reader_sub(r, pp_reader_u16(r));
    if (!good)
        r->failed = true;
    wanted = !r->failed && (class & ~UNICAST) == CLASS_IN && pp_str_ieq(pp_buf_text(&owner), name);
    pp_buf_free(&owner);
    return wanted && read_address(type, &data, out);
}

static void skip_questions(pp_str packet, pp_reader *r, unsigned count)
{
    while (count-- && !r->failed) {
        pp_buf name = {0};

        if (!read_name(packet, r, &name))
            r->failed = true;
        pp_buf_free(&name);
        pp_reader_u32(r);
    }
}

size_t pp_mdns_read_answer(pp_str packet, pp_str name, pp_addr *out, size_t max)
{
    pp_reader r = pp_reader_of(packet.p, packet.n);
    unsigned flags = (pp_reader_u16(&r), pp_reader_u16(&r));
    unsigned questions = pp_reader_u16(&r), records = pp_reader_u16(&r);
    size_t count = 0;

    records += pp_reader_u16(&r);
    records += pp_reader_u16(&r);
    if (r.failed || !(flags & 0x8000))
        return 0;
    skip_questions(packet, &r, questions);
    while (records-- && !r.failed && count < max)
        if (read_record(packet, &r, name, &out[count]))
            count++;
    return count;
}
