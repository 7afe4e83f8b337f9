/* conference.c - calls that hear each other: their ends are lent to a mixer, and given back. */
#include "pipit/conference.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "media/mixer.h"
#include "ua/session/session.h"

struct pp_conference_seat {
    pp_conference_seat *next;
    pipit_conference *conference;
    pipit_session *session;
    pp_mixer_seat *mixed;
};

struct pipit_conference {
    unsigned references; /* its owner's, and one for each seat */
    pp_mixer *mixer;
    pp_conference_seat *seats; /* in the order they came */
    const pipit_conference_handlers *handlers;
    void *user;
};

/* --- who leaves ------------------------------------------------------------------------------- */

static const pipit_session_handlers seat_handlers;

static void unlink_seat(pp_conference_seat *seat)
{
    pp_conference_seat **at = &seat->conference->seats;

    while (*at != seat)
        at = &(*at)->next;
    *at = seat->next;
}

/* An ended call has no ends to be given back. */
static void give_back(pp_conference_seat *seat)
{
    pipit_session *session = seat->session;

    session->media.seat = NULL;
    if (session->media.session && pp_session_lend_audio(session, NULL) < 0)
        pp_log_warn("Conference", "%s goes on in silence: %s", session->call_id,
                    pipit_error_message());
}

static void remove_seat(pp_conference_seat *seat)
{
    unlink_seat(seat);
    (void)pipit_session_remove_handlers(seat->session, &seat_handlers, seat);
    give_back(seat);
    pp_mixer_remove(seat->mixed);
    pipit_session_unref(seat->session);
    pipit_conference_unref(seat->conference);
    pp_free(seat);
}

void pp_conference_forget(pipit_session *session)
{
    if (session->media.seat)
        remove_seat(session->media.seat);
}

static void leave(pp_conference_seat *seat)
{
    pipit_conference *conference = pipit_conference_ref(seat->conference);
    pipit_session *session = pipit_session_ref(seat->session);

    remove_seat(seat);
    if (conference->handlers && conference->handlers->left)
        conference->handlers->left(conference, session, conference->user);
    pipit_session_unref(session);
    pipit_conference_unref(conference);
}

static void on_over(pipit_session *session, const pipit_end_event *event, void *seat)
{
    (void)session;
    (void)event;
    leave(seat);
}

static void on_hold(pipit_session *session, const pipit_hold_event *event, void *seat)
{
    (void)session;
    (void)event;
    leave(seat);
}

static const pipit_session_handlers seat_handlers = {
    .ended = on_over, .failed = on_over, .hold = on_hold};

/* --- who comes -------------------------------------------------------------------------------- */

static int check_session(const pipit_conference *conference, const pipit_session *session)
{
    const pp_conference_seat *first = conference->seats;

    if (!pipit_session_is_established(session) || !session->media.session)
        return pp_error(PIPIT_ERR_STATE, "conference: the call is %s",
                        pipit_session_status_name(session->status));
    if (session->held.local || session->held.remote)
        return pp_error(PIPIT_ERR_STATE, "conference: the call is held");
    if (session->media.seat)
        return pp_error(PIPIT_ERR_STATE, "conference: the call is in one already");
    if (first && first->session->ua && first->session->ua->loop != session->ua->loop)
        return pp_error(PIPIT_ERR_ARGUMENT, "conference: the call is of another loop");
    return 0;
}

static int take_ends(pp_conference_seat *seat)
{
    pipit_media_stream stream;
    int err = pp_mixer_add(seat->conference->mixer, &seat->mixed);

    if (err)
        return err;
    stream = pp_mixer_seat_stream(seat->mixed);
    err = pp_session_lend_audio(seat->session, &stream);
    if (err)
        pp_mixer_remove(seat->mixed);
    return err;
}

static void append_seat(pp_conference_seat *seat)
{
    pp_conference_seat **at = &seat->conference->seats;

    while (*at)
        at = &(*at)->next;
    *at = seat;
    seat->session->media.seat = seat;
    pipit_session_ref(seat->session);
    pipit_conference_ref(seat->conference);
}

