/* work.c - done here, or handed over. */
#include "base/work.h"

bool pp_work_goes_away(const pipit_loop *loop)
{
    return loop && loop->has_workers;
}

bool pp_work_start(pipit_loop *loop, pp_work *work)
{
    uint64_t begun_us;

    work->under_way = true;
    if (pp_work_goes_away(loop) && loop->ops->work(loop, work))
        return false;
    begun_us = loop ? pp_loop_now_us(loop) : 0;
    work->run(work->arg);
    work->took_us = loop ? pp_loop_now_us(loop) - begun_us : 0;
    work->under_way = false;
    return true;
}

/* `done` is read on the loop's thread only, which is this one. */
void pp_work_leave(pp_work *work, void (*release)(void *arg))
{
    if (work->under_way)
        work->done = release;
    else
        release(work->arg);
}

void pp_work_end(pp_work *work)
{
    work->under_way = false;
    work->done(work->arg);
}
