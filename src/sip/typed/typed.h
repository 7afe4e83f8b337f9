/* typed.h - header field values as C structs: slices of the text they were parsed from, nothing copied. A value that is printed
 * parses back to the same value. Parameters that have a member of their own are not looked for in `params` when printing. */
#ifndef PP_SIP_TYPED_H
#define PP_SIP_TYPED_H

#include "sip/message.h"

/* What a member of a header field looks like. */
typedef enum pp_shape {
    PP_SHAPE_TEXT,   /* any text on one line: Subject, and every header we do not know */
    PP_SHAPE_TOKEN,  /* Allow, Supported, SIP-ETag */
    PP_SHAPE_PARAMS, /* a token and parameters: Privacy, Accept-Contact, Content-Disposition */
    PP_SHAPE_WORD,   /* what a Call-ID may be */
    PP_SHAPE_DIALOG, /* a Call-ID and parameters: Target-Dialog */
    PP_SHAPE_UUI,    /* a token or quoted string, and parameters: User-to-User */
    PP_SHAPE_NUMBER, /* Max-Forwards, Expires, RSeq */
    PP_SHAPE_DELTA,  /* a number, a comment, parameters: Retry-After, Min-SE */
    PP_SHAPE_SESSION_EXPIRES,
    PP_SHAPE_CSEQ,
    PP_SHAPE_RACK,
    PP_SHAPE_TIMESTAMP,
    PP_SHAPE_DATE,
    PP_SHAPE_ADDRESS, /* From, Route, Refer-To, Call-Info */
    PP_SHAPE_CONTACT, /* the same, or "*" */
    PP_SHAPE_VIA,
    PP_SHAPE_MEDIA_TYPE,
    PP_SHAPE_WARNING,
    PP_SHAPE_AUTH,      /* challenges and credentials of any scheme */
    PP_SHAPE_AUTH_INFO, /* the same without a scheme */
    PP_SHAPE_EVENT,
    PP_SHAPE_SUBSCRIPTION_STATE,
    PP_SHAPE_REASON,
    PP_SHAPE_REPLACES, /* Join looks the same */
    PP_SHAPE_IDENTITY,
    PP_SHAPE_COUNT
} pp_shape;

typedef struct pp_word {
    pp_str word;
    pp_str params;
} pp_word;

typedef struct pp_number {
    uint32_t value;
    pp_str comment; /* with its brackets; empty when none */
    pp_str params;
} pp_number;

typedef enum pp_refresher { PP_REFRESHER_NONE, PP_REFRESHER_UAC, PP_REFRESHER_UAS } pp_refresher;

typedef struct pp_session_expires { /* RFC 4028 section 4 */
    uint32_t seconds;
    pp_refresher refresher;
    pp_str params;
} pp_session_expires;

typedef struct pp_cseq {
    uint32_t number;
    pp_str method;
} pp_cseq;

typedef struct pp_rack { /* RFC 3262 section 7.2 */
    uint32_t rseq;
    uint32_t cseq;
    pp_str method;
} pp_rack;

typedef struct pp_timestamp { /* decimal numbers with at most one '.' */
    pp_str stamp;
    pp_str delay; /* empty when none */
} pp_timestamp;

typedef struct pp_date {
    uint64_t unix_s; /* 1970 to 9999 */
} pp_date;

typedef struct pp_contact_value {
    bool all; /* "*": nothing else is set */
    pp_name_addr address;
} pp_contact_value;

typedef struct pp_media_type {
    pp_str type, subtype; /* "*" in an Accept */
    pp_str params;
} pp_media_type;

typedef struct pp_warning {
    uint32_t code; /* 100-999 */
    pp_str agent;
    pp_str text; /* with its quotes */
} pp_warning;

typedef struct pp_auth {
    pp_str scheme; /* "Digest", "Bearer"; empty in Authentication-Info */
    pp_str token;  /* of "Bearer <token>"; empty where there are parameters */
    pp_str params; /* name=value, name="value" */
} pp_auth;

typedef struct pp_event { /* RFC 6665 section 8.4 */
    pp_str package;
    pp_str id; /* p == NULL when none */
    pp_str params;
} pp_event;

typedef struct pp_subscription_state {
    pp_str state;  /* "active", "pending", "terminated" or another token */
    pp_str reason; /* p == NULL when none */
    bool has_expires, has_retry_after;
    uint32_t expires, retry_after;
    pp_str params;
} pp_subscription_state;

typedef struct pp_reason { /* RFC 3326 */
    pp_str protocol;
    bool has_cause;
    uint32_t cause;
    pp_str text; /* with its quotes when it has them; p == NULL when none */
    pp_str params;
} pp_reason;

typedef struct pp_replaces { /* RFC 3891 section 6.1 */
    pp_str call_id;
    pp_str to_tag, from_tag;
    bool early_only;
    pp_str params;
} pp_replaces;

typedef struct pp_identity { /* RFC 8224 section 4 */
    pp_str digest;
    pp_str info; /* the URI without its brackets; p == NULL in the old form (RFC 4474) */
    pp_str params;
} pp_identity;

typedef struct pp_typed {
    pp_shape shape;
    union {
        pp_str text;
        pp_word word;     /* TOKEN, PARAMS, WORD, DIALOG, UUI */
        pp_number number; /* NUMBER, DELTA */
        pp_session_expires session_expires;
        pp_cseq cseq;
        pp_rack rack;
        pp_timestamp timestamp;
        pp_date date;
        pp_name_addr address;
        pp_contact_value contact;
        pp_via via;
        pp_media_type media_type;
        pp_warning warning;
        pp_auth auth;
        pp_event event;
        pp_subscription_state subscription_state;
        pp_reason reason;
        pp_replaces replaces;
        pp_identity identity;
    } as;
} pp_typed;

