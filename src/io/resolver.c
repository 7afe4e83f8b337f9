/* resolver.c - names to addresses by c-ares on the loop. Literals and localhost need no query; an answer never comes from
 * inside the call that asked. The channel lives only while something is asked, so that a changed resolv.conf is seen and
 * a cancelled query does not keep the loop running. */
#include "io/resolver.h"
#include "base/alloc.h"
#include "base/error.h"
#include "io/watch.h"

#include <netdb.h>
#include <stdio.h>

#define QUERY_TIMEOUT_MS 2000
#define QUERY_TRIES      3
#define ADDRESSES_A_NAME 16u /* more are of no use to one connection */

typedef struct query_socket query_socket;
typedef struct lookup lookup;

struct pp_resolver {
    pp_real_loop *loop;
    ares_channel channel;
    bool open;
    unsigned asked; /* look-ups that have a query under way and are still wanted */
    query_socket *sockets;
    pp_timer timer;
    pp_post close;
};

struct query_socket { /* a descriptor of c-ares: it closes that itself */
    uv_poll_t poll;
    pp_resolver *resolver;
    pp_real_loop *loop;
    ares_socket_t fd;
    int events;
    bool forgotten;
    query_socket *next;
};

struct lookup {
    pp_lookup lookup;
    pp_real_loop *loop;
    pp_lookup_function *found; /* NULL: cancelled, only the query is left */
    void *arg;
    bool asking;
    pp_post answer;
    int error;
    size_t count;
    pp_addr addresses[ADDRESSES_A_NAME];
};

/* --- the sockets and the timer of c-ares ------------------------------------------------------ */

static void on_query_timeout(void *arg);

static void arm_timer(pp_resolver *resolver)
{
    struct timeval left;

    if (!resolver->open || !ares_timeout(resolver->channel, NULL, &left))
        pp_loop_stop_timer(&resolver->loop->head, &resolver->timer);
    else
        pp_loop_start_timer_us(&resolver->loop->head, &resolver->timer,
                               (uint64_t)left.tv_sec * 1000000 + (uint64_t)left.tv_usec,
                               on_query_timeout, resolver);
}

static void process(pp_resolver *resolver, ares_socket_t readable, ares_socket_t writable)
{
    ares_process_fd(resolver->channel, readable, writable);
    arm_timer(resolver);
}

static void on_query_timeout(void *arg)
{
    process(arg, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    query_socket *s = poll->data;

    if (status < 0) /* c-ares shall read and find the error */
        events = s->events;
    process(s->resolver, events & UV_READABLE ? s->fd : ARES_SOCKET_BAD,
            events & UV_WRITABLE ? s->fd : ARES_SOCKET_BAD);
    if (status < 0 && !s->forgotten) /* libuv stopped the watch */
        uv_poll_start(&s->poll, s->events, on_poll);
}

static void on_socket_closed(uv_handle_t *handle)
{
    query_socket *s = handle->data;
    pp_real_loop *loop = s->loop;

    pp_free(s);
    pp_io_handle_closed(loop);
}

static void forget_socket(pp_resolver *resolver, query_socket **link)
{
    query_socket *s = *link;

    *link = s->next;
    s->forgotten = true;
    uv_poll_stop(&s->poll);
    resolver->loop->closing++;
    uv_close((uv_handle_t *)&s->poll, on_socket_closed);
}

static query_socket *add_socket(pp_resolver *resolver, ares_socket_t fd)
{
    query_socket *s = PP_NEW(query_socket);

    if (!s)
        return NULL;
    if (uv_poll_init(resolver->loop->uv, &s->poll, fd)) {
        pp_free(s);
        return NULL;
    }
    s->poll.data = s;
    s->resolver = resolver;
    s->loop = resolver->loop;
    s->fd = fd;
    s->next = resolver->sockets;
    resolver->sockets = s;
    return s;
}

/* Without memory for a watch the query times out, and that is its answer. */
static void on_socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
    pp_resolver *resolver = arg;
    query_socket **link = &resolver->sockets;
    query_socket *s;

    while (*link && (*link)->fd != fd)
        link = &(*link)->next;
    if (!readable && !writable) { /* c-ares closes it right after this */
        if (*link)
            forget_socket(resolver, link);
        return;
    }
    s = *link ? *link : add_socket(resolver, fd);
    if (!s)
        return;
    s->events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
    uv_poll_start(&s->poll, s->events, on_poll);
}

/* --- the channel ------------------------------------------------------------------------------ */

static uv_once_t library_once = UV_ONCE_INIT;

static void init_library(void)
{
    ares_library_init(ARES_LIB_INIT_ALL);
}

