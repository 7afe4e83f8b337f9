/* member.c - typed header values as fields by JsSIP's names (the table in pipit/grammar.h). */
#include "base/addr.h"
#include "base/alloc.h"
#include "base/error.h"
#include "sip/lexer.h"
#include "sip/public/objects.h"

/* A chain of fields: the first failure ends it. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        int failed = (call);                                                                       \
        if (failed)                                                                                \
            return failed;                                                                         \
    } while (0)

static pp_str unless_empty(pp_str text)
{
    return text.n ? text : PP_STR_NONE;
}

static int of_address(const pp_name_addr *address, pp_value_member *member)
{
    return pp_name_addr_public(address, &member->address);
}

static int of_contact(const pp_contact_value *contact, pp_value_member *member)
{
    return contact->all ? pp_field(member, "value", PP_LIT("*"))
                        : of_address(&contact->address, member);
}

static pp_str host_type(pp_str host)
{
    pp_addr addr;

    if (host.n && host.p[0] == '[')
        return PP_LIT("IPv6");
    return pp_addr_parse(host, 0, &addr) ? PP_LIT("IPv4") : PP_LIT("domain");
}

int pp_host_fields(pp_str host, pp_value_member *member)
{
    TRY(pp_field_lower(member, "host", host));
    return pp_field(member, "host_type", host_type(host));
}

static int of_via(const pp_via *via, pp_value_member *member)
{
    static const char *const names[] = {"branch", "received", "rport", "ttl", "maddr"};

    TRY(pp_field(member, "protocol", PP_LIT("SIP")));
    TRY(pp_field(member, "transport", via->transport));
    TRY(pp_field(member, "host", via->host));
    TRY(pp_field(member, "host_type", host_type(via->host)));
    if (via->port)
        TRY(pp_field_number(member, "port", via->port));
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        pp_str value = PP_STR_NONE;
        if (pp_param(via->params, names[i], &value))
            TRY(pp_field(member, names[i], value.p ? value : PP_LIT("")));
    }
    return pp_params_to_pairs(via->params, &member->params);
}

static int of_media_type(const pp_media_type *type, pp_value_member *member)
{
    pp_buf value = {0};
    int err;

    pp_buf_str(&value, type->type);
    pp_buf_char(&value, '/');
    pp_buf_str(&value, type->subtype);
    err = pp_buf_error(&value);
    if (!err)
        err = pp_field_lower(member, "value", pp_buf_text(&value));
    pp_buf_free(&value);
    if (!err)
        err = pp_field_lower(member, "type", type->type);
    if (!err)
        err = pp_field_lower(member, "subtype", type->subtype);
    return err ? err : pp_params_to_pairs(type->params, &member->params);
}

/* Values that mean the same in any case have one: qop "auth,auth-int", algorithm "MD5", stale "true". */
static void settle_case(const char *name, char *value)
{
    static const char *const low[] = {"qop", "stale", "userhash"};
    bool upper = strcmp(name, "algorithm") == 0 && !strstr(value, "-sess"), lower = false;

    for (size_t i = 0; i < sizeof(low) / sizeof(*low); i++)
        lower |= strcmp(name, low[i]) == 0;
    for (; *value; value++) {
        if (lower)
            *value = pp_lower(*value);
        else if (upper && *value >= 'a' && *value <= 'z')
            *value = (char)(*value - 32);
    }
}

static int of_auth_param(pp_str name, pp_str quoted, pp_value_member *member)
{
    pp_buf plain = {0};
    char *value = NULL, *low = pp_str_dup(name);
    int err = low ? 0 : PIPIT_ERR_MEMORY;

    pp_write_unquoted(quoted, &plain);
    if (!err)
        err = pp_buf_take(&plain, &value);
    if (!err) {
        for (char *c = low; *c; c++)
            *c = pp_lower(*c);
        settle_case(low, value);
        err = pp_field(member, low, pp_str_c(value));
    }
    pp_buf_free(&plain);
    pp_free(value);
    pp_free(low);
    return err;
}

static int of_auth(const pp_auth *auth, pp_value_member *member)
{
    pp_str rest = auth->params, item;

    TRY(pp_field(member, "scheme", unless_empty(auth->scheme)));
    TRY(pp_field(member, "token", unless_empty(auth->token)));
    while (pp_list_next(&rest, &item)) {
        pp_str name = pp_str_trim(pp_str_split(&item, '='));
        TRY(of_auth_param(name, pp_str_trim(item), member));
    }
    return 0;
}

static int of_event(const pp_event *event, pp_value_member *member)
{
    TRY(pp_field_lower(member, "event", event->package));
    TRY(pp_field(member, "id", event->id));
    return pp_params_to_pairs(event->params, &member->params);
}

static int of_subscription_state(const pp_subscription_state *state, pp_value_member *member)
{
    TRY(pp_field_lower(member, "state", state->state));
    TRY(pp_field(member, "reason", state->reason));
    if (state->has_expires)
        TRY(pp_field_number(member, "expires", state->expires));
    if (state->has_retry_after)
        TRY(pp_field_number(member, "retry_after", state->retry_after));
    return pp_params_to_pairs(state->params, &member->params);
}

