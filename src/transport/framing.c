/* framing.c - where one message ends in a stream, and the next begins. */
#include "transport/framing.h"

#include "base/error.h"
#include "base/limits.h"
#include "sip/marks.h"

#define SHOWN 40u   /* octets of what is no SIP, in the sentence about it */
#define PIECE 1024u /* octets that are taken at a time to a head that is not whole */

void pp_framing_free(pp_framing *f)
{
    pp_buf_free(&f->kept);
    *f = (pp_framing){0};
}

/* Behind what is kept already; what was given out goes. */
static int keep(pp_framing *f, const void *data, size_t size)
{
    if (f->borrowed)
        pp_buf_clear(&f->kept);
    else if (f->left.p != f->kept.p)
        pp_buf_consume(&f->kept, (size_t)(f->left.p - f->kept.p));
    pp_buf_add(&f->kept, data, size);
    f->left = pp_buf_text(&f->kept);
    f->borrowed = false;
    f->error = pp_buf_error(&f->kept);
    return f->error;
}

/* What was borrowed is about to go: all that is not whole is copied. An idle stream has no buffer. */
static int keep_rest(pp_framing *f)
{
    pp_str rest = f->borrowed ? f->left : f->behind;

    f->behind = PP_STR_NONE;
    f->copied = 0;
    if (f->left.n == 0)
        pp_buf_free(&f->kept);
    return f->left.n && rest.n ? keep(f, rest.p, rest.n) : 0;
}

int pp_framing_add(pp_framing *f, const void *data, size_t size)
{
    int err = f->left.n ? keep_rest(f) : 0;

    f->borrowed = !f->left.n;
    *(f->borrowed ? &f->left : &f->behind) = pp_str_n(data, size);
    return err;
}

/* A piece more of what came to a message that is not whole. */
static int take_more(pp_framing *f)
{
    size_t size = f->wanted > f->left.n ? f->wanted - f->left.n : PIECE;

    if (size > f->behind.n)
        size = f->behind.n;
    f->copied += size;
    f->behind = pp_str_n(f->behind.p + size, f->behind.n - size);
    return keep(f, f->behind.p - size, size);
}

/* When that is whole, the others are looked at where they came. */
static void go_back(pp_framing *f)
{
    if (f->borrowed || f->left.n > f->copied)
        return;
    f->left = pp_str_n(f->behind.p - f->left.n, f->left.n + f->behind.n);
    f->behind = PP_STR_NONE;
    f->borrowed = true;
}

static void give(pp_framing *f, size_t size, pp_frame_kind kind, pp_frame *out)
{
    out->kind = kind;
    out->message = pp_str_n(f->left.p, size);
    f->left = pp_str_n(f->left.p + size, f->left.n - size);
    f->wanted = f->checked = f->scanned = 0;
    f->half_ping = kind == PP_FRAME_EMPTY_LINE;
}

/* --- the start line: what is no SIP is known by it -------------------------------------------- */

static int not_sip(pp_str line)
{
    line = pp_str_sub(line, 0, SHOWN);
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] < ' ' || line.p[i] > '~')
            line.n = 0;
    if (line.n == 0)
        return pp_error(PIPIT_ERR_SYNTAX, "stream: what came is no SIP");
    return pp_error(PIPIT_ERR_SYNTAX, "stream: what came is no SIP: '%.*s'", PP_STR(line));
}

static bool names_version(pp_str line)
{
    if (pp_str_starts(line, "SIP/") ||
        pp_str_starts(pp_str_sub(line, line.n - 8, line.n), " SIP/")) /* as nearly all do */
        return true;
    for (size_t i = 0; i + 4 <= line.n; i++)
        if ((line.p[i] | 0x20) == 's' && (i == 0 || line.p[i - 1] == ' ') &&
            pp_str_istarts(pp_str_sub(line, i, line.n), "SIP/"))
            return true;
    return false;
}

/* One of eight octets is less than a blank. */
static bool has_control(const char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof(word));
    return ((word - 0x2020202020202020u) & ~word & 0x8080808080808080u) != 0;
}

