/* server.c - what both server machines share: coming into being, answering, ending. */
#include "base/error.h"
#include "base/log.h"
#include "transaction/machine.h"

#include <utlist.h>

#define TAG_SIZE 20 /* 103 bits */

static const char *const state_names[PP_SERVER_STATES] = {"trying",    "proceeding", "completed",
                                                          "confirmed", "accepted",   "terminated"};

void pp_server_become(pp_server_transaction *t, pp_server_state state)
{
    t->state = state;
    pp_log_debug(t->machine->name, "%.*s became %s", PP_STR(pp_server_branch(t)),
                 state_names[state]);
}

void pp_server_drive(pp_server_transaction *t, pp_server_event event, const pp_message *request)
{
    pp_transactions *table = t->table;
    pp_server_action *action = t->machine->actions[t->state][event];

    pp_transactions_enter(table);
    if (action && !table->closed)
        action(t, request);
    pp_transactions_leave(table);
}

static void again_is_due(void *arg)
{
    pp_server_drive(arg, PP_SERVER_AGAIN, NULL);
}

static void end_is_due(void *arg)
{
    pp_server_drive(arg, PP_SERVER_END, NULL);
}

static void post_is_due(void *arg)
{
    pp_server_transaction *t = arg;

    pp_server_drive(t, t->posted, NULL);
}

void pp_server_post(pp_server_transaction *t, pp_server_event event)
{
    t->posted = event;
    pp_loop_post(t->table->loop, &t->post, post_is_due, t);
}

void pp_server_send_again_in(pp_server_transaction *t, uint64_t ms)
{
    t->again_ms = ms;
    pp_loop_start_timer(t->table->loop, &t->again, ms, again_is_due, t);
}

void pp_server_end_in(pp_server_transaction *t, uint64_t ms)
{
    pp_loop_stop_timer(t->table->loop, &t->again);
    pp_loop_stop_timer(t->table->loop, &t->end);
    if (ms)
        pp_loop_start_timer(t->table->loop, &t->end, ms, end_is_due, t);
    else
        pp_server_post(t, PP_SERVER_END);
}

void pp_server_bound(pp_server_transaction *t)
{
    if (!t->end.armed)
        pp_loop_start_timer(t->table->loop, &t->end, PP_64T1_MS, end_is_due, t);
}

void pp_server_send(pp_server_transaction *t)
{
    if (!t->wire.n)
        return;
    if (t->lost || !pp_transactions_send(t->table, t->served.flow, t->wire))
        pp_server_post(t, PP_SERVER_UNSENT);
}

void pp_server_send_last(pp_server_transaction *t, const pp_message *request)
{
    (void)request;
    pp_server_send(t);
}

/* It is given back when the outermost call leaves. */
static void put_away(pp_server_transaction *t)
{
    pp_transactions *table = t->table;

    pp_loop_stop_timer(table->loop, &t->again);
    pp_loop_stop_timer(table->loop, &t->end);
    pp_loop_unpost(table->loop, &t->post);
    DL_DELETE(table->live_servers, t);
    DL_APPEND(table->gone_servers, t);
}

void pp_server_terminate(pp_server_transaction *t, const pp_message *request)
{
    pp_transactions *table = t->table;

    (void)request;
    pp_server_become(t, PP_SERVER_TERMINATED);
    pp_transactions_tell(table, &(pp_transaction_change){.method = pp_server_method(t),
                                                         .branch = pp_server_branch(t)});
    pp_served_remove(table, &t->served);
    put_away(t);
    if (!table->closed && t->handlers && t->handlers->terminated)
        t->handlers->terminated(t->arg);
}

void pp_server_destroy(pp_server_transaction *t)
{
    pp_message_unref(t->request);
    pp_outgoing_unref(t->response);
    pp_free(t);
}

int pp_server_new(pp_transactions *table, void *flow, const pp_message *request, uint64_t key,
                  pp_server_transaction **out)
{
    pp_server_transaction *t = PP_NEW(pp_server_transaction);
    int err;

    if (!t)
        return PIPIT_ERR_MEMORY;
    t->served = (pp_served){.flow = flow, .key = key, .outside = pp_str_empty(request->to_tag)};
    if (t->served.outside)
        t->served.merged = pp_merged_key(request);
    t->table = table;
    t->machine = request->method == PP_INVITE ? &pp_invite_server : &pp_non_invite_server;
    t->state = t->machine->first;
    t->reliable = pp_transactions_is_reliable(table, flow, request->via.transport);
    t->request = pp_message_ref(request);
    err = pp_served_add(table, &t->served);
    if (err) {
        pp_server_destroy(t);
        return err;
    }
    DL_APPEND(table->live_servers, t);
    pp_transactions_tell(table, &(pp_transaction_change){.begun = true,
                                                         .method = pp_server_method(t),
                                                         .branch = pp_server_branch(t)});
    *out = t;
    return 0;
}

