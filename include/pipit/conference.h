/** @file conference.h  Several calls made one: everybody hears the sum of the others. No counterpart in JsSIP. */
#ifndef PIPIT_CONFERENCE_H
#define PIPIT_CONFERENCE_H

#include "pipit/media.h"
#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Events of a conference; each may be NULL. */
typedef struct pipit_conference_handlers {
    /** A call has left by itself: it is held, by either side, or has ended. It may be added again when it goes on. */
    void (*left)(pipit_conference *conference, pipit_session *session, void *user);
} pipit_conference_handlers;

/** Options of pipit_conference_new(). */
typedef struct pipit_conference_options {
    /** The user at this machine: the calls hear the source, the sink hears the calls. Zero: there is nobody. */
    pipit_media_stream local;
    const pipit_conference_handlers *handlers; /**< must outlive the conference; NULL: none */
    void *user;                                /**< passed to the handlers */
} pipit_conference_options;

/** Makes an empty one.
 *  @param options  NULL for defaults
 *  @param out      yours
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY.  Example: examples/conference.c */
PIPIT_API int pipit_conference_new(const pipit_conference_options *options, pipit_conference **out);
PIPIT_API pipit_conference *pipit_conference_ref(pipit_conference *conference);
/** It lasts as long as there are calls in it.  @return NULL */
PIPIT_API pipit_conference *pipit_conference_unref(pipit_conference *conference);

/** Takes a call in. Its own source and sink are set aside until it leaves; nothing is missing or cracks at either change. All calls
 *  must be of one loop, and their media the built-in ones.
 *  @return 0, PIPIT_ERR_STATE when it is not established, held by either side, or in a conference already, PIPIT_ERR_ARGUMENT for
 *          a call of another loop, PIPIT_ERR_NOT_SUPPORTED when its media are the application's own, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_conference_add(pipit_conference *conference, pipit_session *session);
/** Lets a call go on alone, with its own source and sink.
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_NOT_FOUND when it is not in this conference */
PIPIT_API int pipit_conference_remove(pipit_conference *conference, pipit_session *session);
/** Splits it again: each call goes on alone, as with pipit_conference_remove(). */
PIPIT_API void pipit_conference_split(pipit_conference *conference);
/** @return how many calls are in it; the user at this machine is none */
PIPIT_API size_t pipit_conference_count(const pipit_conference *conference);
/** @return the call at a place from 0 on, in the order they came; NULL behind the last */
PIPIT_API pipit_session *pipit_conference_session(const pipit_conference *conference, size_t index);

/** Other ends for the user at this machine, who is heard and hears whenever there is a call.
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY; all is as before after an error */
PIPIT_API int pipit_conference_set_local(pipit_conference *conference, pipit_source *source,
                                         pipit_sink *sink);
/** @param session  NULL: the user at this machine
 *  @return how loud he was in about the last second, root mean square: 1 is full scale. 0 for a call that is not in it */
PIPIT_API double pipit_conference_level(const pipit_conference *conference,
                                        const pipit_session *session);

#ifdef __cplusplus
}
#endif
#endif
