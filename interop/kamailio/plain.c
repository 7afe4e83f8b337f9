/* plain.c - descriptions of plain RTP with an address nobody listens at. */
#include "interop/kamailio/plain.h"

#include <pipit/error.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct plain {
    pipit_own_media *media; /* not a reference: it owns us */
    unsigned version;
    bool held, remote_holds;
} plain;

static int describe(void *self)
{
    plain *p = self;
    char sdp[512];

    snprintf(sdp, sizeof(sdp),
             "v=0\r\no=- 4711 %u IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
             "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=%s\r\n",
             ++p->version,
             p->held ? (p->remote_holds ? "inactive" : "sendonly")
                     : (p->remote_holds ? "recvonly" : "sendrecv"));
    return pipit_own_media_described(p->media, sdp, NULL);
}

/* RFC 3264 section 8.4, and the older way with no address. */
static int set_remote(void *self, bool is_offer, const char *sdp)
{
    plain *p = self;

    (void)is_offer;
    if (!strstr(sdp, "m=audio "))
        return PIPIT_ERR_MEDIA;
    p->remote_holds =
        strstr(sdp, "a=sendonly") || strstr(sdp, "a=inactive") || strstr(sdp, "IN IP4 0.0.0.0\r");
    return pipit_own_media_state(p->media, PIPIT_MEDIA_CONNECTED, NULL);
}

static int hold(void *self, bool held)
{
    ((plain *)self)->held = held;
    return 0;
}

static bool remote_holds(void *self)
{
    return ((plain *)self)->remote_holds;
}

/* Nothing is sent or heard, so there is nothing to share or to hand over but the hold. */
static int fork_media(void *self, pipit_own_media **out)
{
    (void)self;
    return plain_media_new(out);
}

static int hand_over(void *self, void *to)
{
    ((plain *)to)->held = ((plain *)self)->held;
    return 0;
}

static const pipit_own_media_interface functions = {.create_offer = describe,
                                                    .create_answer = describe,
                                                    .set_remote = set_remote,
                                                    .hold = hold,
                                                    .remote_holds = remote_holds,
                                                    .fork = fork_media,
                                                    .hand_over = hand_over,
                                                    .release = free};

int plain_media_new(pipit_own_media **out)
{
    plain *p = calloc(1, sizeof(*p));
    int err = p ? pipit_own_media_new(&functions, p, &p->media) : PIPIT_ERR_MEMORY;

    if (err)
        free(p);
    else
        *out = p->media;
    return err;
}
