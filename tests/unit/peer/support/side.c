/* side.c - a peer connection in a simulated network, and what it hears. */
#include "unit/peer/support/side.h"

#include <stdio.h>
#include <stdlib.h>

static void on_state(void *arg, pp_peer_state state, const char *reason)
{
    side *s = arg;
    size_t n = strlen(s->states);

    s->state = state;
    snprintf(s->states + n, sizeof(s->states) - n, "%c", "ncCdfx"[state]);
    snprintf(s->reason, sizeof(s->reason), "%s", reason);
}

static void on_dtmf(void *arg, char tone, unsigned duration_ms)
{
    side *s = arg;
    size_t digits = strlen(s->digits), presses = strlen(s->presses);

    snprintf(s->digits + digits, sizeof(s->digits) - digits, "%c", tone);
    snprintf(s->presses + presses, sizeof(s->presses) - presses, "%c:%u ", tone,
             (duration_ms + 5) / 10 * 10);
}

static void on_gathered(void *arg)
{
    ((side *)arg)->gathered++;
}

const pp_peer_handlers side_handlers = {
    .state = on_state, .dtmf = on_dtmf, .gathered = on_gathered};

static void hear(void *self, const int16_t *samples, size_t count)
{
    side *s = self;

    for (size_t i = 0; i < count; i++)
        s->heard += samples[i] > 1000 || samples[i] < -1000;
}

int side_try(sim *s, side *out, bool offerer, const pipit_peer_configuration *configuration)
{
    static const pipit_sink_interface ear = {.write = hear};
    pipit_media_stream stream;

    if (!out->source)
        assert_int_equal(pipit_source_tone(440, -12, &out->source), 0);
    if (!out->sink)
        assert_int_equal(pipit_sink_new(&ear, out, 16000, &out->sink), 0);
    stream = (pipit_media_stream){.audio_source = out->source, .audio_sink = out->sink};
    return pp_peer_new(sim_loop(s), configuration, &stream, offerer, &side_handlers, out,
                       &out->peer);
}

void side_open(sim *s, side *out, bool offerer, const pipit_peer_configuration *configuration)
{
    assert_int_equal(side_try(s, out, offerer, configuration), 0);
}

void side_close(side *s)
{
    s->peer = pp_peer_free(s->peer);
    s->source = pipit_source_unref(s->source);
    s->sink = pipit_sink_unref(s->sink);
}

/* --- descriptions ----------------------------------------------------------------------------- */

static char *describe(side *from, int (*make)(pp_peer *peer, pp_buf *out))
{
    pp_buf sdp = {0};
    const char *line;
    char *text;

    assert_int_equal(make(from->peer, &sdp), 0);
    assert_int_equal(pp_buf_take(&sdp, &text), 0);
    line = strstr(text, "\r\nm=audio ");
    assert_non_null(line);
    from->port = (unsigned)strtoul(line + strlen("\r\nm=audio "), NULL, 10);
    return text;
}

char *side_offer(side *from)
{
    return describe(from, pp_peer_create_offer);
}

char *side_answer(side *from, const char *offer)
{
    assert_int_equal(pp_peer_set_remote(from->peer, true, pp_str_c(offer)), 0);
    return describe(from, pp_peer_create_answer);
}

void side_connect(side *offers, side *answers)
{
    char *offer = side_offer(offers), *answer = side_answer(answers, offer);

    assert_int_equal(pp_peer_set_remote(offers->peer, false, pp_str_c(answer)), 0);
    pipit_free(offer);
    pipit_free(answer);
}
