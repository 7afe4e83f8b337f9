/* report.c - tests of the statistics: records with the W3C's names, joined by their ids, and as JSON. */
#include "unit/peer/support/couple.h"

#include <cjson/cJSON.h>
#include <math.h>

static pipit_stats_report *report_of(const end *e)
{
    pipit_stats_report *report = NULL;

    assert_int_equal(pipit_peer_get_stats(e->peer, &report), 0);
    return report;
}

static double report_time(const pipit_stats_report *report)
{
    return pipit_stats_report_at(report, 0)->timestamp;
}

static void begin_call(couple *c)
{
    begin_couple(c, 1);
    add_tone(&c->a, 440);
    add_tone(&c->b, 880);
    negotiate(&c->a, &c->b);
    advance(c, 6000);
}

static void the_streams_of_a_connection_are_counted(void **state)
{
    const pipit_stats_record *in, *out, *remote, *codec;
    pipit_stats_report *report;
    couple c;

    (void)state;
    begin_call(&c);
    report = report_of(&c.a);
    in = record_of(report, PIPIT_STATS_INBOUND_RTP);
    out = record_of(report, PIPIT_STATS_OUTBOUND_RTP);
    assert_string_equal(in->of.inbound_rtp.kind, "audio");
    assert_string_equal(in->of.inbound_rtp.mid, "0");
    assert_true(in->of.inbound_rtp.packets_received > 200 && in->of.inbound_rtp.packets_lost == 0);
    assert_true(in->of.inbound_rtp.audio_level > 0.1);
    assert_true(out->of.outbound_rtp.packets_sent > 200 && out->of.outbound_rtp.bytes_sent > 5000);
    assert_true(in->of.inbound_rtp.ssrc != out->of.outbound_rtp.ssrc);
    codec = pipit_stats_report_find(report, in->of.inbound_rtp.codec_id);
    assert_string_equal(codec->of.codec.mime_type, "audio/opus");
    assert_int_equal(codec->of.codec.clock_rate, 48000);
    remote = pipit_stats_report_find(report, out->of.outbound_rtp.remote_id);
    assert_int_equal(remote->type, PIPIT_STATS_REMOTE_INBOUND_RTP);
    assert_string_equal(remote->of.remote_inbound_rtp.local_id, out->id);
    assert_true(remote->of.remote_inbound_rtp.round_trip_time > 0.0015 &&
                remote->of.remote_inbound_rtp.round_trip_time < 0.005);
    assert_true(remote->of.remote_inbound_rtp.fraction_lost == 0);
    remote = pipit_stats_report_find(report, in->of.inbound_rtp.remote_id);
    assert_int_equal(remote->type, PIPIT_STATS_REMOTE_OUTBOUND_RTP);
    assert_true(remote->of.remote_outbound_rtp.packets_sent > 100);
    assert_true(remote->of.remote_outbound_rtp.packets_sent <=
                in->of.inbound_rtp.packets_received + 1);
    assert_string_equal(
        pipit_stats_report_find(report, out->of.outbound_rtp.media_source_id)->of.media_source.kind,
        "audio");
    pipit_stats_report_unref(report);
    end_couple(&c);
}

