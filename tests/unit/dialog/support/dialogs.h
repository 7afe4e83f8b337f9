/* dialogs.h - a table of dialogs, and the messages that Alice, whose table it is, and Bob send each other. */
#ifndef PP_TESTS_DIALOGS_H
#define PP_TESTS_DIALOGS_H

#include "dialog/dialog.h"
#include "support/files.h"

#define ALICE        "\"Alice, A.\" <sip:alice@example.com;x=y>;tag=alices;p=q"
#define BOB          "<sip:bob@example.com>"
#define BOBS         "<sip:bob@example.com>;tag=bobs"
#define BOBS_CONTACT "Contact: <sip:bob@b.invalid;transport=ws>;+sip.ice\r\n"

extern pp_dialogs *dialogs; /* of the test that runs */

int open_table(void **state);
/* Fails when the test left a dialog. */
int close_table(void **state);

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_table, close_table)

/* NULL: there was no memory. `more`: header lines, each with its end. */
pp_message *parse(const char *start_line, const char *from, const char *to, const char *cseq,
                  const char *more);
/* Our INVITE, and what Bob answers. */
pp_outgoing *make_invite(void);
pp_message *answer(int status, const char *to, const char *more);
/* Bob calls; of his requests `cseq` counts. */
pp_message *request(const char *method, unsigned cseq, const char *to, const char *more);

/* The dialog of our INVITE and that answer. */
int dialog_of(int status, const char *to, const char *more, pp_dialog **out);
/* One that we made with a call, one that Bob made. */
pp_dialog *calling(const char *more);
pp_dialog *called(const char *more);
/* Whether a request of Bob's finds its dialog. */
bool finds(const char *from, const char *to, const char *method);

#endif
