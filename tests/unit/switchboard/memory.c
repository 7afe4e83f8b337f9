/* memory.c - registration, a call and a text while each allocation in turn fails: no crash, no leak, and the switchboard serves the
 * next client. */
#include "support/scarce.h"
#include "unit/switchboard/support/client.h"

static void count_now(bool begins)
{
    if (begins)
        scarce_resume();
    else
        scarce_pause();
}

static void answer_if_there(client *c, const char *start, const char *status_line)
{
    const char *found = client_find(c, start);

    if (found)
        client_answer(c, found, status_line, "tag", "Contact: <sip:x@x.invalid>\r\n");
}

static void live(stage *st)
{
    static const request invite = {.method = "INVITE",
                                   .ruri = "sip:bob@example.com",
                                   .to = "<sip:bob@example.com>",
                                   .extra = "Contact: <sip:a@a.invalid>\r\n"};
    static const request text = {.method = "MESSAGE",
                                 .ruri = "sip:bob@example.com",
                                 .to = "<sip:bob@example.com>",
                                 .extra = "Content-Type: text/plain\r\n",
                                 .body = "hi"};
    client alice, bob1, bob2;

    client_open(&alice, st, "alice");
    client_open(&bob1, st, "bob");
    client_open(&bob2, st, "bob");
    client_register(&alice, "<sip:a@a.invalid>;+sip.instance=\"<urn:uuid:1>\";reg-id=1",
                    "Supported: outbound\r\n");
    client_register(&bob1, "<sip:one@b.invalid>", "");
    client_register(&bob2, "<sip:two@b.invalid>", "");
    client_request(&alice, &invite);
    answer_if_there(&bob1, "INVITE", "180 Ringing");
    answer_if_there(&bob2, "INVITE", "200 OK");
    answer_if_there(&bob1, "CANCEL", "200 OK");
    answer_if_there(&bob1, "INVITE", "487 Request Terminated");
    client_request(&alice, &text);
    answer_if_there(&bob1, "MESSAGE", "200 OK");
    client_register(&bob1, "<sip:one@b.invalid>;expires=0", "");
    client_close(&alice);
    client_close(&bob1);
    client_close(&bob2);
}

static void live_with_failure(uint64_t n)
{
    static stage st;
    client carol;

    scarce_begin(n);
    scarce_pause();
    stage_open(&st, NULL, NULL);
    client_delivers = count_now;
    live(&st);
    client_delivers = NULL;
    client_open(&carol, &st, "carol");
    assert_int_equal(client_register(&carol, "<sip:c@c.invalid>", ""), 200);
    assert_int_equal(switchboard_connections(st.board), 1);
    client_close(&carol);
    sim_advance_ms(st.s, 200000);
    stage_close(&st);
    assert_int_equal(scarce_end(), 0);
}

static void the_switchboard_survives_every_failing_allocation(void **state)
{
    uint64_t n = 0;

    (void)state;
    do
        live_with_failure(++n);
    while (scarce_memory.failed);
    assert_true(scarce_memory.count > 200); /* it was a whole call */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_switchboard_survives_every_failing_allocation)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
