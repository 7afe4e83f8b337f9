/* av.h - the door to FFmpeg's libavformat, which is loaded at run time: a server that records nothing needs neither it nor the hundred
 * libraries it brings along. */
#ifndef PP_DEVICES_AV_H
#define PP_DEVICES_AV_H

#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>

typedef int pp_av_write_function(void *arg, uint8_t *data, int size);

typedef struct pp_av {
    /* libavutil */
    void *(*zalloc)(size_t size);
    void *(*alloc)(size_t size);
    void (*release)(void *memory);
    int (*error_text)(int error, char *out, size_t size);
    void (*log_level)(int level);
    /* libavcodec */
    AVPacket *(*packet_new)(void);
    void (*packet_free)(AVPacket **packet);
    void (*packet_unref)(AVPacket *packet);
    int (*copy_parameters)(AVCodecParameters *to, const AVCodecParameters *from);
    const AVBitStreamFilter *(*find_filter)(const char *name);
    int (*new_filter)(const AVBitStreamFilter *filter, AVBSFContext **out);
    int (*start_filter)(AVBSFContext *filter);
    int (*give_filter)(AVBSFContext *filter, AVPacket *packet);
    int (*take_filter)(AVBSFContext *filter, AVPacket *packet);
    void (*free_filter)(AVBSFContext **filter);
    /* libavformat */
    const AVOutputFormat *(*guess)(const char *name, const char *path, const char *mime);
    int (*takes)(const AVOutputFormat *format, enum AVCodecID codec, int strictness);
    int (*new_output)(AVFormatContext **out, const AVOutputFormat *format, const char *name,
                      const char *path);
    AVStream *(*new_stream)(AVFormatContext *context, const AVCodec *codec);
    int (*write_header)(AVFormatContext *context, AVDictionary **options);
    int (*write_frame)(AVFormatContext *context, AVPacket *packet);
    int (*write_trailer)(AVFormatContext *context);
    void (*free_context)(AVFormatContext *context);
    const AVInputFormat *(*find_input)(const char *name);
    int (*open_input)(AVFormatContext **out, const char *path, const AVInputFormat *format,
                      AVDictionary **options);
    int (*read_frame)(AVFormatContext *context, AVPacket *packet);
    int (*seek)(AVFormatContext *context, int stream, int64_t at, int flags);
    void (*close_input)(AVFormatContext **context);
    AVIOContext *(*new_io)(unsigned char *buffer, int size, int writes, void *arg,
                           int (*read)(void *arg, uint8_t *data, int size),
                           pp_av_write_function *write,
                           int64_t (*seek)(void *arg, int64_t offset, int whence));
    void (*flush_io)(AVIOContext *io);
    void (*free_io)(AVIOContext **io);
} pp_av;

/* Loads it, once, and it stays; from one thread at a time. PIPIT_ERR_NOT_SUPPORTED. */
int pp_av_load(const pp_av **out);

#endif
