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

    if (!o->video && (o->record || o->codecs)) {
        output_error("--record-video and --video-codecs need --video.");
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

static int add_record(const picture_options *o, unsigned number, picture *p)
{
    char *path = sound_numbered(o->record, number);
    pipit_video_sink *file = NULL, *both = NULL;
    int err = path ? pipit_video_sink_file(path, &file) : PIPIT_ERR_MEMORY;
    int status = err ? cannot(err, "--record-video") : STATUS_OK;

    free(path);
    if (status != STATUS_OK)
        return status;
    if (pipit_video_sink_tee(p->sink, file, &both)) {
        status = STATUS_INTERNAL;
    } else {
        pipit_video_sink_unref(p->sink);
        p->sink = both;
    }
    pipit_video_sink_unref(file);
    return status;
}

int picture_open(const picture_options *options, unsigned number, picture *out)
{
    picture p = {0};
    int status = STATUS_OK;

    if (options->video)
        status = open_source(options, &p.source);
    if (status == STATUS_OK && options->video)
        status = open_eye(&p);
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
    *p = (picture){0};
}
