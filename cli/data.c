/* data.c - the data channels of a call. */
#include "cli/data.h"

#include "cli/output.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 1000 /* octets of a message that are shown */

static cJSON *channel_event(const talk *t, const char *event, const pipit_data_channel *channel)
{
    cJSON *json = agent_event(t->agent, event);

    json_string(json, "label", pipit_data_channel_label(channel));
    json_number(json, "id", pipit_data_channel_id(channel));
    return json;
}

static void on_open(pipit_data_channel *channel, void *user)
{
    talk *t = user;
    bool ours = channel == t->channel;
    cJSON *json = channel_event(t, "data_channel", channel);

    json_string(json, "originator", ours ? "local" : "remote");
    json_end(json);
    agent_say(t->agent, "data channel '%s' is open", pipit_data_channel_label(channel));
    if (ours)
        (void)pipit_data_channel_send_text(channel, "hello from pipit");
}

static void tell_message(const talk *t, const pipit_data_channel *channel,
                         const pipit_data_channel_message_event *event)
{
    size_t shown = event->size < TEXT_MAX ? event->size : TEXT_MAX;
    cJSON *json = channel_event(t, "data_message", channel);

    json_number(json, "size", (double)event->size);
    if (json && !event->binary)
        json_text(json, "text", event->data, shown);
    json_end(json);
    if (t->agent->json)
        return;
    output_line(stdout, "'%s' brings %zu octets%s", pipit_data_channel_label(channel), event->size,
                event->binary ? "" : ":");
    if (!event->binary) {
        output_safe(stdout, event->data, shown, true);
        fputc('\n', stdout);
    }
    fflush(stdout);
}

static void on_message(pipit_data_channel *channel, const pipit_data_channel_message_event *event,
                       void *user)
{
    talk *t = user;
    int err = 0;

    tell_message(t, channel, event);
    if (t->options->sound.echo && channel != t->channel)
        err = event->binary ? pipit_data_channel_send(channel, event->data, event->size)
                            : pipit_data_channel_send_text(channel, event->data);
    if (err)
        output_error("a message could not be sent back: %s.", pipit_error_message());
}

static void on_close(pipit_data_channel *channel, void *user)
{
    talk *t = user;
    pipit_data_channel_stats stats;
    cJSON *json = channel_event(t, "data_channel_closed", channel);

    pipit_data_channel_get_stats(channel, &stats);
    json_number(json, "bytes_sent", (double)stats.bytes_sent);
    json_number(json, "bytes_received", (double)stats.bytes_received);
    json_end(json);
}

static const pipit_data_channel_handlers handlers = {
    .open = on_open, .message = on_message, .close = on_close};

/* Takes the reference over. */
static bool keep(talk *t, pipit_data_channel *channel)
{
    pipit_data_channel **channels =
        realloc(t->channels, (t->channel_count + 1) * sizeof(pipit_data_channel *));

    if (!channels) {
        pipit_data_channel_set_handlers(channel, NULL, NULL);
        pipit_data_channel_unref(channel);
        return false;
    }
    t->channels = channels;
    t->channels[t->channel_count++] = channel;
    return true;
}

void data_follow(talk *t, pipit_data_channel *channel)
{
    pipit_data_channel_set_handlers(channel, &handlers, t);
    (void)keep(t, pipit_data_channel_ref(channel));
}

void data_open(talk *t)
{
    const pipit_data_channel_options options = {.handlers = &handlers, .user = t};
    pipit_data_channel *channel = NULL;

    if (pipit_session_create_data_channel(t->session, "pipit", &options, &channel) < 0)
        output_error("no data channel: %s.", pipit_error_message());
    else if (keep(t, channel))
        t->channel = channel;
}

void data_forget(talk *t)
{
    for (size_t i = 0; i < t->channel_count; i++) {
        pipit_data_channel_set_handlers(t->channels[i], NULL, NULL);
        pipit_data_channel_unref(t->channels[i]);
    }
    free(t->channels);
    t->channels = NULL;
    t->channel_count = 0;
    t->channel = NULL;
}
