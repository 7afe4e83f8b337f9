/* loss.c - a client and a server over a network that loses: what the Via says UDP of is repeated until it came. */
#include "support/files.h"
#include "support/sim.h"
#include "transaction/transaction.h"

#include <stdio.h>

#define DELAY_MS 10

typedef struct end end;

typedef struct parcel { /* a message on its way */
    pp_timer timer;
    end *to;
    pp_message *message;
    struct parcel *next;
} parcel;

struct end {
    struct pair *pair;
    end *other;
    pp_transactions *table;
    uint64_t lost; /* a bit for each message it sends, the lowest for the first */
    unsigned sent;
    int answers; /* to requests */
    unsigned requests, responses, timeouts, acks, unacknowledged;
    int last_status;
};

typedef struct pair {
    sim *s;
    end client, server;
    parcel *parcels;
    uint64_t start_ms, answered_ms;
} pair;

static void arrive(void *arg)
{
    parcel *p = arg;

    pp_transactions_receive(p->to->table, NULL, p->message);
}

static bool on_send(void *arg, void *flow, pp_str wire)
{
    end *e = arg;
    parcel *p;

    (void)flow;
    if (e->lost >> e->sent++ & 1)
        return true;
    p = test_calloc(1, sizeof(*p));
    p->to = e->other;
    p->next = e->pair->parcels;
    e->pair->parcels = p;
    assert_int_equal(pp_message_parse(wire, &p->message), 0);
    pp_loop_start_timer(sim_loop(e->pair->s), &p->timer, DELAY_MS, arrive, p);
    return true;
}

static void on_no_ack(void *arg)
{
    ((end *)arg)->unacknowledged++;
}

static void on_terminated(void *arg)
{
    (void)arg;
}

static const pp_server_handlers server_handlers = {.no_ack = on_no_ack,
                                                   .terminated = on_terminated};

static void on_request(void *arg, void *flow, pp_server_transaction *t, const pp_message *request)
{
    end *e = arg;

    (void)flow;
    if (!t) {
        e->acks++;
        return;
    }
    e->requests++;
    assert_true(pp_str_eq_c(request->via.transport, "UDP"));
    pp_server_listen(t, &server_handlers, e);
    if (e->answers)
        assert_int_equal(pp_server_answer(t, e->answers, NULL, "tag"), 0);
}

static void on_stray(void *arg, void *flow, const pp_message *response)
{
    (void)arg;
    (void)flow;
    (void)response;
}

static bool loses(void *arg, void *flow, pp_str transport)
{
    (void)arg;
    (void)flow;
    return pp_str_eq_c(transport, "UDP");
}

static const pp_transactions_owner owner = {on_send, on_request, on_stray, loses, NULL};

static void on_response(void *arg, const pp_message *response)
{
    end *e = arg;

    e->responses++;
    e->last_status = response->status;
    if (response->status >= 200)
        e->pair->answered_ms = sim_now_us(e->pair->s) / 1000 - e->pair->start_ms;
}

static void on_timeout(void *arg)
{
    ((end *)arg)->timeouts++;
}

static const pp_client_handlers client_handlers = {.response = on_response, .timeout = on_timeout};

static void open_pair(pair *p, int answers, uint64_t lost_requests, uint64_t lost_responses)
{
    *p = (pair){.client = {.lost = lost_requests},
                .server = {.lost = lost_responses, .answers = answers}};
    p->client.pair = p->server.pair = p;
    p->client.other = &p->server;
    p->server.other = &p->client;
    assert_int_equal(sim_new(1, &p->s), 0);
    p->start_ms = sim_now_us(p->s) / 1000;
    /* Reliable, but for what goes over UDP. */
    assert_int_equal(
        pp_transactions_new(sim_loop(p->s), &owner, &p->client, true, &p->client.table), 0);
    assert_int_equal(
        pp_transactions_new(sim_loop(p->s), &owner, &p->server, true, &p->server.table), 0);
}

static void start(pair *p, pp_method method)
{
    pp_outgoing *request = NULL;

    assert_int_equal(pp_outgoing_request(method, PP_LIT("sip:bob@example.com"), &request), 0);
    pp_outgoing_add_c(request, PP_HEADER_VIA,
                      "SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKlossy");
    pp_outgoing_add_c(request, PP_HEADER_MAX_FORWARDS, "69");
    pp_outgoing_add_c(request, PP_HEADER_TO, "<sip:bob@example.com>");
    pp_outgoing_add_c(request, PP_HEADER_FROM, "<sip:alice@example.com>;tag=alices");
    pp_outgoing_add_c(request, PP_HEADER_CALL_ID, "callid");
    pp_outgoing_add_format(request, PP_HEADER_CSEQ, "1 %s", pp_method_name(method));
    assert_int_equal(
        pp_client_start(p->client.table, NULL, request, &client_handlers, &p->client, NULL), 0);
    pp_outgoing_unref(request);
}

