/* walk.c - a walk from its seed to its end: steps, rest, looking, letting go. */
#include "support/walk/inside.h"

#include "support/abnf/abnf.h"
#include "support/cast/wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define REST_MS 400000 /* session timers, back-off and the longest transaction are over */
#define WORK_US 7000   /* that encoding and decoding takes on media threads */

/* --- chance, notes, failure ------------------------------------------------------------------- */

unsigned walk_roll(walk *w, unsigned below)
{
    return (unsigned)(dice_u64(&w->dice) % below);
}

const char *walk_world_name(walk_world world)
{
    static const char *const names[] = {"wire", "board", "calls"};

    return names[world];
}

void walk_note(walk *w, const char *format, ...)
{
    char *line = w->lines[w->line_count++ % WALK_LINES];
    int n = snprintf(line, sizeof(w->lines[0]), "%llu %9.3f %*s", (unsigned long long)w->sums.steps,
                     (double)sim_now_us(w->s) / 1e6, (int)w->depth * 2, "");
    va_list args;

    va_start(args, format);
    vsnprintf(line + n, sizeof(w->lines[0]) - (size_t)n, format, args);
    va_end(args);
    if (getenv("PIPIT_WALK_TALK"))
        fprintf(stderr, "%s\n", line);
}

static void show(const walk *w)
{
    unsigned first = w->line_count > WALK_LINES ? w->line_count - WALK_LINES : 0;

    for (unsigned i = first; i < w->line_count; i++)
        fprintf(stderr, "  %s\n", w->lines[i % WALK_LINES]);
    fprintf(stderr,
            "walk: to see it again: PIPIT_WALK=%s%s:%llu:%u, to cut it: PIPIT_WALK_CUT=1 besides\n",
            walk_world_name(w->plan.world), w->plan.scarce ? "-scarce" : "",
            (unsigned long long)w->plan.seed, w->plan.steps);
}

void walk_fail(walk *w, const char *format, ...)
{
    char why[2000];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    show(w);
    fail_msg("walk: %s", why);
}

/* A sanitizer ends the process: then this says of which walk. */
static void show_now(void)
{
    if (walk_now)
        show(walk_now);
}

void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

void walk_judge(walk *w, const char *text, size_t size)
{
    char why[600];

    w->sums.messages++;
    if (!abnf_sip_printed(text, size, why, sizeof(why)))
        walk_fail(w, "%s in:\n%.*s", why, (int)size, text);
}

static void judge_frame(void *arg, bool to_server, pp_str message)
{
    (void)to_server;
    walk_judge(arg, message.p, message.n);
}

/* --- one walk --------------------------------------------------------------------------------- */

static void begin(walk *w, const walk_plan *plan)
{
    static const char *const users[] = {"alice", "bob", "carol", "bob"};
    static const char *const passwords[] = {"wonderland", "builder", "christmas", "builder"};

    *w = (walk){.plan = *plan, .dice = plan->seed, .delay_ms = 1, .lively = true};
    walk_now = w;
    assert_int_equal(sim_new(plan->seed, &w->s), 0);
    if (plan->seed % 2 == 0) /* every other walk is one with media threads */
        sim_set_work_delay(w->s, WORK_US);
    sim_add_host(w->s, "sip.example.com", "192.0.2.1");
    w->unreliable = plan->world == WALK_WIRE && walk_chance(w, 2);
    w->forking = plan->world == WALK_WIRE && walk_chance(w, 3);
    w->agent_count = plan->world == WALK_BOARD ? 4 : plan->world == WALK_WIRE ? 3 : 2;
    scarce_begin(0);
    walk_board_start(w);
    if (plan->world != WALK_WIRE)
        w->tap = wire_tap(w->s, judge_frame, w);
    for (unsigned i = 0; i < w->agent_count; i++)
        w->agents[i] = (agent){.w = w, .user = users[i], .password = passwords[i]};
    for (unsigned i = 0; i < w->agent_count; i++) {
        if (!w->agents[i].ua) /* else one before has made it */
            agent_new_ua(&w->agents[i]);
        agents_settle(w);
    }
    sim_advance_ms(w->s, 500);
}

static void step(walk *w)
{
    static const unsigned spans_ms[] = {0, 1, 5, 20, 60, 200, 600, 3000, 12000};
    unsigned roll = walk_roll(w, 100);

    w->sums.steps++;
    if (w->plan.scarce && walk_chance(w, 20))
        scarce_fail(1 + walk_roll(w, 60));
    if (roll < 50)
        walk_act(w, NULL);
    else if (roll < 56)
        walk_weather(w);
    else
        sim_advance_ms(w->s, spans_ms[walk_roll(w, walk_chance(w, 8) ? 9 : 7)]);
    scarce_relax();
    agents_settle(w);
}

/* Nothing is done any more, and all that is on its way comes to its end. */
static void rest(walk *w)
{
    walk_note(w, "rest");
    w->lively = false;
    walk_calm(w);
    sim_advance_ms(w->s, w->plan.world == WALK_CALLS ? REST_MS / 4 : REST_MS);
    agents_settle(w);
    things_agree(w);
}

static void end(walk *w)
{
    int64_t held;

    walk_note(w, "the end");
    for (unsigned i = 0; i < w->agent_count; i++)
        if (w->agents[i].ua) {
            if (pipit_ua_get_status(w->agents[i].ua) != PIPIT_UA_USER_CLOSED)
                w->agents[i].stopping = true;
            pipit_ua_stop(w->agents[i].ua);
        }
    sim_advance_ms(w->s, 40000);
    things_check(w);
    for (unsigned i = 0; i < w->agent_count; i++) {
        if (w->agents[i].ua && w->agents[i].stopping)
            walk_fail(w, "%s has not stopped", w->agents[i].user);
        agent_release(&w->agents[i]);
    }
    things_free(w);
    sim_advance_ms(w->s, 100);
    wire_free_flights(w);
    w->board = switchboard_free(w->board);
    if (w->tap)
        wire_free(w->tap);
    sim_free(w->s);
    held = scarce_end();
    if (held)
        walk_fail(w, "%lld blocks are left", (long long)held);
}

static void add(walk_sums *to, const walk_sums *more)
{
    to->steps += more->steps;
    to->acts += more->acts;
    to->events += more->events;
    to->inside += more->inside;
    to->messages += more->messages;
    to->calls += more->calls;
    to->confirmed += more->confirmed;
    to->ends += more->ends;
}

void walk_run(const walk_plan *plan, walk_sums *sums)
{
    static walk w; /* a failure leaves the function from anywhere */

    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(show_now);
    begin(&w, plan);
    for (unsigned i = 0; i < plan->steps; i++)
        step(&w);
    rest(&w);
    end(&w);
    walk_now = NULL;
    add(sums, &w.sums);
}

/* --- the shortest that fails ------------------------------------------------------------------ */

static bool fails(const walk_plan *plan, unsigned steps)
{
    walk_plan shorter = *plan;
    walk_sums sums = {0};
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr) || !freopen("/dev/null", "w", stdout))
            _exit(2);
        shorter.steps = steps;
        walk_run(&shorter, &sums);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status != 0;
}

unsigned walk_cut(const walk_plan *plan)
{
    unsigned good = 0, bad = plan->steps;

    if (!fails(plan, bad))
        return 0;
    while (bad - good >
           1) { /* what goes wrong need not go wrong in all longer ones: one of the shortest */
        unsigned middle = good + (bad - good) / 2;

        if (fails(plan, middle))
            bad = middle;
        else
            good = middle;
    }
    return bad;
}
