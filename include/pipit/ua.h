/** @file ua.h  The user agent: one account on one loop (JsSIP: UA). */
#ifndef PIPIT_UA_H
#define PIPIT_UA_H

#include "pipit/credentials.h"
#include "pipit/message.h"
#include "pipit/options.h"
#include "pipit/session.h"
#include "pipit/socket.h"
#include "pipit/trace.h"
#include "pipit/types.h"
#include "pipit/uri.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How many sockets a configuration holds. */
#define PIPIT_SOCKETS_MAX 8

/** For `register_expires`: REGISTER says nothing of how long, the registrar decides.  JsSIP: register_expires: 0 */
#define PIPIT_NO_EXPIRES 4294967295u

/** Whether provisional responses are acknowledged with PRACK (RFC 3262), in both directions. */
typedef enum pipit_reliable_provisionals {
    PIPIT_RELIABLE_SUPPORTED, /**< when the far end requires it, and for descriptions when it knows it */
    PIPIT_RELIABLE_NONE,      /**< never: who requires it is refused with 420 */
    PIPIT_RELIABLE_REQUIRED /**< always: who does not know it is refused with 421, and refuses us with 420 */
} pipit_reliable_provisionals;

/** JsSIP's states, with its numbers. */
typedef enum pipit_ua_status {
    PIPIT_UA_INIT,        /**< never connected since the start */
    PIPIT_UA_READY,       /**< connected */
    PIPIT_UA_USER_CLOSED, /**< pipit_ua_stop() was called */
    PIPIT_UA_NOT_READY    /**< the connection failed or was lost */
} pipit_ua_status;

typedef struct pipit_connecting_event {
    pipit_socket *socket;
    unsigned attempts; /**< 0 for the first, then counting recoveries */
} pipit_connecting_event;

typedef struct pipit_connected_event {
    pipit_socket *socket;
} pipit_connected_event;

typedef struct pipit_disconnected_event {
    pipit_socket *socket;
    bool error;         /**< false when we asked for it or it closed in order */
    int code;           /**< WebSocket close code, 0 for none */
    const char *reason; /**< "" for none; never NULL */
    bool recovering; /**< another attempt follows by itself. false: stopped, or given up, and then
                             pipit_ua_start() tries again */
} pipit_disconnected_event;

/** What ended the last connection, or attempt, that ended by an error or with a close code. */
typedef struct pipit_transport_error {
    int code;           /**< WebSocket close code, 0 for none */
    const char *reason; /**< "" for none; never NULL */
} pipit_transport_error;

typedef struct pipit_registered_event {
    pipit_request *response;
} pipit_registered_event;

/** `unregistered` and `registration_failed`. */
typedef struct pipit_unregistered_event {
    pipit_request *response; /**< NULL when there was none */
    pipit_cause cause;       /**< PIPIT_CAUSE_NONE when it was asked for and done */
    const char *reason;      /**< a sentence for people; "" when it was asked for and done */
    unsigned retry_in;       /**< seconds until it is tried again by itself; 0: it is not */
} pipit_unregistered_event;

typedef struct pipit_new_rtc_session_event {
    pipit_originator originator;
    pipit_session *session;
    pipit_request *request;
    pipit_session *replaces; /**< the call whose place this one takes (RFC 3891); NULL: none */
} pipit_new_rtc_session_event;

typedef struct pipit_new_message_event {
    pipit_originator originator;
    pipit_message *message;
    pipit_request *request;
} pipit_new_message_event;

typedef struct pipit_new_options_event {
    pipit_originator originator;
    pipit_options *options;
    pipit_request *request;
} pipit_new_options_event;

