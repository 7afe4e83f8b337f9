/* sdp.c - a description in memory: made, added to, searched, freed. */
#include "sdp/sdp.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "sdp/put.h"

#include <stdarg.h>
#include <stdio.h>

int pp_sdp_new(pp_sdp **out)
{
    pp_sdp *sdp = PP_NEW(pp_sdp);

    if (!sdp)
        return PIPIT_ERR_MEMORY;
    *out = sdp;
    return 0;
}

pp_sdp *pp_sdp_free(pp_sdp *sdp)
{
    if (!sdp)
        return NULL;
    for (size_t i = 0; i < sdp->media_count; i++) {
        pp_free(sdp->media[i].formats);
        pp_free(sdp->media[i].section.lines);
    }
    for (size_t i = 0; i < sdp->pool_count; i++)
        pp_free(sdp->pool[i]);
    pp_free(sdp->media);
    pp_free(sdp->session.lines);
    pp_free(sdp->pool);
    pp_free(sdp->text);
    pp_free(sdp);
    return NULL;
}

/* The array with room for one more element: it grows at each power of two, so its capacity need not
 * be kept. */
static void *room_for_one(void *array, size_t count, size_t size)
{
    if (count & (count - 1))
        return array;
    return pp_realloc(array, (count ? count * 2 : 1) * size);
}

pp_str pp_sdp_own(pp_sdp *sdp, pp_str text)
{
    char **pool = room_for_one(sdp->pool, sdp->pool_count, sizeof(*pool));
    char *copy;

    if (!pool)
        return PP_STR_NONE;
    sdp->pool = pool;
    copy = pp_memdup(text.n ? text.p : "", text.n);
    if (!copy)
        return PP_STR_NONE;
    pool[sdp->pool_count++] = copy;
    return (pp_str){copy, text.n};
}

int pp_sdp_put_line(pp_sdp_section *section, char type, pp_str value)
{
    pp_sdp_line *lines = section->lines, line = {.type = type, .value = value};

    if (section->count >= PP_LIMIT_SDP_LINES)
        return pp_error(PIPIT_ERR_LIMIT, "sdp: more than %u lines", PP_LIMIT_SDP_LINES);
    if (section->count == section->capacity) {
        size_t capacity = section->capacity ? section->capacity * 2 : 16;

        lines = pp_realloc(lines, capacity * sizeof(*lines));
        if (!lines)
            return PIPIT_ERR_MEMORY;
        section->lines = lines;
        section->capacity = capacity;
    }
    if (type == 'a')
        line.name = pp_str_split(&line.value, ':');
    lines[section->count++] = line;
    return 0;
}

/* All at once: pointers to media parts stay good while more are added. */
static int make_room(pp_sdp *sdp)
{
    sdp->media = pp_array(PP_LIMIT_SDP_MEDIA, sizeof(*sdp->media));
    if (!sdp->media)
        return PIPIT_ERR_MEMORY;
    sdp->media_room = PP_LIMIT_SDP_MEDIA;
    return 0;
}

int pp_sdp_put_media(pp_sdp *sdp, pp_sdp_media **out)
{
    if (!sdp->media && make_room(sdp) < 0)
        return PIPIT_ERR_MEMORY;
    if (sdp->media_count >= sdp->media_room)
        return pp_error(PIPIT_ERR_LIMIT, "sdp: more than %zu media parts", sdp->media_room);
    *out = &sdp->media[sdp->media_count++];
    return 0;
}

/* Where that fails it stays as it is. */
static void *shrunk(void *array, size_t count, size_t size)
{
    void *smaller = array && count ? pp_realloc(array, count * size) : NULL;

    return smaller ? smaller : array;
}

static void settle_section(pp_sdp_section *section)
{
    section->lines = shrunk(section->lines, section->count, sizeof(*section->lines));
    section->capacity = section->count;
}

void pp_sdp_settle(pp_sdp *sdp)
{
    settle_section(&sdp->session);
    for (size_t i = 0; i < sdp->media_count; i++)
        settle_section(&sdp->media[i].section);
    sdp->media = shrunk(sdp->media, sdp->media_count, sizeof(*sdp->media));
    sdp->media_room = sdp->media ? sdp->media_count : 0;
}

