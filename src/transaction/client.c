/* client.c - what both client machines share: starting, sending, reporting, ending. */
#include "base/error.h"
#include "base/log.h"
#include "transaction/machine.h"

#include <utlist.h>

static const char *const state_names[PP_CLIENT_STATES] = {"calling", "proceeding", "completed",
                                                          "accepted", "terminated"};

void pp_client_become(pp_client_transaction *t, pp_client_state state)
{
    t->state = state;
    pp_log_debug(t->machine->name, "%.*s became %s", PP_STR(t->branch), state_names[state]);
}

void pp_client_drive(pp_client_transaction *t, pp_client_event event, const pp_message *response)
{
    pp_transactions *table = t->table;
    pp_client_action *action = t->machine->actions[t->state][event];

    pp_transactions_enter(table);
    if (action && !table->closed)
        action(t, response);
    pp_transactions_leave(table);
}

static void again_is_due(void *arg)
{
    pp_client_drive(arg, PP_CLIENT_AGAIN, NULL);
}

static void end_is_due(void *arg)
{
    pp_client_drive(arg, PP_CLIENT_END, NULL);
}

static void post_is_due(void *arg)
{
    pp_client_transaction *t = arg;

    pp_client_drive(t, t->posted, NULL);
}

void pp_client_post(pp_client_transaction *t, pp_client_event event)
{
    t->posted = event;
    pp_loop_post(t->table->loop, &t->post, post_is_due, t);
}

void pp_client_send_again_in(pp_client_transaction *t, uint64_t ms)
{
    t->again_ms = ms;
    pp_loop_start_timer(t->table->loop, &t->again, ms, again_is_due, t);
}

void pp_client_end_in(pp_client_transaction *t, uint64_t ms)
{
    pp_loop_stop_timer(t->table->loop, &t->again);
    pp_loop_stop_timer(t->table->loop, &t->end);
    if (ms)
        pp_loop_start_timer(t->table->loop, &t->end, ms, end_is_due, t);
    else
        pp_client_post(t, PP_CLIENT_END);
}

void pp_client_send(pp_client_transaction *t)
{
    if (t->lost || !pp_transactions_send(t->table, t->flow, t->wire))
        pp_client_post(t, PP_CLIENT_UNSENT);
}

void pp_client_report(pp_client_transaction *t, const pp_message *response)
{
    if (!t->table->closed && t->handlers && t->handlers->response)
        t->handlers->response(t->arg, response);
}

/* The pointer is the owner's no longer. Gives his handlers for the one call that is left. */
static const pp_client_handlers *part(pp_client_transaction *t)
{
    const pp_client_handlers *handlers = t->handlers;

    if (handlers) {
        t->handlers = NULL;
        t->held = false;
    }
    return t->table->closed ? NULL : handlers;
}

void pp_client_report_last(pp_client_transaction *t, const pp_message *response)
{
    const pp_client_handlers *handlers = part(t);

    if (handlers && handlers->response)
        handlers->response(t->arg, response);
}

static void tell(const pp_client_transaction *t, bool begun)
{
    pp_transactions_tell(
        t->table, &(pp_transaction_change){.begun = begun,
                                           .client = true,
                                           .method = pp_str_c(pp_method_name(pp_client_method(t))),
                                           .branch = t->branch});
}

void pp_client_terminate(pp_client_transaction *t, const pp_message *response)
{
    pp_transactions *table = t->table;

    (void)response;
    pp_client_become(t, PP_CLIENT_TERMINATED);
    tell(t, false);
    pp_loop_stop_timer(table->loop, &t->again);
    pp_loop_stop_timer(table->loop, &t->end);
    pp_loop_unpost(table->loop, &t->post);
    pp_index_remove(&table->clients, t->hash, t);
    DL_DELETE(table->live_clients, t);
    if (t->held)
        DL_APPEND(table->kept, t);
    else
        DL_APPEND(table->gone_clients, t);
}

void pp_client_time_out(pp_client_transaction *t, const pp_message *response)
{
    const pp_client_handlers *handlers = part(t);

    pp_client_terminate(t, response);
    if (handlers && handlers->timeout)
        handlers->timeout(t->arg);
}

