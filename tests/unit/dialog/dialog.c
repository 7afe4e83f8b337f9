/* Dialogs: how they begin, are found, change, and what their requests look like. */
#include "dialog/dialog.h"

#include "base/error.h"
#include "base/limits.h"
#include "support/files.h"
#include "support/scarce.h"

#include <stdio.h>

static pp_dialogs *dialogs;

static int open_table(void **state)
{
    (void)state;
    return pp_dialogs_new(&dialogs);
}

static int close_table(void **state)
{
    (void)state;
    if (pp_dialogs_count(dialogs))
        return -1;
    dialogs = pp_dialogs_free(dialogs);
    return 0;
}

/* --- messages --------------------------------------------------------------------------------- */

static pp_message *parse(const char *start_line, const char *from, const char *to, const char *cseq,
                         const char *more)
{
    static char text[16384];
    pp_message *message;

    snprintf(text, sizeof(text),
             "%s\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bKx\r\nFrom: %s\r\nTo: %s\r\nCall-ID: "
             "call\r\nCSeq: %s\r\n"
             "Max-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n",
             start_line, from, to, cseq, more);
    if (pp_message_parse(pp_str_c(text), &message))
        return NULL;
    assert_int_equal(message->defect, 0);
    return message;
}

#define ALICE        "\"Alice, A.\" <sip:alice@example.com;x=y>;tag=alices;p=q"
#define BOB          "<sip:bob@example.com>"
#define BOBS         "<sip:bob@example.com>;tag=bobs"
#define BOBS_CONTACT "Contact: <sip:bob@b.invalid;transport=ws>;+sip.ice\r\n"

/* Our INVITE. */
static pp_outgoing *make_invite(void)
{
    pp_outgoing *invite;

    if (pp_outgoing_request(PP_INVITE, PP_LIT("sip:bob@example.com"), &invite))
        return NULL;
    pp_outgoing_add_c(invite, PP_HEADER_VIA, "SIP/2.0/WS a.invalid;branch=z9hG4bKx");
    pp_outgoing_add_c(invite, PP_HEADER_TO, BOB);
    pp_outgoing_add_c(invite, PP_HEADER_FROM, ALICE);
    pp_outgoing_add_c(invite, PP_HEADER_CALL_ID, "call");
    pp_outgoing_add_c(invite, PP_HEADER_CSEQ, "7 INVITE");
    if (pp_outgoing_error(invite))
        return pp_outgoing_unref(invite);
    return invite;
}

static pp_message *answer(int status, const char *to, const char *more)
{
    char line[32];

    snprintf(line, sizeof(line), "SIP/2.0 %d Whatever", status);
    return parse(line, ALICE, to, "7 INVITE", more);
}

/* Bob calls; of his requests `cseq` counts. */
static pp_message *request(const char *method, unsigned cseq, const char *to, const char *more)
{
    char line[64], number[32];

    snprintf(line, sizeof(line), "%s sip:alice@a.invalid SIP/2.0", method);
    snprintf(number, sizeof(number), "%u %s", cseq, method);
    return parse(line, BOBS, to, number, more);
}

static int dialog_of(int status, const char *to, const char *more, pp_dialog **out)
{
    pp_outgoing *invite = make_invite();
    pp_message *response = answer(status, to, more);
    int err = invite && response ? pp_dialog_from_response(dialogs, invite, response, NULL, out)
                                 : PIPIT_ERR_MEMORY;

    pp_outgoing_unref(invite);
    pp_message_unref(response);
    return err;
}

static pp_dialog *calling(const char *more)
{
    pp_dialog *dialog = NULL;

    assert_int_equal(dialog_of(200, BOBS, more, &dialog), 0);
    return dialog;
}

static pp_dialog *called(const char *more)
{
    pp_message *invite = request("INVITE", 5, "\"Me\" <sip:alice@example.com>", more);
    pp_dialog *dialog = NULL;

    assert_int_equal(pp_dialog_from_request(dialogs, invite, "mine", 100, &dialog, &dialog), 0);
    pp_message_unref(invite);
    return dialog;
}

