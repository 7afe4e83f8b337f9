/* mdns_find.c - a name asked for on each of our addresses, and the first answer. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "gather/mdns.h"

#define AGAIN_MS 1000u
#define ASKED    3u
#define SOCKETS  4u

struct pp_mdns {
    pipit_loop *loop;
    pp_mdns_function *found;
    void *arg;
    char *name;
    pp_udp *sockets[SOCKETS + 1]; /* the last one hears what goes to everybody */
    unsigned asked;
    pp_timer again;
    pp_addr address; /* family 0: none was found */
    pp_post post;
};

static const pp_addr *group(void)
{
    static const pp_addr all = {.family = 4, .port = 5353, .ip = {224, 0, 0, 251}};

    return &all;
}

static void release(pp_mdns *m)
{
    for (size_t i = 0; i < SOCKETS + 1; i++)
        pp_udp_close(m->sockets[i]);
    pp_loop_stop_timer(m->loop, &m->again);
    pp_loop_unpost(m->loop, &m->post);
    pp_free(m->name);
    pipit_loop_unref(m->loop);
    pp_free(m);
}

static void finish(void *arg)
{
    pp_mdns *m = arg;
    pp_mdns_function *found = m->found;
    pp_addr address = m->address;

    arg = m->arg;
    release(m);
    found(arg, address.family ? 0 : PIPIT_ERR_NOT_FOUND, &address);
}

static void on_datagram(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    pp_mdns *m = arg;

    (void)from;
    if (m->address.family ||
        !pp_mdns_read_answer(pp_str_n(data, size), pp_str_c(m->name), &m->address, 1))
        return;
    pp_loop_post(m->loop, &m->post, finish, m);
}

static void ask(void *arg)
{
    pp_mdns *m = arg;
    pp_buf query = {0};

    if (m->asked++ == ASKED) {
        finish(m);
        return;
    }
    pp_mdns_write_query(pp_str_c(m->name), &query);
    for (size_t i = 0; i < SOCKETS && !pp_buf_error(&query); i++)
        if (m->sockets[i])
            (void)pp_udp_send(m->sockets[i], group(), query.p, query.n);
    pp_buf_free(&query);
    pp_loop_start_timer(m->loop, &m->again, AGAIN_MS, ask, m);
}

/* Sockets that cannot be opened ask nobody; one will do. */
static unsigned open_sockets(pp_mdns *m, const pp_mdns_question *question)
{
    unsigned count = 0;

    for (size_t i = 0; i < question->from_count && count < SOCKETS; i++) {
        pp_addr at = question->from[i];

        at.port = 0;
        if (at.family == 4 &&
            m->loop->ops->udp_open(m->loop, &at, on_datagram, m, &m->sockets[count]) == 0)
            count++;
    }
    if (count)
        (void)m->loop->ops->udp_open(m->loop, group(), on_datagram, m, &m->sockets[SOCKETS]);
    return count;
}

int pp_mdns_start(pipit_loop *loop, const pp_mdns_question *question, pp_mdns_function *found,
                  void *arg, pp_mdns **out)
{
    pp_mdns *m;
    int err = 0;

    if (!pp_mdns_is_name(question->name))
        return pp_error(PIPIT_ERR_ARGUMENT, "mdns: '%.*s' is no name below .local",
                        PP_STR(question->name));
    m = PP_NEW(pp_mdns);
    if (!m)
        return PIPIT_ERR_MEMORY;
    m->loop = pipit_loop_ref(loop);
    m->found = found;
    m->arg = arg;
    m->name = pp_str_dup(question->name);
    if (!m->name)
        err = PIPIT_ERR_MEMORY;
    else if (!open_sockets(m, question))
        err = pp_error(PIPIT_ERR_IO, "mdns: there is no address to ask from");
    if (err) {
        release(m);
        return err;
    }
    ask(m);
    *out = m;
    return 0;
}

pp_mdns *pp_mdns_cancel(pp_mdns *mdns)
{
    if (mdns)
        release(mdns);
    return NULL;
}
