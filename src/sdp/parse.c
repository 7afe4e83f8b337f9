/* parse.c - reading a description (RFC 8866 section 9), kindly: bare LF, blank lines, unknown
 * letters and lines in an unusual order are taken; what would change the meaning of a line is not.
 * One pass, no look back. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "sdp/put.h"

/* "49170" or "49170/2" */
static bool read_port(pp_str word, pp_sdp_media *media)
{
    pp_str count = word;
    pp_str port = pp_str_split(&count, '/');

    if (!pp_str_to_u32(port, 0, UINT16_MAX, &media->port))
        return false;
    return !count.p || pp_str_to_u32(count, 1, UINT16_MAX, &media->port_count);
}

static bool has_words(const pp_sdp_media *media)
{
    for (size_t i = 0; i < media->format_count; i++)
        if (!pp_sdp_is_word(media->formats[i]))
            return false;
    return pp_sdp_is_word(media->kind) && pp_sdp_is_word(media->protocol);
}

/* m=<media> <port> <proto> <fmt> …; a refused part without a format is seen in the wild and taken. What cannot be repeated in a
 * description of ours, as a refused part is, is not taken. */
static int read_media(pp_sdp *sdp, pp_str value, size_t number)
{
    pp_sdp_media *media = NULL;
    int err = pp_sdp_put_media(sdp, &media);

    if (err)
        return err;
    media->kind = pp_str_word(&value);
    if (!read_port(pp_str_word(&value), media))
        return pp_error(PIPIT_ERR_SYNTAX, "sdp: no port in the media part of line %zu", number);
    media->protocol = pp_str_word(&value);
    if (!media->protocol.n)
        return pp_error(PIPIT_ERR_SYNTAX, "sdp: no protocol in the media part of line %zu", number);
    for (pp_str format = pp_str_word(&value); format.n && !err; format = pp_str_word(&value))
        err = pp_sdp_put_format(media, format);
    if (!err && !has_words(media))
        err = pp_error(PIPIT_ERR_SYNTAX, "sdp: a media part of line %zu that is not made of words",
                       number);
    return err;
}

static int read_line(pp_sdp *sdp, pp_str line, size_t number)
{
    pp_str value = pp_str_sub(line, 2, line.n);

    if (line.n < 2 || line.p[0] < 'a' || line.p[0] > 'z' || line.p[1] != '=')
        return pp_error(PIPIT_ERR_SYNTAX, "sdp: line %zu is not of the form x=", number);
    /* A NUL or a CR inside would make a different line of it for somebody else. */
    if (!pp_str_is_line(value))
        return pp_error(PIPIT_ERR_SYNTAX, "sdp: control character in line %zu", number);
    if (line.p[0] == 'm')
        return read_media(sdp, value, number);
    return pp_sdp_put_line(sdp->media_count ? &sdp->media[sdp->media_count - 1].section
                                            : &sdp->session,
                           line.p[0], value);
}

static int read_lines(pp_sdp *sdp, pp_str text, bool whole)
{
    size_t number = 0, lines = 0;
    int err = 0;

    while (text.n && !err) {
        pp_str line = pp_str_split(&text, '\n');

        number++;
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        if (!line.n)
            continue;
        if (++lines > PP_LIMIT_SDP_LINES)
            return pp_error(PIPIT_ERR_LIMIT, "sdp: more than %u lines", PP_LIMIT_SDP_LINES);
        if (whole && lines == 1 && !pp_str_eq_c(pp_str_trim(line), "v=0"))
            return pp_error(PIPIT_ERR_SYNTAX, "sdp: expected 'v=0' first");
        err = read_line(sdp, line, number);
    }
    if (!err && !lines)
        err = pp_error(PIPIT_ERR_SYNTAX, "sdp: the description is empty");
    return err;
}

static int parse(pp_str text, bool whole, pp_sdp **out)
{
    pp_sdp *sdp = NULL;
    int err;

    if (text.n > PP_LIMIT_SDP)
        return pp_error(PIPIT_ERR_LIMIT, "sdp: more than %u octets", PP_LIMIT_SDP);
    err = pp_sdp_new(&sdp);
    if (err)
        return err;
    sdp->text = pp_memdup(text.n ? text.p : "", text.n);
    err = sdp->text ? read_lines(sdp, (pp_str){sdp->text, text.n}, whole) : PIPIT_ERR_MEMORY;
    if (err) {
        pp_sdp_free(sdp);
        return err;
    }
    *out = sdp;
    return 0;
}

int pp_sdp_parse(pp_str text, pp_sdp **out)
{
    return parse(text, true, out);
}

int pp_sdp_parse_fragment(pp_str text, pp_sdp **out)
{
    return parse(text, false, out);
}
