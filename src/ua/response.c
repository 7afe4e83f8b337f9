/* response.c - answers of ours, and the refusals every user agent server makes (RFC 3261 section 8.2). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/options.h"
#include "ua/ua.h"

#define TAG_SIZE 12u

const char pp_accept[] = "application/sdp, application/dtmf-relay";

static const char *supported(const pipit_ua *ua, pp_method method)
{
    if (method == PP_INVITE)
        return ua->contact.pub_gruu ? "timer,gruu,ice,outbound" : "timer,ice,outbound";
    return method == PP_UPDATE ? "timer,ice,outbound" : "outbound";
}

int pp_ua_response(pipit_ua *ua, const pp_message *request, int status, const char *phrase,
                   const char *to_tag, pp_outgoing **out)
{
    char fresh[TAG_SIZE + 1];
    pp_outgoing *response = NULL;
    int err;

    pp_rng_token(&ua->loop->rng, fresh, TAG_SIZE);
    err = pp_outgoing_response(request, status, phrase, to_tag ? to_tag : fresh, &response);
    if (err)
        return err;
    pp_outgoing_add_c(response, PP_HEADER_SUPPORTED, supported(ua, request->method));
    if (status == 405)
        pp_outgoing_add_c(response, PP_HEADER_ALLOW, pipit_allowed_methods());
    if (status == 415)
        pp_outgoing_add_c(response, PP_HEADER_ACCEPT, pp_accept);
    err = pp_outgoing_error(response);
    if (err) {
        pp_outgoing_unref(response);
        return err;
    }
    *out = response;
    return 0;
}

int pp_ua_answer(pipit_ua *ua, pp_server_transaction *transaction, int status, const char *phrase,
                 pp_header_id id, const char *value)
{
    pp_outgoing *response = NULL;
    int err = pp_ua_response(ua, pp_server_request(transaction), status, phrase, NULL, &response);

    if (!err && id != PP_HEADER_OTHER)
        pp_outgoing_add_c(response, id, value);
    if (!err)
        err = pp_server_respond(transaction, response);
    if (err)
        pp_log_warn("UA", "an answer %d could not be sent: %s", status, pipit_error_message());
    pp_outgoing_unref(response);
    return err;
}

void pp_ua_answer_plain(pipit_ua *ua, const pp_message *request, int status, const char *phrase)
{
    pp_outgoing *response = NULL;
    int err = pp_ua_response(ua, request, status, phrase, NULL, &response);

    if (!err)
        err = pp_ua_send_plain(ua, response);
    if (err)
        pp_log_warn("UA", "an answer %d could not be sent: %s", status, pipit_error_message());
    pp_outgoing_unref(response);
}

static bool is_supported(pp_str option)
{
    static const char *const options[] = {"timer", "ice", "outbound", "gruu", "path"};

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (pp_str_ieq_c(option, options[i]))
            return true;
    return false;
}

bool pp_ua_refuse_extension(pipit_ua *ua, pp_server_transaction *transaction,
                            const pp_message *request)
{
    pp_member at = {0};
    pp_str option;
    pp_buf unsupported = {0};
    bool refused;

    while (pp_message_next(request, PP_HEADER_REQUIRE, &at, &option)) {
        if (pp_str_empty(option) || is_supported(option))
            continue;
        if (unsupported.n)
            pp_buf_c(&unsupported, ", ");
        pp_buf_str(&unsupported, option);
    }
    refused = unsupported.n > 0 || pp_buf_error(&unsupported);
    if (refused) {
        char *list = NULL;

        if (pp_buf_take(&unsupported, &list) == 0)
            pp_ua_answer(ua, transaction, 420, NULL, PP_HEADER_UNSUPPORTED, list);
        pp_free(list);
    }
    pp_buf_free(&unsupported);
    return refused;
}
