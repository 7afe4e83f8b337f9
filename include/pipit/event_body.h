/** @file event_body.h  What NOTIFY and PUBLISH carry: waiting messages (RFC 3842), presence (RFC 3863), calls of a phone (RFC 4235),
 *  registrations (RFC 3680).
 *
 *  Readers take what came from the network: a document with a DTD, of more than 256 KiB, deeper than 32 elements or with more than
 *  4,096 elements and attributes is refused. What a reader gives is one object: its strings and lists live until it is freed.
 *  Elements and attributes that are not known are skipped. Strings that are not said are NULL. */
#ifndef PIPIT_EVENT_BODY_H
#define PIPIT_EVENT_BODY_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- message-summary (RFC 3842) --------------------------------------------------------------- */

/** How many messages of one kind there are. */
typedef struct pipit_message_count {
    bool given; /**< whether that kind was named at all */
    uint32_t fresh, old;
    uint32_t fresh_urgent, old_urgent;
} pipit_message_count;

/** The state of a mailbox, `application/simple-message-summary`. */
typedef struct pipit_message_summary {
    bool waiting;        /**< Messages-Waiting */
    const char *account; /**< Message-Account: the mailbox's URI; NULL: not said */
    pipit_message_count voice, fax, pager, multimedia, text;
} pipit_message_summary;

/** @param out  yours; free with pipit_message_summary_free()
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_message_summary_parse(const char *text, size_t size,
                                          pipit_message_summary **out);
/** Writes it as a body.
 *  @param out  yours; free with pipit_free()
 *  @return 0, PIPIT_ERR_SYNTAX for an account with control characters, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_message_summary_write(const pipit_message_summary *summary, char **out);
/** NULL is fine. */
PIPIT_API void pipit_message_summary_free(pipit_message_summary *summary);

/* --- presence (RFC 3863) ---------------------------------------------------------------------- */

/** Whether somebody takes messages at a place. */
typedef enum pipit_presence_basic {
    PIPIT_PRESENCE_UNKNOWN, /**< not said */
    PIPIT_PRESENCE_OPEN,
    PIPIT_PRESENCE_CLOSED
} pipit_presence_basic;

typedef struct pipit_presence_tuple {
    const char *id; /**< never NULL from a reader, needed by the writer */
    pipit_presence_basic basic;
    const char *contact;   /**< URI */
    const char *priority;  /**< of the contact, "0.8" */
    const char *note;      /**< the first */
    const char *timestamp; /**< "2026-01-31T12:00:00Z" */
} pipit_presence_tuple;

/** Somebody's presence, `application/pidf+xml`. */
typedef struct pipit_presence {
    const char *
        entity; /**< whose: "pres:bob@example.com"; never NULL from a reader, needed by the writer */
    const char *note; /**< the first of the whole */
    const pipit_presence_tuple *tuples;
    size_t tuple_count;
} pipit_presence;

/** @param out  yours; free with pipit_presence_free()
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_LIMIT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_presence_parse(const char *text, size_t size, pipit_presence **out);
/** Writes it as a body.
 *  @param out  yours; free with pipit_free()
 *  @return 0, PIPIT_ERR_ARGUMENT without an entity or id, PIPIT_ERR_SYNTAX for text that is no UTF-8 or has control characters,
 *          PIPIT_ERR_MEMORY */
PIPIT_API int pipit_presence_write(const pipit_presence *presence, char **out);
/** NULL is fine. */
PIPIT_API void pipit_presence_free(pipit_presence *presence);

/* --- dialog-info (RFC 4235) ------------------------------------------------------------------- */

typedef struct pipit_dialog_party {
    const char *identity;     /**< URI */
    const char *display_name; /**< of the identity */
    const char *target;       /**< URI */
} pipit_dialog_party;

/** One call of a phone. */
typedef struct pipit_dialog_entry {
    const char *id; /**< never NULL */
    const char *call_id, *local_tag, *remote_tag;
    const char *direction; /**< "initiator", "recipient" */
    const char
        *state; /**< "trying", "proceeding", "early", "confirmed", "terminated"; never NULL */
    const char *event; /**< what led there: "remote-bye" */
    uint32_t code;     /**< status that led there; 0: not said */
    uint32_t duration; /**< seconds; 0: not said */
    pipit_dialog_party local, remote;
} pipit_dialog_entry;

/** The calls of a phone, `application/dialog-info+xml`. */
typedef struct pipit_dialog_info {
    uint32_t version;
    bool partial;       /**< only what changed */
    const char *entity; /**< whose: never NULL */
    const pipit_dialog_entry *dialogs;
    size_t dialog_count;
} pipit_dialog_info;

/** @param out  yours; free with pipit_dialog_info_free()
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_LIMIT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_dialog_info_parse(const char *text, size_t size, pipit_dialog_info **out);
/** NULL is fine. */
PIPIT_API void pipit_dialog_info_free(pipit_dialog_info *info);

/* --- reg (RFC 3680) --------------------------------------------------------------------------- */

typedef struct pipit_reginfo_contact {
    const char *id;    /**< never NULL */
    const char *state; /**< "active", "terminated"; never NULL */
    const char *event; /**< "registered", "refreshed", "expired", …; never NULL */
    const char *uri;   /**< never NULL */
    const char *display_name;
    const char *call_id;
    uint32_t expires; /**< seconds; 0: not said */
} pipit_reginfo_contact;

typedef struct pipit_reginfo_registration {
    const char *aor;   /**< never NULL */
    const char *id;    /**< never NULL */
    const char *state; /**< "init", "active", "terminated"; never NULL */
    const pipit_reginfo_contact *contacts;
    size_t contact_count;
} pipit_reginfo_registration;

/** Registrations of an account, `application/reginfo+xml`. */
typedef struct pipit_reginfo {
    uint32_t version;
    bool partial; /**< only what changed */
    const pipit_reginfo_registration *registrations;
    size_t registration_count;
} pipit_reginfo;

/** @param out  yours; free with pipit_reginfo_free()
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_LIMIT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_reginfo_parse(const char *text, size_t size, pipit_reginfo **out);
/** NULL is fine. */
PIPIT_API void pipit_reginfo_free(pipit_reginfo *info);

#ifdef __cplusplus
}
#endif
#endif
