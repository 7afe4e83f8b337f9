/* publisher.c - publications of ours against a server that the test plays. */
#include "unit/ua/support/stage.h"

static pipit_publisher *publisher;

static void note(stage *at, const char *name, const pipit_publisher_event *e)
{
    scarce_pause();
    pp_buf_format(&at->log, "%s:%s:%d ", name, pipit_cause_name(e->cause),
                  e->has_retry_after ? (int)e->retry_after : -1);
    scarce_resume();
}

static void on_published(pipit_publisher *p, const pipit_publisher_event *e, void *user)
{
    assert_true(pipit_publisher_is_published(p) || scarce_memory.failed);
    note(user, "published", e);
}

static void on_unpublished(pipit_publisher *p, const pipit_publisher_event *e, void *user)
{
    assert_false(pipit_publisher_is_published(p));
    note(user, "unpublished", e);
}

static void on_failed(pipit_publisher *p, const pipit_publisher_event *e, void *user)
{
    (void)p;
    note(user, "failed", e);
}

static const pipit_publisher_handlers handlers = {on_published, on_unpublished, on_failed};

static void make(stage *at)
{
    const pipit_publisher_options options = {.expires = 600, .handlers = &handlers, .user = at};

    assert_int_equal(pipit_ua_publish(at->ua, NULL, "presence", "text/plain", &options, &publisher),
                     0);
}

static void take(stage *at, const char *etag)
{
    char lines[64];

    snprintf(lines, sizeof(lines), "SIP-ETag: %s\r\nExpires: 600\r\n", etag);
    answer(at, at->last, "200 OK", "far", lines, NULL);
}

static stage *published(void)
{
    stage *at = stage_connected();

    make(at);
    assert_int_equal(pipit_publisher_publish(publisher, "open"), 0);
    expect_sent(at, "PUBLISH sip:alice@example.com SIP/2.0");
    check_header(at->last, "Event", "presence");
    check_header(at->last, "Expires", "600");
    check_header(at->last, "SIP-If-Match", NULL);
    check_header(at->last, "Content-Type", "text/plain");
    check_header(at->last, "Contact", NULL);
    assert_true(pp_str_eq_c(at->last->body, "open"));
    take(at, "e1");
    assert_string_equal(pipit_publisher_etag(publisher), "e1");
    assert_int_equal(pipit_publisher_expires(publisher), 600);
    check_events(at, "published::-1 ");
    return at;
}

static void expect_publish(stage *at, const char *etag, const char *body, uint64_t ms)
{
    wait_sent(at, "PUBLISH sip:alice@example.com SIP/2.0", ms);
    check_header(at->last, "SIP-If-Match", etag);
    assert_true(pp_str_eq_c(at->last->body, body));
}

static void finish(stage *at)
{
    publisher = pipit_publisher_unref(publisher);
    stage_free(at);
}

static void a_publication_is_refreshed_changed_and_taken_back(void **state)
{
    stage *at = published();

    (void)state;
    advance_ms(at, 299000);
    expect_silence(at);
    expect_publish(at, "e1", "", 250000);
    take(at, "e2");
    assert_int_equal(pipit_publisher_publish(publisher, "busy"), 0);
    assert_int_equal(pipit_publisher_publish(publisher, "away"), 0); /* waits for the one before */
    assert_int_equal(pipit_publisher_publish(publisher, "gone"), 0);
    expect_publish(at, "e2", "busy", 0);
    expect_silence(at);
    take(at, "e3");
    expect_publish(at, "e3", "gone", 0);
    take(at, "e4");
    assert_int_equal(pipit_publisher_unpublish(publisher), 0);
    assert_int_equal(pipit_publisher_unpublish(publisher), PIPIT_ERR_STATE);
    assert_int_equal(pipit_publisher_publish(publisher, "x"), PIPIT_ERR_STATE);
    expect_publish(at, "e4", "", 0);
    check_header(at->last, "Expires", "0");
    check_header(at->last, "Content-Type", NULL);
    answer(at, at->last, "200 OK", "far", "SIP-ETag: e5\r\nExpires: 0\r\n", NULL);
    check_events(at, "published::-1 published::-1 unpublished::-1 ");
    advance_ms(at, 2000000);
    expect_silence(at);
    assert_int_equal(pipit_publisher_publish(publisher, "anew"), 0);
    expect_publish(at, NULL, "anew", 0);
    finish(at);
}

static void a_publication_the_server_lost_is_published_anew(void **state)
{
    stage *at = published();

    (void)state;
    expect_publish(at, "e1", "", 600000);
    answer(at, at->last, "412 Conditional Request Failed", "far", NULL, NULL);
    expect_publish(at, NULL, "open", 0);
    take(at, "f1");
    assert_int_equal(pipit_publisher_publish(publisher, "busy"), 0);
    expect_publish(at, "f1", "busy", 0);
    answer(at, at->last, "412 Conditional Request Failed", "far", NULL, NULL);
    expect_publish(at, NULL, "busy", 0);
    answer(at, at->last, "412 Conditional Request Failed", "far", NULL, NULL); /* a loop */
    expect_silence(at);
    check_events(at, "published::-1 failed:SIP Failure Code:-1 unpublished:SIP Failure Code:-1 ");
    finish(at);
}

static void a_longer_time_is_asked_for_once(void **state)
{
    stage *at = stage_connected();

    (void)state;
    make(at);
    assert_int_equal(pipit_publisher_publish(publisher, "open"), 0);
    expect_sent(at, "PUBLISH ");
    answer(at, at->last, "423 Interval Too Brief", "far", "Min-Expires: 900\r\n", NULL);
    expect_publish(at, NULL, "open", 0);
    check_header(at->last, "Expires", "900");
    answer(at, at->last, "423 Interval Too Brief", "far", "Min-Expires: 9000\r\n", NULL);
    expect_silence(at);
    check_events(at, "failed:SIP Failure Code:-1 ");
    finish(at);
}

