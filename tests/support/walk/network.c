/* network.c - what happens to the user agents without their doing: connections, servers, media. */
#include "support/walk/inside.h"

void walk_board_start(walk *w)
{
    static const switchboard_user users[] = {
        {"alice", "wonderland"}, {"bob", "builder"}, {"carol", "christmas"}};
    switchboard_options options = {.domain = "example.com", .users = users, .user_count = 3};
    int err;

    if (w->board || w->plan.world == WALK_WIRE)
        return;
    assert_true(pp_addr_parse(PP_LIT("192.0.2.1"), 8080, &options.ws));
    scarce_pause();
    err = switchboard_new(sim_loop(w->s), &options, &w->board);
    scarce_resume();
    if (err)
        walk_fail(w, "switchboard: %s", pipit_error_message());
}

static void freeze(walk *w, bool frozen)
{
    w->frozen = frozen;
    sim_freeze_streams(w->s, frozen);
}

static void break_all(walk *w)
{
    if (w->plan.world == WALK_WIRE)
        wire_break(w);
    else
        sim_break_streams(w->s);
}

static void serve(walk *w, bool served)
{
    w->down = !served;
    if (!served) {
        w->board = switchboard_free(w->board);
        if (w->plan.world == WALK_WIRE)
            wire_break(w);
    } else {
        walk_board_start(w);
    }
}

void walk_weather(walk *w)
{
    switch (walk_roll(w, 16)) {
    case 0:
        walk_note(w, "the connections break");
        break_all(w);
        break;
    case 1:
        walk_note(w, w->frozen ? "the network thaws" : "the network freezes");
        freeze(w, !w->frozen);
        break;
    case 2:
        walk_note(w, w->down ? "the server is back" : "the server goes");
        serve(w, w->down);
        break;
    case 3:
    case 4:
        w->delay_ms = walk_chance(w, 3) ? 1 + walk_roll(w, 800) : 1;
        walk_note(w, "a delay of %u ms", w->delay_ms);
        sim_set_delay(w->s, w->delay_ms * 1000, w->delay_ms * 500);
        break;
    case 5:
        w->lost_per_mille = walk_chance(w, 2) ? 0 : walk_roll(w, 300);
        walk_note(w, "%u of 1000 are lost", w->lost_per_mille);
        break;
    case 6:
    case 7:
    case 8:
        if (w->frozen)
            freeze(w, false);
        if (w->down)
            serve(w, true);
        break;
    case 9:
    case 10:
        walk_own_media_event(w);
        break;
    default:
        walk_media_event(w);
        break;
    }
}

void walk_calm(walk *w)
{
    freeze(w, false);
    serve(w, true);
    w->delay_ms = 1;
    w->lost_per_mille = 0;
    sim_set_delay(w->s, 1000, 0);
}
