/* table.c - the table: messages find their transactions here, and memory is given back here. */
#include "transaction/machine.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <utlist.h>

#define RETRY_AFTER_MIN_S 5u /* up to twice that; a busy moment is over by then */

static void free_gone(pp_transactions *table)
{
    pp_client_transaction *client, *next_client;
    pp_server_transaction *server, *next_server;

    DL_FOREACH_SAFE(table->gone_clients, client, next_client)
    pp_client_destroy(client);
    DL_FOREACH_SAFE(table->gone_servers, server, next_server)
    pp_server_destroy(server);
    table->gone_clients = NULL;
    table->gone_servers = NULL;
}

static void destroy(pp_transactions *table)
{
    pp_client_transaction *client, *next_client;
    pp_server_transaction *server, *next_server;

    DL_FOREACH_SAFE(table->live_clients, client, next_client)
    pp_client_terminate(client, NULL);
    DL_FOREACH_SAFE(table->live_servers, server, next_server)
    pp_server_terminate(server, NULL);
    pp_spent_free(table);
    DL_CONCAT(table->gone_clients, table->kept);
    free_gone(table);
    pipit_loop_unref(table->loop);
    pp_free(table);
}

int pp_transactions_new(pipit_loop *loop, const pp_transactions_owner *owner, void *arg,
                        bool reliable, pp_transactions **out)
{
    pp_transactions *table = PP_NEW(pp_transactions);

    if (!table)
        return PIPIT_ERR_MEMORY;
    table->loop = pipit_loop_ref(loop);
    table->owner = owner;
    table->arg = arg;
    table->reliable = reliable;
    table->max = PP_LIMIT_TRANSACTIONS;
    pp_rng_bytes(&loop->rng, table->tag_key, sizeof(table->tag_key));
    *out = table;
    return 0;
}

void pp_transactions_expect(pp_transactions *table, unsigned calls)
{
    if (table->max < PP_TRANSACTIONS_A_CALL * calls)
        table->max = PP_TRANSACTIONS_A_CALL * calls;
}

pp_transactions *pp_transactions_free(pp_transactions *table)
{
    if (!table)
        return NULL;
    table->closed = true;
    if (!table->busy)
        destroy(table);
    return NULL;
}

void pp_transactions_enter(pp_transactions *table)
{
    table->busy++;
}

void pp_transactions_leave(pp_transactions *table)
{
    if (--table->busy)
        return;
    free_gone(table);
    if (table->closed)
        destroy(table);
}

bool pp_transactions_is_reliable(const pp_transactions *table, void *flow, pp_str transport)
{
    return table->reliable &&
           !(table->owner->loses && table->owner->loses(table->arg, flow, transport));
}

bool pp_transactions_send(pp_transactions *table, void *flow, pp_str wire)
{
    return table->closed || table->owner->send(table->arg, flow, wire);
}

void pp_transactions_pass_request(pp_transactions *table, void *flow, pp_server_transaction *t,
                                  const pp_message *request)
{
    if (!table->closed && table->owner->request)
        table->owner->request(table->arg, flow, t, request);
}

void pp_transactions_pass_stray(pp_transactions *table, void *flow, const pp_message *response)
{
    if (!table->closed && table->owner->stray_response)
        table->owner->stray_response(table->arg, flow, response);
}

/* On a reliable transport what was answered does nothing any more: a refused INVITE only waits for its ACK, which nobody
 * misses, and one that was accepted and acknowledged for repeats, which there are none of. */
static bool can_go(const pp_server_transaction *t)
{
    return t->reliable &&
           (t->state == PP_SERVER_COMPLETED || (t->state == PP_SERVER_ACCEPTED && !t->handlers));
}

/* The oldest ones give way, so that callers who never acknowledge keep nobody else out, and many short calls neither. */
static void make_room(pp_transactions *table, size_t max)
{
    pp_server_transaction *t, *next;

    while (table->served.count >= max && pp_spent_make_room(table))
        ;
    for (t = table->live_servers; t && table->served.count >= max; t = next) {
        next = t->next;
        if (can_go(t))
            pp_server_terminate(t, NULL);
    }
}

bool pp_transactions_full(pp_transactions *table, const pp_message *request)
{
    bool inside = !pp_str_empty(request->to_tag);
    size_t max = table->max + (inside ? PP_LIMIT_TRANSACTIONS_INSIDE : 0);

    make_room(table, max);
    return table->served.count >= max;
}

