/* records.c - SRV and NAPTR records by c-ares, which reads them. An answer never comes from inside the call that asked. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "io/resolver.h"

#define CLASS_INTERNET 1
#define TYPE_SRV       33
#define TYPE_NAPTR     35

typedef struct query {
    pp_lookup lookup;
    pp_real_loop *loop;
    pp_resolver *resolver;
    pp_record_kind kind;
    pp_records_function *found; /* NULL: cancelled, only the query is left */
    void *arg;
    bool asking;
    pp_post answer;
    int error;
    size_t count;
    pp_record *records; /* their texts are those of c-ares */
    struct ares_srv_reply *srv;
    struct ares_naptr_reply *naptr;
} query;

static void release(query *q)
{
    if (q->srv)
        ares_free_data(q->srv);
    if (q->naptr)
        ares_free_data(q->naptr);
    pp_free(q->records);
    pp_free(q);
}

static void give_answer(void *arg)
{
    query *q = arg;

    q->found(q->arg, q->error, q->count ? q->records : NULL, q->count);
    release(q);
}

/* --- what c-ares has read --------------------------------------------------------------------- */

static void take_srv(query *q)
{
    for (const struct ares_srv_reply *r = q->srv; r && q->count < PP_LIMIT_RECORDS; r = r->next)
        q->records[q->count++] = (pp_record){
            .order = r->priority, .preference = r->weight, .port = r->port, .name = r->host};
}

static void take_naptr(query *q)
{
    for (const struct ares_naptr_reply *r = q->naptr; r && q->count < PP_LIMIT_RECORDS; r = r->next)
        q->records[q->count++] = (pp_record){.order = r->order,
                                             .preference = r->preference,
                                             .name = r->replacement,
                                             .flags = (const char *)r->flags,
                                             .service = (const char *)r->service};
}

static int read_answer(query *q, const unsigned char *answer, int size)
{
    int status = q->kind == PP_RECORD_SRV ? ares_parse_srv_reply(answer, size, &q->srv)
                                          : ares_parse_naptr_reply(answer, size, &q->naptr);

    if (status != ARES_SUCCESS)
        return pp_resolver_error(status);
    q->records = pp_array(PP_LIMIT_RECORDS, sizeof(*q->records));
    if (!q->records)
        return PIPIT_ERR_MEMORY;
    if (q->kind == PP_RECORD_SRV)
        take_srv(q);
    else
        take_naptr(q);
    return q->count ? 0 : PIPIT_ERR_NOT_FOUND;
}

static void on_result(void *arg, int status, int timeouts, unsigned char *answer, int size)
{
    query *q = arg;

    (void)timeouts;
    if (!q->found) {
        release(q);
        return;
    }
    q->error = status == ARES_SUCCESS ? read_answer(q, answer, size) : pp_resolver_error(status);
    q->asking = false;
    pp_resolver_done(q->resolver);
    pp_loop_post(&q->loop->head, &q->answer, give_answer, q);
}

/* --- asked and taken back --------------------------------------------------------------------- */

static void cancel(pp_lookup *given)
{
    query *q = (query *)given;

    pp_loop_unpost(&q->loop->head, &q->answer);
    if (!q->asking) {
        release(q);
        return;
    }
    q->found = NULL;
    pp_resolver_done(q->resolver);
}

int pp_io_records(pipit_loop *loop, const pp_record_question *question, pp_lookup **out)
{
    query *q = PP_NEW(query);
    int err = q ? 0 : PIPIT_ERR_MEMORY;

    if (!err) {
        q->lookup.cancel = cancel;
        q->loop = pp_real(loop);
        q->kind = question->kind;
        q->found = question->found;
        q->arg = question->arg;
        err = pp_resolver_open(q->loop, &q->resolver);
    }
    if (err) {
        pp_free(q);
        return err;
    }
    q->asking = true;
    *out = &q->lookup;
    pp_resolver_ask(q->resolver);
    ares_query(pp_resolver_channel(q->resolver), question->name, CLASS_INTERNET,
               q->kind == PP_RECORD_SRV ? TYPE_SRV : TYPE_NAPTR, on_result, q);
    pp_resolver_asked(q->resolver);
    return 0;
}
