/* authenticate.c - who sends a request: digest authentication (RFC 3261 section 22, RFC 8760). */
#include "switchboard/board.h"

#define WRONG_PASSWORDS_MAX 10u /* then the connection goes: guessing is slow */

typedef enum verdict { ABSENT, WRONG, STALE, GOOD } verdict;

static const char *const offered[] = {"SHA-256",
                                      "MD5"}; /* strongest first (RFC 8760 section 2.4) */

/* The Authorization for our realm, in an algorithm we offer. */
static bool find_authorization(const switchboard *board, const pp_message *request, pp_header_id id,
                               pp_authorization *out)
{
    for (size_t i = 0; i < pp_message_count(request, id); i++)
        if (pp_authorization_parse(pp_message_header(request, id, i), out) == 0 && out->supported &&
            !out->session && (out->algorithm == PP_HASH_SHA256 || out->algorithm == PP_HASH_MD5) &&
            pp_str_eq_c(out->realm, board->realm))
            return true;
    return false;
}

/* The digest covers its own uri parameter; it is worth something only when that is the request's.
 */
static bool is_for_this_uri(const pp_authorization *authorization, const pp_message *request)
{
    pp_uri uri;

    return pp_str_eq(authorization->uri, request->ruri_text) ||
           (pp_uri_parse(authorization->uri, &uri) == 0 && pp_uri_equal(&uri, &request->ruri));
}

static verdict judge(board_connection *connection, const pp_message *request, pp_header_id id,
                     board_user **out)
{
    pp_authorization authorization;
    board_user *user;
    bool right;

    if (!find_authorization(connection->board, request, id, &authorization))
        return ABSENT;
    user = board_users_find(connection->board, authorization.username);
    /* An unknown name costs as much as a wrong password, and looks the same. */
    right = pp_authorization_check(&authorization, pp_str_c(user ? user->password : "?"),
                                   request->method_name, request->body);
    if (!right || !user || !pp_str_eq_c(authorization.qop, "auth") ||
        !is_for_this_uri(&authorization, request))
        return WRONG;
    if (!board_nonce_take(connection, authorization.nonce, authorization.nc))
        return STALE;
    *out = user;
    return GOOD;
}

static int add_challenges(board_connection *connection, pp_outgoing *reply, pp_header_id id,
                          bool stale)
{
    char nonce[BOARD_NONCE_SIZE];
    pp_buf realm = {0};
    int err = board_nonce_make(connection, nonce);

    pp_write_quoted(pp_str_c(connection->board->realm), &realm);
    if (!err)
        err = pp_buf_error(&realm);
    for (size_t i = 0; i < sizeof(offered) / sizeof(*offered) && !err; i++)
        pp_outgoing_add_format(
            reply, id, "Digest realm=%.*s, nonce=\"%s\", algorithm=%s, qop=\"auth\"%s",
            PP_STR(pp_buf_text(&realm)), nonce, offered[i], stale ? ", stale=true" : "");
    pp_buf_free(&realm);
    return err;
}

static void challenge(pp_server_transaction *transaction, bool proxy, bool stale)
{
    board_connection *connection = pp_server_flow(transaction);
    pp_outgoing *reply = NULL;
    int err = board_reply_new(connection, pp_server_request(transaction), proxy ? 407 : 401, NULL,
                              &reply);

    if (!err)
        err = add_challenges(connection, reply,
                             proxy ? PP_HEADER_PROXY_AUTHENTICATE : PP_HEADER_WWW_AUTHENTICATE,
                             stale);
    board_reply_send(transaction, err, reply);
}

board_user *board_authenticate(pp_server_transaction *transaction, bool proxy)
{
    board_connection *connection = pp_server_flow(transaction);
    board_user *user = NULL;
    verdict found = judge(connection, pp_server_request(transaction),
                          proxy ? PP_HEADER_PROXY_AUTHORIZATION : PP_HEADER_AUTHORIZATION, &user);

    if (found == GOOD) {
        connection->user = user;
        connection->wrong_passwords = 0;
        return user;
    }
    challenge(transaction, proxy, found == STALE);
    if (found == WRONG) {
        board_tell(connection, SWITCHBOARD_REFUSED, PP_LIT("a wrong user name or password"), 0);
        if (++connection->wrong_passwords >= WRONG_PASSWORDS_MAX)
            board_connection_drop(connection, "too many wrong passwords");
    }
    return NULL;
}
