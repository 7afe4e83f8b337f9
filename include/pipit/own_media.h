/** @file own_media.h  Calls with media of the application's own, in the place of the built-in peer connection: Pipit does the
 *  signalling, the application makes and reads the descriptions (RFC 3264) and moves the sound. Example: examples/own_media.c */
#ifndef PIPIT_OWN_MEDIA_H
#define PIPIT_OWN_MEDIA_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What media of your own do. `self` is what was given to pipit_own_media_new(). Functions that return an int return 0 or a
 *  negative `PIPIT_ERR_*`. Those that may be NULL say so. */
typedef struct pipit_own_media_interface {
    /** Make an offer; sooner or later call pipit_own_media_described(). Also for later offers inside the call. */
    int (*create_offer)(void *self);
    /** Make the answer to the offer of set_remote(); then call pipit_own_media_described(). */
    int (*create_answer)(void *self);
    /** A description of the far end: an offer that create_answer() will be asked for, or the answer to the last offer made here.
     *  @return PIPIT_ERR_MEDIA when nothing fits: an offer is refused with 488, and after an answer the call is ended */
    int (*set_remote)(void *self, bool is_offer, const char *sdp);
    /** The offer that was made or taken came to nothing: all is as before it. NULL: nothing to do */
    void (*rollback)(void *self);
    /** Send and play nothing (but hold music), and say so in descriptions to come; or go on. NULL: pipit_session_hold() is refused
     *  with PIPIT_ERR_NOT_SUPPORTED */
    int (*hold)(void *self, bool held);
    /** @return whether the far end's last description takes nothing from us. NULL: never */
    bool (*remote_holds)(void *self);
    /** Send a tone by RFC 4733. NULL, or an error: it goes by INFO */
    int (*send_dtmf)(void *self, char tone, unsigned duration_ms, unsigned gap_ms);
    void (*mute)(void *self, bool audio); /**< NULL: nothing to do */
    void (*close)(void *self);            /**< the call is over; NULL: nothing to do */
    void (*release)(void *self);          /**< the last reference is gone; NULL: nothing to do */
    /** The call rings at one more place, or was sent elsewhere: make media for the far end there, which are silent until hand_over().
     *  It has got the first offer, and set_remote() with its answer comes next; in a call without an offer, set_remote() with an
     *  offer of its own. NULL: one far end has them all along, and what others describe early is not heard
     *  @param out  the reference becomes the call's */
    int (*fork)(void *self, pipit_own_media **out);
    /** Say and play nothing any more: media of the call that fork() made, or those it was called for, do from now on.
     *  Needed with fork. @param to  theirs */
    int (*hand_over)(void *self, void *to);
} pipit_own_media_interface;

/** State of a media path. */
typedef enum pipit_media_state {
    PIPIT_MEDIA_CHECKING,
    PIPIT_MEDIA_CONNECTED,    /**< sound can flow */
    PIPIT_MEDIA_DISCONNECTED, /**< may come back */
    PIPIT_MEDIA_FAILED        /**< the call is ended with PIPIT_CAUSE_RTP_TIMEOUT */
} pipit_media_state;

/** Makes media for one call: give them in the options of pipit_ua_call() or pipit_session_answer().
 *  @param functions  must outlive them
 *  @param out        yours; the call takes its own reference
 *  @return 0, PIPIT_ERR_ARGUMENT when create_offer, create_answer or set_remote is missing, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_own_media_new(const pipit_own_media_interface *functions, void *self,
                                  pipit_own_media **out);
PIPIT_API pipit_own_media *pipit_own_media_ref(pipit_own_media *media);
/** @return NULL */
PIPIT_API pipit_own_media *pipit_own_media_unref(pipit_own_media *media);

/** The description that was asked for. May be called from inside of create_offer() and create_answer(), on the loop's thread.
 *  @param sdp     copied; NULL: there will be none, and the call fails
 *  @param reason  why there is none, a sentence; NULL for none
 *  @return 0, PIPIT_ERR_STATE when none was asked for, or the call is over */
PIPIT_API int pipit_own_media_described(pipit_own_media *media, const char *sdp,
                                        const char *reason);
/** How the media path does; a call hears of it by its event `media`.
 *  @param reason  of PIPIT_MEDIA_FAILED, a sentence; NULL for none
 *  @return 0, PIPIT_ERR_STATE when they are in no call */
PIPIT_API int pipit_own_media_state(pipit_own_media *media, pipit_media_state state,
                                    const char *reason);
/** A tone came by RFC 4733.
 *  @return 0, PIPIT_ERR_STATE when they are in no call, PIPIT_ERR_ARGUMENT for what is no tone */
PIPIT_API int pipit_own_media_dtmf(pipit_own_media *media, char tone, unsigned duration_ms);

#ifdef __cplusplus
}
#endif
#endif
