/* dialog.c - how dialogs begin, are found, and change. */
#include "unit/dialog/support/dialogs.h"

#include "base/error.h"
#include "base/limits.h"
#include "support/scarce.h"

#include <stdio.h>

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
    assert_non_null(dialog->owner.self);
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

static bool takes_info(const void *self, const pp_message *request)
{
    (void)self;
    return request->method == PP_INFO;
}

static bool takes_nothing(const void *self, const pp_message *request)
{
    (void)self;
    (void)request;
    return false;
}

static bool is_for(const pp_dialog *dialog, const char *method, const void *self)
{
    pp_message *message = request(method, 20, "<sip:alice@example.com>;tag=alices", "");
    bool same = pp_dialog_user_of(dialog, message)->self == self;

    pp_message_unref(message);
    return same;
}

static void a_dialog_lasts_until_its_last_user_has_left(void **state)
{
    static const pp_dialog_usage of_infos = {.takes = takes_info},
                                 of_none = {.takes = takes_nothing};
    pp_dialog_share one = {0}, two = {0};

    (void)state;
    for (unsigned last = 0; last < 3; last++) {
        pp_dialog *dialog = calling(BOBS_CONTACT);
        void *owner = dialog->owner.self;

        pp_dialog_join(dialog, &one, &(pp_dialog_owner){&of_none, &one});
        pp_dialog_join(dialog, &two, &(pp_dialog_owner){&of_infos, &two});
        assert_true(is_for(dialog, "INFO", &two));
        assert_true(is_for(dialog, "BYE", owner));
        if (last != 0)
            pp_dialog_part(&one);
        if (last != 1)
            pp_dialog_part(&two);
        if (last != 2)
            pp_dialog_leave(dialog); /* its memory may go before or behind the last user */
        assert_int_equal(pp_dialogs_count(dialogs), 1);
        assert_true(is_for(dialog, "BYE", last == 2 ? owner : NULL));
        if (last == 0)
            pp_dialog_free(dialog);
        pp_dialog_part(&one);
        pp_dialog_part(&two);
        pp_dialog_part(&two); /* nothing */
        assert_int_equal(pp_dialogs_count(dialogs), last == 2);
        if (last != 0)
            pp_dialog_free(dialog);
        assert_int_equal(pp_dialogs_count(dialogs), 0);
    }
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
    assert_true(n > 12);
    dialogs = pp_dialogs_free(dialogs);
    assert_int_equal(scarce_end(), 0);
    assert_int_equal(pp_dialogs_new(&dialogs), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_dialog_of_a_caller_is_made_of_request_and_response),
        TEST(a_dialog_of_a_callee_is_made_of_the_request_and_our_tag),
        TEST(a_message_that_makes_no_dialog_is_refused),
        TEST(a_dialog_is_made_once),
        TEST(a_fork_is_a_dialog_of_its_own),
        TEST(a_dialog_lasts_until_its_last_user_has_left),
        TEST(the_number_of_dialogs_is_limited),
        TEST(the_route_set_is_limited),
        TEST(a_request_finds_its_dialog_by_call_id_and_both_tags),
        TEST(a_2xx_confirms_an_early_dialog_with_its_own_route_and_target),
        TEST(a_2xx_without_contact_leaves_the_target),
        TEST(a_2xx_that_cannot_be_used_changes_nothing),
        TEST(a_request_or_2xx_with_contact_refreshes_the_target_and_not_the_route),
        TEST(a_request_out_of_order_gets_500),
        TEST(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