static int open_channel(pp_resolver *resolver)
{
    struct ares_options options = {.timeout = QUERY_TIMEOUT_MS,
                                   .tries = QUERY_TRIES,
                                   .sock_state_cb = on_socket_state,
                                   .sock_state_cb_data = resolver};
    int status;

    pp_loop_unpost(&resolver->loop->head, &resolver->close);
    if (resolver->open)
        return 0;
    uv_once(&library_once, init_library);
    status = ares_init_options(&resolver->channel, &options,
                               ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (status == ARES_SUCCESS && resolver->loop->name_servers) {
        status = ares_set_servers_ports_csv(resolver->channel, resolver->loop->name_servers);
        if (status != ARES_SUCCESS)
            ares_destroy(resolver->channel);
    }
    if (status != ARES_SUCCESS)
        return pp_error(status == ARES_ENOMEM ? PIPIT_ERR_MEMORY : PIPIT_ERR_IO,
                        "resolver: could not be started: %s", ares_strerror(status));
    resolver->open = true;
    return 0;
}

static void close_channel(void *arg)
{
    pp_resolver *resolver = arg;

    resolver->open = false;
    ares_destroy(resolver->channel); /* ends what is cancelled, and closes the sockets */
    pp_loop_stop_timer(&resolver->loop->head, &resolver->timer);
}

ares_channel pp_resolver_channel(const pp_resolver *resolver)
{
    return resolver->channel;
}

void pp_resolver_ask(pp_resolver *resolver)
{
    resolver->asked++;
}

void pp_resolver_asked(pp_resolver *resolver)
{
    arm_timer(resolver);
}

/* Closed later, for this may be a callback of c-ares. */
void pp_resolver_done(pp_resolver *resolver)
{
    if (--resolver->asked == 0)
        pp_loop_post(&resolver->loop->head, &resolver->close, close_channel, resolver);
}

void pp_io_resolver_free(pp_resolver *resolver)
{
    if (!resolver)
        return;
    pp_loop_unpost(&resolver->loop->head, &resolver->close);
    if (resolver->open)
        close_channel(resolver);
    pp_free(resolver);
}

int pp_resolver_open(pp_real_loop *loop, pp_resolver **out)
{
    if (!loop->resolver) {
        loop->resolver = PP_NEW(pp_resolver);
        if (!loop->resolver)
            return PIPIT_ERR_MEMORY;
        loop->resolver->loop = loop;
    }
    *out = loop->resolver;
    return open_channel(loop->resolver);
}

int pp_io_use_name_servers(pipit_loop *loop, const char *servers)
{
    pp_real_loop *real = pp_real(loop);
    char *copy = pp_strdup(servers);

    if (servers && !copy)
        return PIPIT_ERR_MEMORY;
    pp_free(real->name_servers);
    real->name_servers = copy;
    return 0;
}

/* --- a look-up -------------------------------------------------------------------------------- */

static void give_answer(void *arg)
{
    lookup *l = arg;
    pp_lookup_function *found = l->found;

    found(l->arg, l->error, l->count ? l->addresses : NULL, l->count);
    pp_free(l);
}

static void take_addresses(lookup *l, const struct ares_addrinfo *result)
{
    for (const struct ares_addrinfo_node *node = result->nodes; node && l->count < ADDRESSES_A_NAME;
         node = node->ai_next)
        if (pp_addr_from_sockaddr(node->ai_addr, &l->addresses[l->count])) {
            l->addresses[l->count].port = 0;
            l->count++;
        }
}

int pp_resolver_error(int status)
{
    switch (status) {
    case ARES_ENOMEM:
        return PIPIT_ERR_MEMORY;
    case ARES_ETIMEOUT:
        return PIPIT_ERR_TIMEOUT;
    default:
        return PIPIT_ERR_NOT_FOUND;
    }
}

static void on_result(void *arg, int status, int timeouts, struct ares_addrinfo *result)
{
    lookup *l = arg;

    (void)timeouts;
    if (!l->found) {
        ares_freeaddrinfo(result);
        pp_free(l);
        return;
    }
    if (status == ARES_SUCCESS && result)
        take_addresses(l, result);
    ares_freeaddrinfo(result);
    l->error = l->count ? 0 : pp_resolver_error(status);
    l->asking = false;
    pp_resolver_done(l->loop->resolver);
    pp_loop_post(&l->loop->head, &l->answer, give_answer, l);
}

static void cancel(pp_lookup *given)
{
    lookup *l = (lookup *)given;

    pp_loop_unpost(&l->loop->head, &l->answer);
    if (!l->asking) {
        pp_free(l);
        return;
    }
    l->found = NULL;
    pp_resolver_done(l->loop->resolver);
}

/* RFC 6761 section 6.3: localhost and the names below it are this machine, whatever a server says. */
static bool is_localhost(pp_str name)
{
    static const pp_str below = PP_LIT_INIT(".localhost");

    if (name.n && name.p[name.n - 1] == '.')
        name.n--;
    return pp_str_ieq(name, PP_LIT("localhost")) ||
           (name.n > below.n && pp_str_ieq(pp_str_sub(name, name.n - below.n, name.n), below));
}

/* Whether the name needs no query; its addresses are in `l` then. */
static bool know(lookup *l, pp_str name)
{
    if (pp_addr_parse(name, 0, &l->addresses[0])) {
        l->count = 1;
    } else if (is_localhost(name)) {
        pp_addr_parse(PP_LIT("127.0.0.1"), 0, &l->addresses[0]);
        pp_addr_parse(PP_LIT("::1"), 0, &l->addresses[1]);
        l->count = 2;
    }
    return l->count > 0;
}

static int ask(lookup *l, const char *name)
{
    const struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    pp_resolver *resolver;
    int err = pp_resolver_open(l->loop, &resolver);

    if (err)
        return err;
    l->asking = true;
    pp_resolver_ask(resolver);
    ares_getaddrinfo(resolver->channel, name, NULL, &hints, on_result, l);
    pp_resolver_asked(resolver);
    return 0;
}

int pp_io_lookup(pipit_loop *loop, const char *name, pp_lookup_function *found, void *arg,
                 pp_lookup **out)
{
    lookup *l = PP_NEW(lookup);
    int err = 0;

    if (!l)
        return PIPIT_ERR_MEMORY;
    l->lookup.cancel = cancel;
    l->loop = pp_real(loop);
    l->found = found;
    l->arg = arg;
    if (know(l, pp_str_c(name)))
        pp_loop_post(loop, &l->answer, give_answer, l);
    else
        err = ask(l, name);
    if (err)
        pp_free(l);
    else
        *out = &l->lookup;
    return err;
}
