/* options.c - OPTIONS that come, inside or outside of a dialog (RFC 3261 section 11.2). */
#include "pipit/options.h"

#include "base/error.h"
#include "base/log.h"
#include "ua/ua.h"

const char *pipit_allowed_methods(void)
{
    return "INVITE, ACK, CANCEL, BYE, UPDATE, MESSAGE, OPTIONS, INFO";
}

void pp_options_receive(pipit_ua *ua, pp_server_transaction *transaction)
{
    pp_outgoing *response = NULL;
    int err = pp_ua_response(ua, pp_server_request(transaction), 200, NULL, NULL, &response);

    if (!err) {
        pp_outgoing_add_c(response, PP_HEADER_ALLOW, pipit_allowed_methods());
        pp_outgoing_add_c(response, PP_HEADER_ACCEPT, pp_accept);
        err = pp_server_respond(transaction, response);
    }
    if (err)
        pp_log_warn("UA", "OPTIONS could not be answered: %s", pipit_error_message());
    pp_outgoing_unref(response);
}
