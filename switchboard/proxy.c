/* proxy.c - a request on its way: forked to several targets, the best answer brought back (RFC 3261
 * sections 16.6 to 16.10). An errand lives as long as its server transaction and is released at the
 * end of the turn in which that ends. */
#include "switchboard/board.h"

#include <utlist.h>

#define TIMER_C_MS 181000u /* RFC 3261 section 16.6 item 11: larger than three minutes */

typedef struct board_branch board_branch;

struct board_branch {
    board_errand *errand;
    pp_client_transaction *client; /* NULL when it is over */
    pp_message *answer;            /* the refusal that ended it */
    int status; /* of that, or of our own making; 0 while it is pending or after a 2xx */
    bool over;
    bool rang_too_long;
    pp_timer timer_c;
    board_branch *next;
};

struct board_errand {
    switchboard *board;
    board_connection *from;
    pp_server_transaction *server; /* NULL when it is over */
    pp_message *request;
    board_branch *branches;
    bool answered; /* a final answer has gone back */
    bool cancelled;
    pp_post reap;
    board_errand *next, *prev;
};

/* --- the life of an errand -------------------------------------------------------------------- */

static void errand_free(board_errand *errand)
{
    board_branch *branch = errand->branches;

    while (branch) {
        board_branch *next = branch->next;

        pp_loop_stop_timer(errand->board->loop, &branch->timer_c);
        pp_message_unref(branch->answer);
        pp_free(branch);
        branch = next;
    }
    pp_loop_unpost(errand->board->loop, &errand->reap);
    DL_DELETE(errand->board->errands, errand);
    pp_message_unref(errand->request);
    pp_free(errand);
}

void board_proxy_free(switchboard *board)
{
    while (board->errands)
        errand_free(board->errands);
}

static void cancel_branch(board_branch *branch, const char *reason)
{
    if (!branch->over && branch->errand->request->method == PP_INVITE)
        pp_client_cancel(branch->client, reason);
}

static void reap_errand(void *arg)
{
    board_errand *errand = arg;

    for (board_branch *b = errand->branches; b; b = b->next) {
        cancel_branch(b, NULL); /* the caller is gone: nobody waits for it any more */
        b->client = pp_client_forget(b->client);
    }
    errand_free(errand);
}

/* --- bringing answers back -------------------------------------------------------------------- */

static void send_back(board_errand *errand, const pp_message *response)
{
    pp_outgoing *message = NULL;
    int err;

    if (!errand->server)
        return;
    err = board_forward_response(response, &message);
    board_reply_send(errand->server, err, message);
}

/* RFC 3261 section 16.7 item 6: a lower rank is better. 6xx speaks for the user; else the lowest
 * class; in 4xx first what the caller can do something about, last what only says that one phone
 * was away. */
static int rank(int status)
{
    switch (status) {
    case 401:
    case 407:
    case 415:
    case 420:
    case 484:
        return 40;
    case 408:
    case 480:
    case 481:
    case 487:
        return 42;
    default:
        return status >= 600 ? 0 : status / 100 * 10 + 1;
    }
}

static const board_branch *best_branch(const board_errand *errand)
{
    const board_branch *best = NULL;

    for (const board_branch *b = errand->branches; b; b = b->next)
        if (b->status && (!best || rank(b->status) < rank(best->status)))
            best = b;
    return best;
}

/* RFC 3261 section 16.7 item 7: when credentials are asked for, every branch's question goes back.
 */
static void add_challenges_of_others(const board_errand *errand, const board_branch *best,
                                     pp_outgoing *message)
{
    static const pp_header_id ids[] = {PP_HEADER_WWW_AUTHENTICATE, PP_HEADER_PROXY_AUTHENTICATE};

    if (best->status != 401 && best->status != 407)
        return;
    for (const board_branch *b = errand->branches; b; b = b->next)
        for (size_t i = 0; b != best && b->answer && i < 2; i++)
            for (size_t n = 0; n < pp_message_count(b->answer, ids[i]); n++)
                pp_outgoing_add(message, ids[i], pp_message_header(b->answer, ids[i], n));
}

static void send_best(board_errand *errand)
{
    const board_branch *best = best_branch(errand);
    int status = best ? best->status : 408;
    pp_outgoing *message = NULL;
    int err;

    errand->answered = true;
    if (!errand->server)
        return;
    /* RFC 3261 section 16.7 item 6: the 503 of one contact does not mean that we are overloaded. */
    if (!best || !best->answer || status == 503) {
        board_reply(errand->server, errand->cancelled ? 487 : status == 503 ? 500 : status, NULL);
        return;
    }
    err = board_forward_response(best->answer, &message);
    if (!err)
        add_challenges_of_others(errand, best, message);
    board_reply_send(errand->server, err, message);
}

static bool all_over(const board_errand *errand)
{
    for (const board_branch *b = errand->branches; b; b = b->next)
        if (!b->over)
            return false;
    return true;
}

static void cancel_others(board_errand *errand, const char *reason)
{
    for (board_branch *b = errand->branches; b; b = b->next)
        cancel_branch(b, reason);
}

/* --- what a branch reports -------------------------------------------------------------------- */

