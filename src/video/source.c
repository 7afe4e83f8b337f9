/* source.c - sources and sinks of pictures: made from a few functions, counted. */
#include "video/source.h"

#include "base/alloc.h"
#include "base/error.h"

int pipit_video_source_new(const pipit_video_source_interface *functions, void *self,
                           pipit_video_source **out)
{
    pipit_video_source *source;

    if (!functions || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "video source: functions and out are needed");
    if (!functions->read == !functions->read_encoded)
        return pp_error(PIPIT_ERR_ARGUMENT, "video source: one of read and read_encoded is needed");
    if (functions->read_encoded && !functions->key_frame)
        return pp_error(PIPIT_ERR_ARGUMENT, "video source: read_encoded needs key_frame");
    source = PP_NEW(pipit_video_source);
    if (!source)
        return PIPIT_ERR_MEMORY;
    *source = (pipit_video_source){.references = 1, .functions = functions, .self = self};
    *out = source;
    return 0;
}

int pipit_video_sink_new(const pipit_video_sink_interface *functions, void *self,
                         pipit_video_sink **out)
{
    pipit_video_sink *sink;

    if (!functions || !out || (!functions->write && !functions->write_encoded))
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "video sink: write or write_encoded, and out, are needed");
    sink = PP_NEW(pipit_video_sink);
    if (!sink)
        return PIPIT_ERR_MEMORY;
    *sink = (pipit_video_sink){.references = 1, .functions = functions, .self = self};
    *out = sink;
    return 0;
}

pipit_video_source *pipit_video_source_ref(pipit_video_source *source)
{
    if (source)
        source->references++;
    return source;
}

pipit_video_source *pipit_video_source_unref(pipit_video_source *source)
{
    if (!source || --source->references)
        return NULL;
    if (source->functions->release)
        source->functions->release(source->self);
    pp_free(source);
    return NULL;
}

pipit_video_sink *pipit_video_sink_ref(pipit_video_sink *sink)
{
    if (sink)
        sink->references++;
    return sink;
}

pipit_video_sink *pipit_video_sink_unref(pipit_video_sink *sink)
{
    if (!sink || --sink->references)
        return NULL;
    if (sink->functions->release)
        sink->functions->release(sink->self);
    pp_free(sink);
    return NULL;
}