/** `new_subscribe`: somebody asks for our events. Take it with pipit_ua_notify() or refuse it with pipit_ua_reject_subscribe(). */
typedef struct pipit_new_subscribe_event {
    const char *event;      /**< the package: "presence" */
    const char *id;         /**< its id parameter; NULL: none */
    pipit_request *request; /**< a valid SUBSCRIBE outside of any dialog, or in a call's */
    /** The call in whose dialog it came (RFC 5057); NULL: outside of calls. Taken, the subscription shares the dialog and outlives the
     *  call; one that is not taken is answered 489. */
    pipit_session *session;
} pipit_new_subscribe_event;

/** `new_refer`: somebody wants us to call somebody else, and says so outside of calls. Decide with pipit_refer_accept() or
 *  pipit_refer_reject(), now or, when it is kept with pipit_refer_notifier_ref(), later; one that is not kept is refused with 603.
 *  Anybody may send one: whom to trust is for the application. No counterpart in JsSIP, which answers 405. */
typedef struct pipit_new_refer_event {
    pipit_refer_notifier *refer;
    pipit_request *request;
    /** The call with us that the sender names by its tags (Target-Dialog, RFC 4538), which are known to those in it and those they
     *  told; NULL: none. */
    pipit_session *target_dialog;
} pipit_new_refer_event;

/** `sip_event`: a NOTIFY nobody subscribed to (JsSIP: sipEvent). It has been answered 200. */
typedef struct pipit_sip_event_event {
    const char *event;      /**< the package; NULL: it names none */
    const char *id;         /**< its id parameter; NULL: none */
    pipit_request *request; /**< the NOTIFY */
} pipit_sip_event_event;

/** A transaction (RFC 3261 section 17) that has begun or is over. Strings are valid until the handler returns. */
typedef struct pipit_transaction_event {
    pipit_originator originator; /**< PIPIT_LOCAL: of a request we send */
    const char *type; /**< "ict", "nict", "ist" or "nist": INVITE or not, client or server */
    const char *method;
    const char *branch;
} pipit_transaction_event;

/** Handlers of a user agent; each may be NULL. Calls, messages and subscriptions that come while nobody listens for them are
 *  answered 405, REFERs 603, NOTIFYs 481, queries (OPTIONS) 200. */
typedef struct pipit_ua_handlers {
    /** Sees every event, before the handler of its own.
     *  @param name   JsSIP's name of it, "newRTCSession"; valid until the handler returns
     *  @param event  what the event's own handler gets; NULL for one without data */
    void (*any)(pipit_ua *ua, const char *name, const void *event, void *user);
    void (*connecting)(pipit_ua *ua, const pipit_connecting_event *event, void *user);
    void (*connected)(pipit_ua *ua, const pipit_connected_event *event, void *user);
    void (*disconnected)(pipit_ua *ua, const pipit_disconnected_event *event, void *user);
    void (*registered)(pipit_ua *ua, const pipit_registered_event *event, void *user);
    void (*unregistered)(pipit_ua *ua, const pipit_unregistered_event *event, void *user);
    void (*registration_failed)(pipit_ua *ua, const pipit_unregistered_event *event, void *user);
    /** A refresh is due. With this handler it is yours to call pipit_ua_register(), now or before the registration ends;
     *  without it the user agent does. */
    void (*registration_expiring)(pipit_ua *ua, void *user);
    void (*new_rtc_session)(pipit_ua *ua, const pipit_new_rtc_session_event *event, void *user);
    void (*new_message)(pipit_ua *ua, const pipit_new_message_event *event, void *user);
    void (*new_options)(pipit_ua *ua, const pipit_new_options_event *event, void *user);
    void (*new_subscribe)(pipit_ua *ua, const pipit_new_subscribe_event *event, void *user);
    void (*new_refer)(pipit_ua *ua, const pipit_new_refer_event *event, void *user);
    void (*sip_event)(pipit_ua *ua, const pipit_sip_event_event *event, void *user);
    /** Each transaction, told with the end of the loop's turn in which it began and was over. Not when all end at once, with
     *  `stopped` or the last reference. */
    void (*new_transaction)(pipit_ua *ua, const pipit_transaction_event *event, void *user);
    void (*transaction_destroyed)(pipit_ua *ua, const pipit_transaction_event *event, void *user);
    /** After pipit_ua_stop(): all is hung up, unregistered and disconnected. */
    void (*stopped)(pipit_ua *ua, void *user);
} pipit_ua_handlers;