static int check_start(pp_framing *f, pp_str text)
{
    pp_str seen = pp_str_sub(text, 0, PP_LIMIT_STREAM_HEAD);

    while (f->checked + 8 <= seen.n && !has_control(seen.p + f->checked))
        f->checked += 8;
    while (f->checked < seen.n && ((unsigned char)seen.p[f->checked] >= ' '))
        f->checked++;
    if (f->checked == seen.n)
        return seen.n < text.n ? not_sip(seen) : 0; /* a line without an end */
    if (seen.p[f->checked] != '\r' || !names_version(pp_str_sub(seen, 0, f->checked)))
        return not_sip(pp_str_sub(seen, 0, f->checked));
    return 0;
}

/* --- the head: how long the body is ----------------------------------------------------------- */

/* The next CRLF from `from` on; the size of the text when there is none. (A search for one octet is what C libraries do fastest.) */
static size_t line_end(pp_str text, size_t from)
{
    while (from < text.n) {
        const char *cr = memchr(text.p + from, '\r', text.n - from);

        if (!cr || (size_t)(cr - text.p) + 1 == text.n)
            return text.n;
        if (cr[1] == '\n')
            return (size_t)(cr - text.p);
        from = (size_t)(cr - text.p) + 1;
    }
    return text.n;
}

/* Where the empty line begins that ends a head: its own CRLF and the one before it. The size of the text when there is none. */
static size_t head_end(pp_str text, size_t from)
{
    size_t at = line_end(text, from);

    while (at + 4 <= text.n && (text.p[at + 2] != '\r' || text.p[at + 3] != '\n'))
        at = line_end(text, at + 2);
    return at + 4 <= text.n ? at : text.n;
}

/* One header field with its folds, off the front of *rest. */
static pp_str next_field(pp_str *rest)
{
    pp_str all = *rest;
    size_t end = 0;

    do {
        size_t at = line_end(all, end);

        end = at < all.n ? at + 2 : all.n;
    } while (end < all.n && (all.p[end] == ' ' || all.p[end] == '\t'));
    *rest = pp_str_sub(all, end, all.n);
    return pp_str_sub(all, 0, end);
}

/* "l", or what has "-L" where Content-Length has it. The field is not empty, and `end` is behind it. */
static inline bool may_be_content_length(const char *field, const char *end)
{
    return (field[0] | 0x20) == 'l' ||
           (end - field > 8 && field[7] == '-' && (field[8] | 0x20) == 'l');
}

/* Its value, where the field is the one we look for. */
static bool is_content_length(pp_str field, pp_str *value)
{
    pp_str name;

    if (!may_be_content_length(field.p, field.p + field.n))
        return false;
    name = pp_str_trim(pp_str_split(&field, ':'));
    *value = pp_str_trim(field);
    return field.p && (pp_str_ieq(name, PP_LIT("Content-Length")) || pp_str_ieq(name, PP_LIT("l")));
}

/* What a head says of its body. A missing length is 0: what follows then must be another message. */
typedef struct length {
    uint32_t octets;
    bool found;
} length;

/* Two that differ would let one side see two messages where the other sees one. */
static int take_field(pp_str field, length *out)
{
    pp_str value;
    uint32_t octets;

    if (!is_content_length(field, &value))
        return 0;
    if (!pp_str_to_u32(value, 0, UINT32_MAX, &octets))
        return pp_error(PIPIT_ERR_SYNTAX, "stream: a Content-Length is no number");
    if (out->found && out->octets != octets)
        return pp_error(PIPIT_ERR_SYNTAX, "stream: a message has two lengths");
    *out = (length){octets, true};
    return 0;
}

static int read_length(pp_str head, length *out)
{
    pp_str rest = head;
    int err = 0;

    next_field(&rest); /* the start line */
    while (!err && rest.n)
        err = take_field(next_field(&rest), out);
    return err;
}

