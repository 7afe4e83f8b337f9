/* av.c - the door to FFmpeg's libavformat. */
#include "devices/av.h"

#include "base/error.h"
#include "pipit/error.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

/* Structs are used as the headers have them: only a library of the same major version will do. */
#define NAME_OF_VERSION(name, major) name ".so." AV_STRINGIFY(major)
#define UTIL                         NAME_OF_VERSION("libavutil", LIBAVUTIL_VERSION_MAJOR)
#define CODEC                        NAME_OF_VERSION("libavcodec", LIBAVCODEC_VERSION_MAJOR)
#define FORMAT                       NAME_OF_VERSION("libavformat", LIBAVFORMAT_VERSION_MAJOR)

static const struct {
    const char *file, *name;
    size_t at;
} functions[] = {
    {UTIL, "av_mallocz", offsetof(pp_av, zalloc)},
    {UTIL, "av_malloc", offsetof(pp_av, alloc)},
    {UTIL, "av_free", offsetof(pp_av, release)},
    {UTIL, "av_strerror", offsetof(pp_av, error_text)},
    {UTIL, "av_log_set_level", offsetof(pp_av, log_level)},
    {CODEC, "av_packet_alloc", offsetof(pp_av, packet_new)},
    {CODEC, "av_packet_free", offsetof(pp_av, packet_free)},
    {CODEC, "av_packet_unref", offsetof(pp_av, packet_unref)},
    {CODEC, "avcodec_parameters_copy", offsetof(pp_av, copy_parameters)},
    {CODEC, "av_bsf_get_by_name", offsetof(pp_av, find_filter)},
    {CODEC, "av_bsf_alloc", offsetof(pp_av, new_filter)},
    {CODEC, "av_bsf_init", offsetof(pp_av, start_filter)},
    {CODEC, "av_bsf_send_packet", offsetof(pp_av, give_filter)},
    {CODEC, "av_bsf_receive_packet", offsetof(pp_av, take_filter)},
    {CODEC, "av_bsf_free", offsetof(pp_av, free_filter)},
    {FORMAT, "av_guess_format", offsetof(pp_av, guess)},
    {FORMAT, "avformat_query_codec", offsetof(pp_av, takes)},
    {FORMAT, "avformat_alloc_output_context2", offsetof(pp_av, new_output)},
    {FORMAT, "avformat_new_stream", offsetof(pp_av, new_stream)},
    {FORMAT, "avformat_write_header", offsetof(pp_av, write_header)},
    {FORMAT, "av_write_frame", offsetof(pp_av, write_frame)},
    {FORMAT, "av_write_trailer", offsetof(pp_av, write_trailer)},
    {FORMAT, "avformat_free_context", offsetof(pp_av, free_context)},
    {FORMAT, "av_find_input_format", offsetof(pp_av, find_input)},
    {FORMAT, "avformat_open_input", offsetof(pp_av, open_input)},
    {FORMAT, "av_read_frame", offsetof(pp_av, read_frame)},
    {FORMAT, "av_seek_frame", offsetof(pp_av, seek)},
    {FORMAT, "avformat_close_input", offsetof(pp_av, close_input)},
    {FORMAT, "avio_alloc_context", offsetof(pp_av, new_io)},
    {FORMAT, "avio_flush", offsetof(pp_av, flush_io)},
    {FORMAT, "avio_context_free", offsetof(pp_av, free_io)},
};

/* A library that is loaded already is not loaded again. */
static void *find(const char *file, const char *name)
{
    void *opened = dlopen(file, RTLD_NOW | RTLD_LOCAL);

    return opened ? dlsym(opened, name) : NULL;
}

static int load(pp_av *out)
{
    if (!dlopen(FORMAT, RTLD_NOW | RTLD_LOCAL))
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "files: FFmpeg's %s is not installed", FORMAT);
    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
        void *found = find(functions[i].file, functions[i].name);

        if (!found)
            return pp_error(PIPIT_ERR_NOT_SUPPORTED, "files: this FFmpeg has no %s",
                            functions[i].name);
        memcpy((char *)out + functions[i].at, &found, sizeof(found));
    }
    out->log_level(AV_LOG_QUIET); /* what goes wrong is told by us */
    return 0;
}

int pp_av_load(const pp_av **out)
{
    static pp_av av;
    int err = av.log_level ? 0 : load(&av);

    if (err) {
        av.log_level = NULL;
        return err;
    }
    *out = &av;
    return 0;
}
