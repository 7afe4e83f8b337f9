/* sdp.h - session descriptions (RFC 8866): every line kept in its order, known attributes found by
 * name. */
#ifndef PP_SDP_SDP_H
#define PP_SDP_SDP_H

#include "base/buf.h"

/* One line that is not m=: its letter and value; of an attribute name and value apart. */
typedef struct pp_sdp_line {
    char type;    /* 'v', 'o', 's', 'c', 'a' … */
    pp_str name;  /* of a=: before the colon */
    pp_str value; /* of a=: behind the colon, p == NULL for a flag; else all behind '=' */
} pp_sdp_line;

typedef struct pp_sdp_section { /* the session part or one media part */
    pp_sdp_line *lines;
    size_t count, capacity;
} pp_sdp_section;

typedef struct pp_sdp_media {
    pp_str kind; /* "audio" */
    uint32_t port;
    uint32_t port_count; /* 0 when not given */
    pp_str protocol;     /* "UDP/TLS/RTP/SAVPF" */
    pp_str *formats;
    size_t format_count;
    pp_sdp_section section;
} pp_sdp_media;

typedef struct pp_sdp { /* text lives in `text` or in the pool of pp_sdp_own() */
    char *text;
    pp_sdp_section session;
    pp_sdp_media *media;
    size_t media_count, media_room;
    char **pool;
    size_t pool_count;
} pp_sdp;

int pp_sdp_parse(pp_str text, pp_sdp **out); /* takes CRLF and bare LF; unknown lines are kept */
/* A part of one, without the lines of its beginning: application/trickle-ice-sdpfrag (RFC 8840 section 9.2). */
int pp_sdp_parse_fragment(pp_str text, pp_sdp **out);
int pp_sdp_new(pp_sdp **out); /* empty, to be built */
pp_sdp *pp_sdp_free(pp_sdp *sdp);
/* Gives back the memory that more lines and parts would have gone into, for a description that is kept long. Lines can be added still,
 * media parts cannot. */
void pp_sdp_settle(pp_sdp *sdp);
void pp_sdp_write(const pp_sdp *sdp, pp_buf *out);
/* A copy of `text` that lives as long as the description; p == NULL when memory is short. */
pp_str pp_sdp_own(pp_sdp *sdp, pp_str text);

/* The next attribute of that name from line *at on (0 at first); false at the end. A flag gives p ==
 * NULL. Names are ours in lower case and met in any. */
bool pp_sdp_next(const pp_sdp_section *section, const char *name, size_t *at, pp_str *value);
/* The value of the `index`-th attribute of that name; false when there is none. */
bool pp_sdp_attribute(const pp_sdp_section *section, const char *name, size_t index, pp_str *value);
/* Of the media part, else of the session; `media` may be NULL. A media part with its own does not
 * see the session's. */
bool pp_sdp_inherited(const pp_sdp *sdp, const pp_sdp_media *media, const char *name, size_t index,
                      pp_str *value);
/* Adds a line; the texts are copied. */
int pp_sdp_add(pp_sdp *sdp, pp_sdp_section *section, char type, pp_str value);
int pp_sdp_add_attribute(pp_sdp *sdp, pp_sdp_section *section, const char *name, const char *format,
                         ...) __attribute__((format(printf, 4, 5))); /* format NULL: a flag */
/* The pointer stays good while more parts are added. */
int pp_sdp_add_media(pp_sdp *sdp, const char *kind, uint32_t port, const char *protocol,
                     pp_sdp_media **out);
int pp_sdp_add_format(pp_sdp *sdp, pp_sdp_media *media, const char *format);

#endif
