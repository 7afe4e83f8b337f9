/* numbers.c - the numbers of states and codes are JsSIP's, and so are the texts of causes: scripts that know them go on working. */
#include "pipit/pipit.h"
#include "support/files.h"

static void check_numbers(const int *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(numbers[i], i);
}

#define CHECK_NUMBERS(...)                                                                         \
    check_numbers((const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

static void the_numbers_are_those_of_jssip(void **state)
{
    (void)state;
    /* pipit_ua_status: UA.C */
    CHECK_NUMBERS(PIPIT_UA_INIT, PIPIT_UA_READY, PIPIT_UA_USER_CLOSED, PIPIT_UA_NOT_READY);
    /* pipit_session_status: RTCSession.C */
    CHECK_NUMBERS(PIPIT_SESSION_NULL, PIPIT_SESSION_INVITE_SENT, PIPIT_SESSION_1XX_RECEIVED,
                  PIPIT_SESSION_INVITE_RECEIVED, PIPIT_SESSION_WAITING_FOR_ANSWER,
                  PIPIT_SESSION_ANSWERED, PIPIT_SESSION_WAITING_FOR_ACK, PIPIT_SESSION_CANCELED,
                  PIPIT_SESSION_TERMINATED, PIPIT_SESSION_CONFIRMED);
    /* pipit_subscriber_state and pipit_subscriber_code: Subscriber.C */
    CHECK_NUMBERS(PIPIT_SUBSCRIBER_PENDING, PIPIT_SUBSCRIBER_ACTIVE, PIPIT_SUBSCRIBER_TERMINATED,
                  PIPIT_SUBSCRIBER_INIT, PIPIT_SUBSCRIBER_WAITING_NOTIFY);
    CHECK_NUMBERS(
        PIPIT_SUBSCRIBER_SUBSCRIBE_RESPONSE_TIMEOUT, PIPIT_SUBSCRIBER_SUBSCRIBE_TRANSPORT_ERROR,
        PIPIT_SUBSCRIBER_SUBSCRIBE_NON_OK_RESPONSE, PIPIT_SUBSCRIBER_SUBSCRIBE_WRONG_OK_RESPONSE,
        PIPIT_SUBSCRIBER_SUBSCRIBE_AUTHENTICATION_FAILED, PIPIT_SUBSCRIBER_UNSUBSCRIBE_TIMEOUT,
        PIPIT_SUBSCRIBER_FINAL_NOTIFY_RECEIVED, PIPIT_SUBSCRIBER_WRONG_NOTIFY_RECEIVED);
    /* pipit_notifier_state and pipit_notifier_code: Notifier.C */
    CHECK_NUMBERS(PIPIT_NOTIFIER_PENDING, PIPIT_NOTIFIER_ACTIVE, PIPIT_NOTIFIER_TERMINATED);
    CHECK_NUMBERS(PIPIT_NOTIFIER_NOTIFY_RESPONSE_TIMEOUT, PIPIT_NOTIFIER_NOTIFY_TRANSPORT_ERROR,
                  PIPIT_NOTIFIER_NOTIFY_NON_OK_RESPONSE,
                  PIPIT_NOTIFIER_NOTIFY_AUTHENTICATION_FAILED, PIPIT_NOTIFIER_FINAL_NOTIFY_SENT,
                  PIPIT_NOTIFIER_UNSUBSCRIBE_RECEIVED, PIPIT_NOTIFIER_SUBSCRIPTION_EXPIRED);
}

/* pipit_cause, in the order of C.causes. */
static void the_causes_are_those_of_jssip(void **state)
{
    static const char *const texts[] = {
        "",
        "Connection Error",
        "Request Timeout",
        "SIP Failure Code",
        "Internal Error",
        "Busy",
        "Rejected",
        "Redirected",
        "Unavailable",
        "Not Found",
        "Address Incomplete",
        "Incompatible SDP",
        "Missing SDP",
        "Authentication Error",
        "Terminated",
        "WebRTC Error",
        "Canceled",
        "No Answer",
        "Expires",
        "No ACK",
        "Dialog Error",
        "User Denied Media Access",
        "Bad Media Description",
        "RTP Timeout",
    };

    (void)state;
    assert_int_equal(sizeof(texts) / sizeof(*texts), PIPIT_CAUSE_COUNT);
    for (int i = 0; i < PIPIT_CAUSE_COUNT; i++)
        assert_string_equal(pipit_cause_name((pipit_cause)i), texts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_numbers_are_those_of_jssip),
        cmocka_unit_test(the_causes_are_those_of_jssip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
