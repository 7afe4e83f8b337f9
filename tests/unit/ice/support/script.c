/* script.c - one agent in virtual time against hand-made packets. */
#include "unit/ice/support/script.h"

#include "support/dice.h"

#include <stdio.h>
#include <stdlib.h>

static void on_send(void *arg, unsigned base, const pp_addr *to, const uint8_t *data, size_t size)
{
    script *s = arg;
    sent *at = &s->log[s->count % SENT_MAX];

    at->base = base;
    assert_true(size <= sizeof(at->data));
    at->to = *to;
    at->size = size;
    memcpy(at->data, data, size);
    assert_int_equal(pp_stun_parse(at->data, size, &at->stun), 0);
    s->count++;
    s->octets += size;
}

static void on_state(void *arg, pp_ice_state state)
{
    (void)state;
    ((script *)arg)->changes++;
}

static void on_reflexive(void *arg)
{
    ((script *)arg)->reflexive++;
}

pp_addr address(const char *ip, uint16_t port)
{
    pp_addr a = {0};

    assert_true(pp_addr_parse(pp_str_c(ip), port, &a));
    return a;
}

script *script_new(void)
{
    script *s = calloc(1, sizeof(*s));

    assert_non_null(s);
    s->peer = address("198.51.100.7", 7000);
    s->seed = 42;
    s->now_us = SECOND;
    s->rng = dice_rng(&s->seed);
    return s;
}

int script_open(script *s, bool controlling)
{
    static const pp_ice_handlers handlers = {
        .send = on_send, .state = on_state, .reflexive = on_reflexive};
    const pp_addr local = address("192.0.2.1", 5000);
    int err = pp_ice_new(&s->rng, controlling, &handlers, s, &s->ice);

    if (!err)
        err = pp_ice_add_local(s->ice, &local, 0);
    if (err)
        s->ice = pp_ice_free(s->ice);
    return err;
}

script *begin(bool controlling, bool with_remote)
{
    script *s = script_new();

    assert_int_equal(script_open(s, controlling), 0);
    if (with_remote)
        set_remote(s, THEIR_UFRAG, false);
    return s;
}

script *begin_checking(void)
{
    script *s = begin(true, true);

    add_remote(s, "198.51.100.7", 7000, 100);
    advance(s, 1);
    return s;
}

void script_free(script *s)
{
    pp_ice_free(s->ice);
    free(s);
}

void set_remote(script *s, const char *ufrag, bool lite)
{
    assert_int_equal(pp_ice_set_remote(s->ice, pp_str_c(ufrag), PP_LIT(THEIR_PWD), lite, s->now_us),
                     0);
}

void add_remote(script *s, const char *ip, uint16_t port, uint32_t priority)
{
    pp_candidate c = {.type = PP_CANDIDATE_HOST,
                      .priority = priority,
                      .address = address(ip, port),
                      .foundation = {(char)('a' + port % 26)}};

    assert_int_equal(pp_ice_add_remote(s->ice, &c, s->now_us), 0);
}

void advance(script *s, uint64_t us)
{
    uint64_t until = s->now_us + us;

    while (pp_ice_deadline_us(s->ice) <= until) {
        if (pp_ice_deadline_us(s->ice) > s->now_us)
            s->now_us = pp_ice_deadline_us(s->ice);
        pp_ice_tick(s->ice, s->now_us);
    }
    s->now_us = until;
}

pp_str our_pwd(const script *s)
{
    return pp_str_c(pp_ice_pwd(s->ice));
}

pp_stun request(script *s)
{
    static char username[64];
    pp_stun m = {.kind = PP_STUN_REQUEST,
                 .method = PP_STUN_BINDING,
                 .has_username = true,
                 .has_priority = true,
                 .priority = 0x6E7F00FF,
                 .tie_breaker = 5,
                 .has_controlling = true};

    snprintf(username, sizeof(username), "%s:" THEIR_UFRAG, pp_ice_ufrag(s->ice));
    m.username = pp_str_c(username);
    pp_rng_bytes(&s->rng, m.transaction, sizeof(m.transaction));
    return m;
}

pp_stun success(const sent *to)
{
    pp_stun m = {.kind = PP_STUN_SUCCESS, .method = PP_STUN_BINDING, .has_mapped = true};

    m.mapped = address("192.0.2.1", 5000);
    memcpy(m.transaction, to->stun.transaction, sizeof(m.transaction));
    return m;
}

void receive(script *s, const pp_addr *from, const pp_buf *packet)
{
    pp_ice_receive(s->ice, 0, from, (const uint8_t *)packet->p, packet->n, s->now_us);
}

void deliver(script *s, const pp_addr *from, const pp_stun *m, pp_str key)
{
    pp_buf packet = {0};

    assert_int_equal(pp_stun_write(m, key, &packet), 0);
    receive(s, from, &packet);
    pp_buf_free(&packet);
}

void check_from(script *s, const pp_addr *from, bool use_candidate)
{
    pp_stun m = request(s);

    m.use_candidate = use_candidate;
    deliver(s, from, &m, our_pwd(s));
}

void answer(script *s, const pp_addr *from)
{
    const pp_stun m = success(request_to(s, from));

    deliver(s, from, &m, PP_LIT(THEIR_PWD));
}

const sent *last(const script *s)
{
    assert_true(s->count > 0);
    return &s->log[(s->count - 1) % SENT_MAX];
}

const sent *request_to(const script *s, const pp_addr *to)
{
    for (size_t i = s->count; i-- > 0 && s->count - i <= SENT_MAX;) {
        const sent *at = &s->log[i % SENT_MAX];

        if (at->stun.kind == PP_STUN_REQUEST && pp_addr_eq(&at->to, to))
            return at;
    }
    fail_msg("no request was sent there");
    return NULL;
}

void assert_remote(const script *s, const pp_addr *expected)
{
    pp_candidate local, remote;

    assert_true(pp_ice_selected(s->ice, &local, &remote, NULL));
    assert_true(pp_addr_eq(&remote.address, expected));
}
