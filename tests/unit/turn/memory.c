/* memory.c - a TURN client whose memory is short: each allocation fails once, alone or with all that follow. */
#include "world.h"

#include "pipit/error.h"

/* A call by way of a relay, with what goes wrong taken as lost on the way. */
static void live(bool stream)
{
    world *w = world_new(stream);
    pp_addr to = at("203.0.113.7", 7000);

    w->server.sha256 = w->server.anonymous = true;
    w->server.stale_after = 4;
    if (open_client(w, TURN_PASSWORD) == 0) {
        pp_turn_start(w->turn, w->now_us);
        run_for(w, 4 * SECOND);
        for (unsigned i = 0; i < 8 && w->allocated && !w->failed; i++) {
            (void)pp_turn_send(w->turn, &to, (const uint8_t *)"data", 4, w->now_us);
            run_for(w, 100 * (uint64_t)SECOND);
            if (!w->failed)
                peer_says(w, "203.0.113.7", "more");
        }
        pp_turn_close(w->turn);
    }
    world_free(w);
}

static void a_client_short_of_memory_neither_leaks_nor_falls(void **state)
{
    uint64_t failed = 0;

    (void)state;
    for (unsigned kind = 0; kind < 4; kind++) {
        for (uint64_t n = 1;; n++) {
            bool reached;

            scarce_begin(0);
            if (kind & 1)
                scarce_fail_from(n);
            else
                scarce_fail(n);
            live(kind & 2);
            reached = scarce_memory.failed;
            assert_int_equal(scarce_end(), 0);
            if (!reached)
                break;
            failed++;
        }
    }
    assert_true(failed > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_short_of_memory_neither_leaks_nor_falls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