/* All transactions have ended by themselves. */
static void close_pair(pair *p)
{
    sim_advance_ms(p->s, 140000);
    assert_int_equal(pp_transactions_count(p->client.table), 0);
    assert_int_equal(pp_transactions_count(p->server.table), 0);
    pp_transactions_free(p->client.table);
    pp_transactions_free(p->server.table);
    while (p->parcels) {
        parcel *next = p->parcels->next;

        pp_message_unref(p->parcels->message);
        test_free(p->parcels);
        p->parcels = next;
    }
    sim_free(p->s);
}

static void a_lost_request_is_sent_again(void **state)
{
    pair p;

    (void)state;
    open_pair(&p, 200, 0x3, 0); /* the first and the second */
    start(&p, PP_OPTIONS);
    sim_advance_ms(p.s, 20000);
    assert_int_equal(p.client.last_status, 200);
    assert_int_equal(p.answered_ms, 1500 + 2 * DELAY_MS); /* Timer E: after 500 ms and 1,000 more */
    assert_int_equal(p.client.sent, 3);
    assert_int_equal(p.server.requests, 1);
    close_pair(&p);
}

static void a_lost_answer_is_given_again_and_heard_once(void **state)
{
    pair p;

    (void)state;
    open_pair(&p, 200, 0, 0x7);
    start(&p, PP_MESSAGE);
    sim_advance_ms(p.s, 30000);
    assert_int_equal(p.answered_ms, 3500 + 2 * DELAY_MS);
    assert_int_equal(p.server.requests, 1); /* Timer J: those that follow are repeats */
    assert_int_equal(p.server.sent, 4);
    assert_int_equal(p.client.responses, 1);
    close_pair(&p);
}

static void a_request_that_never_comes_times_out(void **state)
{
    pair p;

    (void)state;
    open_pair(&p, 200, UINT64_MAX, 0);
    start(&p, PP_OPTIONS);
    close_pair(&p);
    assert_int_equal(p.client.timeouts, 1);
    assert_int_equal(p.client.sent, 11); /* RFC 3261 section 17.1.2.2: 500 ms, doubled up to 4 s */
    assert_int_equal(p.server.requests, 0);
}

static void a_lost_invite_is_sent_again_until_it_rings(void **state)
{
    pair p;

    (void)state;
    open_pair(&p, 180, 0x3, 0);
    start(&p, PP_INVITE);
    sim_advance_ms(p.s, 30000);
    assert_int_equal(p.client.sent, 3); /* Timer A stops with the 180 */
    assert_int_equal(p.client.last_status, 180);
    assert_int_equal(p.server.requests, 1);
    pp_transactions_flow_lost(p.client.table, NULL);
    pp_transactions_flow_lost(p.server.table, NULL);
    close_pair(&p);
}

static void a_lost_refusal_is_sent_again_until_its_ack(void **state)
{
    pair p;

    (void)state;
    open_pair(&p, 486, 0, 0x3);
    start(&p, PP_INVITE);
    sim_advance_ms(p.s, 31000);
    assert_int_equal(p.client.last_status, 486);
    assert_int_equal(p.client.responses, 1);
    assert_int_equal(p.server.unacknowledged, 0);
    close_pair(&p);
    assert_true(p.server.sent >= 3 && p.server.sent <= 5); /* Timer G stopped with the ACK */
}

static void a_lost_ack_is_sent_again_with_each_refusal(void **state)
{
    pair p;

    (void)state;
    open_pair(&p, 486, 0x6, 0); /* the INVITE comes, its first two ACKs do not */
    start(&p, PP_INVITE);
    sim_advance_ms(p.s, 31000);
    assert_int_equal(p.client.sent, 4);
    assert_int_equal(p.server.sent, 3); /* at 0, 500 and 1,500 ms: Timer G */
    assert_int_equal(p.client.responses, 1);
    close_pair(&p);
    assert_int_equal(p.server.unacknowledged, 0);
}

static void a_refusal_whose_acks_all_get_lost_is_given_up(void **state)
{
    pair p;

    (void)state;
    open_pair(&p, 486, ~UINT64_C(1), 0);
    start(&p, PP_INVITE);
    close_pair(&p);
    assert_int_equal(p.server.unacknowledged, 1); /* Timer H */
    assert_int_equal(p.server.sent, 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_request_is_sent_again),
        cmocka_unit_test(a_lost_answer_is_given_again_and_heard_once),
        cmocka_unit_test(a_request_that_never_comes_times_out),
        cmocka_unit_test(a_lost_invite_is_sent_again_until_it_rings),
        cmocka_unit_test(a_lost_refusal_is_sent_again_until_its_ack),
        cmocka_unit_test(a_lost_ack_is_sent_again_with_each_refusal),
        cmocka_unit_test(a_refusal_whose_acks_all_get_lost_is_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
