/* invite_server.c - the INVITE server machine (RFC 3261 section 17.2.1, RFC 6026 section 7.1). */
#include "base/log.h"
#include "transaction/machine.h"

#define TRYING_AFTER_MS 200 /* RFC 3261 section 17.2.1 */
#define PROGRESS_EVERY_MS                                                                          \
    60000 /* section 13.3.1.1: proxies give up on a call they hear nothing of */

/* Somebody who listens may let it ring as long as he likes; else it is bounded. */
static void start(pp_server_transaction *t)
{
    if (!t->handlers)
        pp_server_bound(t);
    if (!t->status)
        pp_server_send_again_in(t, TRYING_AFTER_MS);
}

/* Nothing was answered within 200 ms, or nothing new within a minute. When memory is short for a 100, the INVITE comes again and
 * nothing is lost. */
static void keep_alive(pp_server_transaction *t, const pp_message *request)
{
    (void)request;
    if (!t->status) {
        pp_server_answer(t, 100, NULL, NULL);
        return;
    }
    pp_server_send_again_in(t, PROGRESS_EVERY_MS);
    pp_server_send(t);
}

static void progress(pp_server_transaction *t, const pp_message *request)
{
    (void)request;
    if (t->status > 100)
        pp_server_send_again_in(t, PROGRESS_EVERY_MS);
    else
        pp_loop_stop_timer(t->table->loop, &t->again);
    pp_server_send(t);
}

/* Repeating the 2xx is its owner's work (section 13.3.1.4). */
static void succeed(pp_server_transaction *t, const pp_message *request)
{
    (void)request;
    pp_server_become(t, PP_SERVER_ACCEPTED);
    pp_server_end_in(t, PP_64T1_MS); /* Timer L */
    pp_server_send(t);
}

static void refuse(pp_server_transaction *t, const pp_message *request)
{
    (void)request;
    pp_server_become(t, PP_SERVER_COMPLETED);
    pp_server_end_in(t, PP_64T1_MS); /* Timer H */
    if (!t->reliable)
        pp_server_send_again_in(t, PP_T1_MS); /* Timer G */
    pp_server_send(t);
}

static void repeat(pp_server_transaction *t, const pp_message *request)
{
    uint64_t twice = 2 * t->again_ms;

    (void)request;
    pp_server_send_again_in(t, twice < PP_T2_MS ? twice : PP_T2_MS);
    pp_server_send(t);
}

static void confirm(pp_server_transaction *t, const pp_message *request)
{
    (void)request;
    pp_server_become(t, PP_SERVER_CONFIRMED);
    pp_server_end_in(t, t->reliable ? 0 : PP_T4_MS); /* Timer I */
}

/* An ACK for a 2xx that took the branch of its INVITE. */
static void pass_ack(pp_server_transaction *t, const pp_message *request)
{
    pp_transactions_pass_request(t->table, t->served.flow, NULL, request);
}

/* Timer H. */
static void give_up(pp_server_transaction *t, const pp_message *request)
{
    pp_log_warn(t->machine->name, "no ACK came for %d", t->status);
    if (!t->table->closed && t->handlers && t->handlers->no_ack)
        t->handlers->no_ack(t->arg);
    if (t->state != PP_SERVER_TERMINATED)
        pp_server_terminate(t, request);
}

/* Nobody listens and nobody answered: the caller must not ring for ever. */
static void abandon(pp_server_transaction *t, const pp_message *request)
{
    if (pp_server_answer(t, 500, NULL, NULL))
        pp_server_terminate(t, request);
}

const pp_server_machine pp_invite_server = {
    "InviteServerTransaction",
    PP_SERVER_PROCEEDING,
    start,
    {
        [PP_SERVER_PROCEEDING] = {[PP_SERVER_REPEAT] = pp_server_send_last,
                                  [PP_SERVER_1XX] = progress,
                                  [PP_SERVER_2XX] = succeed,
                                  [PP_SERVER_3XX] = refuse,
                                  [PP_SERVER_AGAIN] = keep_alive,
                                  [PP_SERVER_END] = abandon,
                                  [PP_SERVER_UNSENT] = pp_server_terminate},
        [PP_SERVER_COMPLETED] = {[PP_SERVER_REPEAT] = pp_server_send_last,
                                 [PP_SERVER_ACK] = confirm,
                                 [PP_SERVER_AGAIN] = repeat,
                                 [PP_SERVER_END] = give_up,
                                 [PP_SERVER_UNSENT] = pp_server_terminate},
        [PP_SERVER_CONFIRMED] =
            {[PP_SERVER_END] = pp_server_terminate, [PP_SERVER_UNSENT] = pp_server_terminate},
        [PP_SERVER_ACCEPTED] = {[PP_SERVER_ACK] = pass_ack,
                                [PP_SERVER_2XX] = pp_server_send_last,
                                [PP_SERVER_END] = pp_server_terminate,
                                [PP_SERVER_UNSENT] = pp_server_terminate},
    },
};
