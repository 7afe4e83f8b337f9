/* torture.c - the messages of RFC 4475 and RFC 5118 at the door of a switchboard: nobody has authenticated, so what is well formed
 * is challenged, or nobody is there for it. */
#include "support/torture.h"

#include "unit/switchboard/support/client.h"

#include <stdio.h>

static int send_message(client *c, pp_str wire)
{
    client_forget(c);
    assert_int_equal(pp_ws_send(c->ws, wire.p, wire.n, !pp_str_is_utf8(wire)), 0);
    sim_advance_ms(c->s, 300); /* a 100 would be due */
    assert_false(c->closed);
    assert_true(c->inbox_count <= 1);
    return client_status(c);
}

static void check_works(client *c, const char *behind)
{
    request r = {.method = "OPTIONS", .ruri = "sip:example.com", .to = "<sip:example.com>"};

    if (client_request(c, &r) != 200)
        fail_msg("nothing works behind %s", behind);
}

/* What the table says in words: every status it names; and where a message would be routed or registered, who is not known has to
 * say who he is (401, 407), or the domain is not ours (404). */
static bool is_right(const torture *row, int status)
{
    pp_str words = row->server, word;

    if (torture_names(row->server, status) || (!status && torture_names(row->ua_also, 0)))
        return true;
    if (pp_str_starts(row->kind, "response"))
        return !status;
    while (word = pp_str_word(&words), word.n) {
        uint32_t number = 0;

        if (word.p[word.n - 1] == ';' || word.p[word.n - 1] == ',')
            word.n--;
        if (pp_str_to_u32(word, 400, 699, &number) && (int)number == status)
            return true;
        if (number == 0 && (pp_str_eq_c(word, "forward") || pp_str_eq_c(word, "route") ||
                            pp_str_eq_c(word, "200") || pp_str_eq_c(word, "2543")))
            if (status == 401 || status == 407 || status == 404)
                return true;
    }
    return false;
}

typedef struct tally {
    stage *st;
    unsigned rows, good;
} tally;

static void judge(const torture *row, void *arg)
{
    tally *t = arg;
    char name[64];
    client c;
    int status;

    snprintf(name, sizeof(name), "%.*s", PP_STR(row->file));
    client_open(&c, t->st, "alice");
    c.writes_nonsense = true;
    status = send_message(&c, row->wire);
    check_works(&c, name);
    client_close(&c);
    if (torture_claims_nothing(row))
        return;
    t->rows++;
    t->good += is_right(row, status);
    if (!is_right(row, status))
        printf("torture: missed %s, which got %d, not %.*s\n", name, status, PP_STR(row->server));
}

static void a_switchboard_answers_torture_as_the_tables_say(void **state)
{
    tally t = {.st = *state};

    torture_each(judge, &t);
    printf("torture: switchboard %u/%u\n", t.good, t.rows);
    assert_int_equal(t.rows, 61);
    assert_int_equal(t.good, 61);
}

static void send_and_look(const torture *row, void *arg)
{
    char name[64];

    snprintf(name, sizeof(name), "%.*s", PP_STR(row->file));
    send_message(arg, row->wire);
    check_works(arg, name);
}

static void one_connection_stands_them_all(void **state)
{
    client c;

    corpus_path(""); /* skips before anything is held */
    client_open(&c, *state, "alice");
    c.writes_nonsense = true;
    torture_each(send_and_look, &c);
    torture_each(send_and_look, &c);
    assert_int_equal(switchboard_connections(((stage *)*state)->board), 1);
    client_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(a_switchboard_answers_torture_as_the_tables_say),
        STAGE_TEST(one_connection_stands_them_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
