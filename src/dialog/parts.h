/* parts.h - what the files of this folder share: the table, and what is read from a message. */
#ifndef PP_DIALOG_PARTS_H
#define PP_DIALOG_PARTS_H

#include "base/alloc.h"
#include "base/index.h"
#include "dialog/dialog.h"

struct pp_dialogs {
    pp_index
        index; /* by the local tag, which is ours and by chance: only the forks of a request share one */
    unsigned max;
    pp_message_pool *pool;
};

int pp_dialogs_add(pp_dialogs *dialogs, pp_dialog *dialog);
void pp_dialogs_remove(pp_dialog *dialog);

typedef struct pp_routes {
    char **routes;
    size_t count;
} pp_routes;

/* All members of Record-Route. PIPIT_ERR_SYNTAX when one is no sip or sips address,
 * PIPIT_ERR_LIMIT when they are too many. */
int pp_routes_read(const pp_message *message, bool reversed, pp_routes *out);
void pp_routes_free(pp_routes *routes);
bool pp_route_is_strict(pp_str route); /* has no lr parameter (RFC 3261 section 12.2.1.1) */
/* The URI of a Contact or Route member, as it may stand in a Request-URI: without headers
 * (section 19.1.1, table 1). PIPIT_ERR_SYNTAX when it is no sip or sips URI. */
int pp_target_read(pp_str member, pp_str *out);
/* The first Contact's, as the message has it. PIPIT_ERR_NOT_FOUND when there is none. */
int pp_target_of(const pp_message *message, pp_str *out);

#endif
