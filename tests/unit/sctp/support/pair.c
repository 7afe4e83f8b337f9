/* pair.c - two ends on a wire. */
#include "pair.h"

#include "support/dice.h"
#include "support/time_of_day.h"

/* --- the wire --------------------------------------------------------------------------------- */

typedef struct packet {
    pp_timer timer;
    end *to;
    size_t size;
    uint8_t data[];
} packet;

static void on_timer(void *arg);

static void schedule_raw(end *e)
{
    uint64_t at = pp_sctp_deadline_us(e->raw), now = pp_loop_now_us(e->of->loop);

    if (at == PP_NEVER)
        pp_loop_stop_timer(e->of->loop, &e->timer);
    else
        pp_loop_start_timer_us(e->of->loop, &e->timer, at > now ? at - now : 0, on_timer, e);
}

static void on_timer(void *arg)
{
    end *e = arg;

    pp_sctp_tick(e->raw, pp_loop_now_us(e->of->loop));
    schedule_raw(e);
}

static void deliver(void *arg)
{
    packet *p = arg;
    end *e = p->to;

    e->of->flying--;
    if (e->raw && !e->of->cut) {
        pp_sctp_receive(e->raw, p->data, p->size, pp_loop_now_us(e->of->loop));
        schedule_raw(e);
    } else if (e->channels && !e->of->cut) {
        pp_channels_receive(e->channels, p->data, p->size);
    }
    free(p);
}

static void on_send(void *arg, const uint8_t *data, size_t size)
{
    end *from = arg;
    pair *of = from->of;
    uint32_t dice = (uint32_t)dice_u64(&of->seed);
    packet *p;

    assert_true(size <= PP_LIMIT_DATA_PACKET);
    of->packets++;
    if (dice % 100 < of->loss_percent || of->cut)
        return;
    p = calloc(1, sizeof(*p) + size);
    assert_non_null(p);
    p->to = from == &of->a ? &of->b : &of->a;
    p->size = size;
    memcpy(p->data, data, size);
    of->flying++;
    pp_loop_start_timer_us(of->loop, &p->timer,
                           of->delay_us + (of->jitter_us ? dice / 100 % of->jitter_us : 0), deliver,
                           p);
}

/* --- what is heard ---------------------------------------------------------------------------- */

static void on_open(pipit_data_channel *channel, void *user)
{
    heard *h = user;

    assert_ptr_equal(channel, h->channel);
    assert_int_equal(h->closed, 0);
    h->opened++;
    if (h->close_when_opened)
        pipit_data_channel_close(channel);
}

static void free_ends(pair *p)
{
    p->a.channels = pp_channels_free(p->a.channels);
    p->b.channels = pp_channels_free(p->b.channels);
}

static void on_message(pipit_data_channel *channel, const pipit_data_channel_message_event *event,
                       void *user)
{
    heard *h = user;
    const uint8_t *data = event->data;

    assert_int_equal(h->opened, 1);
    assert_int_equal(h->closed, 0);
    assert_int_equal(data[event->size], 0);
    h->texts += !event->binary;
    h->binaries += event->binary;
    h->empty += event->size == 0;
    h->octets += event->size;
    if (event->size > h->largest)
        h->largest = event->size;
    if (event->size >= 4) {
        uint32_t number = (uint32_t)(data[0] << 24 | data[1] << 16 | data[2] << 8 | data[3]);

        h->backwards += number < h->last;
        h->last = number;
    }
    if (h->echoes && event->binary)
        assert_int_equal(pipit_data_channel_send(channel, event->data, event->size), 0);
    else if (h->echoes)
        assert_int_equal(pipit_data_channel_send_text(channel, event->data), 0);
    if (h->close_when_message)
        pipit_data_channel_close(channel);
    if (h->free_ends_when_message)
        free_ends(h->of);
}

static void on_low(pipit_data_channel *channel, void *user)
{
    heard *h = user;

    h->low++;
    assert_true(pipit_data_channel_buffered_amount(channel) <=
                pipit_data_channel_buffered_amount_low_threshold(channel));
}

static void on_closing(pipit_data_channel *channel, void *user)
{
    heard *h = user;

    (void)channel;
    h->closing++;
}

static void on_error(pipit_data_channel *channel, const pipit_data_channel_error_event *event,
                     void *user)
{
    heard *h = user;

    (void)channel;
    assert_non_null(event->reason);
    h->errors++;
    h->error = event->error;
}

static void on_close(pipit_data_channel *channel, void *user)
{
    heard *h = user;

    assert_int_equal(pipit_data_channel_ready_state(channel), PIPIT_DATA_CHANNEL_CLOSED);
    h->closed++;
}

const pipit_data_channel_handlers heard_handlers = {on_open,    on_message, on_low,
                                                    on_closing, on_error,   on_close};

static heard *new_heard(end *e)
{
    heard *h = calloc(1, sizeof(*h));

    assert_non_null(h);
    h->of = e->of;
    h->next = e->heard;
    e->heard = h;
    return h;
}