static void check_wire(pp_outgoing *message, const char *expected)
{
    pp_buf wire = {0};

    assert_int_equal(pp_outgoing_write(message, &wire), 0);
    pp_buf_char(&wire, '\0');
    assert_string_equal(wire.p, expected);
    pp_buf_free(&wire);
    pp_outgoing_unref(message);
}

/* --- beginning -------------------------------------------------------------------------------- */

static void a_dialog_of_a_caller_is_made_of_request_and_response(void **state)
{
    pp_dialog *dialog =
        calling("Contact: \"B\" <sip:bob@b.invalid;transport=ws?Subject=no>;+sip.ice\r\n"
                "Record-Route: <sip:p2.example.com;lr>,<sip:p1.example.com;lr>\r\n"
                "Record-Route: <sip:p0.example.com;lr;ftag=1>;x\r\n");

    (void)state;
    assert_string_equal(dialog->call_id, "call");
    assert_string_equal(dialog->local_tag, "alices");
    assert_string_equal(dialog->remote_tag, "bobs");
    assert_string_equal(dialog->local, "\"Alice, A.\" <sip:alice@example.com;x=y>");
    assert_string_equal(dialog->remote, BOB);
    assert_string_equal(dialog->remote_target, "sip:bob@b.invalid;transport=ws");
    assert_int_equal(dialog->route_count, 3); /* reversed */
    assert_string_equal(dialog->routes[0], "<sip:p0.example.com;lr;ftag=1>;x");
    assert_string_equal(dialog->routes[1], "<sip:p1.example.com;lr>");
    assert_string_equal(dialog->routes[2], "<sip:p2.example.com;lr>");
    assert_int_equal(dialog->local_cseq, 7);
    assert_false(dialog->has_remote_cseq);
    assert_true(dialog->confirmed);
    assert_int_equal(pp_dialogs_count(dialogs), 1);
    pp_dialog_free(dialog);
}

static void a_dialog_of_a_callee_is_made_of_the_request_and_our_tag(void **state)
{
    pp_dialog *dialog =
        called("Contact: sip:bob@b.invalid;x=y\r\n" /* no brackets: x is the header's */
               "Record-Route: <sip:p0.example.com;lr>, <sip:p1.example.com;lr>\r\n");

    (void)state;
    assert_string_equal(dialog->local_tag, "mine");
    assert_string_equal(dialog->remote_tag, "bobs");
    assert_string_equal(dialog->local, "\"Me\" <sip:alice@example.com>");
    assert_string_equal(dialog->remote, BOB);
    assert_string_equal(dialog->remote_target, "sip:bob@b.invalid");
    assert_int_equal(dialog->route_count, 2); /* in order */
    assert_string_equal(dialog->routes[0], "<sip:p0.example.com;lr>");
    assert_int_equal(dialog->local_cseq, 100);
    assert_true(dialog->has_remote_cseq);
    assert_int_equal(dialog->remote_cseq, 5);
    assert_false(dialog->confirmed);
    assert_non_null(dialog->owner);
    assert_int_equal(pp_dialog_confirm(dialog, NULL), 0);
    assert_true(dialog->confirmed);
    pp_dialog_free(dialog);
}

static void a_message_that_makes_no_dialog_is_refused(void **state)
{
    static const struct {
        int status;
        const char *to, *more;
    } bad[] = {{100, BOBS, BOBS_CONTACT},
               {180, BOB, BOBS_CONTACT}, /* no tag */
               {302, BOBS, BOBS_CONTACT},
               {200, BOBS, ""},
               {200, BOBS, "Contact: <tel:+15550100>\r\n"},
               {200, BOBS, "Contact: <http://example.com>\r\n"},
               {200, BOBS, BOBS_CONTACT "Record-Route: <tel:+15550100>\r\n"},
               {200, BOBS, BOBS_CONTACT "Record-Route: nonsense\r\n"},
               {200, BOBS, BOBS_CONTACT "Record-Route: \"\\\r\\\n\" <sip:\r\n"}};
    pp_dialog *none = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        pp_outgoing *invite = make_invite();
        pp_message *response = answer(bad[i].status, bad[i].to, bad[i].more);

        if (response)
            assert_int_equal(pp_dialog_from_response(dialogs, invite, response, NULL, &none),
                             PIPIT_ERR_SYNTAX);
        pp_outgoing_unref(invite);
        pp_message_unref(response);
        assert_null(none);
        assert_int_equal(pp_dialogs_count(dialogs), 0);
    }
}

