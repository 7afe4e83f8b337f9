/* body.c - the bodies of events, read and written. */
#include "pipit/pipit.h"
#include "support/files.h"
#include "support/scarce.h"
#include "support/sweep.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>

/* --- message-summary -------------------------------------------------------------------------- */

static const char summary_text[] = "Messages-Waiting: yes\r\n"
                                   "Message-Account: sip:alice@vmail.example.com\r\n"
                                   "Voice-Message: 2/8 (0/2)\r\n"
                                   "fax-message : 4294967295/0\r\n"
                                   "\r\n"
                                   "To: <alice@atlanta.example.com>\r\n"
                                   "Subject: carpool tomorrow?\r\n";

static int parse_summary(const char *text, pipit_message_summary **out)
{
    return pipit_message_summary_parse(text, strlen(text), out);
}

static void a_message_summary_is_read_and_written(void **state)
{
    pipit_message_summary *s = NULL;
    char *text = NULL;

    (void)state;
    assert_int_equal(parse_summary(summary_text, &s), 0);
    assert_true(s->waiting);
    assert_string_equal(s->account, "sip:alice@vmail.example.com");
    assert_true(s->voice.given && s->fax.given && !s->text.given);
    assert_int_equal(s->voice.fresh, 2);
    assert_int_equal(s->voice.old, 8);
    assert_int_equal(s->voice.fresh_urgent, 0);
    assert_int_equal(s->voice.old_urgent, 2);
    assert_true(s->fax.fresh == 4294967295u);
    assert_int_equal(pipit_message_summary_write(s, &text), 0);
    assert_string_equal(text, "Messages-Waiting: yes\r\n"
                              "Message-Account: sip:alice@vmail.example.com\r\n"
                              "Voice-Message: 2/8 (0/2)\r\n"
                              "Fax-Message: 4294967295/0\r\n");
    pipit_free(text);
    pipit_message_summary_free(s);
    s = NULL;
    assert_int_equal(parse_summary("messages-waiting:no", &s), 0);
    assert_false(s->waiting);
    assert_null(s->account);
    pipit_message_summary_free(s);
}

static void a_message_summary_that_is_none_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "Voice-Message: 1/2\r\n",
                                      "Messages-Waiting: maybe\r\n",
                                      "Messages-Waiting: yes\r\nMessages-Waiting: no\r\n",
                                      "Messages-Waiting: yes\r\nVoice-Message: 1\r\n",
                                      "Messages-Waiting: yes\r\nVoice-Message: 1/x\r\n",
                                      "Messages-Waiting: yes\r\nVoice-Message: 1/2 (3\r\n",
                                      "Messages-Waiting: yes\r\nVoice-Message: 1/2 (3/4) x\r\n",
                                      "Messages-Waiting: yes\r\nVoice-Message: 4294967296/0\r\n",
                                      "Messages-Waiting: yes\r\nno colon\r\n",
                                      "Messages-Waiting: yes\r\nMessage-Account: \xff\r\n"};
    pipit_message_summary *s = NULL;
    char *text = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(parse_summary(bad[i], &s), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_message_summary_write(
                         &(pipit_message_summary){.account = "sip:a\r\nVoice-Message: 9/9"}, &text),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_message_summary_parse(NULL, 0, &s), PIPIT_ERR_ARGUMENT);
    assert_null(s);
    assert_null(text);
}

/* --- presence --------------------------------------------------------------------------------- */

