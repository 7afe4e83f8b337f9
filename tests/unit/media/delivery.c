/* delivery.c - what the far end has received of a source. */
#include "media/delivery.h"

#include "pipit/sound.h"
#include "support/files.h"

struct end {
    uint64_t at, received;
    unsigned asked, told;
};

static size_t silence(void *self, int16_t *samples, size_t count)
{
    (void)self;
    for (size_t i = 0; i < count; i++)
        samples[i] = 0;
    return count;
}

static uint64_t position(void *self)
{
    struct end *end = self;

    end->asked++;
    return end->at;
}

static void received(void *self, uint64_t at)
{
    struct end *end = self;

    end->told++;
    end->received = at;
}

static const pipit_source_interface told = {silence, NULL, position, received};
static const pipit_source_interface not_told = {.read = silence};

static pipit_source *open_source(const pipit_source_interface *functions, struct end *end)
{
    pipit_source *source = NULL;

    assert_int_equal(pipit_source_new(functions, end, 16000, &source), 0);
    return source;
}

static void a_report_tells_the_position_of_its_packet(void **state)
{
    struct end end = {0};
    pipit_source *source = open_source(&told, &end);
    pp_delivery delivery = {0};
    uint16_t sequence = 65500;

    (void)state;
    for (unsigned i = 0; i < 1000; i++, sequence++) {
        end.at = i * 320;
        pp_delivery_sent(&delivery, source, sequence);
    }
    pp_delivery_reported(&delivery, source, (uint16_t)(sequence - 1));
    assert_int_equal(end.received, 999 * 320);
    pp_delivery_reported(&delivery, source, (uint16_t)(sequence - 512));
    assert_int_equal(end.received, 488 * 320);
    assert_int_equal(end.told, 2);
    pp_delivery_reported(&delivery, source, (uint16_t)(sequence - 513)); /* forgotten */
    pp_delivery_reported(&delivery, source, sequence);                   /* did not go yet */
    assert_int_equal(end.told, 2);
    pp_delivery_close(&delivery);
    pipit_source_unref(source);
}

static void a_number_that_went_for_something_else_stands_for_the_one_before(void **state)
{
    struct end end = {.at = 100};
    pipit_source *source = open_source(&told, &end);
    pp_delivery delivery = {0};

    (void)state;
    pp_delivery_sent(&delivery, source, 10);
    end.at = 200;
    pp_delivery_sent(&delivery, source, 14);
    pp_delivery_reported(&delivery, source, 12);
    assert_int_equal(end.received, 100);
    pp_delivery_close(&delivery);
    pipit_source_unref(source);
}

static void another_source_is_told_nothing_of_the_one_before(void **state)
{
    struct end end = {.at = 100}, next_end = {.at = 5}, plain_end = {0};
    pipit_source *source = open_source(&told, &end);
    pipit_source *next = open_source(&told, &next_end);
    pipit_source *plain = open_source(&not_told, &plain_end);
    pp_delivery delivery = {0};

    (void)state;
    pp_delivery_sent(&delivery, plain, 9);
    assert_null(delivery.positions);
    pp_delivery_sent(&delivery, source, 10);
    pp_delivery_reported(&delivery, next, 10);
    assert_int_equal(next_end.told, 0);
    pp_delivery_sent(&delivery, next, 11);
    pp_delivery_reported(&delivery, next, 10);
    assert_int_equal(next_end.told, 0);
    pp_delivery_reported(&delivery, next, 11);
    assert_int_equal(next_end.received, 5);
    pp_delivery_close(&delivery);
    pipit_source_unref(source);
    pipit_source_unref(next);
    pipit_source_unref(plain);
}

static void drop(void *self, const int16_t *samples, size_t count)
{
    (void)self;
    (void)samples;
    (void)count;
}

static void one_that_passes_sound_on_passes_its_position_on(void **state)
{
    static const pipit_sink_interface dropping = {.write = drop};
    static const pipit_meter_handlers nobody = {0};
    const pipit_meter_options options = {.handlers = &nobody};
    struct end end = {.at = 7};
    pipit_source *source = open_source(&told, &end), *tap = NULL, *meter = NULL;
    pipit_sink *sink = NULL;
    pp_delivery delivery = {0};

    (void)state;
    assert_int_equal(pipit_sink_new(&dropping, NULL, 16000, &sink), 0);
    assert_int_equal(pipit_source_tap(source, sink, &tap), 0);
    assert_int_equal(pipit_source_meter(tap, &options, &meter), 0);
    pp_delivery_sent(&delivery, meter, 10);
    pp_delivery_reported(&delivery, meter, 10);
    assert_int_equal(end.received, 7);
    assert_int_equal(end.told, 1);
    pp_delivery_close(&delivery);
    pipit_source_unref(meter);
    pipit_source_unref(tap);
    assert_int_equal(pipit_source_tap(NULL, sink, &tap), 0); /* silence */
    pp_delivery_sent(&delivery, tap, 11);
    assert_null(delivery.positions);
    pipit_source_unref(tap);
    pipit_source_unref(source);
    pipit_sink_unref(sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_tells_the_position_of_its_packet),
        cmocka_unit_test(a_number_that_went_for_something_else_stands_for_the_one_before),
        cmocka_unit_test(another_source_is_told_nothing_of_the_one_before),
        cmocka_unit_test(one_that_passes_sound_on_passes_its_position_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