static void a_first_publish_that_fails_is_told(void **state)
{
    stage *at = stage_connected();

    (void)state;
    make(at);
    assert_int_equal(pipit_publisher_publish(publisher, "open"), 0);
    expect_sent(at, "PUBLISH ");
    answer(at, at->last, "503 Service Unavailable", "far", "Retry-After: 9\r\n", NULL);
    assert_int_equal(pipit_publisher_unpublish(publisher), PIPIT_ERR_STATE);
    assert_int_equal(pipit_publisher_publish(publisher, "open"), 0);
    expect_sent(at, "PUBLISH ");
    advance_ms(at, 32100);
    check_events(at, "failed:SIP Failure Code:9 failed:Request Timeout:-1 ");
    finish(at);
}

static void a_change_that_is_refused_leaves_what_was(void **state)
{
    stage *at = published();

    (void)state;
    assert_int_equal(pipit_publisher_publish(publisher, "busy"), 0);
    expect_publish(at, "e1", "busy", 0);
    answer(at, at->last, "403 Forbidden", "far", NULL, NULL);
    check_events(at, "failed:Rejected:-1 ");
    expect_publish(at, "e1", "", 600000);
    finish(at);
}

static void a_refresh_that_fails_is_tried_until_it_runs_out(void **state)
{
    stage *at = published();
    unsigned attempts = 0;

    (void)state;
    for (unsigned s = 0; s < 700; s++) {
        const pp_message *m;

        advance_ms(at, 1000);
        while ((m = next_sent(at))) {
            answer(at, m, "500 Oops", NULL, "Retry-After: 20\r\n", NULL);
            attempts++;
        }
    }
    assert_in_range(attempts, 3, 17);
    check_events(at, "unpublished:SIP Failure Code:-1 ");
    finish(at);
}

static void a_publication_is_refreshed_on_the_next_connection(void **state)
{
    stage *at = published();

    (void)state;
    assert_int_equal(pipit_publisher_publish(publisher, "lost"), 0);
    expect_sent(at, "PUBLISH ");
    pipit_socket_disconnected(at->socket, true, 1006, NULL);
    expect_publish(at, "e1", "lost", 10000);
    take(at, "e2");
    check_events(at, "disconnected:error connected published::-1 ");
    pipit_socket_disconnected(at->socket, true, 1006, NULL);
    expect_publish(at, "e2", "", 10000);
    finish(at);
}

static void a_stop_takes_it_back(void **state)
{
    stage *at = published();

    (void)state;
    pipit_ua_stop(at->ua);
    expect_publish(at, "e1", "", 0);
    check_header(at->last, "Expires", "0");
    answer(at, at->last, "200 OK", "far", "SIP-ETag: e2\r\n", NULL);
    advance_ms(at, 1);
    check_events(at, "unpublished::-1 disconnected stopped ");
    finish(at);
}

static void text_that_cannot_be_is_refused_at_once(void **state)
{
    static const char *const no_line[] = {"no header line", NULL};
    const pipit_publisher_options bad = {.extra_headers = no_line};
    stage *at = stage_connected();
    pipit_publisher *none = NULL;

    (void)state;
    assert_int_equal(pipit_ua_publish(at->ua, "bob@", "presence", "a/b", NULL, &none),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_publish(at->ua, NULL, "a b", "a/b", NULL, &none), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_publish(at->ua, NULL, "a", "a/b\r\nX: y", NULL, &none),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_publish(at->ua, NULL, "a", "a/b", &bad, &none), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_publish(at->ua, NULL, NULL, "a/b", NULL, &none), PIPIT_ERR_ARGUMENT);
    make(at);
    assert_int_equal(pipit_publisher_publish(publisher, NULL), PIPIT_ERR_ARGUMENT);
    expect_silence(at);
    finish(at);
}

static void a_publication_survives_any_allocation_failing(void **state)
{
    const pipit_publisher_options options = {.expires = 600, .handlers = &handlers};
    uint64_t n = 0;

    (void)state;
    do {
        pipit_publisher_options o = options;
        stage *at;
        int64_t left;

        scarce_begin(0);
        at = stage_connected();
        o.user = at;
        scarce_fail(++n);
        if (!pipit_ua_publish(at->ua, NULL, "presence", "a/b", &o, &publisher)) {
            if (!pipit_publisher_publish(publisher, "open") && next_sent(at))
                take(at, "e1");
            advance_ms(at, 590000);
            pipit_publisher_unpublish(publisher);
        }
        scarce_relax();
        finish(at);
        left = scarce_end();
        if (left)
            fail_msg("allocation %llu: %lld blocks leaked", (unsigned long long)n, (long long)left);
    } while (scarce_memory.failed);
    assert_true(n > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_publication_is_refreshed_changed_and_taken_back),
        cmocka_unit_test(a_publication_the_server_lost_is_published_anew),
        cmocka_unit_test(a_longer_time_is_asked_for_once),
        cmocka_unit_test(a_first_publish_that_fails_is_told),
        cmocka_unit_test(a_change_that_is_refused_leaves_what_was),
        cmocka_unit_test(a_refresh_that_fails_is_tried_until_it_runs_out),
        cmocka_unit_test(a_publication_is_refreshed_on_the_next_connection),
        cmocka_unit_test(a_stop_takes_it_back),
        cmocka_unit_test(text_that_cannot_be_is_refused_at_once),
        cmocka_unit_test(a_publication_survives_any_allocation_failing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