int pipit_conference_add(pipit_conference *conference, pipit_session *session)
{
    pp_conference_seat *seat;
    int err;

    if (!conference || !session)
        return pp_error(PIPIT_ERR_ARGUMENT, "conference: it or the call is missing");
    err = check_session(conference, session);
    if (err)
        return err;
    seat = PP_NEW(pp_conference_seat);
    if (!seat)
        return PIPIT_ERR_MEMORY;
    seat->conference = conference;
    seat->session = session;
    err = pipit_session_add_handlers(session, &seat_handlers, seat);
    if (!err)
        err = take_ends(seat);
    if (err) {
        (void)pipit_session_remove_handlers(session, &seat_handlers, seat);
        pp_free(seat);
        return err;
    }
    append_seat(seat);
    return 0;
}

int pipit_conference_remove(pipit_conference *conference, pipit_session *session)
{
    if (!conference || !session)
        return pp_error(PIPIT_ERR_ARGUMENT, "conference: it or the call is missing");
    if (!session->media.seat || session->media.seat->conference != conference)
        return pp_error(PIPIT_ERR_NOT_FOUND, "conference: the call is not in it");
    remove_seat(session->media.seat);
    return 0;
}

void pipit_conference_split(pipit_conference *conference)
{
    pipit_conference_ref(conference);
    while (conference && conference->seats)
        remove_seat(conference->seats);
    pipit_conference_unref(conference);
}

/* --- who is there ----------------------------------------------------------------------------- */

/* A call that has ended may be about to say so. */
pipit_session *pipit_conference_session(const pipit_conference *conference, size_t index)
{
    for (const pp_conference_seat *seat = conference ? conference->seats : NULL; seat;
         seat = seat->next)
        if (pp_session_alive(seat->session) && !index--)
            return seat->session;
    return NULL;
}

size_t pipit_conference_count(const pipit_conference *conference)
{
    size_t count = 0;

    while (pipit_conference_session(conference, count))
        count++;
    return count;
}

double pipit_conference_level(const pipit_conference *conference, const pipit_session *session)
{
    if (!conference)
        return 0;
    if (!session)
        return pp_mixer_local_level(conference->mixer);
    if (!session->media.seat || session->media.seat->conference != conference)
        return 0;
    return pp_mixer_seat_level(session->media.seat->mixed);
}

/* --- life ------------------------------------------------------------------------------------- */

int pipit_conference_set_local(pipit_conference *conference, pipit_source *source, pipit_sink *sink)
{
    const pipit_media_stream stream = {.audio_source = source, .audio_sink = sink};

    if (!conference)
        return pp_error(PIPIT_ERR_ARGUMENT, "conference: it is missing");
    return pp_mixer_set_local(conference->mixer, &stream);
}

int pipit_conference_new(const pipit_conference_options *options, pipit_conference **out)
{
    static const pipit_conference_options defaults = {0};
    const pipit_conference_options *o = options ? options : &defaults;
    pipit_conference *conference;
    int err;

    if (!out)
        return pp_error(PIPIT_ERR_ARGUMENT, "conference: out is missing");
    conference = PP_NEW(pipit_conference);
    if (!conference)
        return PIPIT_ERR_MEMORY;
    conference->references = 1;
    conference->handlers = o->handlers;
    conference->user = o->user;
    err = pp_mixer_new(&conference->mixer);
    if (!err)
        err = pp_mixer_set_local(conference->mixer, &o->local);
    if (err)
        pipit_conference_unref(conference);
    else
        *out = conference;
    return err;
}

pipit_conference *pipit_conference_ref(pipit_conference *conference)
{
    if (conference)
        conference->references++;
    return conference;
}

pipit_conference *pipit_conference_unref(pipit_conference *conference)
{
    if (!conference || --conference->references)
        return NULL;
    pp_mixer_free(conference->mixer);
    pp_free(conference);
    return NULL;
}
