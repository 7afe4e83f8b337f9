/* capture.c - tests of when what comes was captured. */
#include "rtp/capture.h"

#include "support/files.h"

#define NTP(seconds, half) ((uint64_t)(seconds) << 32 | ((half) ? 0x80000000u : 0))

static pp_capture stream_of(uint32_t clock_rate, const char *cname)
{
    pp_capture capture = {.clock_rate = clock_rate};

    pp_capture_named(&capture, pp_str_c(cname));
    return capture;
}

static void what_has_not_come_is_not_known(void **state)
{
    const pp_capture capture = stream_of(90000, "a");

    (void)state;
    assert_true(pp_capture_us(&capture, 4711) == 0);
}

static void before_a_report_the_first_packet_counts(void **state)
{
    pp_capture capture = stream_of(90000, "a");

    (void)state;
    pp_capture_packet(&capture, UINT32_MAX, 7000000);
    pp_capture_packet(&capture, 3000, 7000001);
    assert_true(pp_capture_us(&capture, 89999) == 8000000);
    assert_true(pp_capture_us(&capture, UINT32_MAX - 9000) == 6900000);
}

static void streams_of_one_sender_are_on_one_line(void **state)
{
    pp_capture sound = stream_of(48000, "a"), picture = stream_of(90000, "a");
    const pp_sender_info one = {.ntp = NTP(1000, true), .rtp_timestamp = 48000};
    const pp_sender_info two = {.ntp = NTP(1002, false), .rtp_timestamp = 900000};

    (void)state;
    pp_capture_packet(&picture, 900000, 1);
    pp_capture_report(&sound, &one, 5000000);
    pp_capture_report(&picture, &two, 6530000); /* 30 ms late */
    assert_false(pp_capture_is_joined(&picture, &sound));
    pp_capture_join(&picture, &sound);
    assert_true(pp_capture_is_joined(&picture, &sound));
    assert_true(pp_capture_us(&sound, 96000) == 6000000);
    assert_true(pp_capture_us(&picture, 900000) == 6500000);
    assert_true(pp_capture_us(&picture, 909000) == 6600000);
}

static void later_reports_move_nothing_but_the_clock_of_the_stream(void **state)
{
    pp_capture sound = stream_of(48000, "a");
    pp_sender_info info = {.ntp = NTP(1000, false), .rtp_timestamp = 0};

    (void)state;
    pp_capture_report(&sound, &info, 5000000);
    info = (pp_sender_info){.ntp = NTP(1010, false), .rtp_timestamp = 480048}; /* it goes fast */
    pp_capture_report(&sound, &info, 15999999);
    assert_true(pp_capture_us(&sound, 480048) == 15000000);
    info = (pp_sender_info){.rtp_timestamp = 7};
    pp_capture_report(&sound, &info, 16000000); /* it has no clock */
    assert_true(pp_capture_us(&sound, 480048) == 15000000);
}

static void others_have_a_line_of_their_own(void **state)
{
    pp_capture sound = stream_of(48000, "a"), picture = stream_of(90000, "b");
    const pp_sender_info one = {.ntp = NTP(1000, false)}, two = {.ntp = NTP(9, false)};

    (void)state;
    pp_capture_report(&sound, &one, 5000000);
    pp_capture_report(&picture, &two, 5500000);
    pp_capture_join(&picture, &sound);
    assert_false(pp_capture_is_joined(&picture, &sound));
    assert_true(pp_capture_us(&picture, 0) == 5500000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_not_come_is_not_known),
        cmocka_unit_test(before_a_report_the_first_packet_counts),
        cmocka_unit_test(streams_of_one_sender_are_on_one_line),
        cmocka_unit_test(later_reports_move_nothing_but_the_clock_of_the_stream),
        cmocka_unit_test(others_have_a_line_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
