/* response.c - answers of ours, and the refusals every user agent server makes (RFC 3261 section 8.2). */
#include "base/error.h"
#include "base/log.h"
#include "ua/ua.h"

#define TAG_SIZE 12u

static void explain(const pipit_ua *ua, const pp_message *request, pp_outgoing *refusal)
{
    const pp_sanity_rules rules = pp_ua_rules(ua, request);

    pp_sanity_explain(request, &rules, refusal);
}

int pp_ua_response(pipit_ua *ua, const pp_message *request, int status, const char *phrase,
                   const char *to_tag, pp_outgoing **out)
{
    char fresh[TAG_SIZE + 1];
    pp_outgoing *response = NULL;
    int err;

    if (!to_tag && !request->to_tag.n) {
        pp_rng_token(&ua->loop->rng, fresh, TAG_SIZE);
        to_tag = fresh;
    }
    err = pp_outgoing_response(request, status, phrase, to_tag, &response);
    if (err)
        return err;
    pp_ua_add_usual(ua, request->method, response);
    if (status == 422)
        pp_outgoing_add_format(response, PP_HEADER_MIN_SE, "%u", ua->settings.session_min_s);
    if (status == 421)
        pp_outgoing_add_c(response, PP_HEADER_REQUIRE, "100rel");
    if (status >= 300)
        explain(ua, request, response);
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

int pp_ua_refusal(const char *what, const pipit_reply_options *options, int usual, int *out)
{
    int status = options && options->status_code ? options->status_code : usual;

    if (status < 300 || status > 699)
        return pp_error(PIPIT_ERR_ARGUMENT, "%s: %d is no status of a refusal", what, status);
    *out = status;
    return 0;
}

int pp_ua_reply(pipit_ua *ua, const pp_server_transaction *transaction, int status,
                const pipit_reply_options *o, pp_outgoing **out)
{
    pp_outgoing *response = NULL;
    int err = pp_ua_response(ua, pp_server_request(transaction), status, o->reason_phrase, NULL,
                             &response);

    if (err)
        return err;
    pp_add_lines(response, o->extra_headers);
    if (o->body)
        pp_outgoing_set_body(response, o->content_type ? o->content_type : "text/plain",
                             pp_str_c(o->body));
    err = pp_outgoing_error(response);
    if (err) {
        pp_outgoing_unref(response);
        return err;
    }
    *out = response;
    return 0;
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
