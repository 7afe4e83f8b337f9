/* sweep.c - every prefix of every sample of the corpora and every bit of some turned: parsed, read in
 * all ways, and written without harm. */
#include "support/sweep.h"
#include "sdp/bundle.h"
#include "sdp/lines.h"
#include "sdp/rtp.h"
#include "support/files.h"

static void read_line(pp_str value)
{
    pp_sdp_connection connection;
    pp_sdp_candidate candidate;
    pp_sdp_simulcast simulcast;
    pp_sdp_feedback feedback;
    pp_sdp_extmap map;
    pp_sdp_ssrc ssrc;
    pp_sdp_rid rid;

    (void)pp_sdp_connection_parse(value, &connection);
    (void)pp_sdp_candidate_parse(value, &candidate);
    (void)pp_sdp_simulcast_parse(value, &simulcast);
    (void)pp_sdp_feedback_parse(value, &feedback);
    (void)pp_sdp_extmap_parse(value, &map);
    (void)pp_sdp_ssrc_parse(value, &ssrc);
    (void)pp_sdp_rid_parse(value, &rid);
}

static void read_media(const pp_sdp *sdp, const pp_sdp_media *media)
{
    pp_str ufrag, pwd, hash, value;
    pp_sdp_codecs codecs;
    pp_sdp_sctp sctp;
    pp_rtpmap map;

    pp_sdp_codecs_read(media, &codecs);
    for (size_t i = 0; i < media->format_count; i++)
        (void)pp_sdp_codec(&codecs, media->formats[i], &map);
    for (size_t i = 0; i < media->section.count; i++)
        read_line(media->section.lines[i].value);
    (void)pp_sdp_ice(sdp, media, &ufrag, &pwd);
    (void)pp_sdp_fingerprint(sdp, media, 0, &hash, &value);
    (void)pp_sdp_bundled(sdp, media, "setup", 0, &value);
    (void)pp_sdp_read_sctp(media, &sctp);
    (void)pp_sdp_direction(sdp, media);
}

static void handle(const uint8_t *data, size_t size, void *arg)
{
    pp_sdp *sdp = NULL;
    pp_buf out = {0};
    pp_sdp_origin origin;

    if (pp_sdp_parse(pp_str_n(data, size), &sdp))
        return;
    ++*(unsigned *)arg;
    (void)pp_sdp_read_origin(sdp, &origin);
    for (size_t i = 0; i < sdp->media_count; i++)
        read_media(sdp, &sdp->media[i]);
    pp_sdp_write(sdp, &out);
    pp_buf_free(&out);
    pp_sdp_free(sdp);
}

static void each_sample(void (*each)(const char *name, pp_str content, void *arg), sweep *s)
{
    each_corpus_file("sdp/chromium", each, s);
    each_corpus_file("sdp/aiortc", each, s);
    each_corpus_file("sdp/sdp-transform", each, s);
}

static void a_sample_cut_anywhere_does_no_harm(void **state)
{
    unsigned parsed = 0;
    sweep s = {.function = handle, .arg = &parsed};

    (void)state;
    each_sample(sweep_file_prefixes, &s);
    sweep_report(&s, "prefixes", "session descriptions");
    assert_true(s.files == 54 && parsed > s.inputs / 2);
}

static void a_sample_with_a_bit_turned_does_no_harm(void **state)
{
    unsigned parsed = 0;
    sweep s = {.function = handle, .arg = &parsed, .stride = 7};

    (void)state;
    each_sample(sweep_file_bits, &s);
    sweep_report(&s, "turned bits", "session descriptions");
    assert_true(s.inputs > 10000 && parsed > s.inputs / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_cut_anywhere_does_no_harm),
        cmocka_unit_test(a_sample_with_a_bit_turned_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