static void a_dialog_is_made_once(void **state)
{
    pp_dialog *dialog = calling(BOBS_CONTACT), *second = NULL;

    (void)state;
    assert_int_equal(dialog_of(200, BOBS, BOBS_CONTACT, &second), PIPIT_ERR_STATE);
    assert_null(second);
    pp_dialog_free(dialog);
    assert_null(pp_dialog_free(NULL));
}

static void a_fork_is_a_dialog_of_its_own(void **state)
{
    pp_dialog *bob = NULL, *carol = NULL;

    (void)state;
    assert_int_equal(dialog_of(180, BOBS, BOBS_CONTACT, &bob), 0);
    assert_int_equal(dialog_of(200, "<sip:bob@example.com>;tag=carols",
                               "Contact: <sip:carol@c.invalid>\r\n", &carol),
                     0);
    assert_int_equal(pp_dialogs_count(dialogs), 2);
    assert_false(bob->confirmed);
    assert_string_equal(carol->remote_target, "sip:carol@c.invalid");
    assert_ptr_equal(
        pp_dialogs_find_tags(dialogs, PP_LIT("call"), PP_LIT("alices"), PP_LIT("bobs")), bob);
    assert_ptr_equal(
        pp_dialogs_find_tags(dialogs, PP_LIT("call"), PP_LIT("alices"), PP_LIT("carols")), carol);
    assert_null(pp_dialogs_find_tags(dialogs, PP_LIT("call"), PP_LIT("bobs"), PP_LIT("alices")));
    pp_dialog_free(bob);
    pp_dialog_free(carol);
}

static void the_number_of_dialogs_is_limited(void **state)
{
    static pp_dialog *all[PP_LIMIT_DIALOGS];
    pp_dialog *one_more = NULL;
    char to[64];

    (void)state;
    for (unsigned i = 0; i < PP_LIMIT_DIALOGS; i++) {
        snprintf(to, sizeof(to), "<sip:bob@example.com>;tag=t%u", i);
        assert_int_equal(dialog_of(180, to, BOBS_CONTACT, &all[i]), 0);
    }
    assert_int_equal(dialog_of(180, BOBS, BOBS_CONTACT, &one_more), PIPIT_ERR_LIMIT);
    assert_null(one_more);
    pp_dialog_free(all[17]);
    assert_int_equal(dialog_of(180, BOBS, BOBS_CONTACT, &all[17]), 0);
    for (unsigned i = 0; i < PP_LIMIT_DIALOGS; i++)
        pp_dialog_free(all[i]);
}

static void the_route_set_is_limited(void **state)
{
    static char more[8192];
    size_t size =
        (size_t)snprintf(more, sizeof(more), BOBS_CONTACT "Record-Route: <sip:p.invalid;lr>");
    pp_dialog *dialog = NULL;

    (void)state;
    for (unsigned i = 1; i < PP_LIMIT_SIP_LIST; i++)
        size += (size_t)snprintf(more + size, sizeof(more) - size, ",<sip:p%u.invalid;lr>", i);
    snprintf(more + size, sizeof(more) - size, "\r\n");
    assert_int_equal(dialog_of(200, BOBS, more, &dialog), 0);
    assert_int_equal(dialog->route_count, PP_LIMIT_SIP_LIST);
    dialog = pp_dialog_free(dialog);
    snprintf(more + size, sizeof(more) - size, "\r\nRecord-Route: <sip:q.invalid;lr>\r\n");
    assert_int_equal(dialog_of(200, BOBS, more, &dialog), PIPIT_ERR_LIMIT);
    assert_null(dialog);
}

/* --- finding ---------------------------------------------------------------------------------- */

static bool finds(const char *from, const char *to, const char *method)
{
    char line[64];
    pp_message *message;
    bool found;

    snprintf(line, sizeof(line), "%s sip:alice@a.invalid SIP/2.0", method);
    message = parse(line, from, to, strcmp(method, "BYE") ? "1 INFO" : "1 BYE", "");
    found = pp_dialogs_find(dialogs, message) != NULL;
    pp_message_unref(message);
    return found;
}

