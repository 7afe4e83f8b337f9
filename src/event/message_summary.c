/* message_summary.c - application/simple-message-summary (RFC 3842 section 5): read and written. */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "pipit/event_body.h"

#include <stddef.h>

static const struct kind {
    const char *name;
    size_t at;
} kinds[] = {
    {"Voice-Message", offsetof(pipit_message_summary, voice)},
    {"Fax-Message", offsetof(pipit_message_summary, fax)},
    {"Pager-Message", offsetof(pipit_message_summary, pager)},
    {"Multimedia-Message", offsetof(pipit_message_summary, multimedia)},
    {"Text-Message", offsetof(pipit_message_summary, text)},
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* --- reading ---------------------------------------------------------------------------------- */

/* "2/8" */
static bool read_pair(pp_str text, uint32_t *first, uint32_t *second)
{
    pp_str before = pp_str_trim(pp_str_split(&text, '/'));

    return text.p && pp_str_to_u32(before, 0, UINT32_MAX, first) &&
           pp_str_to_u32(pp_str_trim(text), 0, UINT32_MAX, second);
}

/* "2/8 (0/2)" */
static bool read_count(pp_str text, pipit_message_count *out)
{
    pipit_message_count count = {.given = true};
    pp_str plain = pp_str_trim(pp_str_split(&text, '('));

    if (!read_pair(plain, &count.fresh, &count.old))
        return false;
    if (text.p) {
        pp_str urgent = pp_str_split(&text, ')');

        if (!text.p || text.n || !read_pair(urgent, &count.fresh_urgent, &count.old_urgent))
            return false;
    }
    *out = count;
    return true;
}

static int wrong(const char *what)
{
    return pp_error(PIPIT_ERR_SYNTAX, "message summary: %s", what);
}

static int read_kind(pp_str name, pp_str value, pipit_message_summary *out)
{
    for (size_t i = 0; i < KINDS; i++)
        if (pp_str_ieq_c(name, kinds[i].name) &&
            !read_count(value, (pipit_message_count *)((char *)out + kinds[i].at)))
            return wrong("a count that is none");
    return 0;
}

static int read_account(pp_str value, pipit_message_summary *out)
{
    if (out->account || !pp_str_is_line(value) || !pp_str_is_utf8(value))
        return wrong("two accounts, or one that is no text");
    out->account = pp_str_dup(value);
    return out->account ? 0 : PIPIT_ERR_MEMORY;
}

/* Other lines are headers of single messages, and skipped. */
static int read_line(pp_str line, bool *waiting_said, pipit_message_summary *out)
{
    pp_str name = pp_str_trim(pp_str_split(&line, ':')), value = pp_str_trim(line);

    if (!line.p)
        return wrong("a line without a colon");
    if (pp_str_ieq_c(name, "Message-Account"))
        return read_account(value, out);
    if (!pp_str_ieq_c(name, "Messages-Waiting"))
        return read_kind(name, value, out);
    if (*waiting_said || (!pp_str_ieq_c(value, "yes") && !pp_str_ieq_c(value, "no")))
        return wrong("Messages-Waiting is neither yes nor no");
    out->waiting = pp_str_ieq_c(value, "yes");
    *waiting_said = true;
    return 0;
}

static int read_lines(pp_str rest, pipit_message_summary *out)
{
    bool waiting_said = false;
    int err = 0;

    while (!err && rest.n) {
        pp_str line = pp_str_split(&rest, '\n');

        if (pp_str_trim(line).n)
            err = read_line(line, &waiting_said, out);
    }
    if (!err && !waiting_said)
        err = wrong("no Messages-Waiting");
    return err;
}

int pipit_message_summary_parse(const char *text, size_t size, pipit_message_summary **out)
{
    pipit_message_summary *summary;
    int err;

    if (!text || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "message summary: the text is missing");
    if (size > PP_LIMIT_XML)
        return pp_error(PIPIT_ERR_LIMIT, "message summary: more than %u octets", PP_LIMIT_XML);
    summary = PP_NEW(pipit_message_summary);
    if (!summary)
        return PIPIT_ERR_MEMORY;
    err = read_lines(pp_str_n(text, size), summary);
    if (err)
        pipit_message_summary_free(summary);
    else
        *out = summary;
    return err;
}

void pipit_message_summary_free(pipit_message_summary *summary)
{
    if (!summary)
        return;
    pp_free((char *)summary->account);
    pp_free(summary);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void write_count(const char *name, const pipit_message_count *count, pp_buf *out)
{
    if (!count->given)
        return;
    pp_buf_format(out, "%s: %lu/%lu", name, (unsigned long)count->fresh, (unsigned long)count->old);
    if (count->fresh_urgent || count->old_urgent)
        pp_buf_format(out, " (%lu/%lu)", (unsigned long)count->fresh_urgent,
                      (unsigned long)count->old_urgent);
    pp_buf_c(out, "\r\n");
}

int pipit_message_summary_write(const pipit_message_summary *summary, char **out)
{
    pp_buf text = {0};
    int err;

    if (!summary || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "message summary: it is missing");
    if (summary->account && (!pp_str_is_line(pp_str_c(summary->account)) ||
                             !pp_str_is_utf8(pp_str_c(summary->account))))
        return wrong("an account of more than one line");
    pp_buf_format(&text, "Messages-Waiting: %s\r\n", summary->waiting ? "yes" : "no");
    if (summary->account)
        pp_buf_format(&text, "Message-Account: %s\r\n", summary->account);
    for (size_t i = 0; i < KINDS; i++)
        write_count(kinds[i].name,
                    (const pipit_message_count *)((const char *)summary + kinds[i].at), &text);
    err = pp_buf_take(&text, out);
    pp_buf_free(&text);
    return err;
}