static void end_branch(board_branch *branch, int status)
{
    branch->over = true;
    branch->status = status;
    pp_loop_stop_timer(branch->errand->board->loop, &branch->timer_c);
}

static void branch_refused(board_branch *branch, int status)
{
    board_errand *errand = branch->errand;

    branch->client = NULL;
    end_branch(branch, status);
    if (status >= 600 && !errand->answered)
        cancel_others(errand, NULL);
    if (all_over(errand) && !errand->answered)
        send_best(errand);
}

/* RFC 3261 section 16.7 item 5: each 2xx of an INVITE goes back at once, also a late one. */
static void branch_accepted(board_branch *branch, const pp_message *response)
{
    board_errand *errand = branch->errand;
    bool is_invite = errand->request->method == PP_INVITE, first = !errand->answered;

    end_branch(branch, 0);
    if (!is_invite)
        branch->client = NULL;
    errand->answered = true;
    if (first)
        cancel_others(errand, "SIP ;cause=200 ;text=\"Call completed elsewhere\"");
    if (first || is_invite)
        send_back(errand, response);
}

static void ring_too_long(void *arg)
{
    board_branch *branch = arg;

    branch->rang_too_long = true;
    cancel_branch(branch, NULL);
}

static void start_timer_c(board_branch *branch)
{
    if (branch->errand->request->method == PP_INVITE)
        pp_loop_start_timer(branch->errand->board->loop, &branch->timer_c, TIMER_C_MS,
                            ring_too_long, branch);
}

static void branch_response(void *arg, const pp_message *response)
{
    board_branch *branch = arg;

    if (response->status < 200) {
        if (response->status > 100 && !branch->over) {
            start_timer_c(branch);
            if (!branch->errand->answered)
                send_back(branch->errand, response);
        }
    } else if (response->status < 300) {
        branch_accepted(branch, response);
    } else {
        int status = branch->rang_too_long ? 408 : response->status;

        if (!branch->rang_too_long)
            branch->answer = pp_message_ref(response);
        branch_refused(branch, status);
    }
}

static void branch_timeout(void *arg)
{
    branch_refused(arg, 408);
}

/* The connection went while the request was on it: that phone is not there any more. */
static void branch_lost(void *arg)
{
    branch_refused(arg, 480);
}

static const pp_client_handlers branch_handlers = {branch_response, branch_timeout, branch_lost};

/* --- what the caller does --------------------------------------------------------------------- */

static void errand_cancelled(void *arg, const pp_message *cancel)
{
    board_errand *errand = arg;
    char *reason = pp_str_dup(pp_message_header(cancel, PP_HEADER_REASON, 0));

    errand->cancelled = true;
    cancel_others(errand, reason && *reason ? reason : NULL);
    pp_free(reason);
}

static void errand_terminated(void *arg)
{
    board_errand *errand = arg;

    board_connection_request_over(errand->from);
    errand->server = NULL;
    pp_loop_post(errand->board->loop, &errand->reap, reap_errand, errand);
}

static const pp_server_handlers errand_handlers = {.cancelled = errand_cancelled,
                                                   .terminated = errand_terminated};

/* --- starting --------------------------------------------------------------------------------- */

static int errand_new(pp_server_transaction *transaction, board_errand **out)
{
    board_connection *from = pp_server_flow(transaction);
    board_errand *errand = PP_NEW(board_errand);

    if (!errand)
        return PIPIT_ERR_MEMORY;
    errand->board = from->board;
    errand->from = from;
    errand->server = transaction;
    errand->request = pp_message_ref(pp_server_request(transaction));
    DL_APPEND(errand->board->errands, errand);
    *out = errand;
    return 0;
}

static int add_branch(board_errand *errand, board_branch **out)
{
    board_branch *branch = PP_NEW(board_branch);

    if (!branch)
        return PIPIT_ERR_MEMORY;
    branch->errand = errand;
    LL_APPEND(errand->branches, branch);
    *out = branch;
    return 0;
}

static int start_branch(board_branch *branch, board_connection *from, const board_target *target,
                        bool new_dialog)
{
    board_errand *errand = branch->errand;
    pp_outgoing *request;
    int err = board_forward_request(from, target->connection, errand->request, target->uri,
                                    new_dialog, &request);

    if (err)
        return err;
    err = pp_client_start(errand->board->transactions, target->connection, request,
                          &branch_handlers, branch, &branch->client);
    pp_outgoing_unref(request);
    if (!err)
        start_timer_c(branch);
    return err;
}

void board_proxy(pp_server_transaction *transaction, const board_target *targets, size_t count,
                 bool new_dialog)
{
    board_connection *from = pp_server_flow(transaction);
    board_errand *errand = NULL;
    board_branch *branch;

    if (errand_new(transaction, &errand)) {
        board_reply(transaction, 500, NULL);
        return;
    }
    pp_server_listen(transaction, &errand_handlers, errand);
    if (errand->request->method == PP_INVITE)
        board_reply(transaction, 100, NULL);
    for (size_t i = 0; i < count; i++)
        if (add_branch(errand, &branch) == 0 && start_branch(branch, from, &targets[i], new_dialog))
            end_branch(branch, 500);
    if (all_over(errand))
        send_best(errand);
}
