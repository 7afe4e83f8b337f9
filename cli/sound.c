/* sound.c - where the sound of a call comes from and goes to. */
#include "cli/sound.h"

#include "cli/output.h"
#include "cli/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TONE_HZ     440
#define TONE_DBFS   (-18.0)
#define RECORD_RATE 48000

void sound_table(sound_options *o, option table[SOUND_OPTIONS])
{
    const option all[SOUND_OPTIONS] = {
        {"play", OPTION_TEXT, &o->play},     {"record", OPTION_TEXT, &o->record},
        {"echo", OPTION_FLAG, &o->echo},     {"tone", OPTION_FLAG, &o->tone},
        {"repeat", OPTION_FLAG, &o->repeat}, {NULL, OPTION_FLAG, NULL},
    };

    memcpy(table, all, sizeof(all));
}

static int cannot(int err, const char *option_name)
{
    const char *message = pipit_error_message();
    size_t size = strlen(message);

    /* libsndfile's sentences have their full stop already. */
    output_error("%.*s. Check %s.", (int)(size && message[size - 1] == '.' ? size - 1 : size),
                 message, option_name);
    return err == PIPIT_ERR_MEMORY ? STATUS_INTERNAL : STATUS_MEDIA;
}

int sound_check(const sound_options *o)
{
    pipit_source *source = NULL;
    int err;

    if ((o->play != NULL) + o->echo + o->tone > 1) {
        output_error("--play, --echo and --tone cannot go together: take one of them.");
        return STATUS_USAGE;
    }
    /* A missing file is told before anybody's phone rings. */
    if (!o->play)
        return STATUS_OK;
    err = pipit_source_file(o->play, false, &source);
    if (err)
        return cannot(err, "--play");
    pipit_source_unref(source);
    return STATUS_OK;
}

/* "talk.wav" and 2: "talk.2.wav". */
static char *numbered(const char *path, unsigned number)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    int stem = (int)(dot && (!slash || dot > slash) ? dot - path : (long)strlen(path));
    char *out = NULL;

    if (number < 2)
        return strdup(path);
    return asprintf(&out, "%.*s.%u%s", stem, path, number, path + stem) < 0 ? NULL : out;
}

static int open_record(const sound_options *o, unsigned number, pipit_sink **out)
{
    char *path = numbered(o->record, number);
    int err = path ? pipit_sink_file(path, RECORD_RATE, out) : PIPIT_ERR_MEMORY;
    int status = err ? cannot(err, "--record") : STATUS_OK;

    free(path);
    return status;
}

static int open_source(const sound_options *o, sound *s)
{
    int err = 0;

    if (o->play) {
        err = pipit_source_file(o->play, o->repeat, &s->stream.audio_source);
        if (err)
            return cannot(err, "--play");
        s->plays_file = true;
    } else if (o->tone) {
        err = pipit_source_tone(TONE_HZ, TONE_DBFS, &s->stream.audio_source);
    } else if (o->echo) {
        err = pipit_echo(&s->stream.audio_source, &s->stream.audio_sink);
    }
    return err ? cannot(err, o->tone ? "--tone" : "--echo") : STATUS_OK;
}

/* The echo hears too when there is one. */
static int add_record(const sound_options *o, unsigned number, sound *s)
{
    pipit_sink *file = NULL, *both = NULL;
    int status = open_record(o, number, &file);

    if (status != STATUS_OK)
        return status;
    if (!s->stream.audio_sink) {
        s->stream.audio_sink = file;
        return STATUS_OK;
    }
    if (pipit_sink_tee(s->stream.audio_sink, file, &both)) {
        status = STATUS_INTERNAL;
    } else {
        pipit_sink_unref(s->stream.audio_sink);
        s->stream.audio_sink = both;
    }
    pipit_sink_unref(file);
    return status;
}

int sound_open(const sound_options *options, unsigned number, sound *out)
{
    sound s = {0};
    int status = open_source(options, &s);

    if (status == STATUS_OK && options->record)
        status = add_record(options, number, &s);
    if (status == STATUS_OK)
        *out = s;
    else
        sound_close(&s);
    return status;
}

void sound_close(sound *s)
{
    pipit_source_unref(s->stream.audio_source);
    pipit_sink_unref(s->stream.audio_sink);
    *s = (sound){0};
}

bool sound_is_over(const sound *s)
{
    return s->plays_file && s->stream.audio_source && pipit_source_ended(s->stream.audio_source);
}