static int of_reason(const pp_reason *reason, pp_value_member *member)
{
    TRY(pp_field_lower(member, "protocol", reason->protocol));
    if (reason->has_cause)
        TRY(pp_field_number(member, "cause", reason->cause));
    TRY(pp_field_unquoted(member, "text", reason->text));
    return pp_params_to_pairs(reason->params, &member->params);
}

static int of_replaces(const pp_replaces *replaces, pp_value_member *member)
{
    TRY(pp_field(member, "call_id", replaces->call_id));
    TRY(pp_field(member, "to_tag", replaces->to_tag));
    TRY(pp_field(member, "from_tag", replaces->from_tag));
    if (replaces->early_only)
        TRY(pp_field(member, "early_only", PP_LIT("true")));
    return pp_params_to_pairs(replaces->params, &member->params);
}

static int of_session_expires(const pp_session_expires *session, pp_value_member *member)
{
    TRY(pp_field_number(member, "expires", session->seconds));
    if (session->refresher != PP_REFRESHER_NONE)
        TRY(pp_field(member, "refresher",
                     session->refresher == PP_REFRESHER_UAC ? PP_LIT("uac") : PP_LIT("uas")));
    return pp_params_to_pairs(session->params, &member->params);
}

static int of_number(const pp_number *number, pp_value_member *member)
{
    TRY(pp_field_number(member, "value", number->value));
    TRY(pp_field(member, "comment", unless_empty(number->comment)));
    return pp_params_to_pairs(number->params, &member->params);
}

static int of_word(const pp_word *word, pp_value_member *member)
{
    TRY(pp_field_unquoted(member, "value", word->word));
    return pp_params_to_pairs(word->params, &member->params);
}

static int of_cseq(const pp_cseq *cseq, pp_value_member *member)
{
    TRY(pp_field_number(member, "value", cseq->number));
    return pp_field(member, "method", cseq->method);
}

static int of_rack(const pp_rack *rack, pp_value_member *member)
{
    TRY(pp_field_number(member, "rseq", rack->rseq));
    TRY(pp_field_number(member, "cseq", rack->cseq));
    return pp_field(member, "method", rack->method);
}

static int of_warning(const pp_warning *warning, pp_value_member *member)
{
    TRY(pp_field_number(member, "code", warning->code));
    TRY(pp_field(member, "agent", warning->agent));
    return pp_field_unquoted(member, "text", warning->text);
}

static int of_identity(const pp_identity *identity, pp_value_member *member)
{
    TRY(pp_field_unquoted(member, "digest", identity->digest));
    TRY(pp_field(member, "info", identity->info));
    return pp_params_to_pairs(identity->params, &member->params);
}

static int of_timestamp(const pp_timestamp *timestamp, pp_value_member *member)
{
    TRY(pp_field(member, "stamp", timestamp->stamp));
    return pp_field(member, "delay", unless_empty(timestamp->delay));
}

static int of_date(const pp_date *date, pp_value_member *member)
{
    pp_buf text = {0};
    int err = pp_date_print(date, &text);

    if (!err)
        err = pp_field(member, "value", pp_buf_text(&text));
    pp_buf_free(&text);
    return err ? err : pp_field_number(member, "unix", date->unix_s);
}

int pp_member_of(const pp_typed *typed, pp_value_member *member)
{
    switch (typed->shape) {
    case PP_SHAPE_TOKEN:
    case PP_SHAPE_PARAMS:
    case PP_SHAPE_WORD:
    case PP_SHAPE_DIALOG:
    case PP_SHAPE_UUI:
        return of_word(&typed->as.word, member);
    case PP_SHAPE_NUMBER:
    case PP_SHAPE_DELTA:
        return of_number(&typed->as.number, member);
    case PP_SHAPE_SESSION_EXPIRES:
        return of_session_expires(&typed->as.session_expires, member);
    case PP_SHAPE_CSEQ:
        return of_cseq(&typed->as.cseq, member);
    case PP_SHAPE_RACK:
        return of_rack(&typed->as.rack, member);
    case PP_SHAPE_TIMESTAMP:
        return of_timestamp(&typed->as.timestamp, member);
    case PP_SHAPE_DATE:
        return of_date(&typed->as.date, member);
    case PP_SHAPE_ADDRESS:
        return of_address(&typed->as.address, member);
    case PP_SHAPE_CONTACT:
        return of_contact(&typed->as.contact, member);
    case PP_SHAPE_VIA:
        return of_via(&typed->as.via, member);
    case PP_SHAPE_MEDIA_TYPE:
        return of_media_type(&typed->as.media_type, member);
    case PP_SHAPE_WARNING:
        return of_warning(&typed->as.warning, member);
    case PP_SHAPE_AUTH:
    case PP_SHAPE_AUTH_INFO:
        return of_auth(&typed->as.auth, member);
    case PP_SHAPE_EVENT:
        return of_event(&typed->as.event, member);
    case PP_SHAPE_SUBSCRIPTION_STATE:
        return of_subscription_state(&typed->as.subscription_state, member);
    case PP_SHAPE_REASON:
        return of_reason(&typed->as.reason, member);
    case PP_SHAPE_REPLACES:
        return of_replaces(&typed->as.replaces, member);
    case PP_SHAPE_IDENTITY:
        return of_identity(&typed->as.identity, member);
    case PP_SHAPE_TEXT:
    case PP_SHAPE_COUNT:
        break;
    }
    return pp_field(member, "value", typed->as.text.p ? typed->as.text : PP_LIT(""));
}
