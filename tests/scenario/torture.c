/* torture.c - the messages of RFC 4475 and RFC 5118 before a user agent: what it answers, what it shows its application, and that
 * it still works. The tables beside the messages are the judge. */
#include "support/cast/lone.h"

#include "base/buf.h"
#include "sip/uri.h"

#include <stdio.h>
#include <stdlib.h>

/* --- the tables ------------------------------------------------------------------------------- */

typedef struct verdict {
    pp_str file, kind, expected, also;
} verdict;

static size_t column_of(pp_str head, const char *name)
{
    size_t index = 0;

    while (head.p && !pp_str_eq_c(pp_str_split(&head, '\t'), name))
        index++;
    return index;
}

static pp_str cell(pp_str row, size_t column)
{
    pp_str value = PP_STR_NONE;

    for (size_t i = 0; i <= column; i++)
        value = pp_str_split(&row, '\t');
    return value;
}

/* Each row of a table; returns how many there are. */
static size_t each_verdict(const char *table, void (*each)(const verdict *v, void *arg), void *arg)
{
    pp_str text = read_corpus(table), rest = text, head = pp_str_split(&rest, '\n'), row;
    size_t count = 0;

    while (row = pp_str_split(&rest, '\n'), row.n) {
        verdict v = {.file = cell(row, column_of(head, "file")),
                     .kind = cell(row, column_of(head, "kind")),
                     .expected = cell(row, column_of(head, "ua_expected")),
                     .also = cell(row, column_of(head, "ua_also_ok"))};
        each(&v, arg);
        count++;
    }
    free((void *)(uintptr_t)text.p);
    return count;
}

/* "drop" is silence, "any" is anything. */
static bool names(pp_str alternatives, int status)
{
    while (alternatives.p) {
        pp_str one = pp_str_trim(pp_str_split(&alternatives, '|'));
        uint32_t number = 0;

        if (pp_str_eq_c(one, "any") || (pp_str_eq_c(one, "drop") && !status) ||
            (pp_str_to_u32(one, 100, 699, &number) && (int)number == status))
            return true;
    }
    return false;
}

/* --- one message ------------------------------------------------------------------------------ */

typedef struct tally {
    const char *folder;
    unsigned rows, good, wished; /* wished: what the table wants most */
    unsigned ringing, taken;     /* calls and messages that the application saw */
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
static bool has_right_events(const lone *l, const verdict *v)
{
    bool call = l->status == 180, text = pp_str_eq_c(v->kind, "MESSAGE") && l->status == 200;

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

static void judge(const verdict *v, pp_str wire, tally *t)
{
    char account[256];
    bool fits;
    lone *l;
    int status;

    write_account(wire, account, sizeof(account));
    l = lone_new(account, 0);
    status = lone_receive(l, wire);
    t->wished += names(v->expected, status);
    fits = names(v->expected, status) || names(v->also, status);
    fits = fits && has_right_events(l, v) && is_explained(l);
    t->ringing += l->calls;
    t->taken += l->messages;
    fits = lone_works(l) && fits;
    if (!fits)
        printf("torture: missed %.*s, which got %d with %u calls and %u messages, not %.*s\n",
               PP_STR(v->file), status, l->calls, l->messages, PP_STR(v->expected));
    t->good += fits;
    lone_free(l);
}

static void judge_file(const verdict *v, void *arg)
{
    tally *t = arg;
    char path[256];
    pp_str wire;

    snprintf(path, sizeof(path), "%s/%.*s", t->folder, PP_STR(v->file));
    wire = read_corpus(path);
    if (names(v->expected, -1)) { /* no section describes it: it does no harm, and does not count */
        lone *l = lone_new("sip:user@example.com", 0);
        lone_receive(l, wire);
        assert_true(lone_works(l));
        lone_free(l);
    } else {
        t->rows++;
        judge(v, wire, t);
    }
    free((void *)(uintptr_t)wire.p);
}

static void a_user_agent_answers_torture_as_the_rfcs_want(void **state)
{
    tally a = {.folder = "sip-torture/rfc4475"}, b = {.folder = "sip-torture/rfc5118/wire"};

    (void)state;
    assert_int_equal(each_verdict("sip-torture/rfc4475.tsv", judge_file, &a), 50);
    assert_int_equal(each_verdict("sip-torture/rfc5118.tsv", judge_file, &b), 12);
    printf("torture: RFC 4475 %u/%u   RFC 5118 %u/%u   (%u with the answer wished most)\n", a.good,
           a.rows, b.good, b.rows, a.wished + b.wished);
    assert_int_equal(a.rows, 49);
    assert_int_equal(a.good, 49);
    assert_int_equal(b.good, 12);
    assert_int_equal(a.ringing + b.ringing, 6);
    assert_int_equal(a.taken + b.taken, 1);
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
    lone *l = lone_new("sip:user@example.com", 0);

    (void)state;
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
    lone *l = lone_new("sip:user@example.com", 0);

    (void)state;
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
