/* spent.c - INVITEs that were accepted and acknowledged: until Timer L is over repeats of them must be no new calls, and for that
 * a note is enough. All notes wait equally long, so that one timer does for all. */
#include "transaction/machine.h"

#include <utlist.h>

struct pp_spent {
    pp_served served;
    uint64_t end_us; /* Timer L */
    pp_spent *prev, *next;
    char branch[];
};

static void remove_note(pp_transactions *table, pp_spent *spent)
{
    pp_transactions_tell(table, &(pp_transaction_change){.method = PP_LIT("INVITE"),
                                                         .branch = pp_str_c(spent->branch)});
    pp_served_remove(table, &spent->served);
    DL_DELETE(table->spent, spent);
    pp_free(spent);
}

static void end_is_due(void *arg);

/* For the first. A timer that is earlier is left alone: where notes give way to others the first is another each time. */
static void wait(pp_transactions *table)
{
    const pp_timer *timer = &table->spent_end;

    if (!table->spent)
        pp_loop_stop_timer(table->loop, &table->spent_end);
    else if (!timer->armed || timer->at_us > table->spent->end_us)
        pp_loop_start_timer_at(table->loop, &table->spent_end, table->spent->end_us, end_is_due,
                               table);
}

static void end_is_due(void *arg)
{
    pp_transactions *table = arg;
    uint64_t now_us = pp_loop_now_us(table->loop);

    while (table->spent && table->spent->end_us <= now_us)
        remove_note(table, table->spent);
    wait(table);
}

/* By their ends; mostly that is last. */
static void insert(pp_transactions *table, pp_spent *spent)
{
    pp_spent *before = table->spent ? table->spent->prev : NULL;

    while (before && before->end_us > spent->end_us)
        before = before == table->spent ? NULL : before->prev;
    if (before)
        DL_APPEND_ELEM(table->spent, before, spent);
    else
        DL_PREPEND(table->spent, spent);
    if (spent == table->spent)
        wait(table);
}

bool pp_spent_add(pp_transactions *table, const pp_server_transaction *t)
{
    pp_str branch = pp_server_branch(t);
    pp_spent *spent = pp_zalloc(sizeof(*spent) + branch.n + 1);

    if (!spent)
        return false;
    spent->served = t->served;
    spent->served.spent = true;
    spent->end_us = t->end.at_us;
    if (branch.n) /* RFC 2543 had none */
        memcpy(spent->branch, branch.p, branch.n);
    pp_served_replace(table, &t->served, &spent->served);
    insert(table, spent);
    return true;
}

bool pp_spent_make_room(pp_transactions *table)
{
    if (!table->spent)
        return false;
    remove_note(table, table->spent);
    wait(table);
    return true;
}

void pp_spent_flow_lost(pp_transactions *table, const void *flow)
{
    pp_spent *spent, *next;

    DL_FOREACH_SAFE(table->spent, spent, next)
    {
        if (spent->served.flow == flow)
            remove_note(table, spent);
    }
    wait(table);
}

void pp_spent_free(pp_transactions *table)
{
    while (pp_spent_make_room(table))
        ;
}
