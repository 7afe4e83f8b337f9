/* allocation_sweep.c - a whole flow (REGISTER, call with sound, digits, message, BYE) again and
 * again, with the 1st, 2nd, 3rd … allocation failing: nothing crashes or leaks, the error is the
 * right one, and the same user agents make a call afterwards. PIPIT_SWEEP_STEP=n tries every n-th
 * allocation only. */
#include "support/cast/cast.h"

#include <stdio.h>
#include <stdlib.h>

static struct {
    uint64_t count, fail_at; /* 0: never */
    int64_t live;
    bool failed;
} memory;

static void *reallocate(void *arg, void *old, size_t size)
{
    void *fresh;

    (void)arg;
    if (++memory.count == memory.fail_at) {
        memory.failed = true;
        return NULL;
    }
    fresh = realloc(old, size);
    if (!old && fresh)
        memory.live++;
    return fresh;
}

static void release(void *arg, void *old)
{
    (void)arg;
    memory.live--;
    free(old);
}

/* What the API may answer while one allocation fails: success, or that. */
static void check(int err)
{
    if (err && err != PIPIT_ERR_MEMORY && err != PIPIT_ERR_STATE)
        fail_msg("allocation %llu: %s (%s)", (unsigned long long)memory.fail_at,
                 pipit_error_name(err), pipit_error_message());
}

static void first_call(cast *c)
{
    check(pipit_ua_start(c->alice.ua));
    check(pipit_ua_start(c->bob.ua));
    sim_advance_ms(c->s, 4000);
    check(cast_call(&c->alice, "bob"));
    sim_advance_ms(c->s, 1500);
    if (c->alice.session && c->alice.confirmed && !c->alice.over)
        check(pipit_session_send_dtmf(c->alice.session, "5", NULL));
    check(cast_message(&c->alice, "bob", "hello"));
    sim_advance_ms(c->s, 500);
    if (c->bob.session && !c->bob.over)
        check(pipit_session_terminate(c->bob.session, NULL));
    sim_advance_ms(c->s, 500);
}

static void call_afterwards(cast *c)
{
    pipit_ua_stop(c->alice.ua);
    pipit_ua_stop(c->bob.ua);
    sim_advance_ms(c->s, 35000); /* transactions that lost their answer have run out */
    assert_int_equal(pipit_ua_start(c->alice.ua), 0);
    assert_int_equal(pipit_ua_start(c->bob.ua), 0);
    c->alice.registered = c->bob.registered = false;
    assert_true(cast_wait(c, &c->alice.registered, 40000));
    assert_true(cast_wait(c, &c->bob.registered, 40000));
    assert_int_equal(cast_call(&c->alice, "bob"), 0);
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
    assert_true(cast_wait(c, &c->bob.media_up, 5000));
    sim_advance_ms(c->s, 300);
}

/* One run with the n-th allocation failing (0: none); returns how many there were in the first
 * part. */
static uint64_t run(uint64_t n)
{
    const pipit_allocator allocator = {reallocate, release, NULL};
    const cast_options options = {.seed = 77, .codecs = "PCMU"};
    cast *c = NULL;
    uint64_t count;
    int err;

    memory.count = 0;
    memory.fail_at = n;
    memory.live = 0;
    memory.failed = false;
    pipit_set_allocator(&allocator);
    err = cast_new(&options, &c);
    check(err);
    if (!err)
        first_call(c);
    count = memory.count;
    memory.fail_at = 0;
    if (!err) {
        call_afterwards(c);
        cast_free(c);
    }
    if (memory.live)
        fail_msg("allocation %llu: %lld blocks leaked", (unsigned long long)n,
                 (long long)memory.live);
    pipit_set_allocator(NULL);
    return count;
}

static void a_call_survives_any_allocation_failing(void **state)
{
    const char *step_text = getenv("PIPIT_SWEEP_STEP");
    uint64_t step = step_text ? strtoull(step_text, NULL, 10) : 1;
    const char *only = getenv("PIPIT_SWEEP_ONLY");
    uint64_t total = run(0), tried = 0, hit = 0;

    (void)state;
    for (uint64_t n = only ? strtoull(only, NULL, 10) : 1; n <= total; n += step ? step : 1) {
        run(n);
        tried++;
        hit += memory.failed;
        if (only)
            break;
    }
    printf("sweep: %llu allocations in the flow, %llu made to fail: 0 crashes, 0 leaks, a call "
           "afterwards each time\n",
           (unsigned long long)total, (unsigned long long)hit);
    assert_true(hit == tried);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_survives_any_allocation_failing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
