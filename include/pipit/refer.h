/** @file refer.h  Call transfer: REFER, its NOTIFYs and Replaces (RFC 3515, 3891, 3892, 4488, 5589), in a call and outside of calls.
 *  JsSIP: session.refer(), ReferSubscriber, ReferNotifier, the events `refer` and `replaces`. */
#ifndef PIPIT_REFER_H
#define PIPIT_REFER_H

#include "pipit/message.h"
#include "pipit/session.h"
#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is heard of a REFER of ours. */
typedef struct pipit_refer_progress_event {
    pipit_request
        *message;    /**< the answer to the REFER, or the NOTIFY; NULL when nobody answered */
    int status_code; /**< how the far end's new call does: 100, 180, 200, 486 …; 0 in request_failed without an answer */
    const char *reason_phrase; /**< of that status; never NULL */
    pipit_cause cause;         /**< of request_failed and failed */
} pipit_refer_progress_event;

/** Handlers of a REFER of ours. After `accepted`, `failed` or `request_failed` nothing more is heard. */
typedef struct pipit_refer_handlers {
    /** The far end will try. */
    void (*request_succeeded)(pipit_refer_subscriber *refer,
                              const pipit_refer_progress_event *event, void *user);
    void (*request_failed)(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                           void *user);
    void (*trying)(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                   void *user); /**< 100 */
    void (*progress)(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                     void *user); /**< 101 to 199 */
    void (*accepted)(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                     void *user); /**< the new call was answered: ours may be ended now */
    /** It was not; with PIPIT_CAUSE_EXPIRES and the status 0 or that of the last NOTIFY the far end told no end of it. */
    void (*failed)(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                   void *user);
    /** Credentials were asked for and given, so the REFER has another id; told before what became of it. */
    void (*authenticated)(pipit_refer_subscriber *refer, void *user);
} pipit_refer_handlers;

/** Options of pipit_session_refer() and pipit_ua_refer(). */
typedef struct pipit_refer_options {
    const pipit_refer_handlers
        *handlers; /**< must live as long as the call, or the user agent; NULL: none */
    void *user;    /**< passed to the handlers */
    const char *const *extra_headers;
    pipit_session *
        replaces; /**< attended transfer: the call with the target, whose place the new one takes */
    bool
        no_subscription; /**< ask for no NOTIFYs (RFC 4488): nothing is heard after request_succeeded */
    /** For pipit_ua_refer(): a call with the one who is asked, by whose tags he knows that he may trust us (RFC 4538). NULL: none */
    pipit_session *target_dialog;
} pipit_refer_options;

/** Asks the far end to call somebody else. The call itself goes on: end it when the transfer is accepted.
 *  @param target   as for pipit_ua_call(); NULL with `replaces`: the far end of that call
 *  @param options  NULL for defaults; copied
 *  @param out      NULL, or yours: release with pipit_refer_subscriber_unref()
 *  @return 0, PIPIT_ERR_STATE when not established (or `replaces` is not), PIPIT_ERR_SYNTAX for a bad target or header,
 *          PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY.  JsSIP: session.refer() */
PIPIT_API int pipit_session_refer(pipit_session *session, const char *target,
                                  const pipit_refer_options *options, pipit_refer_subscriber **out);

/** Asks somebody to call somebody else, outside of calls. The NOTIFYs come in a dialog of their own; when it forks, those of the
 *  first place that sends one. `failed` with PIPIT_CAUSE_EXPIRES comes when none has come for 32 s, when the subscription runs out
 *  after the last, and with pipit_ua_stop().
 *  @param target    who is asked, as for pipit_ua_call(); NULL with `target_dialog`: the far end of that call, at its Contact
 *  @param refer_to  whom to call, as for pipit_ua_call(); with ";method=BYE" something else is asked for. NULL with `replaces`: the
 *                   far end of that call
 *  @param options   NULL for defaults; copied
 *  @param out       NULL, or yours: release with pipit_refer_subscriber_unref()
 *  @return 0, PIPIT_ERR_STATE after pipit_ua_stop() or when a call of the options does not stand, PIPIT_ERR_SYNTAX for a bad target
 *          or header, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY.  Example: examples/click_to_call.c.  No counterpart in JsSIP */
