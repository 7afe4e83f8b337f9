/* write.c - a description as text, every line ended by CR LF. */
#include "sdp/sdp.h"

static void write_line(const pp_sdp_line *line, pp_buf *out)
{
    pp_buf_char(out, line->type);
    pp_buf_char(out, '=');
    pp_buf_str(out, line->name);
    if (line->type == 'a' && line->value.p)
        pp_buf_char(out, ':');
    pp_buf_str(out, line->value);
    pp_buf_c(out, "\r\n");
}

static void write_section(const pp_sdp_section *section, pp_buf *out)
{
    for (size_t i = 0; i < section->count; i++)
        write_line(&section->lines[i], out);
}

static void write_media(const pp_sdp_media *media, pp_buf *out)
{
    pp_buf_c(out, "m=");
    pp_buf_str(out, media->kind);
    pp_buf_char(out, ' ');
    pp_buf_uint(out, media->port);
    if (media->port_count) {
        pp_buf_char(out, '/');
        pp_buf_uint(out, media->port_count);
    }
    pp_buf_char(out, ' ');
    pp_buf_str(out, media->protocol);
    for (size_t i = 0; i < media->format_count; i++) {
        pp_buf_char(out, ' ');
        pp_buf_str(out, media->formats[i]);
    }
    pp_buf_c(out, "\r\n");
    write_section(&media->section, out);
}

void pp_sdp_write(const pp_sdp *sdp, pp_buf *out)
{
    write_section(&sdp->session, out);
    for (size_t i = 0; i < sdp->media_count; i++)
        write_media(&sdp->media[i], out);
}
