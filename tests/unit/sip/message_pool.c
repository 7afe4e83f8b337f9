/* message_pool.c - memory of messages used again, and how many heap calls are left: none. */
#include "sip/message_pool.h"
#include "pipit/error.h"
#include "sip/outgoing.h"
#include "support/files.h"
#include "support/scarce.h"

#include <stdio.h>

static const char bye[] =
    "BYE sip:a@b.invalid SIP/2.0\r\nVia: SIP/2.0/WSS a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    "To: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\nSubject: first\r\n\r\n";
static const char info[] =
    "INFO sip:a@b.invalid SIP/2.0\r\nVia: SIP/2.0/WSS a;branch=z9hG4bK2\r\nFrom: "
    "<sip:a@b>;tag=1\r\n"
    "To: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: 2 INFO\r\nSubject: second\r\n\r\n";

static pp_message *parse(pp_message_pool *pool, const char *text)
{
    pp_message *message = NULL;

    assert_int_equal(pp_message_parse_pooled(pool, &(pp_wire){.text = pp_str_c(text)}, &message),
                     0);
    return message;
}

static bool is_about(const pp_message *message, const char *subject)
{
    return pp_str_eq_c(pp_message_header(message, PP_HEADER_SUBJECT, 0), subject);
}

static void the_steady_state_has_no_heap_calls(void **state)
{
    pp_message_pool *pool;
    pp_outgoing *copy;
    pp_message *message;
    pp_buf text = {0};

    (void)state;
    assert_int_equal(pp_message_pool_new(2, &pool), 0);
    message = parse(pool, info);
    assert_int_equal(pp_outgoing_from_message(message, &copy), 0);
    assert_int_equal(pp_outgoing_write(copy, &text), 0);
    pp_message_unref(message);
    scarce_begin(1); /* the first would fail */
    for (unsigned i = 0; i < 1000; i++) {
        message = parse(pool, i % 2 ? bye : info);
        pp_buf_clear(&text);
        assert_int_equal(pp_outgoing_write(copy, &text), 0);
        pp_message_unref(message);
    }
    assert_int_equal(scarce_memory.count, 0);
    scarce_end();
    pp_buf_free(&text);
    pp_outgoing_unref(copy);
    pp_message_pool_free(pool);
}

static void a_message_that_is_held_keeps_its_memory(void **state)
{
    pp_message_pool *pool;
    pp_message *held, *other;

    (void)state;
    assert_int_equal(pp_message_pool_new(4, &pool), 0);
    held = pp_message_ref(parse(pool, bye));
    pp_message_unref(held);
    for (unsigned i = 0; i < 10; i++) {
        other = parse(pool, info);
        assert_ptr_not_equal(other, held);
        assert_true(is_about(other, "second"));
        pp_message_unref(other);
    }
    assert_true(is_about(held, "first"));
    pp_message_unref(held);
    pp_message_pool_free(pool);
}

static void a_message_outlives_its_pool(void **state)
{
    pp_message_pool *pool;
    pp_message *held, *other;

    (void)state;
    assert_int_equal(pp_message_pool_new(4, &pool), 0);
    held = parse(pool, bye);
    other = parse(pool, info);
    pp_message_unref(other);
    other = parse(pool, info);
    pp_message_pool_free(pool);
    assert_true(is_about(held, "first"));
    pp_message_unref(held);
    assert_true(is_about(other, "second"));
    pp_message_unref(other);
}

static void a_pool_keeps_no_more_than_it_may(void **state)
{
    pp_message *messages[8];
    pp_message_pool *pool;
    int64_t held;

    (void)state;
    scarce_begin(0);
    assert_int_equal(pp_message_pool_new(3, &pool), 0);
    held = scarce_memory.held;
    for (unsigned i = 0; i < 8; i++)
        messages[i] = parse(pool, bye);
    assert_int_equal(scarce_memory.held - held, 8);
    for (unsigned i = 0; i < 8; i++)
        pp_message_unref(messages[i]);
    assert_int_equal(scarce_memory.held - held, 3);
    pp_message_pool_free(pool);
    assert_int_equal(scarce_end(), 0);
}

static void a_spare_block_grows_for_a_larger_message(void **state)
{
    char large[5000];
    pp_message_pool *pool;
    pp_message *message;

    (void)state;
    snprintf(large, sizeof(large), "%.*sX: %04000d\r\n\r\n", (int)(sizeof(bye) - 3), bye, 0);
    assert_int_equal(pp_message_pool_new(1, &pool), 0);
    pp_message_unref(parse(pool, bye));
    message = parse(pool, large);
    assert_int_equal(pp_message_header_named(message, PP_LIT("X"), 0).n, 4000);
    assert_true(is_about(message, "first"));
    pp_message_unref(message);
    scarce_begin(1);
    pp_message_unref(parse(pool, bye));
    pp_message_unref(parse(pool, large));
    scarce_end();
    pp_message_pool_free(pool);
}