PIPIT_API int pipit_ua_refer(pipit_ua *ua, const char *target, const char *refer_to,
                             const pipit_refer_options *options, pipit_refer_subscriber **out);

/** @return the CSeq of the REFER, which its NOTIFYs carry as id.  JsSIP: referSubscriber.id */
PIPIT_API uint32_t pipit_refer_subscriber_id(const pipit_refer_subscriber *refer);
PIPIT_API pipit_refer_subscriber *pipit_refer_subscriber_ref(pipit_refer_subscriber *refer);
/** @return NULL */
PIPIT_API pipit_refer_subscriber *pipit_refer_subscriber_unref(pipit_refer_subscriber *refer);

/** Does what a REFER that came asks for: answers 202, calls its target with the headers Replaces and Referred-By it names, and
 *  notifies the far end of how that goes. Emits `new_rtc_session` before it returns.
 *  @param options  of the new call, NULL for defaults
 *  @param out      NULL, or yours
 *  @return 0, PIPIT_ERR_STATE when it was decided already or the call has ended, PIPIT_ERR_NOT_SUPPORTED when it asks for another
 *          method than INVITE, and the errors of pipit_ua_call(), after which it may still be rejected.  JsSIP: accept() of the event `refer` */
PIPIT_API int pipit_refer_accept(pipit_refer_notifier *refer, const pipit_call_options *options,
                                 pipit_session **out);
/** Refuses a REFER that came.
 *  @param options  NULL: 603
 *  @return 0, PIPIT_ERR_STATE when it was decided already, PIPIT_ERR_ARGUMENT for a status outside 300-699, PIPIT_ERR_SYNTAX.
 *  JsSIP: reject() of the event `refer` */
PIPIT_API int pipit_refer_reject(pipit_refer_notifier *refer, const pipit_reply_options *options);
/** For an application that reaches the target in a way of its own: answers 202 the first time, and notifies the far end.
 *  A final status is the last.
 *  @param status_code    100-699
 *  @param reason_phrase  NULL: the standard one
 *  @return 0, PIPIT_ERR_STATE when a final one was told, the call has ended, or it was accepted or rejected,
 *          PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX.  JsSIP: referNotifier.notify() */
PIPIT_API int pipit_refer_notify(pipit_refer_notifier *refer, int status_code,
                                 const char *reason_phrase);
/** @return the URI to call, without headers and method */
PIPIT_API const char *pipit_refer_target(const pipit_refer_notifier *refer);
/** @return what to send there: "INVITE", unless the URI names another method */
PIPIT_API const char *pipit_refer_method(const pipit_refer_notifier *refer);
/** @return value of the Replaces header the new call gets, NULL for none: it is an attended transfer */
PIPIT_API const char *pipit_refer_replaces(const pipit_refer_notifier *refer);
/** @return value of Referred-By, NULL for none */
PIPIT_API const char *pipit_refer_referred_by(const pipit_refer_notifier *refer);
PIPIT_API pipit_refer_notifier *pipit_refer_notifier_ref(pipit_refer_notifier *refer);
/** Dropping the last reference of one that was kept and never decided refuses it. @return NULL */
PIPIT_API pipit_refer_notifier *pipit_refer_notifier_unref(pipit_refer_notifier *refer);

/** Refuses the call that `replaces` announced; inside of that handler only.
 *  @param options  NULL: 486
 *  @return 0, PIPIT_ERR_STATE outside of the handler, PIPIT_ERR_ARGUMENT for a status outside 300-699, PIPIT_ERR_SYNTAX.
 *  JsSIP: reject() of the event `replaces` */
PIPIT_API int pipit_session_reject_replaces(pipit_session *session,
                                            const pipit_reply_options *options);

#ifdef __cplusplus
}
#endif
#endif
