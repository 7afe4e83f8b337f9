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
        {"play", OPTION_TEXT, &o->play},
        {"talk", OPTION_FLAG, &o->talk},
        {"microphone", OPTION_TEXT, &o->microphone},
        {"speaker", OPTION_TEXT, &o->speaker},
        {"record", OPTION_TEXT, &o->record},
        {"record-both", OPTION_TEXT, &o->record_both},
        {"echo", OPTION_FLAG, &o->echo},
        {"tone", OPTION_FLAG, &o->tone},
        {"repeat", OPTION_FLAG, &o->repeat},
        {NULL, OPTION_FLAG, NULL},
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

    if ((o->play != NULL) + o->echo + o->tone + o->talk > 1) {
        output_error("--play, --echo, --tone and --talk cannot go together: take one of them.");
        return STATUS_USAGE;
    }
    if ((o->microphone || o->speaker) && !o->talk) {
        output_error("--microphone and --speaker say with what to --talk: say that too.");
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

char *sound_numbered(const char *path, unsigned number)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    int stem = (int)(dot && (!slash || dot > slash) ? dot - path : (long)strlen(path));
    char *out = NULL;

    if (number < 2)
        return strdup(path);
    return asprintf(&out, "%.*s.%u%s", stem, path, number, path + stem) < 0 ? NULL : out;
}

int sound_add_sink(sound *s, pipit_sink *sink)
{
    pipit_sink *both = NULL;
    int err;

    if (!s->stream.audio_sink) {
        s->stream.audio_sink = sink;
        return 0;
    }
    err = pipit_sink_tee(s->stream.audio_sink, sink, &both);
    pipit_sink_unref(sink);
    if (err)
        return err;
    pipit_sink_unref(s->stream.audio_sink);
    s->stream.audio_sink = both;
    return 0;
}

/* Takes the reference to `sink`: what is said goes there too. */
static int add_tap(sound *s, pipit_sink *sink)
{
    pipit_source *tapped = NULL;
    int err = pipit_source_tap(s->stream.audio_source, sink, &tapped);

    pipit_sink_unref(sink);
    if (err)
        return err;
    pipit_source_unref(s->stream.audio_source);
    s->stream.audio_source = tapped;
    return 0;
}

static int open_devices(const sound_options *o, sound *s)
{
    const pipit_media_constraints audio = {.audio = true};
    const pipit_media_options options = {.microphone = o->microphone, .speaker = o->speaker};
    int err = pipit_media_open(&audio, &options, &s->stream);

    return err ? cannot(err, "--talk, and 'pipit devices'") : STATUS_OK;
}

static int open_source(const sound_options *o, sound *s)
{
    int err = 0;

    if (o->talk)
        return open_devices(o, s);
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

static int add_record(const sound_options *o, unsigned number, sound *s)
{
    char *path = sound_numbered(o->record, number);
    pipit_sink *file = NULL;
    int err = path ? pipit_sink_file_channels(path, RECORD_RATE, o->stereo ? 2 : 1, &file)
                   : PIPIT_ERR_MEMORY;

    free(path);
    if (!err)
        err = sound_add_sink(s, file);
    return err ? cannot(err, "--record") : STATUS_OK;
}

static int add_record_both(const sound_options *o, unsigned number, sound *s)
{
    char *path = sound_numbered(o->record_both, number);
    pipit_sink *ours = NULL, *theirs = NULL;
    int err = path ? pipit_sink_stereo_file(path, RECORD_RATE, &ours, &theirs) : PIPIT_ERR_MEMORY;

    free(path);
    if (!err)
        err = add_tap(s, ours);
    if (!err)
        err = sound_add_sink(s, theirs);
    else
        pipit_sink_unref(theirs);
    return err ? cannot(err, "--record-both") : STATUS_OK;
}

int sound_open(const sound_options *options, unsigned number, sound *out)
{
    sound s = {0};
    int status = open_source(options, &s);

    if (status == STATUS_OK && options->record)
        status = add_record(options, number, &s);
    if (status == STATUS_OK && options->record_both)
        status = add_record_both(options, number, &s);
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
