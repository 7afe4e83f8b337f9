/* echo_canceller.c - the door to speexdsp's echo canceller and noise suppression. */
#include "media/echo_canceller.h"

#include "base/alloc.h"
#include "base/error.h"

#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>
#include <string.h>

enum { TAIL_MS = 128 }; /* how late a room may answer: a hall is longer, a desk much shorter */

struct pp_echo_canceller {
    SpeexEchoState *echo; /* NULL: not wanted */
    SpeexPreprocessState *preprocess;
    size_t frame;
    int16_t *silence, *clean;
};

static int open_states(pp_echo_canceller *canceller, const pp_echo_canceller_options *options)
{
    spx_int32_t rate = (spx_int32_t)options->rate;
    spx_int32_t noise = options->noise, gain = options->gain;
    int frame = (int)options->frame;

    canceller->preprocess = speex_preprocess_state_init(frame, rate);
    if (options->echo)
        canceller->echo = speex_echo_state_init(frame, (int)(options->rate / 1000 * TAIL_MS));
    if (!canceller->preprocess || (options->echo && !canceller->echo))
        return pp_error(PIPIT_ERR_MEMORY, "echo: no memory for the filter");
    speex_preprocess_ctl(canceller->preprocess, SPEEX_PREPROCESS_SET_DENOISE, &noise);
    speex_preprocess_ctl(canceller->preprocess, SPEEX_PREPROCESS_SET_AGC, &gain);
    if (!canceller->echo)
        return 0;
    speex_echo_ctl(canceller->echo, SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
    speex_preprocess_ctl(canceller->preprocess, SPEEX_PREPROCESS_SET_ECHO_STATE, canceller->echo);
    return 0;
}

int pp_echo_canceller_new(const pp_echo_canceller_options *options, pp_echo_canceller **out)
{
    pp_echo_canceller *canceller = PP_NEW(pp_echo_canceller);
    int err = 0;

    if (!canceller)
        return PIPIT_ERR_MEMORY;
    canceller->frame = options->frame;
    canceller->silence = pp_array(options->frame, sizeof(int16_t));
    canceller->clean = pp_array(options->frame, sizeof(int16_t));
    if (!canceller->silence || !canceller->clean)
        err = PIPIT_ERR_MEMORY;
    if (!err)
        err = open_states(canceller, options);
    if (err)
        pp_echo_canceller_free(canceller);
    else
        *out = canceller;
    return err;
}

pp_echo_canceller *pp_echo_canceller_free(pp_echo_canceller *canceller)
{
    if (!canceller)
        return NULL;
    if (canceller->preprocess)
        speex_preprocess_state_destroy(canceller->preprocess);
    if (canceller->echo)
        speex_echo_state_destroy(canceller->echo);
    pp_free(canceller->silence);
    pp_free(canceller->clean);
    pp_free(canceller);
    return NULL;
}

void pp_echo_canceller_run(pp_echo_canceller *canceller, const int16_t *captured,
                           const int16_t *played, int16_t *out)
{
    size_t octets = canceller->frame * sizeof(*out);

    if (canceller->echo)
        speex_echo_cancellation(canceller->echo, captured, played ? played : canceller->silence,
                                canceller->clean);
    else
        memcpy(canceller->clean, captured, octets);
    speex_preprocess_run(canceller->preprocess, canceller->clean);
    memcpy(out, canceller->clean, octets);
}
