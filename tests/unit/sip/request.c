/* request.c - the public view of a message that came or goes. */
#include "sip/request.h"
#include "pipit/error.h"
#include "support/files.h"

static const char invite[] = "INVITE sip:bob@example.com SIP/2.0\r\n"
                             "v: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n"
                             "f: <sip:alice@example.com>;tag=1\r\n"
                             "t: <sip:bob@example.com>\r\n"
                             "i: x@y\r\n"
                             "CSeq: 7 INVITE\r\n"
                             "X-Shoe: left\r\n"
                             "x-shoe: right\r\n"
                             "l: 4\r\n"
                             "\r\n"
                             "bodyjunk";

static void a_request_that_came_is_shown(void **state)
{
    pp_message *message = NULL;
    pipit_request *request = NULL;
    size_t size = 0;

    (void)state;
    assert_int_equal(pp_message_parse(pp_str_c(invite), &message), 0);
    assert_int_equal(pp_request_of_message(message, &request), 0);
    pp_message_unref(message);
    assert_string_equal(pipit_request_method(request), "INVITE");
    assert_string_equal(pipit_request_ruri(request), "sip:bob@example.com");
    assert_int_equal(pipit_request_status_code(request), 0);
    assert_string_equal(pipit_request_reason_phrase(request), "");
    assert_int_equal(pipit_request_count_header(request, "X-SHOE"), 2);
    assert_string_equal(pipit_request_header(request, "x-shoe", 1), "right");
    assert_null(pipit_request_header(request, "x-shoe", 2));
    assert_string_equal(pipit_request_header(request, "Call-ID", 0), "x@y");
    assert_string_equal(pipit_request_header(request, "i", 0), "x@y");
    assert_null(pipit_request_header(request, "X-Sock", 0));
    assert_string_equal(pipit_request_body(request, &size), "body");
    assert_int_equal(size, 4);
    pipit_request_text(request, &size);
    assert_int_equal(size, strlen(invite) - strlen("junk"));
    assert_ptr_equal(pipit_request_ref(request), request);
    assert_null(pipit_request_unref(request));
    assert_string_equal(pipit_request_method(request), "INVITE");
    assert_null(pipit_request_unref(request));
    assert_null(pipit_request_unref(NULL));
}

static void a_response_that_goes_is_shown(void **state)
{
    pp_message *message = NULL;
    pp_outgoing *response = NULL;
    pipit_request *view = NULL;
    size_t size = 0;
    const char *text;

    (void)state;
    assert_int_equal(pp_message_parse(pp_str_c(invite), &message), 0);
    assert_int_equal(pp_outgoing_response(message, 486, NULL, "tag", &response), 0);
    pp_message_unref(message);
    assert_int_equal(pp_request_of_outgoing(response, &view), 0);
    pp_outgoing_unref(response);
    assert_int_equal(pipit_request_status_code(view), 486);
    assert_string_equal(pipit_request_reason_phrase(view), "Busy Here");
    assert_string_equal(pipit_request_method(view), "INVITE");
    assert_string_equal(pipit_request_ruri(view), "");
    assert_string_equal(pipit_request_header(view, "To", 0), "<sip:bob@example.com>;tag=tag");
    assert_string_equal(pipit_request_body(view, NULL), "");
    text = pipit_request_text(view, &size);
    assert_int_equal(strlen(text), size);
    assert_memory_equal(text, "SIP/2.0 486 Busy Here\r\n", 23);
    pipit_request_unref(view);
}

static void a_message_with_an_error_is_not_shown(void **state)
{
    pp_outgoing *request = NULL;
    pipit_request *view = NULL;

    (void)state;
    assert_int_equal(pp_outgoing_request(PP_MESSAGE, PP_LIT("sip:bob@example.com"), &request), 0);
    pp_outgoing_add_line(request, "X: a\r\nY: b");
    assert_int_equal(pp_request_of_outgoing(request, &view), PIPIT_ERR_SYNTAX);
    assert_null(view);
    pp_outgoing_unref(request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_that_came_is_shown),
        cmocka_unit_test(a_response_that_goes_is_shown),
        cmocka_unit_test(a_message_with_an_error_is_not_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
