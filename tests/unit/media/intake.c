/* intake.c - a source read at another rate, and one that follows upon another. */
#include "media/intake.h"

#include "media/codec.h"
#include "media/outlet.h"
#include "pipit/error.h"
#include "support/files.h"
#include "unit/media/signal.h"

#include <stdlib.h>

/* --- sources that say one number, and count ---------------------------------------------------- */

typedef struct flat {
    int16_t value;
    size_t read;
    unsigned released;
    pp_intake *changes; /* to `next`, from inside of the first read */
    pipit_source *next;
} flat;

static size_t read_flat(void *self, int16_t *samples, size_t count)
{
    flat *f = self;

    for (size_t i = 0; i < count; i++)
        samples[i] = f->value;
    f->read += count;
    if (f->changes) {
        assert_int_equal(pp_intake_set(f->changes, f->next), 0);
        f->changes = NULL;
    }
    return count;
}

static void release_flat(void *self)
{
    ((flat *)self)->released++;
}

static const pipit_source_interface flat_functions = {.read = read_flat, .release = release_flat};

static pipit_source *new_flat(flat *f, unsigned rate)
{
    pipit_source *source = NULL;

    assert_int_equal(pipit_source_new(&flat_functions, f, rate, &source), 0);
    return source;
}

static void read_frames(pp_intake *intake, int16_t *out, unsigned frames)
{
    for (unsigned i = 0; i < frames; i++)
        pp_intake_read(intake, out + i * (intake->rate / 50));
}

/* --- */

static void a_new_source_follows_without_a_gap(void **state)
{
    static const unsigned rates[] = {8000, 11025, 16000, 44100, 48000};

    (void)state;
    for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
        flat old = {.value = 8000}, new = {.value = 8000};
        pp_intake intake = {.rate = 16000, .channels = 1};
        pipit_source *before = new_flat(&old, 48000), *after = new_flat(&new, rates[i]);
        int16_t frames[6 * 320];

        assert_int_equal(pp_intake_set(&intake, before), 0);
        pipit_source_unref(before);
        read_frames(&intake, frames, 6);
        assert_int_equal(pp_intake_set(&intake, after), 0);
        pipit_source_unref(after);
        read_frames(&intake, frames, 6);
        for (size_t at = 0; at < 6 * 320; at++)
            assert_in_range(frames[at], 7900, 8100);
        assert_int_equal(old.read, 7 * 960);
        assert_int_equal(old.released, 1);
        assert_in_range(new.read, 6 * rates[i] / 50, 6 * rates[i] / 50 + 1);
        pp_intake_close(&intake);
        assert_int_equal(new.released, 1);
    }
}

static void a_change_does_not_crack(void **state)
{
    flat loud = {.value = 20000};
    pipit_source *source = new_flat(&loud, 8000);
    pp_intake intake = {.rate = 8000, .channels = 1};
    int16_t frames[12 * 160];

    (void)state;
    assert_int_equal(pp_intake_set(&intake, source), 0);
    read_frames(&intake, frames, 4);
    assert_int_equal(pp_intake_set(&intake, NULL), 0); /* full to nothing, and back */
    read_frames(&intake, frames + 4 * 160, 4);
    assert_int_equal(pp_intake_set(&intake, source), 0);
    read_frames(&intake, frames + 8 * 160, 4);
    for (size_t at = 1; at < 12 * 160; at++)
        assert_in_range(abs(frames[at] - frames[at - 1]), 0, 20000 / 80 + 1);
    assert_int_equal(frames[5 * 160], 0);
    assert_int_equal(frames[12 * 160 - 1], 20000);
    pp_intake_close(&intake);
    pipit_source_unref(source);
    assert_int_equal(loud.released, 1);
}

static void the_same_source_goes_on_as_it_is(void **state)
{
    flat f = {.value = 1000};
    pipit_source *source = new_flat(&f, 8000);
    pp_intake intake = {.rate = 48000, .channels = 1};
    int16_t frames[3 * 960];

    (void)state;
    assert_int_equal(pp_intake_set(&intake, source), 0);
    read_frames(&intake, frames, 3);
    assert_int_equal(pp_intake_set(&intake, source), 0);
    read_frames(&intake, frames, 3);
    assert_int_equal(f.read, 6 * 160);
    for (size_t at = 0; at < 3 * 960; at++)
        assert_in_range(frames[at], 990, 1010);
    pp_intake_close(&intake);
    pipit_source_unref(source);
}