/* As far as sound goes: the W3C's words for what was played, and how much the headers took. */
static void the_sound_of_a_connection_is_counted(void **state)
{
    const pipit_inbound_rtp_stats *in;
    const pipit_outbound_rtp_stats *out;
    const pipit_remote_inbound_rtp_stats *remote;
    const pipit_media_source_stats *source;
    pipit_stats_report *report;
    couple c;

    (void)state;
    begin_call(&c);
    report = report_of(&c.a);
    in = &record_of(report, PIPIT_STATS_INBOUND_RTP)->of.inbound_rtp;
    assert_in_range(in->total_samples_received, 5 * 48000, 6 * 48000);
    assert_true(in->jitter_buffer_emitted_count >= in->total_samples_received);
    assert_true(in->jitter_buffer_emitted_count <= in->total_samples_received + 2 * 960);
    assert_int_equal(in->concealed_samples + in->concealment_events, 0);
    assert_true(in->jitter_buffer_delay / (double)in->jitter_buffer_emitted_count < 0.06);
    assert_true(fabs(in->total_samples_duration - (double)in->total_samples_received / 48000) <
                0.001);
    /* -12 dBFS at its peak: -15 on the average */
    assert_true(fabs(in->total_audio_energy / in->total_samples_duration - 0.0316) < 0.004);
    /* 12 octets, and 8 of the extension that says how loud they are */
    assert_int_equal(in->header_bytes_received, 20 * in->packets_received);
    assert_true(in->last_packet_received_timestamp > report_time(report) - 21);
    assert_true(in->last_packet_received_timestamp <= report_time(report));
    out = &record_of(report, PIPIT_STATS_OUTBOUND_RTP)->of.outbound_rtp;
    assert_true(out->active && out->header_bytes_sent == 20 * out->packets_sent);
    remote = &record_of(report, PIPIT_STATS_REMOTE_INBOUND_RTP)->of.remote_inbound_rtp;
    assert_true(remote->packets_lost == 0 && remote->round_trip_time_measurements >= 1);
    assert_true(remote->total_round_trip_time >= remote->round_trip_time);
    assert_true(
        record_of(report, PIPIT_STATS_REMOTE_OUTBOUND_RTP)->of.remote_outbound_rtp.reports_sent >=
        1);
    source = &record_of(report, PIPIT_STATS_MEDIA_SOURCE)->of.media_source;
    assert_true(fabs(source->total_audio_energy / source->total_samples_duration - 0.0316) < 0.004);
    pipit_stats_report_unref(report);
    end_couple(&c);
}

/* RFC 3611: who only listens says what time it is, and is told how long ago that was. */
static void a_listener_has_round_trips_too(void **state)
{
    const pipit_stats_record *record;
    pipit_stats_report *report;
    couple c;

    (void)state;
    begin_couple(&c, 4);
    add_tone(&c.a, 440);
    negotiate(&c.a, &c.b);
    advance(&c, 20000);
    report = report_of(&c.b);
    record = record_of(report, PIPIT_STATS_REMOTE_OUTBOUND_RTP);
    assert_true(record->of.remote_outbound_rtp.round_trip_time > 0.0015 &&
                record->of.remote_outbound_rtp.round_trip_time < 0.005);
    pipit_stats_report_unref(report);
    end_couple(&c);
}

static void the_path_of_a_connection_is_told(void **state)
{
    const pipit_stats_record *transport, *pair, *local, *remote;
    pipit_stats_report *report;
    couple c;

    (void)state;
    begin_call(&c);
    report = report_of(&c.b);
    transport = record_of(report, PIPIT_STATS_TRANSPORT);
    assert_string_equal(transport->of.transport.ice_role, "controlled");
    assert_string_equal(transport->of.transport.dtls_role, "client");
    assert_string_equal(transport->of.transport.dtls_state, "connected");
    assert_string_equal(transport->of.transport.srtp_cipher, "SRTP_AES128_CM_SHA1_80");
    assert_true(transport->of.transport.packets_sent > 250);
    assert_true(transport->of.transport.bytes_sent > 250 * 40);
    assert_true(transport->of.transport.packets_received > 250);
    assert_true(transport->of.transport.bytes_received > 250 * 40);
    pair = pipit_stats_report_find(report, transport->of.transport.selected_candidate_pair_id);
    assert_true(pair->of.candidate_pair.nominated);
    local = pipit_stats_report_find(report, pair->of.candidate_pair.local_candidate_id);
    remote = pipit_stats_report_find(report, pair->of.candidate_pair.remote_candidate_id);
    assert_int_equal(local->type, PIPIT_STATS_LOCAL_CANDIDATE);
    assert_string_equal(local->of.candidate.candidate_type, "host");
    assert_string_equal(local->of.candidate.address, "192.0.2.1");
    assert_int_equal(remote->type, PIPIT_STATS_REMOTE_CANDIDATE);
    assert_true(remote->of.candidate.port != local->of.candidate.port);
    assert_int_equal(
        strlen(pipit_stats_report_find(report, transport->of.transport.local_certificate_id)
                   ->of.certificate.fingerprint),
        95);
    pipit_stats_report_unref(report);
    end_couple(&c);
}

