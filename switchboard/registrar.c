/* registrar.c - REGISTER (RFC 3261 section 10.3): all of its contacts are looked at first, then all
 * are taken. */
#include "switchboard/board.h"

#include "base/limits.h"

typedef struct plan { /* what a REGISTER asks for, and what is wrong with it */
    board_connection *connection;
    board_user *user;
    const pp_message *request;
    size_t contacts, new_contacts;
    bool remove_all;
    bool outbound; /* an instance and a flow were named (RFC 5626) */
    int status;    /* 0: nothing is wrong */
    const char *phrase;
} plan;

static uint32_t expires_of(const plan *p, pp_str params)
{
    uint32_t expires_s_max = p->connection->board->expires_s_max, expires_s = expires_s_max;
    pp_str value;

    if (!pp_param(params, "expires", &value) ||
        !pp_str_to_u32(value, 0, PP_LIMIT_EXPIRES_S, &expires_s))
        pp_message_number(p->request, PP_HEADER_EXPIRES, &expires_s);
    return expires_s < expires_s_max ? expires_s : expires_s_max;
}

static bool read_contact(const plan *p, pp_str value, board_contact *out)
{
    pp_name_addr address;
    board_contact contact = {0};
    pp_str text;

    if (pp_name_addr_parse(value, &address) ||
        (address.uri.scheme != PP_SCHEME_SIP && address.uri.scheme != PP_SCHEME_SIPS))
        return false;
    contact.uri = address.uri;
    if (pp_param(address.params, "+sip.instance", &text) && text.n > 2 && text.p[0] == '"')
        contact.instance = text;
    if (pp_param(address.params, "reg-id", &text))
        pp_str_to_u32(text, 1, INT32_MAX, &contact.reg_id);
    contact.expires_s = expires_of(p, address.params);
    *out = contact;
    return true;
}

static void refuse(plan *p, int status, const char *phrase)
{
    if (!p->status) {
        p->status = status;
        p->phrase = phrase;
    }
}

/* RFC 3261 section 10.3 item 7: a request that was overtaken by a later one changes nothing. */
static bool is_overtaken(const plan *p, const board_binding *old)
{
    return old && pp_str_eq_c(p->request->call_id, old->call_id) && p->request->cseq <= old->cseq;
}

static void look_at_contact(plan *p, pp_str value)
{
    board_contact contact;
    const board_binding *old;

    p->contacts++;
    if (pp_str_eq_c(value, "*")) {
        p->remove_all = true;
        return;
    }
    if (!read_contact(p, value, &contact)) {
        refuse(p, 400, "Bad Contact");
        return;
    }
    old = board_location_find(p->user, &contact);
    if (is_overtaken(p, old))
        refuse(p, 500, "CSeq is lower than that of an earlier REGISTER");
    else if (contact.expires_s && contact.expires_s < p->connection->board->expires_s_min)
        refuse(p, 423, NULL);
    if (!old && contact.expires_s)
        p->new_contacts++;
    p->outbound = p->outbound || (contact.instance.n && contact.reg_id);
}

static void look(plan *p)
{
    pp_member at = {0};
    pp_str value;
    uint32_t expires_s;

    while (pp_message_next(p->request, PP_HEADER_CONTACT, &at, &value) && !p->status)
        look_at_contact(p, value);
    if (p->remove_all &&
        (p->contacts != 1 || !pp_message_number(p->request, PP_HEADER_EXPIRES, &expires_s) ||
         expires_s != 0))
        refuse(p, 400, "'*' stands alone and with Expires: 0");
    if (p->new_contacts && board_location_count(p->user) + p->new_contacts > PP_LIMIT_BINDINGS)
        refuse(p, 503, "Too many registered contacts");
}

static void take_contact(plan *p, pp_str value)
{
    board_contact contact;
    board_binding *old;

    if (!read_contact(p, value, &contact))
        return;
    old = board_location_find(p->user, &contact);
    if (contact.expires_s && board_location_bind(p->connection, p->user, &contact, p->request))
        refuse(p, 500, NULL);
    else if (!contact.expires_s && old)
        board_location_unbind(old);
}

static void take(plan *p)
{
    pp_member at = {0};
    pp_str value;

    while (p->remove_all && p->user->bindings)
        board_location_unbind(p->user->bindings);
    while (!p->remove_all && pp_message_next(p->request, PP_HEADER_CONTACT, &at, &value))
        take_contact(p, value);
}

static int add_binding(const board_binding *binding, pp_outgoing *reply)
{
    uint64_t now_ms = pp_loop_now_ms(binding->board->loop);
    uint64_t left_s =
        binding->expires_ms > now_ms ? (binding->expires_ms - now_ms + 999) / 1000 : 0;
    pp_buf value = {0};
    int err;

    pp_buf_format(&value, "<%s>;expires=%llu", binding->contact, (unsigned long long)left_s);
    if (binding->instance)
        pp_buf_format(&value, ";+sip.instance=%s", binding->instance);
    if (binding->reg_id)
        pp_buf_format(&value, ";reg-id=%u", binding->reg_id);
    err = pp_buf_error(&value);
    if (!err)
        pp_outgoing_add(reply, PP_HEADER_CONTACT, pp_buf_text(&value));
    pp_buf_free(&value);
    return err;
}

static void answer(const plan *p, pp_server_transaction *transaction)
{
    pp_outgoing *reply = NULL;
    int err =
        board_reply_new(p->connection, p->request, p->status ? p->status : 200, p->phrase, &reply);

    if (!err && p->status == 423)
        pp_outgoing_add_format(reply, PP_HEADER_MIN_EXPIRES, "%u",
                               p->connection->board->expires_s_min);
    for (const board_binding *b = p->user->bindings; b && !err && !p->status; b = b->next)
        err = add_binding(b, reply);
    if (!err && !p->status && p->outbound &&
        pp_message_lists(p->request, PP_HEADER_SUPPORTED, "outbound")) {
        pp_outgoing_add_c(reply, PP_HEADER_SUPPORTED, "outbound"); /* RFC 5626 section 6 */
        pp_outgoing_add_c(reply, PP_HEADER_REQUIRE, "outbound");
    }
    board_reply_send(transaction, err, reply);
}

void board_register(pp_server_transaction *transaction)
{
    board_connection *connection = pp_server_flow(transaction);
    const pp_message *request = pp_server_request(transaction);
    plan p = {.connection = connection, .request = request};

    if (!board_is_ours(connection, &request->ruri) ||
        !board_is_ours(connection, &request->to.uri)) {
        board_reply_foreign(transaction);
        return;
    }
    p.user = board_authenticate(transaction, false);
    if (!p.user)
        return;
    if (board_users_of_uri(connection->board, &request->to.uri) != p.user) {
        board_reply(transaction, 403, "Forbidden, To must be your own address");
        return;
    }
    look(&p);
    if (!p.status)
        take(&p);
    answer(&p, transaction);
}