static const char presence_text[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<impp:presence xmlns:impp=\"urn:ietf:params:xml:ns:pidf\" xmlns:x=\"urn:other\"\n"
    "  entity=\"pres:someone@example.com\">\n"
    "  <impp:tuple id=\"mobile\">\n"
    "    <impp:status><impp:basic> open </impp:basic><x:mood>fine</x:mood></impp:status>\n"
    "    <impp:contact priority=\"0.8\">tel:+09012345678</impp:contact>\n"
    "    <impp:note xml:lang=\"en\">Don't &lt;disturb&gt; \xE2\x98\x8E</impp:note>\n"
    "    <impp:timestamp>2026-10-27T16:49:29Z</impp:timestamp>\n"
    "  </impp:tuple>\n"
    "  <x:tuple id=\"no\"/>\n"
    "  <impp:tuple "
    "id=\"mail\"><impp:status><impp:basic>closed</impp:basic></impp:status></impp:tuple>\n"
    "  <impp:note>all</impp:note>\n"
    "</impp:presence>\n";

static void check_presence(const pipit_presence *p)
{
    assert_string_equal(p->entity, "pres:someone@example.com");
    assert_string_equal(p->note, "all");
    assert_int_equal(p->tuple_count, 2);
    assert_string_equal(p->tuples[0].id, "mobile");
    assert_int_equal(p->tuples[0].basic, PIPIT_PRESENCE_OPEN);
    assert_string_equal(p->tuples[0].contact, "tel:+09012345678");
    assert_string_equal(p->tuples[0].priority, "0.8");
    assert_string_equal(p->tuples[0].note, "Don't <disturb> \xE2\x98\x8E");
    assert_string_equal(p->tuples[0].timestamp, "2026-10-27T16:49:29Z");
    assert_int_equal(p->tuples[1].basic, PIPIT_PRESENCE_CLOSED);
    assert_null(p->tuples[1].contact);
}

static void presence_is_read_and_written(void **state)
{
    pipit_presence *p = NULL, *again = NULL;
    char *text = NULL;

    (void)state;
    assert_int_equal(pipit_presence_parse(presence_text, strlen(presence_text), &p), 0);
    check_presence(p);
    assert_int_equal(pipit_presence_write(p, &text), 0);
    assert_int_equal(pipit_presence_parse(text, strlen(text), &again), 0);
    check_presence(again);
    pipit_free(text);
    pipit_presence_free(p);
    pipit_presence_free(again);
}

static void presence_that_cannot_be_is_not_written(void **state)
{
    const pipit_presence_tuple tuples[] = {{.id = "a", .note = "\x01"},
                                           {.id = "a", .contact = "\xff"},
                                           {.id = NULL},
                                           {.id = "a", .basic = (pipit_presence_basic)9}};
    static const int errors[] = {PIPIT_ERR_SYNTAX, PIPIT_ERR_SYNTAX, PIPIT_ERR_ARGUMENT,
                                 PIPIT_ERR_ARGUMENT};
    char *text = NULL;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            pipit_presence_write(
                &(pipit_presence){.entity = "pres:a@b", .tuples = &tuples[i], .tuple_count = 1},
                &text),
            errors[i]);
    assert_int_equal(pipit_presence_write(&(pipit_presence){.entity = NULL}, &text),
                     PIPIT_ERR_ARGUMENT);
    assert_null(text);
}

/* --- dialog-info and reginfo ------------------------------------------------------------------ */

static const char dialogs_text[] =
    "<?xml version=\"1.0\"?>"
    "<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"7\" state=\"partial\" "
    "entity=\"sip:alice@example.com\">"
    "<dialog id=\"a1\" call-id=\"c1\" local-tag=\"l1\" remote-tag=\"r1\" direction=\"initiator\">"
    "<state event=\"rejected\" code=\"486\">terminated</state><duration>274</duration>"
    "<local><identity display=\"Alice\">sip:alice@example.com</identity>"
    "<target uri=\"sip:alice@pc.example.com\"/></local>"
    "<remote><identity>sip:bob@example.com</identity></remote>"
    "</dialog><dialog id=\"a2\"><state>early</state></dialog></dialog-info>";

