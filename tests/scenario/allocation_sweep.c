/* allocation_sweep.c - a whole flow (REGISTER, call with sound, digits, message, BYE; or a call that goes through lost connections)
 * again and again, with the 1st, 2nd, 3rd … allocation failing: nothing crashes or leaks, the error is the right one, and the same
 * user agents make a call afterwards. PIPIT_SWEEP_STEP=n tries every n-th allocation only. */
#include "support/cast/cast.h"
#include "support/scarce.h"

#include <stdio.h>
#include <stdlib.h>

/* What the API may answer while one allocation fails: success, or that. */
static void check(int err)
{
    if (err && err != PIPIT_ERR_MEMORY && err != PIPIT_ERR_STATE)
        fail_msg("allocation %llu: %s (%s)", (unsigned long long)scarce_memory.fail_at,
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

static bool is_on(const phone *p)
{
    return p->session && p->confirmed && !p->over;
}

/* Restarts, holds, moves to new connections, and is ended without one. */
static void surviving_call(cast *c)
{
    const pipit_reoffer_options restart = {.restart_ice = true};

    check(pipit_ua_start(c->alice.ua));
    check(pipit_ua_start(c->bob.ua));
    sim_advance_ms(c->s, 500);
    check(cast_call(&c->alice, "bob"));
    sim_advance_ms(c->s, 600);
    if (is_on(&c->alice))
        check(pipit_session_renegotiate(c->alice.session, &restart));
    sim_advance_ms(c->s, 400);
    sim_break_stream(c->s, 1);
    sim_advance_ms(c->s, 4000);
    sim_break_streams(c->s);
    sim_advance_ms(c->s, 100);
    if (is_on(&c->alice))
        check(pipit_session_terminate(c->alice.session, NULL));
    sim_advance_ms(c->s, 4000);
}

/* With pictures both ways, held and resumed. */
static void video_call(cast *c)
{
    static const pipit_video_constraints small = {.width = 64, .height = 64, .frame_rate = 5};
    pipit_call_options call = *cast_call_options(&c->alice);
    pipit_answer_options answer = {.media_constraints = {.video = true}};

    check(pipit_video_source_pattern(64, 64, &call.media_stream.video_source));
    check(pipit_video_source_pattern(64, 64, &answer.media_stream.video_source));
    call.media_constraints.video = true;
    call.pc_config.video = answer.pc_config.video = small;
    c->bob.manual = true;
    check(pipit_ua_start(c->alice.ua));
    check(pipit_ua_start(c->bob.ua));
    sim_advance_ms(c->s, 500);
    check(pipit_ua_call(c->alice.ua, "bob", &call, NULL));
    sim_advance_ms(c->s, 200);
    if (c->bob.session && !c->bob.over)
        check(pipit_session_answer(c->bob.session, &answer));
    sim_advance_ms(c->s, 1500);
    if (is_on(&c->alice))
        check(pipit_session_hold(c->alice.session, NULL));
    sim_advance_ms(c->s, 300);
    if (is_on(&c->alice))
        check(pipit_session_terminate(c->alice.session, NULL));
    sim_advance_ms(c->s, 500);
    pipit_video_source_unref(call.media_stream.video_source);
    pipit_video_source_unref(answer.media_stream.video_source);
    c->bob.manual = false;
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
    cast_talk(&c->alice, &c->bob);
    sim_advance_ms(c->s, 300);
}

/* One run with the n-th allocation failing (0: none); returns how many there were in the first
 * part. */
static uint64_t run(void (*flow)(cast *c), uint64_t n)
{
    const cast_options options = {.seed = 77, .codecs = "PCMU"};
    cast *c = NULL;
    uint64_t count;
    int64_t left;
    int err;

    scarce_begin(n);
    err = cast_new(&options, &c);
    check(err);
    if (!err)
        flow(c);
    count = scarce_memory.count;
    scarce_relax();
    if (!err) {
        call_afterwards(c);
        cast_free(c);
    }
    left = scarce_end();
    if (left)
        fail_msg("allocation %llu: %lld blocks leaked", (unsigned long long)n, (long long)left);
    return count;
}

static void sweep(void (*flow)(cast *c), uint64_t usual_step)
{
    const char *step_text = getenv("PIPIT_SWEEP_STEP");
    uint64_t step = step_text ? strtoull(step_text, NULL, 10) : usual_step;
    const char *only = getenv("PIPIT_SWEEP_ONLY");
    uint64_t total = run(flow, 0), tried = 0, hit = 0;

    for (uint64_t n = only ? strtoull(only, NULL, 10) : 1; n <= total; n += step ? step : 1) {
        run(flow, n);
        tried++;
        hit += scarce_memory.failed;
        if (only)
            break;
    }
    printf("sweep: %llu allocations in the flow, %llu made to fail: 0 crashes, 0 leaks, a call "
           "afterwards each time\n",
           (unsigned long long)total, (unsigned long long)hit);
    assert_true(hit == tried);
}

static void a_call_survives_any_allocation_failing(void **state)
{
    (void)state;
    sweep(first_call, 1);
}

static void a_call_that_moves_survives_any_allocation_failing(void **state)
{
    (void)state;
    sweep(surviving_call, 5); /* the first half is the same */
}

static void a_call_with_video_survives_any_allocation_failing(void **state)
{
    (void)state;
    sweep(video_call, 31); /* the first half is the same */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_survives_any_allocation_failing),
        cmocka_unit_test(a_call_that_moves_survives_any_allocation_failing),
        cmocka_unit_test(a_call_with_video_survives_any_allocation_failing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