/* "Content-Length: 123" and no fold, as nearly all write it. The empty line stands behind the text. */
static bool read_plain_length(pp_str text, uint32_t *out)
{
    size_t at = strlen("Content-Length: "), start = at;
    uint32_t number = 0;

    if (!pp_str_starts(text, "Content-Length: "))
        return false;
    for (; (unsigned char)(text.p[at] - '0') < 10 && at < start + 7; at++)
        number = number * 10 + (unsigned char)(text.p[at] - '0');
    *out = number;
    return at > start && text.p[at] == '\r' && text.p[at + 2] != ' ' && text.p[at + 2] != '\t';
}

/* What may be one, in the front of the text. */
static __attribute__((noinline)) int take_front(pp_str text, length *out)
{
    if (out->found || !read_plain_length(text, &out->octets))
        return take_field(next_field(&text), out);
    out->found = true;
    return 0;
}

/* The same where the ends of its lines are known. */
static int read_length_by_marks(pp_str head, const pp_marks *marks, length *out)
{
    const char *end = head.p + head.n;

    for (size_t i = 0; i + 1 < marks->lines; i++) {
        const char *field = head.p + marks->ends[i] + 2;
        int err = may_be_content_length(field, end)
                      ? take_front(pp_str_n(field, (size_t)(end - field)), out)
                      : 0;

        if (err)
            return err;
    }
    return 0;
}

/* --- frames ----------------------------------------------------------------------------------- */

static int too_long(void)
{
    return pp_error(PIPIT_ERR_LIMIT, "stream: a message is too long");
}

/* The octets of the head with the empty line, 0 when it is not whole yet. */
static int head_size(pp_framing *f, pp_str text, size_t *out)
{
    pp_str seen = pp_str_sub(text, 0, PP_LIMIT_STREAM_HEAD);
    size_t end = head_end(seen, f->scanned);

    *out = end < seen.n ? end + 4 : 0;
    if (end == seen.n && seen.n == PP_LIMIT_STREAM_HEAD)
        return too_long();
    f->scanned = seen.n > 3 ? seen.n - 3 : 0;
    return 0;
}

static int next_message(pp_framing *f, pp_frame *out)
{
    pp_str text = f->left;
    size_t head;
    length body = {0};
    int err;

    if (text.n < f->wanted)
        return 0;
    err = check_start(f, text);
    if (!err && f->scanned == 0 && pp_marks_find(text, &out->room))
        out->marks = &out->room;
    if (!err && out->marks)
        head = out->marks->head;
    else if (!err)
        err = head_size(f, text, &head);
    if (err || head == 0)
        return err;
    f->scanned = head - 4; /* found at once when the body is not whole yet */
    if (out->marks)
        err = read_length_by_marks(pp_str_sub(text, 0, head - 2), out->marks, &body);
    else
        err = read_length(pp_str_sub(text, 0, head - 2), &body);
    if (!err && body.octets > PP_LIMIT_SIP_MESSAGE - head)
        err = too_long();
    f->wanted = head + body.octets;
    if (!err && text.n >= f->wanted)
        give(f, f->wanted, PP_FRAME_MESSAGE, out);
    return err;
}

static int look(pp_framing *f, pp_frame *out)
{
    pp_str text = f->left;

    out->kind = PP_FRAME_NONE;
    out->message = PP_STR_NONE;
    out->marks = NULL;
    if (text.n == 0 || (text.n == 1 && text.p[0] == '\r'))
        return 0;
    if (text.p[0] != '\r' || text.p[1] != '\n')
        return next_message(f, out);
    give(f, 2, f->half_ping ? PP_FRAME_PING : PP_FRAME_EMPTY_LINE, out);
    return 0;
}

int pp_framing_next(pp_framing *f, pp_frame *out)
{
    int err = f->error;

    out->kind = PP_FRAME_NONE;
    if (!err)
        err = look(f, out);
    while (!err && out->kind == PP_FRAME_NONE && f->behind.n) {
        err = take_more(f);
        if (!err)
            err = look(f, out);
    }
    if (!err && out->kind == PP_FRAME_NONE)
        err = keep_rest(f);
    else if (!err)
        go_back(f);
    if (err)
        f->left = f->behind = PP_STR_NONE;
    f->error = err;
    return err;
}
