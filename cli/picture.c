/* picture.c - where the pictures of a call come from and go to. */
#include "cli/picture.h"

#include "cli/output.h"
#include "cli/sound.h"
#include "cli/status.h"
#include "pipit/pipit.h"

#include <stdlib.h>
#include <string.h>

void picture_table(picture_options *o, option table[PICTURE_OPTIONS])
{
    const option all[PICTURE_OPTIONS] = {
        {"video", OPTION_OPTIONAL, &o->video},
        {"show", OPTION_FLAG, &o->show},
        {"record-video", OPTION_TEXT, &o->record},
        {"video-codecs", OPTION_TEXT, &o->codecs},
        {NULL, OPTION_FLAG, NULL},
    };

    memcpy(table, all, sizeof(all));
}

static int cannot(int err, const char *option_name)
{
    output_error("%s. Check %s.", pipit_error_message(), option_name);
    return err == PIPIT_ERR_MEMORY ? STATUS_INTERNAL : STATUS_MEDIA;
}

static bool is_pattern(const char *video)
{
    return !*video || strcmp(video, "pattern") == 0;
}

static int open_source(const picture_options *o, pipit_video_source **out)
{
    int err = is_pattern(o->video) ? pipit_video_source_pattern(0, 0, out)
                                   : pipit_video_source_file(o->video, true, out);

    return err ? cannot(err, "--video") : STATUS_OK;
}

int picture_check(const picture_options *o)
{
    pipit_video_source *source = NULL;
    int status;

    if (!o->video && (o->record || o->codecs || o->show)) {
        output_error("--show, --record-video and --video-codecs need --video.");
        return STATUS_USAGE;
    }
    /* A missing file is told before anybody's phone rings. */
    status = o->video ? open_source(o, &source) : STATUS_OK;
    pipit_video_source_unref(source);
    return status;
}

/* --- what comes ------------------------------------------------------------------------------- */

static void see(void *self, const pipit_video_frame *frame)
{
    picture_seen *seen = self;

    seen->count += pipit_video_pattern_number(frame, &seen->last);
}

static int open_eye(picture *p)
{
    static const pipit_video_sink_interface functions = {.write = see, .release = free};
    int err;

    p->seen = calloc(1, sizeof(*p->seen));
    err = p->seen ? pipit_video_sink_new(&functions, p->seen, &p->sink) : PIPIT_ERR_MEMORY;
    if (!err)
        return STATUS_OK;
    free(p->seen);
    p->seen = NULL;
    return STATUS_INTERNAL;
}

/* Takes the reference to `sink`: what is seen goes there too. */
static int add_sink(picture *p, pipit_video_sink *sink)
{
    pipit_video_sink *both = NULL;
    int err = pipit_video_sink_tee(p->sink, sink, &both);

    pipit_video_sink_unref(sink);
    if (err)
        return STATUS_INTERNAL;
    pipit_video_sink_unref(p->sink);
    p->sink = both;
    return STATUS_OK;
}

static void recording_failed(const char *reason, void *user)
{
    (void)user;
    output_error("The recording of --record-video stopped: %s.", reason);
}

static int add_record(const picture_options *o, unsigned number, picture *p)
{
    static const pipit_recording_handlers handlers = {.failed = recording_failed};
    const pipit_recording_options options = {.handlers = &handlers};
    char *path = sound_numbered(o->record, number);
    pipit_video_sink *file = NULL;
    int err = path ? pipit_recording_open(path, &options, &p->sound, &file) : PIPIT_ERR_MEMORY;

    if (err == PIPIT_ERR_NOT_SUPPORTED) /* it says why, where it is not just another ending */
        err = pipit_video_sink_file(path, &file);
    free(path);
    return err ? cannot(err, "--record-video") : add_sink(p, file);
}

static void window_closed(void *user)
{
    picture_seen *seen = user;

    seen->window_closed = true;
}

/* The window is let go of together with what was seen, which it tells. */
static int add_window(pipit_loop *loop, picture *p)
{
    static const pipit_window_handlers handlers = {.closed = window_closed};
    const pipit_window_options options = {.handlers = &handlers, .user = p->seen};
    pipit_video_sink *window = NULL;
    int err = pipit_video_sink_window(loop, "pipit", &options, &window);

    return err ? cannot(err, "--show") : add_sink(p, window);
}

int picture_open(const picture_options *options, unsigned number, pipit_loop *loop, picture *out)
{
    picture p = {0};
    int status = STATUS_OK;

    if (options->video)
        status = open_source(options, &p.source);
    if (status == STATUS_OK && options->video)
        status = open_eye(&p);
    if (status == STATUS_OK && options->show)
        status = add_window(loop, &p);
    if (status == STATUS_OK && options->record)
        status = add_record(options, number, &p);
    if (status == STATUS_OK)
        *out = p;
    else
        picture_close(&p);
    return status;
}

void picture_close(picture *p)
{
    pipit_video_source_unref(p->source);
    pipit_video_sink_unref(p->sink);
    pipit_sink_unref(p->sound);
    *p = (picture){0};
}