void pp_transactions_tell(pp_transactions *table, const pp_transaction_change *change)
{
    if (!table->closed && table->owner->changed)
        table->owner->changed(table->arg, change);
}

/* RFC 3261 section 8.2.7: without state the same request gets the same To tag each time it
 * comes. */
void pp_transactions_refuse(pp_transactions *table, void *flow, const pp_message *request,
                            int status)
{
    char tag[17];
    uint64_t key = pp_server_key(request, request->method, request->to_tag);
    uint64_t hash = pp_siphash(table->tag_key, &key, sizeof(key));
    pp_str wire;
    pp_outgoing *response = NULL;
    int err;

    snprintf(tag, sizeof(tag), "%016" PRIx64, hash);
    err = pp_outgoing_response(request, status, NULL, tag, &response);
    if (!err && status == 503) /* section 21.5.4; by chance, so that not all come back at once */
        pp_outgoing_add_format(response, PP_HEADER_RETRY_AFTER, "%u",
                               RETRY_AFTER_MIN_S + (unsigned)(hash % RETRY_AFTER_MIN_S));
    if (!err)
        err = pp_outgoing_wire(response, &wire);
    if (!err)
        pp_transactions_send(table, flow, wire);
    pp_log_warn("Transaction", "%.*s refused with %d", PP_STR(request->method_name), status);
    pp_outgoing_unref(response);
}

static void receive_response(pp_transactions *table, void *flow, const pp_message *response)
{
    pp_client_transaction *t = pp_client_find(table, flow, response);
    pp_client_event event = response->status < 200   ? PP_CLIENT_1XX
                            : response->status < 300 ? PP_CLIENT_2XX
                                                     : PP_CLIENT_3XX;

    if (t)
        pp_client_drive(t, event, response);
    else
        pp_transactions_pass_stray(table, flow, response);
}

static void receive_new(pp_transactions *table, void *flow, const pp_message *request, uint64_t key)
{
    pp_server_transaction *t;

    if (pp_transactions_full(table, request) || pp_server_new(table, flow, request, key, &t)) {
        pp_transactions_refuse(table, flow, request, 503);
        return;
    }
    pp_transactions_pass_request(table, flow, t, request);
    if (t->state <
        PP_SERVER_COMPLETED) /* most are answered at once, and have nothing to wait for */
        t->machine->start(t);
}

static void receive_request(pp_transactions *table, void *flow, const pp_message *request)
{
    bool is_ack = request->method == PP_ACK;
    uint64_t key = pp_server_key(request, is_ack ? PP_INVITE : request->method, request->to_tag);
    pp_served *known = pp_served_find(table, flow, request, key);

    if (known && !known->spent)
        pp_server_drive(pp_server_of(known), is_ack ? PP_SERVER_ACK : PP_SERVER_REPEAT, request);
    else if (is_ack)
        pp_transactions_pass_request(table, flow, NULL, request);
    else if (!known && request->method == PP_CANCEL)
        pp_transactions_receive_cancel(table, flow, request, key);
    else if (!known)
        receive_new(table, flow, request, key);
}

void pp_transactions_receive(pp_transactions *table, void *flow, const pp_message *message)
{
    pp_transactions_enter(table);
    if (message->is_request)
        receive_request(table, flow, message);
    else
        receive_response(table, flow, message);
    pp_transactions_leave(table);
}

/* Only marks and posts: the owner may be in the middle of a send that failed. */
void pp_transactions_flow_lost(pp_transactions *table, void *flow)
{
    pp_client_transaction *client, *next_client;
    pp_server_transaction *server, *next_server;

    DL_FOREACH_SAFE(table->live_clients, client, next_client)
    {
        if (client->flow == flow && !client->lost) {
            client->lost = true;
            pp_client_post(client, PP_CLIENT_UNSENT);
        }
    }
    pp_spent_flow_lost(table, flow);
    DL_FOREACH_SAFE(table->live_servers, server, next_server)
    {
        if (server->served.flow == flow && !server->lost) {
            server->lost = true;
            pp_server_post(server, PP_SERVER_UNSENT);
        }
    }
}

size_t pp_transactions_count(const pp_transactions *table)
{
    return table->clients.count + table->served.count;
}