static void calls_of_a_phone_are_read(void **state)
{
    pipit_dialog_info *d = NULL;

    (void)state;
    assert_int_equal(pipit_dialog_info_parse(dialogs_text, strlen(dialogs_text), &d), 0);
    assert_int_equal(d->version, 7);
    assert_true(d->partial);
    assert_string_equal(d->entity, "sip:alice@example.com");
    assert_int_equal(d->dialog_count, 2);
    assert_string_equal(d->dialogs[0].call_id, "c1");
    assert_string_equal(d->dialogs[0].local_tag, "l1");
    assert_string_equal(d->dialogs[0].remote_tag, "r1");
    assert_string_equal(d->dialogs[0].direction, "initiator");
    assert_string_equal(d->dialogs[0].state, "terminated");
    assert_string_equal(d->dialogs[0].event, "rejected");
    assert_int_equal(d->dialogs[0].code, 486);
    assert_int_equal(d->dialogs[0].duration, 274);
    assert_string_equal(d->dialogs[0].local.display_name, "Alice");
    assert_string_equal(d->dialogs[0].local.target, "sip:alice@pc.example.com");
    assert_string_equal(d->dialogs[0].remote.identity, "sip:bob@example.com");
    assert_null(d->dialogs[0].remote.target);
    assert_string_equal(d->dialogs[1].state, "early");
    assert_null(d->dialogs[1].call_id);
    pipit_dialog_info_free(d);
}

static const char reginfo_text[] =
    "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"3\" state=\"full\">"
    "<registration aor=\"sip:joe@example.com\" id=\"r1\" state=\"active\">"
    "<contact id=\"1\" state=\"active\" event=\"refreshed\" expires=\"600\" callid=\"c@h\">"
    "<uri>sip:joe@pc.example.com</uri><display-name>Joe</display-name></contact>"
    "<contact id=\"2\" state=\"terminated\" event=\"expired\"><uri>sip:joe@old.example.com</uri>"
    "</contact></registration>"
    "<registration aor=\"sip:ann@example.com\" id=\"r2\" state=\"init\"/></reginfo>";

static void registrations_are_read(void **state)
{
    pipit_reginfo *r = NULL;

    (void)state;
    assert_int_equal(pipit_reginfo_parse(reginfo_text, strlen(reginfo_text), &r), 0);
    assert_int_equal(r->version, 3);
    assert_false(r->partial);
    assert_int_equal(r->registration_count, 2);
    assert_string_equal(r->registrations[0].aor, "sip:joe@example.com");
    assert_int_equal(r->registrations[0].contact_count, 2);
    assert_string_equal(r->registrations[0].contacts[0].uri, "sip:joe@pc.example.com");
    assert_string_equal(r->registrations[0].contacts[0].display_name, "Joe");
    assert_string_equal(r->registrations[0].contacts[0].call_id, "c@h");
    assert_int_equal(r->registrations[0].contacts[0].expires, 600);
    assert_string_equal(r->registrations[0].contacts[1].event, "expired");
    assert_string_equal(r->registrations[1].state, "init");
    assert_int_equal(r->registrations[1].contact_count, 0);
    pipit_reginfo_free(r);
}

/* --- documents that mean no good -------------------------------------------------------------- */

static int presence_error(const char *text)
{
    pipit_presence *p = NULL;
    int err = pipit_presence_parse(text, strlen(text), &p);

    assert_true((err == 0) == (p != NULL));
    pipit_presence_free(p);
    return err;
}

#define OPEN  "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"pres:a@b\">"
#define CLOSE "</presence>"

static void a_document_that_is_none_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "no document",
        OPEN,
        OPEN CLOSE OPEN CLOSE,
        "<presence/>",
        "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\"/>",
        OPEN "<tuple/>" CLOSE,
        OPEN "&unknown;" CLOSE,
        OPEN "<a></b>" CLOSE,
        OPEN "\xff" CLOSE,
        "<!DOCTYPE p [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>" OPEN
        "<note>&b;</note>" CLOSE,
        "<!DOCTYPE p SYSTEM \"file:///etc/passwd\">" OPEN CLOSE,
        dialogs_text};

    (void)state;
    assert_int_equal(presence_error(OPEN CLOSE), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        if (presence_error(bad[i]) != PIPIT_ERR_SYNTAX)
            fail_msg("%s", bad[i]);
}