/* A row of the table in header_table.h. */
typedef struct pp_header_info {
    pp_header_id id;
    const char *name;
    char compact; /* '\0' when there is none */
    bool list;    /* a field may hold several members with commas between them */
    pp_shape shape;
} pp_header_info;
const pp_header_info *pp_header_info_of(pp_header_id id);

/* One member of a header field; of a list, what pp_list_next() or pp_message_next() gives. PIPIT_ERR_SYNTAX. */
int pp_typed_parse(pp_header_id id, pp_str text, pp_typed *out);
int pp_shape_parse(pp_shape shape, pp_str text, pp_typed *out);
/* Appends the value as it stands in a field of that header. PIPIT_ERR_SYNTAX, and nothing is written, when the value would not
 * parse back as one member: a word that is no word, text that starts another line, a comma where it splits a list. */
int pp_typed_print(pp_header_id id, const pp_typed *value, pp_buf *out);

/* The same for one shape, where the header is known. Printers here check no more than they must. */
int pp_token_parse(pp_str text, pp_word *out);
int pp_token_print(const pp_word *value, pp_buf *out);
int pp_token_params_parse(pp_str text, pp_word *out);
int pp_call_id_parse(pp_str text, pp_word *out);
int pp_dialog_id_parse(pp_str text, pp_word *out);
int pp_uui_parse(pp_str text, pp_word *out);
int pp_word_print(const pp_word *value, pp_buf *out); /* of all of these */
int pp_number_parse(pp_str text, pp_number *out);
int pp_delta_parse(pp_str text, pp_number *out);
int pp_number_print(const pp_number *value, pp_buf *out);
int pp_session_expires_parse(pp_str text, pp_session_expires *out);
int pp_session_expires_print(const pp_session_expires *value, pp_buf *out);
int pp_cseq_parse(pp_str text, pp_cseq *out);
int pp_cseq_print(const pp_cseq *value, pp_buf *out);
int pp_rack_parse(pp_str text, pp_rack *out);
int pp_rack_print(const pp_rack *value, pp_buf *out);
int pp_timestamp_parse(pp_str text, pp_timestamp *out);
int pp_timestamp_print(const pp_timestamp *value, pp_buf *out);
int pp_date_parse(pp_str text, pp_date *out);
int pp_date_print(const pp_date *value, pp_buf *out);
int pp_address_print(const pp_name_addr *value, pp_buf *out); /* pp_name_addr_parse() reads it */
int pp_contact_parse(pp_str text, pp_contact_value *out);
int pp_contact_print(const pp_contact_value *value, pp_buf *out);
int pp_via_print(const pp_via *value, pp_buf *out); /* pp_via_parse() reads it */
int pp_media_type_parse(pp_str text, pp_media_type *out);
int pp_media_type_print(const pp_media_type *value, pp_buf *out);
int pp_warning_parse(pp_str text, pp_warning *out);
int pp_warning_print(const pp_warning *value, pp_buf *out);
int pp_auth_parse(pp_str text, pp_auth *out);
int pp_auth_info_parse(pp_str text, pp_auth *out);
int pp_auth_print(const pp_auth *value, pp_buf *out);
int pp_event_parse(pp_str text, pp_event *out);
int pp_event_print(const pp_event *value, pp_buf *out);
int pp_subscription_state_parse(pp_str text, pp_subscription_state *out);
int pp_subscription_state_print(const pp_subscription_state *value, pp_buf *out);
int pp_reason_parse(pp_str text, pp_reason *out);
int pp_reason_print(const pp_reason *value, pp_buf *out);
int pp_replaces_parse(pp_str text, pp_replaces *out);
int pp_replaces_print(const pp_replaces *value, pp_buf *out);
int pp_identity_parse(pp_str text, pp_identity *out);
int pp_identity_print(const pp_identity *value, pp_buf *out);

/* RFC 2045 section 5.1, RFC 3261 section 7.3.1: type, subtype and names without regard to case, parameters as a set, quoted values
 * with regard to case. */
bool pp_media_type_equal(const pp_media_type *a, const pp_media_type *b);
/* Whether a range of an Accept takes it: "*", "text" and its wildcard, or the type itself; `q` and what follows it is not looked at. */
bool pp_media_range_takes(const pp_media_type *range, const pp_media_type *type);

/* Octets of the comment that `text` starts with, brackets included; 0 when it is none or is not closed. */
size_t pp_comment_span(pp_str text);
/* Octets at the start that may stand in a word: a token's and ()<>:\"/[]?{} (RFC 3261 section 25.1). */
size_t pp_word_span(pp_str text);

/* Writes the parameters in order, ";name=value", leaving out those `known` names (NULL at the end; NULL: none). */
void pp_params_print(pp_str params, const char *const *known, pp_buf *out);
/* A token as it is, and ";name=value" when there is a value (p != NULL). PIPIT_ERR_SYNTAX for what would be read as more. */
int pp_token_write(pp_str token, pp_buf *out);
int pp_param_write(const char *name, pp_str value, pp_buf *out);
/* Appends ";name=value" to a list of parameters: a value that is no token and no host is quoted; p == NULL gives ";name".
 * PIPIT_ERR_SYNTAX for a name that is no token and for CR, LF and NUL. */
int pp_param_add(pp_buf *params, pp_str name, pp_str value);
/* A value that may follow '=' as it is: a token, a host, a closed quoted string. */
bool pp_param_value_valid(pp_str value);

#endif
