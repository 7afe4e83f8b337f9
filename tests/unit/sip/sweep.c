/* sweep.c - every prefix of every message of the corpora and every single bit of the torture tests
 * turned: parsed, looked through, answered and passed on without harm. */
#include "support/sweep.h"
#include "base/limits.h"
#include "sip/digest.h"
#include "sip/request.h"
#include "sip/typed/typed.h"
#include "support/files.h"

#include <stdlib.h>

static void read_auth(pp_header_id id, pp_str value)
{
    pp_challenge challenge;
    pp_authorization authorization;

    if (id == PP_HEADER_WWW_AUTHENTICATE || id == PP_HEADER_PROXY_AUTHENTICATE)
        (void)pp_challenge_parse(value, &challenge);
    if (id == PP_HEADER_AUTHORIZATION || id == PP_HEADER_PROXY_AUTHORIZATION)
        (void)pp_authorization_parse(value, &authorization);
}

static void look_through(const pp_message *m)
{
    for (size_t i = 0; i < m->header_count; i++) {
        pp_header_id id = m->headers[i].id;
        pp_typed value;
        pp_member at = {0};
        pp_str member;

        read_auth(id, m->headers[i].value);
        if (i == 0 || m->headers[i - 1].id != id)
            while (pp_message_next(m, id, &at, &member))
                (void)pp_typed_parse(id, member, &value);
    }
}

static void write_and_drop(pp_outgoing *message)
{
    pp_buf wire = {0};

    (void)pp_outgoing_write(message, &wire);
    pp_buf_free(&wire);
    pp_outgoing_unref(message);
}

static void handle(const uint8_t *data, size_t size, void *arg)
{
    pp_message *m = NULL;
    pp_outgoing *made = NULL;
    pipit_request *view = NULL;

    if (pp_message_parse(pp_str_n(data, size), &m))
        return;
    ++*(unsigned *)arg;
    look_through(m);
    if (pp_request_of_message(m, &view) == 0)
        pipit_request_unref(view);
    if (m->is_request && pp_outgoing_response(m, 400, m->defect_phrase, "t", &made) == 0)
        write_and_drop(made);
    if (pp_outgoing_from_message(m, &made) == 0)
        write_and_drop(made);
    pp_message_unref(m);
}

/* A trace is text for people; its messages had CR LF. */
static void each_message_of(pp_str trace, void (*each)(sweep *s, pp_str message), sweep *s)
{
    pp_buf message = {0};
    bool inside = false;

    while (trace.n) {
        pp_str line = pp_str_split(&trace, '\n');

        if (pp_str_starts(line, "======== ")) {
            if (inside)
                each(s, pp_buf_text(&message));
            pp_buf_clear(&message);
            inside = true;
        } else if (inside) {
            pp_buf_str(&message, line);
            pp_buf_c(&message, "\r\n");
        }
    }
    if (inside)
        each(s, pp_buf_text(&message));
    pp_buf_free(&message);
}

static void cut_trace(const char *name, pp_str content, void *arg)
{
    (void)name;
    each_message_of(content, sweep_prefixes, arg);
}

static const char *const torture[] = {"sip-torture/rfc4475", "sip-torture/rfc5118/wire",
                                      "sip-torture/rfc5118/archive"};

static void a_torture_message_cut_anywhere_does_no_harm(void **state)
{
    unsigned parsed = 0;
    sweep s = {.function = handle, .arg = &parsed};

    (void)state;
    for (size_t i = 0; i < sizeof(torture) / sizeof(torture[0]); i++)
        each_corpus_file(torture[i], sweep_file_prefixes, &s);
    sweep_report(&s, "prefixes", "torture messages");
    assert_true(s.inputs > 25000 && parsed > 50);
}

static void a_torture_message_with_a_bit_turned_does_no_harm(void **state)
{
    unsigned parsed = 0;
    sweep s = {.function = handle, .arg = &parsed};

    (void)state;
    for (size_t i = 0; i < sizeof(torture) / sizeof(torture[0]); i++)
        each_corpus_file(torture[i], sweep_file_bits, &s);
    sweep_report(&s, "turned bits", "torture messages");
    assert_true(s.inputs > 200000 && parsed > 100000);
}

static void a_recorded_message_cut_anywhere_does_no_harm(void **state)
{
    unsigned parsed = 0;
    sweep s = {.function = handle, .arg = &parsed};

    (void)state;
    each_corpus_file("sip-traces", cut_trace, &s);
    sweep_report(&s, "prefixes", "recorded messages");
    assert_true(s.files > 200 && s.inputs > 200000 && parsed > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_torture_message_cut_anywhere_does_no_harm),
        cmocka_unit_test(a_torture_message_with_a_bit_turned_does_no_harm),
        cmocka_unit_test(a_recorded_message_cut_anywhere_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