static void on_channel(void *arg, pipit_data_channel *channel)
{
    end *e = arg;
    heard *h = new_heard(e);

    e->incoming++;
    h->channel = pipit_data_channel_ref(channel);
    h->echoes = e->echoes;
    pipit_data_channel_set_handlers(channel, &heard_handlers, h);
}

static void on_closed(void *arg, int error, const char *reason)
{
    end *e = arg;

    assert_true(*reason);
    e->closed++;
    e->error = error;
}

static const pp_channels_handlers handlers = {on_send, on_channel, on_closed};

/* --- life ------------------------------------------------------------------------------------- */

void pair_open(pair *p)
{
    assert_int_equal(sim_new(p->seed, &p->sim), 0);
    time_of_day_from(p->sim);
    p->loop = sim_loop(p->sim);
    p->a.of = p->b.of = p;
    if (!p->delay_us)
        p->delay_us = 10000;
    assert_int_equal(pp_channels_new(p->loop, &handlers, &p->a, &p->a.channels), 0);
    assert_int_equal(pp_channels_new(p->loop, &handlers, &p->b, &p->b.channels), 0);
}

void pair_connect(pair *p)
{
    pp_channels_terms terms = {.client = true, .local_port = 5000, .remote_port = 5001};

    assert_int_equal(pp_channels_connect(p->a.channels, &terms), 0);
    assert_int_equal(pp_channels_connect(p->a.channels, &terms), PIPIT_ERR_STATE);
    terms = (pp_channels_terms){.local_port = 5001, .remote_port = 5000};
    assert_int_equal(pp_channels_connect(p->b.channels, &terms), 0);
}

static void raw_connected(void *arg)
{
    (void)arg;
}

static void raw_message(void *arg, uint16_t stream, uint32_t ppid, pp_str data)
{
    end *e = arg;

    (void)stream;
    assert_int_equal(data.p[data.n], 0);
    e->messages++;
    e->ppid = ppid;
    e->size = data.n;
    memcpy(e->last, data.p, data.n < sizeof(e->last) ? data.n : sizeof(e->last));
}

static void raw_oversized(void *arg, uint16_t stream)
{
    (void)arg;
    (void)stream;
}

static void raw_reset(void *arg, uint16_t stream)
{
    end *e = arg;

    e->resets++;
    assert_int_equal(pp_sctp_reset(e->raw, stream, pp_loop_now_us(e->of->loop)), 0);
}

static const pp_sctp_handlers raw_handlers = {on_send,   raw_connected, raw_message, raw_oversized,
                                              raw_reset, raw_oversized, on_closed};

void pair_connect_raw(pair *p)
{
    const pp_channels_terms terms = {.client = true, .local_port = 5000, .remote_port = 5000};

    p->b.channels = pp_channels_free(p->b.channels);
    assert_int_equal(pp_sctp_new(&raw_handlers, &p->b, &p->b.raw), 0);
    assert_int_equal(pp_sctp_start(p->b.raw, 5000, 5000, pp_loop_now_us(p->loop)), 0);
    schedule_raw(&p->b);
    assert_int_equal(pp_channels_connect(p->a.channels, &terms), 0);
}

void pair_say(pair *p, uint16_t stream, uint32_t ppid, pp_str data)
{
    const pp_sctp_message message = {.stream = stream, .ppid = ppid, .data = data};

    assert_int_equal(pp_sctp_send(p->b.raw, &message, pp_loop_now_us(p->loop)), 0);
    schedule_raw(&p->b);
}

void pair_run_ms(pair *p, unsigned ms)
{
    sim_advance_ms(p->sim, ms);
}

static void free_heard(end *e)
{
    while (e->heard) {
        heard *h = e->heard;

        e->heard = h->next;
        pipit_data_channel_unref(h->channel);
        free(h);
    }
}

void pair_close(pair *p)
{
    p->cut = true;
    p->b.raw = pp_sctp_free(p->b.raw);
    pp_loop_stop_timer(p->loop, &p->b.timer);
    free_ends(p);
    for (unsigned i = 0; i < 100 && p->flying; i++)
        pair_run_ms(p, 100);
    pair_run_ms(p, 1);
    free_heard(&p->a);
    free_heard(&p->b);
    time_of_day_from(NULL);
    sim_free(p->sim);
}

heard *pair_create(end *e, const char *label, const pipit_data_channel_options *options)
{
    heard *h = new_heard(e);
    pipit_data_channel_options all = options ? *options : (pipit_data_channel_options){0};

    all.handlers = &heard_handlers;
    all.user = h;
    assert_int_equal(pp_channels_create(e->channels, label, &all, &h->channel), 0);
    return h;
}

heard *pair_other(end *other, const heard *h)
{
    for (heard *at = other->heard; at; at = at->next)
        if (pipit_data_channel_id(at->channel) == pipit_data_channel_id(h->channel) &&
            pipit_data_channel_ready_state(at->channel) != PIPIT_DATA_CHANNEL_CLOSED)
            return at;
    return NULL;
}
