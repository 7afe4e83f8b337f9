/** @file pcm_port.h  A call's sound as plain samples, for programs that listen and speak: voice agents, recognisers, IVRs. What is
 *  written waits in a queue and goes to the far end in real time; what the far end says comes in frames of one length. No
 *  counterpart in JsSIP.  Example: examples/voice_agent.c */
#ifndef PIPIT_PCM_PORT_H
#define PIPIT_PCM_PORT_H

#include "pipit/media.h"
#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How far the sound that was written has come, in samples since the port was made. What was flushed is in none but `dropped`:
 *  `sent` counts what was really said, and `written - dropped - sent` are waiting. */
typedef struct pipit_pcm_position {
    uint64_t written; /**< taken by pipit_pcm_port_write() */
    uint64_t dropped; /**< flushed before they were sent */
    uint64_t sent;    /**< taken by the call, which sends them within 20 ms */
    /** Of `sent`, those the far end has reported to have received (RTCP receiver reports, RFC 3550 section 6.4.1, every few
     *  seconds). It plays them some time after, commonly within 100 ms. 0 where it sends no reports */
    uint64_t received;
} pipit_pcm_position;

/** Events of a port; each may be NULL. Called on the loop's thread. */
typedef struct pipit_pcm_port_handlers {
    /** A frame of what the far end says; `at` is the number of its first sample since the port began to hear. `samples` is valid
     *  until the handler returns */
    void (*heard)(pipit_pcm_port *port, const int16_t *samples, size_t count, uint64_t at,
                  void *user);
    /** A mark was reached, or what stood before it was flushed: then `spoken` is false */
    void (*mark)(pipit_pcm_port *port, uint64_t id, bool spoken, void *user);
    /** All that was written has gone; silence follows. Once, until something is written again */
    void (*drained)(pipit_pcm_port *port, void *user);
} pipit_pcm_port_handlers;

/** Options of pipit_pcm_port_new(). */
typedef struct pipit_pcm_port_options {
    unsigned sample_rate; /**< 8000, 16000, 24000 or 48000, both ways; 0: 16000 */
    unsigned frame_ms;    /**< of `heard`: 10 or 20; 0: 20 */
    unsigned buffer_ms;   /**< how much sound may wait to be sent, up to 600,000; 0: 60,000 */
    const pipit_pcm_port_handlers *handlers; /**< must outlive the port; NULL: none */
    void *user;                              /**< passed to the handlers */
} pipit_pcm_port_options;

/** @param options  NULL for defaults
 *  @param out      yours
 *  @return 0, PIPIT_ERR_ARGUMENT naming the option that does not fit, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_pcm_port_new(const pipit_pcm_port_options *options, pipit_pcm_port **out);
PIPIT_API pipit_pcm_port *pipit_pcm_port_ref(pipit_pcm_port *port);
/** With the last reference the handlers are called no more; a call that still has the port's stream hears silence.  @return NULL */
PIPIT_API pipit_pcm_port *pipit_pcm_port_unref(pipit_pcm_port *port);

/** They have one channel: of two that come the mean is heard.
 *  @return source and sink for the media_stream of a call; the port's. One call at a time */
PIPIT_API pipit_media_stream pipit_pcm_port_stream(const pipit_pcm_port *port);

/** Puts sound behind what is waiting. All of it is taken, or nothing.
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_LIMIT when more than `buffer_ms` would wait (see pipit_pcm_port_room()),
 *          PIPIT_ERR_MEMORY */
PIPIT_API int pipit_pcm_port_write(pipit_pcm_port *port, const int16_t *samples, size_t count);
/** @return how many samples may be written now */
PIPIT_API size_t pipit_pcm_port_room(const pipit_pcm_port *port);
/** Forgets what waits, as when the far end interrupts: its last sample dies away within 5 ms of the next frame, and silence follows.
 *  Marks that waited are told with `spoken` false before it returns.
 *  @return how many samples were dropped */
PIPIT_API size_t pipit_pcm_port_flush(pipit_pcm_port *port);
/** Calls `mark` with `id` when all that was written before has gone to the call: at once when nothing waits.
 *  @return 0, PIPIT_ERR_LIMIT when 256 marks wait, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_pcm_port_mark(pipit_pcm_port *port, uint64_t id);
/** @param out  filled in */
PIPIT_API void pipit_pcm_port_position(const pipit_pcm_port *port, pipit_pcm_position *out);

#ifdef __cplusplus
}
#endif
#endif