static void a_request_finds_its_dialog_by_call_id_and_both_tags(void **state)
{
    pp_dialog *dialog = calling(BOBS_CONTACT);

    (void)state;
    assert_true(finds("<sip:anybody@example.com>;tag=bobs", "<sip:x@y.invalid>;tag=alices", "BYE"));
    assert_true(finds(BOBS, ALICE, "INFO"));
    assert_false(finds(BOBS, "<sip:alice@example.com>", "BYE"));
    assert_false(finds(BOBS, "<sip:alice@example.com>;tag=Alices", "BYE"));
    assert_false(finds("<sip:bob@example.com>;tag=carols", ALICE, "BYE"));
    assert_false(finds("<sip:bob@example.com>", ALICE, "BYE"));
    assert_false(finds(ALICE, BOBS, "BYE"));
    pp_dialog_free(dialog);
    assert_false(finds(BOBS, ALICE, "BYE"));
}

/* --- changing --------------------------------------------------------------------------------- */

static void a_2xx_confirms_an_early_dialog_with_its_own_route_and_target(void **state)
{
    pp_dialog *dialog = NULL;
    pp_message *ok =
        answer(200, BOBS, "Contact: <sip:bob@new.invalid>\r\nRecord-Route: <sip:q.invalid;lr>\r\n");

    (void)state;
    assert_int_equal(
        dialog_of(180, BOBS,
                  BOBS_CONTACT
                  "Record-Route: <sip:p1.invalid;lr>\r\nRecord-Route: <sip:p0.invalid;lr>\r\n",
                  &dialog),
        0);
    assert_int_equal(pp_dialog_confirm(dialog, ok), 0);
    assert_true(dialog->confirmed);
    assert_string_equal(dialog->remote_target, "sip:bob@new.invalid");
    assert_int_equal(dialog->route_count, 1);
    assert_string_equal(dialog->routes[0], "<sip:q.invalid;lr>");
    pp_message_unref(ok);
    pp_dialog_free(dialog);
}

static void a_2xx_without_contact_leaves_the_target(void **state)
{
    pp_dialog *dialog = NULL;
    pp_message *ok = answer(200, BOBS, "");

    (void)state;
    assert_int_equal(dialog_of(180, BOBS, BOBS_CONTACT, &dialog), 0);
    assert_int_equal(pp_dialog_confirm(dialog, ok), 0);
    assert_true(dialog->confirmed);
    assert_string_equal(dialog->remote_target, "sip:bob@b.invalid;transport=ws");
    pp_message_unref(ok);
    pp_dialog_free(dialog);
}

static void a_2xx_that_cannot_be_used_changes_nothing(void **state)
{
    static const char *const bad[] = {
        "Contact: <tel:+15550100>\r\n",
        "Contact: <sip:bob@new.invalid>\r\nRecord-Route: <tel:1>\r\n"};
    pp_dialog *dialog = NULL;

    (void)state;
    assert_int_equal(
        dialog_of(180, BOBS, BOBS_CONTACT "Record-Route: <sip:p0.invalid;lr>\r\n", &dialog), 0);
    for (int i = 0; i < 2; i++) {
        pp_message *ok = answer(200, BOBS, bad[i]);

        assert_int_equal(pp_dialog_confirm(dialog, ok), PIPIT_ERR_SYNTAX);
        assert_false(dialog->confirmed);
        assert_string_equal(dialog->remote_target, "sip:bob@b.invalid;transport=ws");
        assert_int_equal(dialog->route_count, 1);
        pp_message_unref(ok);
    }
    pp_dialog_free(dialog);
}

static void a_request_or_2xx_with_contact_refreshes_the_target_and_not_the_route(void **state)
{
    static const struct {
        const char *more, *target;
        int err;
    } steps[] = {
        {"", "sip:bob@b.invalid;transport=ws", 0},
        {"Contact: <tel:+15550100>\r\n", "sip:bob@b.invalid;transport=ws", PIPIT_ERR_SYNTAX},
        {"Contact: <sips:bob@[2001:db8::1]:5061>\r\nRecord-Route: <sip:q.invalid;lr>\r\n",
         "sips:bob@[2001:db8::1]:5061", 0}};
    pp_dialog *dialog = calling(BOBS_CONTACT "Record-Route: <sip:p0.invalid;lr>\r\n");

    (void)state;
    for (int i = 0; i < 3; i++) {
        pp_message *update = request("UPDATE", 1, ALICE, steps[i].more);

        assert_int_equal(pp_dialog_refresh_target(dialog, update), steps[i].err);
        assert_string_equal(dialog->remote_target, steps[i].target);
        assert_string_equal(dialog->routes[0], "<sip:p0.invalid;lr>");
        pp_message_unref(update);
    }
    pp_dialog_free(dialog);
}

