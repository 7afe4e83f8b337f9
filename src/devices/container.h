/* container.h - a file of WebM, Matroska or MP4: encoded sound and pictures with their times. libavformat makes it. */
#ifndef PP_DEVICES_CONTAINER_H
#define PP_DEVICES_CONTAINER_H

#include "base/buf.h"
#include "pipit/video.h"

#define PP_CONTAINER_TRACKS 2u

typedef struct pp_container pp_container;

typedef struct pp_container_track {
    const char *codec;      /* "VP8", "H264", "opus", "PCMU", "PCMA" or "G722" */
    unsigned width, height; /* of pictures; 0: it is sound */
    unsigned channels;      /* of sound */
    pp_str head;            /* of H.264: its first key frame, whose parameter sets all need */
} pp_container_track;

typedef struct pp_container_packet {
    size_t track; /* in the order of the list */
    const void *data;
    size_t size;
    uint64_t time_us; /* of one track it grows */
    bool key;
} pp_container_packet;

/* Whether the name is one of a container: x.webm, x.mkv, x.mp4. */
bool pp_container_is_named(const char *path);
/* Makes the file. PIPIT_ERR_IO, PIPIT_ERR_NOT_SUPPORTED, PIPIT_ERR_MEMORY. */
int pp_container_open(const char *path, pp_container **out);
/* Once, before the first packet. PIPIT_ERR_MEDIA for a codec that does not go into such a file. */
int pp_container_begin(pp_container *container, const pp_container_track *tracks, size_t count);
/* Packets of all tracks, in the order of their times. PIPIT_ERR_IO, PIPIT_ERR_LIMIT, PIPIT_ERR_MEDIA. */
int pp_container_write(pp_container *container, const pp_container_packet *packet);
/* The file is complete, unless it was never begun or this fails; NULL is fine. */
int pp_container_close(pp_container *container);

#endif
