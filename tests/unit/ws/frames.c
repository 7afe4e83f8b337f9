/* frames.c - messages and control frames, both ways and both sides. */
#include "unit/ws/ends.h"

#include "base/limits.h"
#include "pipit/error.h"

static void a_client_masks_what_it_sends(void **state)
{
    end e = {0};

    (void)state;
    open_client(&e);
    assert_int_equal(pp_ws_send(e.ws, "hi", 2, false), 0);
    assert_memory_equal(e.out.p, "\x81\x82\x11\x12\x13\x14\x79\x7b", 8);
    pp_buf_clear(&e.out);
    assert_int_equal(pp_ws_send(e.ws, "hi", 2, true), 0);
    assert_memory_equal(e.out.p, "\x82\x82\x15\x16\x17\x18\x7d\x7f", 8); /* another mask */
    end_free(&e);
}

static void a_server_does_not_mask(void **state)
{
    end e = {0};

    (void)state;
    open_server(&e);
    assert_int_equal(pp_ws_send(e.ws, "hi", 2, false), 0);
    assert_memory_equal(e.out.p, "\x81\x02hi", 4);
    end_free(&e);
}

static void a_length_is_written_as_short_as_it_can_be(void **state)
{
    static const struct {
        size_t size, header;
    } rows[] = {{0, 2}, {125, 2}, {126, 4}, {65535, 4}, {65536, 10}};
    char *data = calloc(1, 65536);
    end e = {0};

    (void)state;
    open_server(&e);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(pp_ws_send(e.ws, data, rows[i].size, true), 0);
        assert_int_equal(e.out.n, rows[i].header + rows[i].size);
        pp_buf_clear(&e.out);
    }
    free(data);
    end_free(&e);
}

static void a_split_message_is_put_together(void **state)
{
    for (size_t piece = 1; piece < 20; piece++) {
        end e = {0};

        open_client(&e);
        /* "aä€b" in four frames with the characters split, and a ping between */
        end_feed_hex(&e,
                     "010261c3"
                     "0003a4e282"
                     "8901"
                     "70"
                     "0000"
                     "8002ac62",
                     piece);
        assert_string_equal(end_events(&e), "text 7 61c3a4e282ac62\n");
        assert_string_equal(end_frames(&e), "8a0170");
        end_free(&e);
    }
    (void)state;
}

static void a_masked_message_is_read(void **state)
{
    end e = {0};

    (void)state;
    open_server(&e);
    end_feed_hex(&e, "818537fa213d7f9f4d5158", 1); /* RFC 6455 section 5.7 */
    assert_string_equal(end_events(&e), "text 5 48656c6c6f\n");
    end_free(&e);
}

static void check_failed(void (*open)(end *e), const char *hex, const char *answer, const char *why)
{
    for (size_t piece = 1; piece < 8; piece += 6) {
        end e = {0};
        char expected[256];

        open(&e);
        end_feed_hex(&e, hex, piece);
        snprintf(expected, sizeof(expected), "closed 1006  unclean: %s\n", why);
        assert_string_equal(end_events(&e), expected);
        assert_string_equal(end_frames(&e), answer);
        assert_int_equal(pp_ws_send(e.ws, "x", 1, false), PIPIT_ERR_STATE);
        end_free(&e);
    }
}

static void a_broken_frame_fails_the_connection(void **state)
{
    (void)state;
    check_failed(open_client, "c10161", "880203ea", "a reserved bit is set");
    check_failed(open_client, "830161", "880203ea", "the opcode is reserved");
    check_failed(open_client, "8b00", "880203ea", "the opcode is reserved");
    check_failed(open_client, "0900", "880203ea", "a control frame is fragmented");
    check_failed(open_client, "897e007e", "880203ea", "a control frame is longer than 125 octets");
    check_failed(open_client, "81810000000061", "880203ea", "a frame of a server is masked");
    check_failed(open_server, "810161", "880203ea", "a frame of a client is not masked");
    check_failed(open_client, "800161", "880203ea", "a continuation frame continues nothing");
    check_failed(open_client,
                 "010161"
                 "810161",
                 "880203ea", "a message begins inside a fragmented one");
    check_failed(open_client, "817e007d", "880203ea", "a length is written longer than needed");
    check_failed(open_client, "817f000000000000ffff", "880203ea",
                 "a length is written longer than needed");
    check_failed(open_client, "817f8000000000000000", "880203ea",
                 "the highest bit of a length is set");
}

static void a_text_that_is_not_utf8_fails_at_once(void **state)
{
    (void)state;
    check_failed(open_client, "8105ff", "880203ef", "a text message is not UTF-8");
    check_failed(open_client, "8105eda0", "880203ef", "a text message is not UTF-8");
    check_failed(open_client, "0102c3c3", "880203ef", "a text message is not UTF-8");
    check_failed(open_client, "8101c3", "880203ef", "a text message ends inside a character");
}

static void a_message_has_a_longest_length(void **state)
{
    end e = {0};
    const pp_ws_server_options options = {.max_message = 4};

    (void)state;
    check_failed(open_client, "827f0000000000010001", "880203f1",
                 "a message is longer than 65536 octets");
    check_failed(open_client,
                 "020161"
                 "807f0000000000010000",
                 "880203f1", "a message is longer than 65536 octets");
    assert_int_equal(pp_ws_server_new(&options, &counting, &end_handlers, &e, &e.ws), 0);
    end_feed_text(&e, SERVER_OPENING "\r\n");
    end_feed_hex(&e, "82840000000001020304", 3);
    end_feed_hex(&e,
                 "0283000000000102038081000000000"
                 "4",
                 3);
    assert_string_equal(end_events(&e), "open\nbinary 4 01020304\nbinary 4 01020304\n");
    end_feed_hex(&e, "8285000000000102030405", 3);
    assert_string_equal(end_events(&e),
                        "closed 1006  unclean: a message is longer than 4 octets\n");
    end_free(&e);
}

static void a_ping_is_answered_and_a_pong_reported(void **state)
{
    end e = {0};

    (void)state;
    open_client(&e);
    end_feed_hex(&e,
                 "8900"
                 "89027879"
                 "8a00",
                 1);
    assert_string_equal(end_frames(&e), "8a00 8a027879");
    assert_string_equal(end_events(&e), "pong\n");
    assert_int_equal(pp_ws_ping(e.ws, "abc", 3), 0);
    assert_string_equal(end_frames(&e), "8903616263");
    assert_int_equal(pp_ws_ping(e.ws, NULL, 126), PIPIT_ERR_ARGUMENT);
    end_free(&e);
}

static void a_machine_may_be_released_by_a_message(void **state)
{
    end e = {.release_on_message = true};

    (void)state;
    open_client(&e);
    end_feed_hex(&e,
                 "810161"
                 "810162",
                 32);
    assert_null(e.ws);
    assert_string_equal(end_events(&e), "text 1 61\n");
    end_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_masks_what_it_sends),
        cmocka_unit_test(a_server_does_not_mask),
        cmocka_unit_test(a_length_is_written_as_short_as_it_can_be),
        cmocka_unit_test(a_split_message_is_put_together),
        cmocka_unit_test(a_masked_message_is_read),
        cmocka_unit_test(a_broken_frame_fails_the_connection),
        cmocka_unit_test(a_text_that_is_not_utf8_fails_at_once),
        cmocka_unit_test(a_message_has_a_longest_length),
        cmocka_unit_test(a_ping_is_answered_and_a_pong_reported),
        cmocka_unit_test(a_machine_may_be_released_by_a_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
