/* close.c - the close handshake, reported as a browser's CloseEvent would. */
#include "unit/ws/ends.h"

#include "pipit/error.h"

static void check_closed_by_peer(const char *hex, const char *event, const char *answer)
{
    end e = {0};

    open_client(&e);
    end_feed_hex(&e, hex, 1);
    assert_string_equal(end_events(&e), event);
    assert_string_equal(end_frames(&e), answer);
    end_free(&e);
}

static void a_close_of_the_peer_is_reported_and_answered(void **state)
{
    (void)state;
    check_closed_by_peer("880203e8", "closed 1000  clean: closed by the peer\n", "880203e8");
    check_closed_by_peer("8800", "closed 1005  clean: closed by the peer\n", "8800");
    check_closed_by_peer("88050fa1627965", "closed 4001 bye clean: closed by the peer\n",
                         "88020fa1");
    check_closed_by_peer("880203f4", "closed 1012  clean: closed by the peer\n", "880203f4");
    check_closed_by_peer("880203f5", "closed 1013  clean: closed by the peer\n", "880203f5");
    check_closed_by_peer("880203e9"
                         "810161",
                         "closed 1001  clean: closed by the peer\n", "880203e9");
}

static void a_bad_close_fails_the_connection(void **state)
{
    (void)state;
    check_closed_by_peer("880103", "closed 1006  unclean: a close frame has half a code\n",
                         "880203ea");
    check_closed_by_peer("880203ed", "closed 1006  unclean: a close frame has a reserved code\n",
                         "880203ea");
    check_closed_by_peer("880203e7", "closed 1006  unclean: a close frame has a reserved code\n",
                         "880203ea");
    check_closed_by_peer("88021388", "closed 1006  unclean: a close frame has a reserved code\n",
                         "880203ea");
    check_closed_by_peer("880303e8ff", "closed 1006  unclean: a close reason is not UTF-8\n",
                         "880203ef");
}

static void a_close_of_ours_ends_with_the_answer(void **state)
{
    end e = {0};

    (void)state;
    open_client(&e);
    assert_int_equal(pp_ws_close(e.ws, 1000, "done"), 0);
    assert_string_equal(end_frames(&e), "880603e8646f6e65");
    assert_false(pp_ws_is_open(e.ws));
    assert_int_equal(pp_ws_close(e.ws, 1000, NULL), PIPIT_ERR_STATE);
    end_feed_hex(&e,
                 "810161"
                 "8900"
                 "880203e8",
                 1); /* nothing of this is wanted but the last */
    assert_string_equal(end_events(&e), "closed 1000  clean: closed by us\n");
    assert_string_equal(end_frames(&e), "");
    pp_ws_eof(e.ws, NULL);
    assert_string_equal(end_events(&e), "");
    end_free(&e);
}

static void a_close_without_a_code_is_1005(void **state)
{
    end e = {0};

    (void)state;
    open_client(&e);
    assert_int_equal(pp_ws_close(e.ws, 0, NULL), 0);
    assert_string_equal(end_frames(&e), "8800");
    end_feed_hex(&e, "8800", 2);
    assert_string_equal(end_events(&e), "closed 1005  clean: closed by us\n");
    end_free(&e);
}

static void a_close_without_an_answer_is_unclean(void **state)
{
    end e = {0};

    (void)state;
    open_client(&e);
    assert_int_equal(pp_ws_close(e.ws, 1000, NULL), 0);
    pp_ws_eof(e.ws, NULL);
    assert_string_equal(end_events(&e),
                        "closed 1006  unclean: the connection was lost without a close frame\n");
    end_free(&e);
}

static void a_reserved_code_is_not_sent(void **state)
{
    static const int reserved[] = {1,    999,  1004, 1005, 1006,        1015,
                                   1016, 2999, 5000, -1,   65536 + 1000};
    char reason[125];
    end e = {0};

    (void)state;
    memset(reason, 'x', sizeof(reason));
    reason[124] = '\0';
    open_client(&e);
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        assert_int_equal(pp_ws_close(e.ws, reserved[i], NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_ws_close(e.ws, 1000, reason), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_ws_close(e.ws, 1000, "\xff"), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_ws_close(e.ws, 0, "reason"), PIPIT_ERR_ARGUMENT);
    assert_true(pp_ws_is_open(e.ws));
    assert_int_equal(e.out.n, 0);
    reason[123] = '\0';
    assert_int_equal(pp_ws_close(e.ws, 1000, reason), 0);
    assert_int_equal(e.out.n, 2 + 4 + 125);
    end_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_close_of_the_peer_is_reported_and_answered),
        cmocka_unit_test(a_bad_close_fails_the_connection),
        cmocka_unit_test(a_close_of_ours_ends_with_the_answer),
        cmocka_unit_test(a_close_without_a_code_is_1005),
        cmocka_unit_test(a_close_without_an_answer_is_unclean),
        cmocka_unit_test(a_reserved_code_is_not_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
