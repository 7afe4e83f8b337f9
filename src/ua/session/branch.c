/* branch.c - which of the far ends of a call of ours is heard: each has got the same offer, and may answer it with a description of
 * its own (RFC 3261 section 13.2.2.4, RFC 3960). */
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

/* The first one is heard. */
int pp_branch_early(pipit_session *session, pp_fork *fork)
{
    int err;

    if (session->branch)
        return 0; /* kept for the time when it answers */
    session->branch = fork;
    err = pp_session_apply(session, false, pp_str_c(fork->early));
    if (err && pp_session_alive(session))
        session->branch = NULL;
    return err;
}

void pp_branch_over(pipit_session *session, pp_fork *fork)
{
    if (session->branch ==
        fork) /* its sound ends by itself; the media stay bound to it until another one answers */
        return;
    pp_fork_remove(session, fork);
}