pp_str pp_server_tag(const pp_server_transaction *t)
{
    return t->response ? pp_outgoing_new_tag(t->response) : PP_STR_NONE;
}

static pp_server_event event_of(int status)
{
    return status < 200 ? PP_SERVER_1XX : status < 300 ? PP_SERVER_2XX : PP_SERVER_3XX;
}

int pp_server_respond(pp_server_transaction *t, pp_outgoing *response)
{
    int status = pp_outgoing_status(response);
    pp_str wire;
    int err;

    if (!t->machine->actions[t->state][event_of(status)])
        return pp_error(PIPIT_ERR_STATE, "transaction: %d cannot be sent after %d", status,
                        t->status);
    err = pp_outgoing_wire(response, &wire);
    if (err)
        return err;
    pp_outgoing_ref(response); /* it may be the one that is there, once more */
    pp_outgoing_unref(t->response);
    t->response = response;
    t->wire = wire;
    t->status = status;
    pp_server_drive(t, event_of(status), NULL);
    return 0;
}

static int answer(pp_server_transaction *t, int status, const char *phrase, const char *to_tag)
{
    char fresh[TAG_SIZE + 1];
    pp_outgoing *response;
    int err;

    if (!to_tag) {
        pp_rng_token(&t->table->loop->rng, fresh, TAG_SIZE);
        to_tag = fresh;
    }
    err =
        pp_outgoing_response(t->request, status, phrase, status == 100 ? NULL : to_tag, &response);
    if (err)
        return err;
    err = pp_server_respond(t, response);
    pp_outgoing_unref(response);
    return err;
}

/* Every answer but 100 carries the same To tag (RFC 3261 section 8.2.6.2). */
int pp_server_answer_as(pp_server_transaction *t, int status, const char *phrase,
                        const pp_server_transaction *other)
{
    pp_str tag = pp_server_tag(other);
    char *copy = tag.n ? pp_str_dup(tag) : NULL;
    int err = tag.n && !copy ? PIPIT_ERR_MEMORY : answer(t, status, phrase, copy);

    pp_free(copy);
    return err;
}

int pp_server_answer(pp_server_transaction *t, int status, const char *phrase, const char *to_tag)
{
    return to_tag ? answer(t, status, phrase, to_tag) : pp_server_answer_as(t, status, phrase, t);
}

void pp_server_listen(pp_server_transaction *t, const pp_server_handlers *handlers, void *arg)
{
    t->handlers = handlers;
    t->arg = arg;
    if (t->state == PP_SERVER_PROCEEDING && t->machine == &pp_invite_server)
        pp_loop_stop_timer(t->table->loop, &t->end);
}

/* An INVITE that was accepted and is let go of only keeps repeats of it from being new calls. */
static void make_note(pp_server_transaction *t)
{
    pp_transactions *table = t->table;

    pp_transactions_enter(table);
    if (pp_spent_add(table, t)) { /* else it stays as it is */
        t->state = PP_SERVER_TERMINATED;
        put_away(t);
    }
    pp_transactions_leave(table);
}

pp_server_transaction *pp_server_forget(pp_server_transaction *t)
{
    if (!t)
        return NULL;
    t->handlers = NULL;
    if (t->state == PP_SERVER_ACCEPTED)
        make_note(t); /* it may be gone now */
    else if (t->state == PP_SERVER_PROCEEDING)
        pp_server_bound(t);
    return NULL;
}

const pp_message *pp_server_request(const pp_server_transaction *t)
{
    return t->request;
}

pp_str pp_server_method(const pp_server_transaction *t)
{
    return t->request->method_name;
}

pp_str pp_server_branch(const pp_server_transaction *t)
{
    return t->request->via.branch;
}

void *pp_server_flow(const pp_server_transaction *t)
{
    return t->served.flow;
}

bool pp_server_has_final(const pp_server_transaction *t)
{
    return t->status >= 200;
}