static int check_cseq(pp_dialog *dialog, const char *method, unsigned cseq)
{
    pp_message *message = request(method, cseq, ALICE, "");
    int status = pp_dialog_check_cseq(dialog, message);

    pp_message_unref(message);
    return status;
}

static void a_request_out_of_order_gets_500(void **state)
{
    pp_dialog *dialog = calling(BOBS_CONTACT);

    (void)state;
    assert_int_equal(check_cseq(dialog, "INFO", 4000000000u), 0); /* the first may have any */
    assert_int_equal(check_cseq(dialog, "INFO", 3999999999u), 500);
    assert_int_equal(check_cseq(dialog, "ACK", 1), 0);
    assert_int_equal(check_cseq(dialog, "INFO", 4000000000u), 0);
    assert_int_equal(check_cseq(dialog, "INFO", 4000000002u), 0);
    assert_int_equal(check_cseq(dialog, "BYE", 4000000001u), 500);
    assert_int_equal(dialog->remote_cseq, 4000000002u);
    pp_dialog_free(dialog);
    dialog = called(BOBS_CONTACT);
    assert_int_equal(check_cseq(dialog, "UPDATE", 4), 500); /* the INVITE had 5 */
    assert_int_equal(check_cseq(dialog, "UPDATE", 6), 0);
    pp_dialog_free(dialog);
}

/* --- requests inside -------------------------------------------------------------------------- */

static void a_request_inside_follows_a_loose_route(void **state)
{
    pp_dialog *dialog =
        calling(BOBS_CONTACT "Record-Route: <sip:p1.invalid;lr>, <sip:p0.invalid;LR=on>\r\n");
    pp_outgoing *bye;

    (void)state;
    assert_int_equal(pp_dialog_request(dialog, PP_BYE, 0, &bye), 0);
    assert_int_equal(dialog->local_cseq, 8);
    check_wire(bye, "BYE sip:bob@b.invalid;transport=ws SIP/2.0\r\n"
                    "Route: <sip:p0.invalid;LR=on>\r\n"
                    "Route: <sip:p1.invalid;lr>\r\n"
                    "To: <sip:bob@example.com>;tag=bobs\r\n"
                    "From: \"Alice, A.\" <sip:alice@example.com;x=y>;tag=alices\r\n"
                    "Call-ID: call\r\n"
                    "CSeq: 8 BYE\r\n"
                    "Max-Forwards: 69\r\n"
                    "Content-Length: 0\r\n\r\n");
    pp_dialog_free(dialog);
}

/* RFC 3261 section 12.2.1.1, its example. */
static void a_request_inside_follows_a_strict_route(void **state)
{
    pp_dialog *dialog =
        calling(BOBS_CONTACT
                "Record-Route: <sip:p1.invalid;lr>\r\nRecord-Route: \"P\" <sip:p0.invalid>\r\n");
    pp_outgoing *info;

    (void)state;
    assert_int_equal(pp_dialog_request(dialog, PP_INFO, 0, &info), 0);
    check_wire(info, "INFO sip:p0.invalid SIP/2.0\r\n"
                     "Route: <sip:p1.invalid;lr>\r\n"
                     "Route: <sip:bob@b.invalid;transport=ws>\r\n"
                     "To: <sip:bob@example.com>;tag=bobs\r\n"
                     "From: \"Alice, A.\" <sip:alice@example.com;x=y>;tag=alices\r\n"
                     "Call-ID: call\r\n"
                     "CSeq: 8 INFO\r\n"
                     "Max-Forwards: 69\r\n"
                     "Content-Length: 0\r\n\r\n");
    pp_dialog_free(dialog);
}