int pp_sdp_put_format(pp_sdp_media *media, pp_str format)
{
    pp_str *formats;

    if (media->format_count >= PP_LIMIT_SDP_FORMATS)
        return pp_error(PIPIT_ERR_LIMIT, "sdp: more than %u formats in a media part",
                        PP_LIMIT_SDP_FORMATS);
    formats = room_for_one(media->formats, media->format_count, sizeof(*formats));
    if (!formats)
        return PIPIT_ERR_MEMORY;
    media->formats = formats;
    formats[media->format_count++] = format;
    return 0;
}

int pp_sdp_add(pp_sdp *sdp, pp_sdp_section *section, char type, pp_str value)
{
    pp_str copy;

    if (type < 'a' || type > 'z' || type == 'm' || !pp_str_is_line(value))
        return pp_error(PIPIT_ERR_ARGUMENT, "sdp: '%c=' with this value is no line", type);
    copy = pp_sdp_own(sdp, value);
    return copy.p ? pp_sdp_put_line(section, type, copy) : PIPIT_ERR_MEMORY;
}

int pp_sdp_add_attribute(pp_sdp *sdp, pp_sdp_section *section, const char *name, const char *format,
                         ...)
{
    pp_buf line = {0};
    va_list args;
    int size = 0, err;

    pp_buf_c(&line, name);
    if (format) {
        va_start(args, format);
        size = vsnprintf(NULL, 0, format, args);
        va_end(args);
        pp_buf_char(&line, ':');
    }
    if (size > 0) {
        char *room = (char *)pp_buf_room(&line, (size_t)size + 1);

        va_start(args, format);
        if (room)
            vsnprintf(room, (size_t)size + 1, format, args);
        va_end(args);
        line.n -= room ? 1 : 0; /* the NUL */
    }
    err = pp_buf_error(&line);
    if (!err)
        err = pp_sdp_add(sdp, section, 'a', pp_buf_text(&line));
    pp_buf_free(&line);
    return err;
}

bool pp_sdp_is_word(pp_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ')
            return false;
    return s.n != 0;
}

int pp_sdp_add_media(pp_sdp *sdp, const char *kind, uint32_t port, const char *protocol,
                     pp_sdp_media **out)
{
    pp_sdp_media *media = NULL;
    pp_str kind_copy, protocol_copy;
    int err;

    if (!pp_sdp_is_word(pp_str_c(kind)) || !pp_sdp_is_word(pp_str_c(protocol)) || port > UINT16_MAX)
        return pp_error(PIPIT_ERR_ARGUMENT, "sdp: '%s %u %s' is no media part", kind,
                        (unsigned)port, protocol);
    kind_copy = pp_sdp_own(sdp, pp_str_c(kind));
    protocol_copy = pp_sdp_own(sdp, pp_str_c(protocol));
    if (!kind_copy.p || !protocol_copy.p)
        return PIPIT_ERR_MEMORY;
    err = pp_sdp_put_media(sdp, &media);
    if (err)
        return err;
    media->kind = kind_copy;
    media->port = port;
    media->protocol = protocol_copy;
    *out = media;
    return 0;
}

int pp_sdp_add_format(pp_sdp *sdp, pp_sdp_media *media, const char *format)
{
    pp_str copy;

    if (!pp_sdp_is_word(pp_str_c(format)))
        return pp_error(PIPIT_ERR_ARGUMENT, "sdp: '%s' is no format", format);
    copy = pp_sdp_own(sdp, pp_str_c(format));
    return copy.p ? pp_sdp_put_format(media, copy) : PIPIT_ERR_MEMORY;
}

bool pp_sdp_next(const pp_sdp_section *section, const char *name, size_t *at, pp_str *value)
{
    pp_str wanted = pp_str_c(name);

    for (size_t i = *at; i < section->count; i++) {
        const pp_sdp_line *line = &section->lines[i];

        if (line->type != 'a' || !pp_str_ieq(line->name, wanted))
            continue;
        *value = line->value;
        *at = i + 1;
        return true;
    }
    return false;
}

bool pp_sdp_attribute(const pp_sdp_section *section, const char *name, size_t index, pp_str *value)
{
    size_t at = 0;
    pp_str found;

    do {
        if (!pp_sdp_next(section, name, &at, &found))
            return false;
    } while (index--);
    *value = found;
    return true;
}

bool pp_sdp_inherited(const pp_sdp *sdp, const pp_sdp_media *media, const char *name, size_t index,
                      pp_str *value)
{
    pp_str first;

    /* A media part that has the attribute at all does not mix its own with the session's. */
    if (media && pp_sdp_attribute(&media->section, name, 0, &first))
        return pp_sdp_attribute(&media->section, name, index, value);
    return pp_sdp_attribute(&sdp->session, name, index, value);
}
