/* sdp_edit.c - a tape of edits on a description: what is asked for is there afterwards, and what is
 * written reads back the same. The input: edits, a line each, then an empty line and the description. */
/* FUZZ: sdp base */
#include "base/limits.h"
#include "sdp/bundle.h"
#include "sdp/edit.h"

#include "check.h"

static const char *name_of(pp_str text, char room[16])
{
    size_t n = text.n < 15 ? text.n : 15;

    if (n)
        memcpy(room, text.p, n);
    room[n] = '\0';
    return room;
}

static void set_attribute(pp_sdp *sdp, pp_sdp_section *section, pp_str line)
{
    char room[16];
    const char *name = name_of(pp_str_split(&line, ':'), room);
    pp_str value;

    if (pp_sdp_set_attribute(sdp, section, name, line))
        return;
    CHECK(pp_sdp_attribute(section, name, 0, &value) && pp_str_eq(value, line));
    CHECK(!pp_sdp_attribute(section, name, 1, &value));
}

static void set_line(pp_sdp *sdp, pp_sdp_section *section, pp_str line)
{
    char type = line.n ? line.p[0] : 'x';

    if (pp_sdp_set_line(sdp, section, type, pp_str_sub(line, 1, line.n)) == 0)
        CHECK(pp_sdp_remove_line(section, type) == 1);
}

static void edit_media(pp_sdp *sdp, pp_sdp_media *media, pp_str line)
{
    char room[16];
    const char *word = name_of(pp_str_sub(line, 1, line.n), room);
    pp_direction direction = (pp_direction)(line.n % 4);
    size_t count = sdp->media_count, formats = media->format_count;

    switch (line.n ? line.p[0] : 0) {
    case 'd':
        if (pp_sdp_set_direction(sdp, &media->section, direction) == 0)
            CHECK(pp_sdp_direction(sdp, media) == direction);
        break;
    case 'f':
        CHECK(pp_sdp_remove_format(media, word) == (media->format_count < formats));
        break;
    case 'p':
        CHECK(pp_sdp_set_port(media, (uint32_t)line.n) == 0 && media->port == line.n);
        break;
    case 'x':
        CHECK(pp_sdp_remove_media(sdp, (size_t)(media - sdp->media)) == 0);
        CHECK(sdp->media_count == count - 1);
        break;
    default:
        pp_sdp_remove_attribute(&media->section, word);
        CHECK(!pp_sdp_attribute(&media->section, word, 0, &(pp_str){0}));
        break;
    }
}

static void edit(pp_sdp *sdp, pp_str line)
{
    char what = line.n ? line.p[0] : 0;
    size_t which = line.n > 1 ? (unsigned char)line.p[1] % (sdp->media_count + 1) : 0;
    pp_sdp_section *section = which ? &sdp->media[which - 1].section : &sdp->session;

    line = pp_str_sub(line, 2, line.n);
    if (what == 'a')
        set_attribute(sdp, section, line);
    else if (what == 'l')
        set_line(sdp, section, line);
    else if (which)
        edit_media(sdp, &sdp->media[which - 1], line);
}

static void check_written(const pp_sdp *sdp)
{
    pp_buf one = {0}, two = {0};
    pp_sdp *again = NULL;

    pp_sdp_write(sdp, &one);
    CHECK(pp_buf_error(&one) == 0);
    if (one.n <= PP_LIMIT_SDP && pp_str_starts(pp_buf_text(&one), "v=0\r\n")) {
        CHECK(pp_sdp_parse(pp_buf_text(&one), &again) == 0);
        CHECK(again->media_count == sdp->media_count);
        pp_sdp_write(again, &two);
        CHECK(pp_str_eq(pp_buf_text(&one), pp_buf_text(&two)));
    }
    pp_buf_free(&one);
    pp_buf_free(&two);
    pp_sdp_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_str text = pp_str_n(data, size), edits = text;
    pp_sdp *sdp = NULL;
    size_t cut = 0;

    while (cut + 1 < size && !(data[cut] == '\n' && data[cut + 1] == '\n'))
        cut++;
    edits = pp_str_sub(text, 0, cut);
    if (size > 4096 || pp_sdp_parse(pp_str_sub(text, cut, size), &sdp))
        return 0;
    for (unsigned i = 0; i < 64 && edits.n; i++)
        edit(sdp, pp_str_split(&edits, '\n'));
    check_written(sdp);
    pp_sdp_free(sdp);
    return 0;
}