static void an_ack_has_the_number_of_its_invite_and_raises_nothing(void **state)
{
    pp_dialog *dialog = calling(BOBS_CONTACT);
    pp_outgoing *ack;

    (void)state;
    assert_int_equal(pp_dialog_request(dialog, PP_ACK, 7, &ack), 0);
    assert_int_equal(dialog->local_cseq, 7);
    check_wire(ack, "ACK sip:bob@b.invalid;transport=ws SIP/2.0\r\n"
                    "To: <sip:bob@example.com>;tag=bobs\r\n"
                    "From: \"Alice, A.\" <sip:alice@example.com;x=y>;tag=alices\r\n"
                    "Call-ID: call\r\n"
                    "CSeq: 7 ACK\r\n"
                    "Max-Forwards: 69\r\n"
                    "Content-Length: 0\r\n\r\n");
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

/* --- short memory ----------------------------------------------------------------------------- */

#define TWO_ROUTES "Record-Route: <sip:p1.invalid;lr>, <sip:p0.invalid;lr>\r\n"

/* A dialog's whole life; 0 when nothing failed. */
static int live(void)
{
    pp_dialog *dialog = NULL;
    pp_outgoing *bye = NULL;
    pp_message *ok = answer(200, BOBS, "Contact: <sip:bob@new.invalid>\r\n" TWO_ROUTES);
    int err = ok ? dialog_of(180, BOBS, BOBS_CONTACT TWO_ROUTES, &dialog) : PIPIT_ERR_MEMORY;

    if (!err)
        err = pp_dialog_confirm(dialog, ok);
    if (!err)
        err = pp_dialog_refresh_target(dialog, ok);
    if (!err)
        err = pp_dialog_request(dialog, PP_BYE, 0, &bye);
    if (!err)
        err = pp_dialogs_find_tags(dialogs, PP_LIT("call"), PP_LIT("alices"), PP_LIT("bobs"))
                  ? 0
                  : PIPIT_ERR_MEMORY;
    if (dialog && err)
        assert_true(!dialog->confirmed || !strcmp(dialog->remote_target, "sip:bob@new.invalid"));
    pp_outgoing_unref(bye);
    pp_message_unref(ok);
    pp_dialog_free(dialog);
    return err;
}

static void every_allocation_may_fail(void **state)
{
    uint64_t n = 0;
    int err;

    (void)state;
    dialogs = pp_dialogs_free(dialogs);
    scarce_begin(0);
    assert_int_equal(pp_dialogs_new(&dialogs), 0);
    do {
        scarce_fail(++n);
        err = live();
        assert_int_equal(err, scarce_memory.failed ? PIPIT_ERR_MEMORY : 0);
        scarce_relax();
        assert_int_equal(live(), 0);
        assert_int_equal(scarce_memory.held, 1);
    } while (err);
    assert_true(n > 20);
    dialogs = pp_dialogs_free(dialogs);
    assert_int_equal(scarce_end(), 0);
    assert_int_equal(pp_dialogs_new(&dialogs), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_table, close_table)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_dialog_of_a_caller_is_made_of_request_and_response),
        TEST(a_dialog_of_a_callee_is_made_of_the_request_and_our_tag),
        TEST(a_message_that_makes_no_dialog_is_refused),
        TEST(a_dialog_is_made_once),
        TEST(a_fork_is_a_dialog_of_its_own),
        TEST(the_number_of_dialogs_is_limited),
        TEST(the_route_set_is_limited),
        TEST(a_request_finds_its_dialog_by_call_id_and_both_tags),
        TEST(a_2xx_confirms_an_early_dialog_with_its_own_route_and_target),
        TEST(a_2xx_without_contact_leaves_the_target),
        TEST(a_2xx_that_cannot_be_used_changes_nothing),
        TEST(a_request_or_2xx_with_contact_refreshes_the_target_and_not_the_route),
        TEST(a_request_out_of_order_gets_500),
        TEST(a_request_inside_follows_a_loose_route),
        TEST(a_request_inside_follows_a_strict_route),
        TEST(an_ack_has_the_number_of_its_invite_and_raises_nothing),
        TEST(a_peer_without_tag_gets_none_back),
        TEST(a_request_that_goes_once_more_has_the_next_number),
        TEST(the_numbers_of_a_dialog_may_be_used_up),
        TEST(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