static void a_source_that_was_never_heard_leaves_no_trace(void **state)
{
    flat first = {.value = 9000}, second = {.value = -9000}, third = {.value = 500};
    pipit_source *a = new_flat(&first, 8000), *b = new_flat(&second, 8000),
                 *c = new_flat(&third, 8000);
    pp_intake intake = {.rate = 8000, .channels = 1};
    int16_t frame[160];

    (void)state;
    assert_int_equal(pp_intake_set(&intake, b), 0);
    assert_int_equal(pp_intake_set(&intake, a), 0);
    read_frames(&intake, frame, 1);
    assert_int_equal(frame[0], 9000);
    assert_int_equal(pp_intake_set(&intake, b), 0);
    assert_int_equal(pp_intake_set(&intake, c), 0);
    read_frames(&intake, frame, 1);
    assert_int_equal(second.read, 0);
    assert_int_equal(frame[0], 9000);
    assert_in_range(frame[159], 500, 700);
    pp_intake_close(&intake);
    pipit_source_unref(a);
    pipit_source_unref(b);
    pipit_source_unref(c);
    assert_int_equal(first.released + second.released + third.released, 3);
}

static void a_source_may_set_another_while_it_is_read(void **state)
{
    pp_intake intake = {.rate = 8000, .channels = 1};
    flat next = {.value = 300};
    flat first = {.value = 9000, .changes = &intake};
    pipit_source *source = new_flat(&first, 8000);
    int16_t frame[160];

    (void)state;
    first.next = new_flat(&next, 8000);
    assert_int_equal(pp_intake_set(&intake, source), 0);
    pipit_source_unref(source);
    read_frames(&intake, frame, 1);
    assert_int_equal(frame[159], 9000);
    read_frames(&intake, frame, 1);
    assert_int_equal(first.released, 1);
    read_frames(&intake, frame, 1);
    assert_int_equal(frame[0], 300);
    pp_intake_close(&intake);
    pipit_source_unref(first.next);
}

/* --- the other end ----------------------------------------------------------------------------- */

typedef struct ear {
    size_t heard;
    int16_t last;
    unsigned released;
} ear;

static void hear(void *self, const int16_t *samples, size_t count)
{
    ear *e = self;

    e->heard += count;
    e->last = samples[count - 1];
}

static void release_ear(void *self)
{
    ((ear *)self)->released++;
}

static void an_outlet_takes_another_sink(void **state)
{
    static const pipit_sink_interface functions = {.write = hear, .release = release_ear};
    ear first = {0}, second = {0};
    pp_outlet outlet = {0};
    int16_t frame[320];
    pipit_sink *a = NULL, *b = NULL;

    (void)state;
    for (size_t i = 0; i < 320; i++)
        frame[i] = 4000;
    assert_int_equal(pipit_sink_new(&functions, &first, 16000, &a), 0);
    assert_int_equal(pipit_sink_new(&functions, &second, 48000, &b), 0);
    assert_int_equal(pp_outlet_set(&outlet, a, 16000, 1), 0);
    pp_outlet_write(&outlet, frame, 320);
    pipit_sink_unref(a);
    assert_int_equal(pp_outlet_set(&outlet, b, 16000, 1), 0);
    assert_int_equal(first.released, 1);
    assert_int_equal(first.heard, 320);
    for (unsigned i = 0; i < 10; i++)
        pp_outlet_write(&outlet, frame, 320);
    assert_in_range(second.heard, 9 * 960, 10 * 960);
    assert_in_range(second.last, 3960, 4040);
    assert_int_equal(pp_outlet_set(&outlet, NULL, 16000, 1), 0);
    pp_outlet_write(&outlet, frame, 320);
    pipit_sink_unref(b);
    assert_int_equal(second.released, 1);
    pp_outlet_close(&outlet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_source_follows_without_a_gap),
        cmocka_unit_test(a_change_does_not_crack),
        cmocka_unit_test(the_same_source_goes_on_as_it_is),
        cmocka_unit_test(a_source_that_was_never_heard_leaves_no_trace),
        cmocka_unit_test(a_source_may_set_another_while_it_is_read),
        cmocka_unit_test(an_outlet_takes_another_sink),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