void pp_client_fail(pp_client_transaction *t, const pp_message *response)
{
    const pp_client_handlers *handlers = part(t);

    pp_client_terminate(t, response);
    if (handlers && handlers->transport_error)
        handlers->transport_error(t->arg);
}

static bool has_key(const void *item, const void *key)
{
    const pp_client_transaction *t = item;
    const pp_client_key *wanted = key;

    return t->flow == wanted->flow && t->method == wanted->method &&
           pp_str_ieq(t->branch, wanted->branch);
}

pp_client_transaction *pp_client_find(pp_transactions *table, void *flow,
                                      const pp_message *response)
{
    const pp_client_key key = {flow, response->method, response->via.branch};

    return pp_index_find(&table->clients, pp_client_hash(&key), &key, has_key);
}

void pp_client_destroy(pp_client_transaction *t)
{
    pp_outgoing_unref(t->request);
    pp_outgoing_unref(t->cancel);
    pp_free(t);
}

static int check_request(const pp_outgoing *request, pp_str branch)
{
    pp_method method = pp_outgoing_method(request);

    if (!pp_outgoing_is_request(request) || method == PP_ACK)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "transaction: only a request other than ACK starts one");
    if (pp_str_empty(branch))
        return pp_error(PIPIT_ERR_ARGUMENT, "transaction: the topmost Via has no branch");
    return 0;
}

/* Puts it into the table under its key; there must not be another with the same one. */
static int enter_table(pp_client_transaction *t)
{
    pp_transactions *table = t->table;
    const pp_client_key key = {t->flow, t->method, t->branch};
    int err;

    t->hash = pp_client_hash(&key);
    if (pp_index_find(&table->clients, t->hash, &key, has_key))
        return pp_error(PIPIT_ERR_STATE, "transaction: the branch is in use");
    err = pp_index_add(&table->clients, t->hash, t);
    if (!err)
        DL_APPEND(table->live_clients, t);
    return err;
}

int pp_client_start(pp_transactions *table, void *flow, pp_outgoing *request,
                    const pp_client_handlers *handlers, void *arg, pp_client_transaction **out)
{
    pp_client_transaction *t;
    pp_via_parts via = pp_outgoing_via(request);
    int err = check_request(request, via.branch);

    if (err)
        return err;
    t = PP_NEW(pp_client_transaction);
    if (!t)
        return PIPIT_ERR_MEMORY;
    t->table = table;
    t->method = pp_outgoing_method(request);
    t->machine = t->method == PP_INVITE ? &pp_invite_client : &pp_non_invite_client;
    t->flow = flow;
    t->reliable = pp_transactions_is_reliable(table, flow, via.transport);
    t->request = pp_outgoing_ref(request);
    t->branch = via.branch;
    t->handlers = handlers;
    t->arg = arg;
    t->held = out != NULL;
    err = pp_outgoing_wire(request, &t->wire);
    if (!err)
        err = enter_table(t);
    if (err) {
        pp_client_destroy(t);
        return err;
    }
    if (out)
        *out = t;
    pp_transactions_enter(table);
    tell(t, true);
    t->machine->start(t);
    pp_transactions_leave(table);
    return 0;
}

pp_client_transaction *pp_client_forget(pp_client_transaction *t)
{
    if (!t)
        return NULL;
    pp_transactions_enter(t->table);
    if (t->state == PP_CLIENT_TERMINATED && t->held) {
        DL_DELETE(t->table->kept, t);
        DL_APPEND(t->table->gone_clients, t);
    }
    t->handlers = NULL;
    t->held = false;
    if (t->state ==
        PP_CLIENT_ACCEPTED) /* it has only passed on what is passed on without it, too */
        pp_client_terminate(t, NULL);
    if (t->state == PP_CLIENT_PROCEEDING && !t->end.armed) {
        /* An INVITE may ring for ever, but not for nobody. */
        pp_client_end_in(t, PP_64T1_MS);
    }
    pp_transactions_leave(t->table);
    return NULL;
}

const pp_outgoing *pp_client_request(const pp_client_transaction *t)
{
    return t->request;
}

pp_method pp_client_method(const pp_client_transaction *t)
{
    return t->method;
}

pp_str pp_client_branch(const pp_client_transaction *t)
{
    return t->branch;
}
