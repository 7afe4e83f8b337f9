/* edit.c - changing a description in place. */
#include "sdp/edit.h"

#include "base/alloc.h"
#include "base/error.h"
#include "sdp/bundle.h"
#include "sdp/put.h"

typedef bool line_test(const pp_sdp_line *line, const void *what);

static bool is_attribute(const pp_sdp_line *line, const void *what)
{
    return line->type == 'a' && pp_str_ieq_c(line->name, what);
}

static bool is_of_type(const pp_sdp_line *line, const void *what)
{
    return line->type == *(const char *)what;
}

static bool is_direction(const pp_sdp_line *line, const void *what)
{
    (void)what;
    for (pp_direction d = PP_SENDRECV; d <= PP_INACTIVE; d++)
        if (is_attribute(line, pp_direction_name(d)))
            return true;
    return false;
}

/* Removes what passes the test from line `from` on; returns how many. */
static size_t remove_lines(pp_sdp_section *section, size_t from, line_test *test, const void *what)
{
    size_t kept = from, count = section->count;

    for (size_t i = from; i < count; i++)
        if (!test(&section->lines[i], what))
            section->lines[kept++] = section->lines[i];
    if (count > kept)
        section->count = kept;
    return count - kept;
}

static size_t find_line(const pp_sdp_section *section, line_test *test, const void *what)
{
    size_t i = 0;

    while (i < section->count && !test(&section->lines[i], what))
        i++;
    return i;
}

/* The line at `at` becomes this one; behind the last there is a new one. Nothing changes on
 * failure. */
static int put_at(pp_sdp *sdp, pp_sdp_section *section, size_t at, char type, pp_str value)
{
    pp_sdp_line line;
    int err = pp_sdp_add(sdp, section, type, value);

    if (err || at + 1 == section->count)
        return err;
    line = section->lines[--section->count];
    section->lines[at] = line;
    return 0;
}

int pp_sdp_set_attribute(pp_sdp *sdp, pp_sdp_section *section, const char *name, pp_str value)
{
    size_t at = find_line(section, is_attribute, name);
    pp_buf text = {0};
    int err;

    if (!*name || strchr(name, ':'))
        return pp_error(PIPIT_ERR_ARGUMENT, "sdp: '%s' is no name of an attribute", name);
    pp_buf_c(&text, name);
    if (value.p)
        pp_buf_char(&text, ':');
    pp_buf_str(&text, value);
    err = pp_buf_error(&text);
    if (!err)
        err = put_at(sdp, section, at, 'a', pp_buf_text(&text));
    if (!err)
        remove_lines(section, at + 1, is_attribute, name);
    pp_buf_free(&text);
    return err;
}

size_t pp_sdp_remove_attribute(pp_sdp_section *section, const char *name)
{
    return remove_lines(section, 0, is_attribute, name);
}

size_t pp_sdp_remove_line(pp_sdp_section *section, char type)
{
    return remove_lines(section, 0, is_of_type, &type);
}

/* The order of RFC 8866 section 5; unknown letters come last. */
static size_t rank(char type)
{
    return pp_str_find(PP_LIT("vosiuepcbtrzka"), type);
}

int pp_sdp_set_line(pp_sdp *sdp, pp_sdp_section *section, char type, pp_str value)
{
    size_t at = find_line(section, is_of_type, &type);
    pp_sdp_line line;
    int err;

    if (type == 'a')
        return pp_error(PIPIT_ERR_ARGUMENT, "sdp: attributes are set by name");
    if (at < section->count) {
        err = put_at(sdp, section, at, type, value);
        if (!err)
            remove_lines(section, at + 1, is_of_type, &type);
        return err;
    }
    err = pp_sdp_add(sdp, section, type, value);
    if (err)
        return err;
    line = section->lines[section->count - 1];
    for (at = section->count - 1; at && rank(section->lines[at - 1].type) > rank(type); at--)
        section->lines[at] = section->lines[at - 1];
    section->lines[at] = line;
    return 0;
}

int pp_sdp_set_direction(pp_sdp *sdp, pp_sdp_section *section, pp_direction direction)
{
    size_t at = find_line(section, is_direction, NULL);
    int err = put_at(sdp, section, at, 'a', pp_str_c(pp_direction_name(direction)));

    if (!err)
        remove_lines(section, at + 1, is_direction, NULL);
    return err;
}

int pp_sdp_set_port(pp_sdp_media *media, uint32_t port)
{
    if (port > UINT16_MAX)
        return pp_error(PIPIT_ERR_ARGUMENT, "sdp: %u is no port", (unsigned)port);
    media->port = port;
    media->port_count = 0;
    return 0;
}

static bool is_of_format(const pp_sdp_line *line, const void *what)
{
    pp_str rest = line->value;

    return (is_attribute(line, "rtpmap") || is_attribute(line, "fmtp") ||
            is_attribute(line, "rtcp-fb")) &&
           pp_str_eq_c(pp_str_word(&rest), what);
}

bool pp_sdp_remove_format(pp_sdp_media *media, const char *format)
{
    size_t kept = 0, count = media->format_count;

    for (size_t i = 0; i < count; i++)
        if (!pp_str_eq_c(media->formats[i], format))
            media->formats[kept++] = media->formats[i];
    if (kept == count)
        return false;
    media->format_count = kept;
    remove_lines(&media->section, 0, is_of_format, format);
    return true;
}

/* The group line without the mid: "BUNDLE 0 1" becomes "BUNDLE 1". */
static int leave_group(pp_sdp *sdp, pp_sdp_line *line, pp_str mid)
{
    pp_str rest = line->value, value;
    pp_buf text = {0};
    int err;

    pp_buf_str(&text, pp_str_word(&rest));
    for (pp_str word = pp_str_word(&rest); word.n; word = pp_str_word(&rest)) {
        if (pp_str_eq(word, mid))
            continue;
        pp_buf_char(&text, ' ');
        pp_buf_str(&text, word);
    }
    err = pp_buf_error(&text);
    if (!err) {
        value = pp_sdp_own(sdp, pp_buf_text(&text));
        if (value.p)
            line->value = value;
        else
            err = PIPIT_ERR_MEMORY;
    }
    pp_buf_free(&text);
    return err;
}

int pp_sdp_remove_media(pp_sdp *sdp, size_t index)
{
    pp_str mid;
    int err = 0;

    if (index >= sdp->media_count)
        return pp_error(PIPIT_ERR_ARGUMENT, "sdp: there is no media part %zu", index);
    if (pp_sdp_mid(&sdp->media[index], &mid))
        for (size_t i = 0; i < sdp->session.count && !err; i++)
            if (is_attribute(&sdp->session.lines[i], "group"))
                err = leave_group(sdp, &sdp->session.lines[i], mid);
    if (err)
        return err;
    pp_free(sdp->media[index].formats);
    pp_free(sdp->media[index].section.lines);
    sdp->media_count--;
    memmove(&sdp->media[index], &sdp->media[index + 1],
            (sdp->media_count - index) * sizeof(*sdp->media));
    memset(&sdp->media[sdp->media_count], 0, sizeof(*sdp->media));
    return 0;
}