static void the_pool_of_a_loop_is_one_for_all(void **state)
{
    pipit_loop loop = {0};
    pp_message_pool *mine, *yours;
    pp_message *message;
    int64_t held;

    (void)state;
    scarce_begin(0);
    assert_int_equal(pp_message_pool_share(&loop, &mine), 0);
    pp_message_unref(parse(mine, bye));
    held = scarce_memory.held;
    assert_int_equal(pp_message_pool_share(&loop, &yours), 0);
    message = parse(yours, bye);
    assert_int_equal(scarce_memory.held, held);
    pp_message_pool_free(mine);
    assert_ptr_equal(loop.messages, yours);
    pp_message_pool_free(yours);
    assert_null(loop.messages);
    assert_true(is_about(message, "first"));
    pp_message_unref(message);
    assert_int_equal(scarce_end(), 0);
}

static void a_loop_on_which_nobody_talks_keeps_no_memory_of_messages(void **state)
{
    pipit_loop loop = {0};
    pp_message_pool *pool;
    pp_message *message;
    int64_t held;

    (void)state;
    scarce_begin(0);
    assert_int_equal(pp_message_pool_share(&loop, &pool), 0);
    held = scarce_memory.held;
    message = parse(pool, bye);
    for (unsigned i = 0; i < 10; i++)
        pp_message_unref(parse(pool, info));
    assert_int_equal(scarce_memory.held, held + 2);
    loop.rest(&loop);
    assert_int_equal(scarce_memory.held, held + 1);
    assert_true(is_about(message, "first"));
    pp_message_unref(message);
    assert_int_equal(scarce_memory.held, held + 1);
    loop.rest(&loop);
    assert_int_equal(scarce_memory.held, held);
    pp_message_pool_free(pool);
    assert_null(loop.rest);
    assert_int_equal(scarce_end(), 0);
}

static void what_is_made_of_a_message_has_its_memory_from_the_pool(void **state)
{
    static const pp_via_parts via = {
        .transport = {"TCP", 3}, .sent_by = {"a", 1}, .branch = {"z9hG4bK1", 8}};
    pp_outgoing *response, *request, *again;
    pp_message_pool *pool;
    pp_message *message;
    pp_str wire;

    (void)state;
    assert_int_equal(pp_message_pool_new(4, &pool), 0);
    for (unsigned i = 0; i < 3; i++) {
        message = parse(pool, bye);
        assert_int_equal(pp_outgoing_response(message, 200, NULL, NULL, &response), 0);
        assert_int_equal(pp_outgoing_wire(response, &wire), 0);
        assert_int_equal(
            pp_outgoing_request_in(pool, PP_OPTIONS, PP_LIT("sip:b@example.com"), &request), 0);
        pp_outgoing_set_via(request, &via);
        assert_int_equal(pp_outgoing_wire(request, &wire), 0);
        assert_int_equal(pp_outgoing_clone(request, &again), 0);
        pp_message_unref(message);
        pp_outgoing_unref(response);
        pp_outgoing_unref(request);
        pp_outgoing_unref(again);
        if (i == 0)
            scarce_begin(1); /* from here on the first would fail */
    }
    assert_int_equal(scarce_memory.count, 0);
    scarce_end();
    pp_message_pool_free(pool);
}

static int life(void)
{
    pp_message_pool *pool = NULL;
    pp_message *one = NULL, *two = NULL, *three = NULL;
    int err = pp_message_pool_new(1, &pool);

    if (!err)
        err = pp_message_parse_pooled(pool, &(pp_wire){.text = pp_str_c(bye)}, &one);
    if (!err)
        err = pp_message_parse_pooled(pool, &(pp_wire){.text = pp_str_c(info)}, &two);
    pp_message_unref(one);
    if (!err)
        err = pp_message_parse_pooled(pool, &(pp_wire){.text = pp_str_c(info)}, &three);
    pp_message_unref(two);
    pp_message_pool_free(pool);
    pp_message_unref(three);
    return err;
}

static void a_pool_takes_it_when_there_is_no_memory(void **state)
{
    (void)state;
    assert_true(scarce_sweep(life, false) >= 3);
    assert_true(scarce_sweep(life, true) >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_steady_state_has_no_heap_calls),
        cmocka_unit_test(a_message_that_is_held_keeps_its_memory),
        cmocka_unit_test(a_message_outlives_its_pool),
        cmocka_unit_test(a_pool_keeps_no_more_than_it_may),
        cmocka_unit_test(a_spare_block_grows_for_a_larger_message),
        cmocka_unit_test(the_pool_of_a_loop_is_one_for_all),
        cmocka_unit_test(a_loop_on_which_nobody_talks_keeps_no_memory_of_messages),
        cmocka_unit_test(what_is_made_of_a_message_has_its_memory_from_the_pool),
        cmocka_unit_test(a_pool_takes_it_when_there_is_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
