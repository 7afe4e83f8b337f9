/* torture.c - the messages of RFC 4475 and RFC 5118 before a user agent: what it answers, what it shows its application, and that
 * it still works. The tables beside the messages are the judge. */
#include "support/torture.h"
#include "support/cast/lone.h"

#include "base/buf.h"
#include "sip/uri.h"

#include <stdio.h>
#include <stdlib.h>

/* --- one message ------------------------------------------------------------------------------ */

typedef struct tally {
    unsigned rows, good;     /* of RFC 4475 */
    unsigned rows6, good6;   /* of RFC 5118 */
    unsigned wished;         /* got what the table wants most */
    unsigned ringing, taken; /* calls and messages that the application saw */
} tally;

/* The user agent is the one the Request-URI means. */
static void write_account(pp_str wire, char *out, size_t size)
{
    pp_str rest = wire;
    pp_uri uri = {0};

    pp_str_split(&rest, ' ');
    if (pp_str_starts(wire, "SIP/") || pp_uri_parse(pp_str_split(&rest, ' '), &uri) ||
        !uri.user.n || uri.headers.n)
        uri.user = PP_LIT("user");
    snprintf(out, size, "sip:%.*s@example.com", PP_STR(uri.user));
}

/* What the application saw must fit the answer. */
static bool has_right_events(const lone *l, const torture *row)
{
    bool call = l->status == 180, text = pp_str_eq_c(row->kind, "MESSAGE") && l->status == 200;

    return l->calls == (unsigned)call && l->messages == (unsigned)text;
}

/* What RFC 3261 has in an answer. */
static bool is_explained(const lone *l)
{
    switch (l->status) {
    case 405:
    case 501:
        return lone_answered(l, "Allow: ");
    case 415:
        return lone_answered(l, "Accept: ");
    case 420:
        return lone_answered(l, "Unsupported: ");
    default:
        return true;
    }
}

static bool is_good(const torture *row, tally *t)
{
    char account[256];
    lone *l;
    int status;
    bool good;

    write_account(row->wire, account, sizeof(account));
    l = lone_new(account, 0);
    status = lone_receive(l, row->wire);
    good = torture_names(row->ua, status) || torture_names(row->ua_also, status);
    good = good && has_right_events(l, row) && is_explained(l);
    good = lone_works(l) && good;
    if (!good)
        printf("torture: missed %.*s, which got %d with %u calls and %u messages, not %.*s\n",
               PP_STR(row->file), status, l->calls, l->messages, PP_STR(row->ua));
    t->wished += torture_names(row->ua, status);
    t->ringing += l->calls;
    t->taken += l->messages;
    lone_free(l);
    return good;
}

static void judge(const torture *row, void *arg)
{
    tally *t = arg;
    bool v6 = strstr(row->folder, "rfc5118") != NULL;

    if (torture_claims_nothing(row)) { /* and does not count */
        lone *l = lone_new("sip:user@example.com", 0);
        lone_receive(l, row->wire);
        assert_true(lone_works(l));
        lone_free(l);
        return;
    }
    *(v6 ? &t->rows6 : &t->rows) += 1;
    *(v6 ? &t->good6 : &t->good) += is_good(row, t);
}

static void a_user_agent_answers_torture_as_the_rfcs_want(void **state)
{
    tally t = {0};

    (void)state;
    torture_each(judge, &t);
    printf("torture: RFC 4475 %u/%u   RFC 5118 %u/%u   (%u with the answer wished most)\n", t.good,
           t.rows, t.good6, t.rows6, t.wished);
    assert_int_equal(t.rows, 49);
    assert_int_equal(t.good, 49);
    assert_int_equal(t.rows6, 12);
    assert_int_equal(t.good6, 12);
    assert_int_equal(t.ringing, 6);
    assert_int_equal(t.taken, 1);
}

/* --- as they are archived, and all in a row --------------------------------------------------- */

static void baddn_is_refused_with_the_line_that_the_archive_lost(void **state)
{
    pp_str content = read_corpus("sip-torture/rfc4475/baddn.dat");
    lone *l = lone_new("sip:t.watson@example.org", 0);
    pp_buf whole = {0};

    (void)state;
    pp_buf_str(&whole, content);
    pp_buf_c(&whole, "\r\n");
    assert_int_equal(lone_receive(l, content), 0);
    assert_int_equal(lone_receive(l, pp_buf_text(&whole)), 400);
    assert_true(lone_answered(l, "SIP/2.0 400 Bad From\r"));
    assert_true(lone_works(l));
    pp_buf_free(&whole);
    free((void *)(uintptr_t)content.p);
    lone_free(l);
}

/* A bare LF ends no line, so none of these is a message. */
static void check_archived(const char *name, pp_str content, void *arg)
{
    lone *l = arg;

    if (lone_receive(l, content))
        fail_msg("%s was answered %d", name, l->status);
    assert_true(lone_works(l));
}

static void a_message_with_bare_line_feeds_is_dropped(void **state)
{
    lone *l;

    (void)state;
    corpus_path(""); /* skips before anything is held */
    l = lone_new("sip:user@example.com", 0);
    each_corpus_file("sip-torture/rfc5118/archive", check_archived, l);
    assert_int_equal(l->asked, 12);
    assert_int_equal(l->calls + l->messages, 0);
    lone_free(l);
}

static void check_in_a_row(const char *name, pp_str content, void *arg)
{
    lone *l = arg;

    lone_receive(l, content);
    if (!lone_works(l))
        fail_msg("nothing works behind %s", name);
}

static void one_user_agent_stands_them_all(void **state)
{
    lone *l;

    (void)state;
    corpus_path(""); /* skips before anything is held */
    l = lone_new("sip:user@example.com", 0);
    each_corpus_file("sip-torture/rfc4475", check_in_a_row, l);
    each_corpus_file("sip-torture/rfc5118/wire", check_in_a_row, l);
    each_corpus_file("sip-torture/rfc4475", check_in_a_row, l); /* again, as repeats */
    assert_int_equal(l->asked, 112);
    lone_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_agent_answers_torture_as_the_rfcs_want),
        cmocka_unit_test(baddn_is_refused_with_the_line_that_the_archive_lost),
        cmocka_unit_test(a_message_with_bare_line_feeds_is_dropped),
        cmocka_unit_test(one_user_agent_stands_them_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