/** What a user agent does when the addresses of the machine change. It is told of that by the system (Linux) or looks every few
 *  seconds, and waits a second for it to settle; loopback and link-local addresses count for nothing. */
typedef enum pipit_network_changes {
    /** What depends on an address that is gone is moved: the connection is made anew, and behind it the registration; calls whose
     *  sound goes from there restart ICE. New addresses are used by calls to come, and by those that look for a path. */
    PIPIT_NETWORK_FOLLOW,
    PIPIT_NETWORK_FOLLOW_ALL, /**< calls also restart ICE when there is another address: it may be the better one */
    PIPIT_NETWORK_IGNORE /**< nothing, unless pipit_ua_network_changed() is called: losses are found out by silence */
} pipit_network_changes;

/** One way to a server. */
typedef struct pipit_weighted_socket {
    pipit_socket *socket; /**< the user agent takes its own reference */
    unsigned weight;      /**< the highest is used first */
} pipit_weighted_socket;

/** Configuration of a user agent. `uri` and one socket are needed; zero, and for a text "" too, is the default of the rest.
 *  Strings are copied. */
typedef struct pipit_ua_configuration {
    const char *uri; /**< the account: "sip:alice@example.com" ("sip:" may be left out) */
    pipit_weighted_socket sockets[PIPIT_SOCKETS_MAX]; /**< up to the first without a socket */
    const pipit_ua_handlers *handlers;                /**< must outlive the user agent */
    void *user;                                       /**< passed to the handlers */
    const char *password;                             /**< kept in memory only, wiped at the end */
    const char *authorization_user;                   /**< NULL: the user of `uri` */
    const char *realm; /**< with it only challenges of this realm are answered; needed for `ha1` */
    const char *ha1;   /**< MD5 of user:realm:password, instead of `password` */
    const char *ha1_sha256; /**< the same by SHA-256, for challenges that name that algorithm */
    /** Value of Authorization on every request, with its scheme: "Bearer eyJ…"; NULL: none. Not sent without TLS. */
    const char *authorization_jwt;
    /** Asked for what cannot be answered with the parameters above; NULL: such requests fail. */
    pipit_credentials_function *credentials;
    /** true: `authorization_jwt` and tokens also go where there is no TLS, and anyone on the way may read them. */
    bool allow_insecure_authorization;
    const char *display_name; /**< in From */
    /** NULL: made up, "sip:<random>@<random>.invalid;transport=ws"; over UDP, TCP and TLS at the local address, or the one the
     *  registrar sees. Given: stays as it is, and over WebSockets its host is that of Via */
    const char *contact_uri;
    /** A UUID that stays the same over restarts, also as "urn:uuid:…"; NULL: random */
    const char *instance_id;
    const char *registrar_server; /**< "sip:example.com"; NULL: the domain of `uri` */
    const char *user_agent;       /**< User-Agent header; NULL: "Pipit <version>" */
    /** Packages others may subscribe to: "presence, dialog"; others are answered 489. NULL: `new_subscribe` decides */
    const char *allow_events;
    /** INFO packages (RFC 6086) that the application takes by `new_info`: "infoDtmf, g.example"; said in Recv-Info. Others are
     *  answered 469, and so is trickle-ice in calls that do not want it. NULL: none; an INFO without a package is always taken */
    const char *recv_info;
    /** On every request and every answer but 100 and the 200 to CANCEL; NULL at the end */
    const char *const *extra_headers;
    bool no_register;          /**< true: does not register on start (JsSIP: register: false) */
    unsigned register_expires; /**< seconds; 0: 600; PIPIT_NO_EXPIRES: not said */
    const char *register_from_tag_trail; /**< behind the From tag of each REGISTER; a token */
    /** true: requests outside of dialogs carry the address of the socket in use as their first Route. */
    bool use_preloaded_route;
    /** Seconds until a registration that failed for a passing reason is tried again: doubled with each failure in a row, of
     *  that between half and all, and not before Retry-After. 30 is the advice of RFC 5626 section 4.5. 0: never, as JsSIP */
    unsigned registration_retry_interval;
    unsigned registration_retry_max_interval; /**< seconds; 0: 1800 */
    unsigned no_answer_timeout;               /**< seconds an incoming call rings; 0: 60 */
    /** true: calls that ask for it are answered by themselves, with the default options; see pipit_session_auto_answer_after().
     *  Who calls decides that the microphone is open: only for callers that a server has checked. */
    bool auto_answer;
    unsigned follow_redirects; /**< how many 3xx a call of ours follows; 0: none, as JsSIP */
    pipit_reliable_provisionals reliable_provisionals; /**< 0: PIPIT_RELIABLE_SUPPORTED */
    /** true: calls have no session timer of ours (RFC 4028; JsSIP: session_timers: false). */
    bool no_session_timers;
    unsigned
        session_timers_expires; /**< seconds a call asks for, 60 and more; 0: 90, or session_timers_min */
    unsigned session_timers_min; /**< shorter intervals are refused with 422; 60 and more; 0: 60 */
    /** "UPDATE" or "INVITE"; NULL: UPDATE. A far end that does not know UPDATE gets an INVITE in any case. */
    const char *session_timers_refresh_method;
    bool session_timers_force_refresher; /**< true: calls of ours ask to be the one who refreshes */
    unsigned connection_recovery_min_interval; /**< seconds; 0: 2 */
    unsigned connection_recovery_max_interval; /**< seconds; 0: 30 */
    unsigned connection_recovery_max_attempts; /**< after a loss, until it gives up; 0: no limit */
    bool no_connection_recovery; /**< true: after a loss only pipit_ua_start() connects again */
    /** true: calls make no re-INVITE of their own behind a new connection or for a lost media path. Else an established call
     *  offers again by itself once the user agent is registered anew, with the Contact of now and a restart of ICE, and a BYE or
     *  CANCEL that found no connection follows within 32 s. */
    bool no_call_recovery;
    pipit_network_changes network_changes; /**< calls as far as `no_call_recovery` allows it */
    unsigned ice_recovery_timeout; /**< seconds a call waits for a restart of ICE to help; 0: 15 */
    unsigned
        connection_timeout; /**< seconds any socket, your own too, may take to connect; 0: 60 */
    /** Seconds after which a socket of more weight than the one in use is tried beside it, again and again; a quarter more
     *  or less, by chance. When it connects while no call and no request is going on, it takes over: `disconnected`,
     *  `connecting`, `connected`. 0: never, only the next loss leads back to it. */
    unsigned connection_return_interval;
    /** Calls that may be alive at a time, up to 65,536; 0: 128. One that comes on top is answered 486, one that is made gives
     *  PIPIT_ERR_LIMIT. */
    unsigned max_sessions;
    unsigned max_message_size; /**< octets, up to 1 MiB; 0: 64 KiB. Longer: 513, PIPIT_ERR_LIMIT */
    pipit_trace_function *trace; /**< sees every SIP message and state; NULL: none */
    void *trace_user;
} pipit_ua_configuration;

