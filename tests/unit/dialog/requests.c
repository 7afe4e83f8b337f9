/* requests.c - the requests inside a dialog. */
#include "unit/dialog/support/dialogs.h"

#include "base/error.h"

#include <stdio.h>

/* The request inside is, to the octet, `head` (its first line and its Routes) and the rest that is the same in all. */
static void check_request(pp_dialog *dialog, pp_method method, uint32_t invite_cseq,
                          const char *head, const char *cseq)
{
    char expected[1024];
    pp_outgoing *request;
    pp_buf wire = {0};

    snprintf(expected, sizeof(expected),
             "%sTo: <sip:bob@example.com>;tag=bobs\r\n"
             "From: \"Alice, A.\" <sip:alice@example.com;x=y>;tag=alices\r\n"
             "Call-ID: call\r\n"
             "CSeq: %s\r\n"
             "Max-Forwards: 69\r\n"
             "Content-Length: 0\r\n\r\n",
             head, cseq);
    assert_int_equal(pp_dialog_request(dialog, method, invite_cseq, &request), 0);
    assert_int_equal(pp_outgoing_write(request, &wire), 0);
    pp_buf_char(&wire, '\0');
    assert_string_equal(wire.p, expected);
    pp_buf_free(&wire);
    pp_outgoing_unref(request);
}

static void a_request_inside_follows_a_loose_route(void **state)
{
    pp_dialog *dialog =
        calling(BOBS_CONTACT "Record-Route: <sip:p1.invalid;lr>, <sip:p0.invalid;LR=on>\r\n");

    (void)state;
    check_request(dialog, PP_BYE, 0,
                  "BYE sip:bob@b.invalid;transport=ws SIP/2.0\r\n"
                  "Route: <sip:p0.invalid;LR=on>\r\n"
                  "Route: <sip:p1.invalid;lr>\r\n",
                  "8 BYE");
    assert_int_equal(dialog->local_cseq, 8);
    pp_dialog_free(dialog);
}

/* RFC 3261 section 12.2.1.1, its example. */
static void a_request_inside_follows_a_strict_route(void **state)
{
    pp_dialog *dialog =
        calling(BOBS_CONTACT
                "Record-Route: <sip:p1.invalid;lr>\r\nRecord-Route: \"P\" <sip:p0.invalid>\r\n");

    (void)state;
    check_request(dialog, PP_INFO, 0,
                  "INFO sip:p0.invalid SIP/2.0\r\n"
                  "Route: <sip:p1.invalid;lr>\r\n"
                  "Route: <sip:bob@b.invalid;transport=ws>\r\n",
                  "8 INFO");
    pp_dialog_free(dialog);
}

static void a_request_follows_what_changed_since_the_last(void **state)
{
    pp_dialog *dialog = calling(BOBS_CONTACT "Record-Route: <sip:p0.invalid>\r\n");
    pp_message *moved = request("UPDATE", 1, "<sip:alice@example.com>;tag=alices",
                                "Contact: <sip:bob@c.invalid>\r\n");

    (void)state;
    check_request(dialog, PP_INFO, 0,
                  "INFO sip:p0.invalid SIP/2.0\r\n"
                  "Route: <sip:bob@b.invalid;transport=ws>\r\n",
                  "8 INFO");
    check_request(dialog, PP_REFER, 0,
                  "REFER sip:p0.invalid SIP/2.0\r\n"
                  "Route: <sip:bob@b.invalid;transport=ws>\r\n",
                  "9 REFER");
    assert_int_equal(pp_dialog_refresh_target(dialog, moved), 0);
    check_request(dialog, PP_BYE, 0, "BYE sip:p0.invalid SIP/2.0\r\nRoute: <sip:bob@c.invalid>\r\n",
                  "10 BYE");
    pp_message_unref(moved);
    pp_dialog_free(dialog);
}

static void an_ack_has_the_number_of_its_invite_and_raises_nothing(void **state)
{
    pp_dialog *dialog = calling(BOBS_CONTACT);

    (void)state;
    check_request(dialog, PP_ACK, 7, "ACK sip:bob@b.invalid;transport=ws SIP/2.0\r\n", "7 ACK");
    assert_int_equal(dialog->local_cseq, 7);
    pp_dialog_free(dialog);
}

/* RFC 3261 section 12.1.1: a caller of RFC 2543 has no tag. */
static void a_peer_without_tag_gets_none_back(void **state)
{
    pp_message *invite = parse("INVITE sip:alice@a.invalid SIP/2.0", BOB, "<sip:alice@example.com>",
                               "1 INVITE", BOBS_CONTACT);
    pp_dialog *dialog = NULL;
    pp_outgoing *bye;

    (void)state;
    assert_int_equal(pp_dialog_from_request(dialogs, invite, "mine", 1, NULL, &dialog), 0);
    assert_int_equal(pp_dialog_request(dialog, PP_BYE, 0, &bye), 0);
    assert_true(pp_str_eq_c(pp_outgoing_header(bye, PP_HEADER_TO, 0), BOB));
    assert_true(finds(BOB, "<sip:alice@example.com>;tag=mine", "BYE"));
    pp_outgoing_unref(bye);
    pp_message_unref(invite);
    pp_dialog_free(dialog);
}

/* RFC 3261 section 22.2. */
static void a_request_that_goes_once_more_has_the_next_number(void **state)
{
    pp_dialog *dialog = calling(BOBS_CONTACT);
    pp_outgoing *info;

    (void)state;
    assert_int_equal(pp_dialog_next_cseq(dialog), 8);
    assert_int_equal(pp_dialog_request(dialog, PP_INFO, 0, &info), 0);
    assert_int_equal(pp_outgoing_cseq(info), 9);
    dialog->local_cseq = 2147483647u;
    assert_int_equal(pp_dialog_next_cseq(dialog), 2147483647u);
    pp_outgoing_unref(info);
    pp_dialog_free(dialog);
}

static void the_numbers_of_a_dialog_may_be_used_up(void **state)
{
    pp_dialog *dialog = calling(BOBS_CONTACT);
    pp_outgoing *none = NULL;

    (void)state;
    dialog->local_cseq = 2147483647u;
    assert_int_equal(pp_dialog_request(dialog, PP_BYE, 0, &none), PIPIT_ERR_LIMIT);
    assert_null(none);
    pp_dialog_free(dialog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_inside_follows_a_loose_route),
        TEST(a_request_inside_follows_a_strict_route),
        TEST(a_request_follows_what_changed_since_the_last),
        TEST(an_ack_has_the_number_of_its_invite_and_raises_nothing),
        TEST(a_peer_without_tag_gets_none_back),
        TEST(a_request_that_goes_once_more_has_the_next_number),
        TEST(the_numbers_of_a_dialog_may_be_used_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