static char *repeated(const char *before, const char *piece, size_t count, const char *after)
{
    pp_buf text = {0};
    char *out = NULL;

    pp_buf_c(&text, before);
    for (size_t i = 0; i < count; i++)
        pp_buf_c(&text, piece);
    pp_buf_c(&text, after);
    assert_int_equal(pp_buf_take(&text, &out), 0);
    return out;
}

static void check_limit(char *text, int expected)
{
    assert_int_equal(presence_error(text), expected);
    pp_free(text);
}

static void a_document_has_its_limits(void **state)
{
    (void)state;
    check_limit(repeated(OPEN, "<a/>", PP_LIMIT_XML_NODES - 2, CLOSE), 0);
    check_limit(repeated(OPEN, "<a/>", PP_LIMIT_XML_NODES - 1, CLOSE), PIPIT_ERR_LIMIT);
    check_limit(repeated(OPEN, "<a>", PP_LIMIT_XML_DEPTH, CLOSE), PIPIT_ERR_LIMIT);
    check_limit(repeated(OPEN "<note>", "0123456789abcdef", PP_LIMIT_XML / 16, "</note>" CLOSE),
                PIPIT_ERR_LIMIT);
}

/* --- damage and memory ------------------------------------------------------------------------ */

static void parse_all(const uint8_t *data, size_t size, void *arg)
{
    const char *text = (const char *)data;
    pipit_message_summary *s = NULL;
    pipit_presence *p = NULL;
    pipit_dialog_info *d = NULL;
    pipit_reginfo *r = NULL;

    (void)arg;
    pipit_message_summary_parse(text, size, &s);
    pipit_presence_parse(text, size, &p);
    pipit_dialog_info_parse(text, size, &d);
    pipit_reginfo_parse(text, size, &r);
    pipit_message_summary_free(s);
    pipit_presence_free(p);
    pipit_dialog_info_free(d);
    pipit_reginfo_free(r);
}

static void no_damage_does_harm(void **state)
{
    static const char *const texts[] = {summary_text, presence_text, dialogs_text, reginfo_text};
    sweep s = {.function = parse_all};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sweep_prefixes(&s, pp_str_c(texts[i]));
        sweep_bits(&s, pp_str_c(texts[i]));
    }
    assert_true(s.inputs > 8000);
}

static int life(void)
{
    pipit_message_summary *s = NULL;
    pipit_presence *p = NULL;
    pipit_dialog_info *d = NULL;
    pipit_reginfo *r = NULL;
    char *first = NULL, *second = NULL;
    int err = parse_summary(summary_text, &s);

    if (!err)
        err = pipit_presence_parse(presence_text, strlen(presence_text), &p);
    if (!err)
        err = pipit_dialog_info_parse(dialogs_text, strlen(dialogs_text), &d);
    if (!err)
        err = pipit_reginfo_parse(reginfo_text, strlen(reginfo_text), &r);
    if (!err)
        err = pipit_message_summary_write(s, &first);
    if (!err)
        err = pipit_presence_write(p, &second);
    pipit_free(first);
    pipit_free(second);
    pipit_message_summary_free(s);
    pipit_presence_free(p);
    pipit_dialog_info_free(d);
    pipit_reginfo_free(r);
    return err;
}

static void bodies_survive_any_allocation_failing(void **state)
{
    (void)state;
    assert_true(scarce_sweep(life, false) > 50);
    scarce_sweep(life, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_summary_is_read_and_written),
        cmocka_unit_test(a_message_summary_that_is_none_is_refused),
        cmocka_unit_test(presence_is_read_and_written),
        cmocka_unit_test(presence_that_cannot_be_is_not_written),
        cmocka_unit_test(calls_of_a_phone_are_read),
        cmocka_unit_test(registrations_are_read),
        cmocka_unit_test(a_document_that_is_none_is_refused),
        cmocka_unit_test(a_document_has_its_limits),
        cmocka_unit_test(no_damage_does_harm),
        cmocka_unit_test(bodies_survive_any_allocation_failing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