static void data_channels_are_counted(void **state)
{
    const pipit_stats_record *record;
    pipit_data_channel *channel = NULL;
    pipit_stats_report *report;
    couple c;
    int err;

    (void)state;
    begin_couple(&c, 2);
    err = pipit_peer_create_data_channel(c.a.peer, "a \"label\"", NULL, &channel);
    if (err == PIPIT_ERR_NOT_SUPPORTED) {
        end_couple(&c);
        skip();
    }
    assert_int_equal(err, 0);
    advance(&c, 10);
    assert_int_equal(c.a.negotiations, 1);
    negotiate(&c.a, &c.b);
    advance(&c, 2000);
    assert_int_equal(pipit_data_channel_send_text(channel, "hello"), 0);
    advance(&c, 500);
    check_story(&c.b, "channel");
    report = report_of(&c.a);
    record = record_of(report, PIPIT_STATS_DATA_CHANNEL);
    assert_string_equal(record->of.data_channel.label, "a \"label\"");
    assert_string_equal(record->of.data_channel.state, "open");
    assert_true(record->of.data_channel.bytes_sent == 5);
    assert_int_equal(
        record_of(report, PIPIT_STATS_PEER_CONNECTION)->of.peer_connection.data_channels_opened, 1);
    pipit_stats_report_unref(report);
    report = report_of(&c.b);
    record = record_of(report, PIPIT_STATS_DATA_CHANNEL);
    assert_true(record->of.data_channel.messages_received == 1);
    pipit_stats_report_unref(report);
    pipit_data_channel_unref(channel);
    end_couple(&c);
}

static void a_report_is_json(void **state)
{
    pipit_stats_report *report;
    cJSON *json;
    char *text = NULL;
    size_t count = 0;
    couple c;

    (void)state;
    begin_call(&c);
    report = report_of(&c.a);
    assert_int_equal(pipit_stats_report_to_string(report, &text), 0);
    json = cJSON_Parse(text);
    assert_non_null(json);
    while (pipit_stats_report_at(report, count))
        count++;
    assert_int_equal(cJSON_GetArraySize(json), (int)count);
    for (const cJSON *member = json->child; member; member = member->next) {
        const pipit_stats_record *record = pipit_stats_report_find(report, member->string);

        assert_string_equal(cJSON_GetObjectItem(member, "id")->valuestring, member->string);
        assert_string_equal(cJSON_GetObjectItem(member, "type")->valuestring,
                            pipit_stats_type_name(record->type));
        assert_true(cJSON_GetObjectItem(member, "timestamp")->valuedouble > 0);
        if (record->type == PIPIT_STATS_OUTBOUND_RTP)
            assert_true(cJSON_GetObjectItem(member, "packetsSent")->valuedouble ==
                        (double)record->of.outbound_rtp.packets_sent);
        if (record->type == PIPIT_STATS_REMOTE_INBOUND_RTP)
            assert_true(cJSON_GetObjectItem(member, "roundTripTime")->valuedouble > 0.0015);
    }
    cJSON_Delete(json);
    assert_null(strstr(text, "frames")); /* there are no pictures */
    pipit_free(text);
    pipit_stats_report_unref(report);
    end_couple(&c);
}

static void a_connection_that_has_not_begun_has_little_to_tell(void **state)
{
    const pipit_stats_record *transport;
    pipit_stats_report *report;
    char *text = NULL;
    couple c;

    (void)state;
    begin_couple(&c, 3);
    add_tone(&c.a, 440);
    report = report_of(&c.a);
    transport = record_of(report, PIPIT_STATS_TRANSPORT);
    assert_string_equal(transport->of.transport.dtls_state, "new");
    assert_null(transport->of.transport.selected_candidate_pair_id);
    assert_null(pipit_stats_report_find(report, "I0"));
    assert_int_equal(pipit_stats_report_to_string(report, &text), 0);
    assert_null(strstr(text, "selectedCandidatePairId"));
    pipit_free(text);
    pipit_stats_report_unref(report);
    assert_int_equal(pipit_peer_get_stats(NULL, &report), PIPIT_ERR_ARGUMENT);
    end_couple(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_streams_of_a_connection_are_counted),
        cmocka_unit_test(the_sound_of_a_connection_is_counted),
        cmocka_unit_test(a_listener_has_round_trips_too),
        cmocka_unit_test(the_path_of_a_connection_is_told),
        cmocka_unit_test(data_channels_are_counted),
        cmocka_unit_test(a_report_is_json),
        cmocka_unit_test(a_connection_that_has_not_begun_has_little_to_tell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
