/* Every allocation of a few flows fails once, and then everything from it on: nothing crashes,
 * nothing is lost, and the table works again when there is memory. */
#include "support/scarce.h"

#include "world.h"

static void answer(world *w, int status)
{
    if (w->server)
        pp_server_answer(w->server, status, NULL, "bobs");
}

static void call_out(world *w)
{
    if (start_client(w, PP_INVITE))
        return;
    RECEIVE(w, .status = 180, .to_tag = "bobs");
    pp_client_cancel(w->client, "SIP;cause=200");
    RECEIVE(w, .status = 183, .to_tag = "bobs"); /* the CANCEL is tried again here */
    RECEIVE(w, .status = 487, .to_tag = "bobs");
    RECEIVE(w, .status = 487, .to_tag = "bobs");
    pp_client_forget(w->client);
}

static void ask(world *w)
{
    if (!start_client(w, PP_OPTIONS))
        RECEIVE(w, .method = "OPTIONS", .status = 200, .to_tag = "bobs");
}

static void be_called(world *w)
{
    RECEIVE(w, .method = "INVITE");
    advance_ms(w, 300);
    answer(w, 180);
    RECEIVE(w, .method = "CANCEL");
    answer(w, 487);
    RECEIVE(w, .method = "ACK", .to_tag = "bobs");
}

static void be_asked(world *w)
{
    w->answers = 200;
    RECEIVE(w, .method = "OPTIONS");
    RECEIVE(w, .method = "OPTIONS");
    RECEIVE(w, .method = "OPTIONS", .via = "SIP/2.0/WS b.invalid");
    RECEIVE(w, .method = "OPTIONS", .via = "SIP/2.0/WS c.invalid", .cseq = 3);
}

static void be_forgotten(world *w)
{
    w->listens = false;
    RECEIVE(w, .method = "INVITE");
}

typedef void flow(world *w);

/* One run; false when it was over before the allocation that was to fail. */
static bool run_once(flow *run, bool reliable, uint64_t fail_at, bool from_there_on)
{
    world w;

    scarce_begin(0);
    world_open(&w, reliable);
    if (from_there_on)
        scarce_fail_from(fail_at);
    else
        scarce_fail(fail_at);
    run(&w);
    advance_ms(&w, 1000); /* still short */
    scarce_relax();
    w.server = NULL;
    w.listens = false;
    pp_transactions_flow_lost(w.table, w.flow);
    advance_ms(&w, 100000);
    clear_ladder(&w);
    w.answers = 200;
    RECEIVE(&w, .method = "OPTIONS", .via = "SIP/2.0/WS z.invalid;branch=z9hG4bKlater",
            .call_id = "later");
    assert_non_null(strstr(w.ladder, ">200"));
    advance_ms(&w, 32000);
    world_close(&w);
    assert_int_equal(scarce_end(), 0);
    return scarce_memory.failed;
}

static void every_allocation_may_fail(void **state)
{
    static flow *const flows[] = {call_out, ask, be_called, be_asked, be_forgotten};

    (void)state;
    for (size_t i = 0; i < sizeof(flows) / sizeof(*flows); i++) {
        for (unsigned variant = 0; variant < 4; variant++) {
            uint64_t n = 1;

            while (run_once(flows[i], variant & 1, n, variant & 2))
                n++;
            assert_true(n > 3);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