/** Makes a user agent. Nothing is sent before pipit_ua_start().
 *  @param configuration  copied
 *  @param out            yours; release with pipit_ua_unref()
 *  @return 0, PIPIT_ERR_CONFIGURATION with the parameter and its value in the message, PIPIT_ERR_MEMORY
 *  Example: examples/call.c.  JsSIP: new JsSIP.UA(configuration) */
PIPIT_API int pipit_ua_new(pipit_loop *loop, const pipit_ua_configuration *configuration,
                           pipit_ua **out);

/** Adds handlers beside those of the configuration; called behind those that were there. One that is added while an event
 *  is on its way gets the next one.
 *  @param handlers  must outlive the user agent, or be removed before they go
 *  @param user      passed to them
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY.  JsSIP: ua.on() */
PIPIT_API int pipit_ua_add_handlers(pipit_ua *ua, const pipit_ua_handlers *handlers, void *user);
/** Removes handlers, those of the configuration too. They may do it themselves while they run (JsSIP: ua.once()), and are not
 *  called any more, not for the event that is on its way either.
 *  @param user  as given when they were added
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_NOT_FOUND.  JsSIP: ua.off() */
PIPIT_API int pipit_ua_remove_handlers(pipit_ua *ua, const pipit_ua_handlers *handlers, void *user);

