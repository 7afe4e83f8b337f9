/* name_server.c - a tiny DNS server: one question in, all records of its name and type out. */
#include "support/name_server.h"

#include "base/buf.h"
#include "support/files.h"

#include <stdio.h>

enum { TYPE_A = 1, TYPE_AAAA = 28, TYPE_SRV = 33, TYPE_NAPTR = 35 };

#define HEADER  12u
#define NO_NAME 3u /* RCODE NXDOMAIN */
#define LONGEST 255u

/* The dotted form of the name at `at`; the index behind it, 0 when it is none. */
static size_t read_name(const uint8_t *data, size_t size, size_t at, char *out)
{
    size_t n = 0;

    while (at < size && data[at]) {
        size_t label = data[at++];

        if (label > 63 || at + label > size || n + label + 2 > LONGEST)
            return 0;
        if (n)
            out[n++] = '.';
        memcpy(out + n, data + at, label);
        n += label;
        at += label;
    }
    out[n] = '\0';
    return at < size ? at + 1 : 0;
}

static void write_name(pp_buf *out, const char *name)
{
    pp_str rest = pp_str_c(name);

    while (rest.n) {
        pp_str label = pp_str_split(&rest, '.');

        pp_buf_u8(out, (unsigned)label.n);
        pp_buf_str(out, label);
    }
    pp_buf_u8(out, 0);
}

static void write_text(pp_buf *out, const char *text)
{
    pp_buf_u8(out, (unsigned)strlen(text));
    pp_buf_c(out, text);
}

static void write_record(pp_buf *out, const name_server_record *r)
{
    size_t at;

    pp_buf_u16(out, 0xC000 | HEADER); /* the name of the question */
    pp_buf_u16(out, r->type);
    pp_buf_u16(out, 1);
    pp_buf_u32(out, 60);
    at = out->n;
    pp_buf_u16(out, 0);
    if (r->type == TYPE_A || r->type == TYPE_AAAA) {
        pp_buf_add(out, r->address.ip, r->type == TYPE_A ? 4 : 16);
    } else {
        pp_buf_u16(out, r->record.order);
        pp_buf_u16(out, r->record.preference);
        if (r->type == TYPE_SRV) {
            pp_buf_u16(out, r->record.port);
        } else {
            write_text(out, r->record.flags);
            write_text(out, r->record.service);
            write_text(out, "");
        }
        write_name(out, r->record.name);
    }
    pp_buf_set_u16(out, at, (unsigned)(out->n - at - 2));
}

static void answer(name_server *s, const pp_addr *from, const uint8_t *query, size_t size)
{
    char name[LONGEST + 1];
    size_t end = read_name(query, size, HEADER, name);
    unsigned type, found = 0;
    pp_buf out = {0};

    if (end == 0 || end + 4 > size)
        return;
    type = (unsigned)query[end] << 8 | query[end + 1];
    pp_buf_add(&out, query, end + 4);
    for (size_t i = 0; i < s->count; i++)
        if (s->records[i].type == type && pp_str_ieq_c(pp_str_c(name), s->records[i].name)) {
            write_record(&out, &s->records[i]);
            found++;
        }
    pp_buf_set_u16(&out, 2, 0x8180u | (found ? 0 : NO_NAME));
    pp_buf_set_u16(&out, 6, found);
    pp_buf_set_u16(&out, 8, 0);
    pp_buf_set_u16(&out, 10, 0); /* the extension it may have asked with */
    assert_int_equal(pp_buf_error(&out), 0);
    pp_udp_send(s->udp, from, out.p, out.n);
    pp_buf_free(&out);
}

static void on_query(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    name_server *s = arg;

    s->asked++;
    if (!s->mute && size > HEADER)
        answer(s, from, data, size);
}

const char *name_server_start(name_server *s, pipit_loop *loop)
{
    static char text[PP_ADDR_TEXT];
    pp_addr at;

    *s = (name_server){0};
    assert_true(pp_addr_parse(PP_LIT("127.0.0.1"), 0, &at));
    assert_int_equal(loop->ops->udp_open(loop, &at, on_query, s, &s->udp), 0);
    return pp_addr_text(&s->udp->local, text);
}

void name_server_stop(name_server *s)
{
    s->udp = pp_udp_close(s->udp);
}

static name_server_record *add(name_server *s, const char *name, unsigned type)
{
    name_server_record *r = &s->records[s->count];

    assert_true(s->count++ < NAME_SERVER_RECORDS);
    r->name = name;
    r->type = type;
    return r;
}

void name_server_add_host(name_server *s, const char *name, const char *ip)
{
    pp_addr address;

    assert_true(pp_addr_parse(pp_str_c(ip), 0, &address));
    add(s, name, address.family == 6 ? TYPE_AAAA : TYPE_A)->address = address;
}

void name_server_add(name_server *s, pp_record_kind kind, const char *name, const pp_record *record)
{
    add(s, name, kind == PP_RECORD_SRV ? TYPE_SRV : TYPE_NAPTR)->record = *record;
}
