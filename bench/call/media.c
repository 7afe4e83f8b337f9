/* media.c - the description is given at once, and whatever the far end says is fine. */
#include "media.h"

#include <stdlib.h>

const char bench_sdp[] = "v=0\r\n"
                         "o=- 53655765 2353687637 IN IP4 127.0.0.1\r\n"
                         "s=-\r\n"
                         "c=IN IP4 127.0.0.1\r\n"
                         "t=0 0\r\n"
                         "m=audio 6000 RTP/AVP 0\r\n"
                         "a=rtpmap:0 PCMU/8000\r\n";

typedef struct media {
    pipit_own_media *face;
} media;

static int describe(void *self)
{
    return pipit_own_media_described(((media *)self)->face, bench_sdp, NULL);
}

static int set_remote(void *self, bool is_offer, const char *sdp)
{
    (void)self;
    (void)is_offer;
    (void)sdp;
    return 0;
}

static const pipit_own_media_interface functions = {
    .create_offer = describe, .create_answer = describe, .set_remote = set_remote, .release = free};

pipit_own_media *bench_media_new(void)
{
    media *m = calloc(1, sizeof(*m));

    if (!m || pipit_own_media_new(&functions, m, &m->face))
        exit(EXIT_FAILURE);
    return m->face;
}