/** Connects, and registers unless told not to. After pipit_ua_stop() it starts again, and so it does when it has given up
 *  to recover a lost connection.
 *  @return 0, PIPIT_ERR_MEMORY.  JsSIP: ua.start() */
PIPIT_API int pipit_ua_start(pipit_ua *ua);

/** Hangs up, unregisters, disconnects; emits `stopped` when that is done (at most 2 s later, at once when idle).
 *  JsSIP: ua.stop() */
PIPIT_API void pipit_ua_stop(pipit_ua *ua);

/** The machine may have other addresses: does what `network_changes` says of them, for systems that tell applications of it. Nothing
 *  before pipit_ua_start().
 *  @return 0, PIPIT_ERR_ARGUMENT.  No counterpart in JsSIP: browsers do it by themselves */
PIPIT_API int pipit_ua_network_changed(pipit_ua *ua);

/** Calls somebody. Emits `new_rtc_session` before it returns, then the call's own events.
 *  @param target   "bob", "bob@example.com", "sip:bob@example.com", a number
 *  @param options  NULL for defaults; copied
 *  @param out      NULL, or yours: release with pipit_session_unref()
 *  @return 0, PIPIT_ERR_SYNTAX for a bad target or header, PIPIT_ERR_STATE after pipit_ua_stop(), PIPIT_ERR_MEDIA,
 *          PIPIT_ERR_NOT_SUPPORTED, PIPIT_ERR_LIMIT, PIPIT_ERR_MEMORY. Not being connected is no error but a `failed`
 *  Example: examples/call.c.  JsSIP: ua.call() */
PIPIT_API int pipit_ua_call(pipit_ua *ua, const char *target, const pipit_call_options *options,
                            pipit_session **out);

/** Sends an instant message. Emits `new_message` before it returns, later the message's own event.
 *  @param body  UTF-8
 *  @param out   NULL, or yours
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX for a bad target, content type or header, PIPIT_ERR_MEMORY
 *  Example: examples/message.c.  JsSIP: ua.sendMessage() */
PIPIT_API int pipit_ua_send_message(pipit_ua *ua, const char *target, const char *body,
                                    const pipit_message_options *options, pipit_message **out);

/** pipit_session_terminate() for every call there is now; where `options` do not fit the state of one, it is ended with
 *  the defaults.  JsSIP: ua.terminateSessions() */
PIPIT_API void pipit_ua_terminate_sessions(pipit_ua *ua, const pipit_terminate_options *options);

/** @return whether the socket to a server is open.  JsSIP: ua.isConnected() */
PIPIT_API bool pipit_ua_is_connected(const pipit_ua *ua);
/** @return whether an attempt to connect is under way; not while it waits for the next.  JsSIP: ua.transport.isConnecting() */
PIPIT_API bool pipit_ua_is_connecting(const pipit_ua *ua);
/** @return the socket in use, or that is tried now or will be tried next; borrowed.  JsSIP: ua.transport.socket */
PIPIT_API pipit_socket *pipit_ua_socket(const pipit_ua *ua);
/** @return how many attempts to recover the connection were begun since it was there last; 0 while connected.
 *  SIP.js: transport.reconnection_attempts */
PIPIT_API unsigned pipit_ua_reconnection_attempts(const pipit_ua *ua);
/** @return what went wrong last, NULL when nothing has; borrowed until the next event.  SIP.js: transport.lastTransportError */
PIPIT_API const pipit_transport_error *pipit_ua_last_transport_error(const pipit_ua *ua);
/** Traces SIP messages and states from now on, or not any more.
 *  @param trace  NULL: not any more.  SIP.js: traceSip */
PIPIT_API void pipit_ua_set_trace(pipit_ua *ua, pipit_trace_function *trace, void *user);
PIPIT_API pipit_ua_status pipit_ua_get_status(const pipit_ua *ua);
/** @return the account's address: "sip:alice@example.com" */
PIPIT_API const char *pipit_ua_uri(const pipit_ua *ua);
/** @return the Contact URI: the public GRUU once a registrar gave one. Over UDP, TCP and TLS it is at the connection's address
 *  and changes with it, unless contact_uri was given: good until the next event.  JsSIP: ua.contact.uri */
PIPIT_API const char *pipit_ua_contact(const pipit_ua *ua);
/** @return NULL until a registrar gave one (RFC 5627); borrowed until the next registration.  JsSIP: ua.contact.pub_gruu */
PIPIT_API const char *pipit_ua_pub_gruu(const pipit_ua *ua);
/** @return the same of the temporary one.  JsSIP: ua.contact.temp_gruu */
PIPIT_API const char *pipit_ua_temp_gruu(const pipit_ua *ua);
/** Writes the Contact as it stands in requests, with its brackets.
 *  @param anonymous  true: the temporary GRUU, or an address that tells nothing of the account
 *  @param outbound   true: as in a request that makes a dialog, with ";ob" (RFC 5626 section 4.3) unless it is a GRUU
 *  @param out        yours; free with pipit_free()
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY.  JsSIP: ua.contact.toString({anonymous, outbound}) */
PIPIT_API int pipit_ua_contact_to_string(const pipit_ua *ua, bool anonymous, bool outbound,
                                         char **out);

/** Makes a URI of what a user typed: "bob" becomes sip:bob@ and domain, port and parameters of the account's `uri`.
 *  @param out  yours; release with pipit_uri_unref()
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY.  JsSIP: ua.normalizeTarget() */
PIPIT_API int pipit_ua_normalize_target(pipit_ua *ua, const char *target, pipit_uri **out);

/** Changes a parameter of the configuration, from the next request on: "authorization_user", "password", "realm", "ha1",
 *  "ha1_sha256", "authorization_jwt" or "display_name". A hash is meant instead of the password, which is wiped.
 *  @param value  copied; NULL or "": the default
 *  @return 0, PIPIT_ERR_NOT_FOUND for any other name, PIPIT_ERR_CONFIGURATION for a wrong value, or for a hash without a
 *          realm, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY.  JsSIP: ua.set() */
PIPIT_API int pipit_ua_set(pipit_ua *ua, const char *name, const char *value);
/** @return the value of a parameter that pipit_ua_set() knows, borrowed until it is changed; NULL when it has none, for any
 *          other name, and for "password", which is told to nobody.  JsSIP: ua.get() */
PIPIT_API const char *pipit_ua_get(const pipit_ua *ua, const char *name);
/** Replaces the `extra_headers` of the configuration.
 *  @param lines  "Name: value", NULL at the end; copied. NULL: none any more
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY.  JsSIP: ua.set("extra_headers", lines) */
PIPIT_API int pipit_ua_set_extra_headers(pipit_ua *ua, const char *const *lines);

PIPIT_API pipit_ua *pipit_ua_ref(pipit_ua *ua);
/** @return NULL */
PIPIT_API pipit_ua *pipit_ua_unref(pipit_ua *ua);

#ifdef __cplusplus
}
#endif
#endif
