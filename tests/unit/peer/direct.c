/* direct.c - tests of media without ICE and DTLS: keys in the description, none at all, and a far end made of libsrtp2. */
#include "base/error.h"
#include "unit/peer/support/side.h"

#include <srtp2/srtp.h>
#include <stdio.h>
#include <stdlib.h>

static sim *world;
static side a, b;

static void new_side(side *out, bool offerer, pipit_media_security security)
{
    *out = (side){0};
    side_open(world, out, offerer,
              &(pipit_peer_configuration){.codecs = "PCMU", .security = security});
}

static void set_up(pipit_media_security offers, pipit_media_security answers)
{
    assert_int_equal(sim_new(1, &world), 0);
    new_side(&a, true, offers);
    new_side(&b, false, answers);
}

static void tear_down(void)
{
    side_close(&a);
    side_close(&b);
    sim_free(world);
}

/* Gives the answer, for pipit_free(). */
static char *exchange(side *from, side *to)
{
    char *offer = side_offer(from), *answer = side_answer(to, offer);

    assert_int_equal(pp_peer_set_remote(from->peer, false, pp_str_c(answer)), 0);
    pipit_free(offer);
    return answer;
}

static void check_sound(void)
{
    a.heard = b.heard = 0;
    sim_advance_ms(world, 1000);
    assert_int_equal(a.state, PP_PEER_CONNECTED);
    assert_int_equal(b.state, PP_PEER_CONNECTED);
    assert_true(a.heard > 6000 && b.heard > 6000);
}

static void keys_in_the_descriptions_protect_the_sound(void **state)
{
    pipit_stats stats;
    char *offer, *answer;

    (void)state;
    set_up(PIPIT_SECURITY_SDES, PIPIT_SECURITY_SDES);
    offer = side_offer(&a);
    assert_non_null(strstr(offer, " RTP/SAVP 0"));
    assert_non_null(strstr(offer, "\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"));
    assert_non_null(strstr(offer, "\r\na=crypto:3 AEAD_AES_256_GCM inline:"));
    assert_null(strstr(offer, "a=ice-ufrag"));
    assert_null(strstr(offer, "a=candidate"));
    assert_null(strstr(offer, "a=fingerprint"));
    pipit_free(offer);
    answer = exchange(&a, &b);
    assert_non_null(strstr(answer, "\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"));
    assert_null(strstr(answer, "\r\na=crypto:2 "));
    sim_advance_ms(world, 5000);
    check_sound();
    pp_peer_stats(a.peer, &stats);
    assert_string_equal(stats.srtp_profile, "SRTP_AES128_CM_SHA1_80");
    assert_true(stats.round_trip_time_ms > 0);
    assert_int_equal(pp_peer_send_dtmf(a.peer, '5', 100, 70), 0);
    sim_advance_ms(world, 1000);
    assert_string_equal(b.digits, "5");
    pipit_free(answer);
    pipit_free(exchange(&b, &a)); /* the same keys go on */
    check_sound();
    pp_peer_stats(b.peer, &stats);
    assert_int_equal(stats.packets_discarded, 0);
    tear_down();
}

static void sound_without_any_protection_is_there_for_who_asks_for_it(void **state)
{
    char *answer;

    (void)state;
    set_up(PIPIT_SECURITY_PLAIN_RTP, PIPIT_SECURITY_PLAIN_RTP);
    answer = exchange(&a, &b);
    assert_non_null(strstr(answer, " RTP/AVP 0"));
    assert_null(strstr(answer, "a=crypto"));
    pipit_free(answer);
    sim_advance_ms(world, 500);
    check_sound();
    tear_down();
}

static void nothing_of_it_is_taken_unless_it_is_said(void **state)
{
    static const struct {
        pipit_media_security offers, answers;
        bool taken;
    } cases[] = {
        {PIPIT_SECURITY_SDES, PIPIT_SECURITY_DTLS, false},
        {PIPIT_SECURITY_PLAIN_RTP, PIPIT_SECURITY_DTLS, false},
        {PIPIT_SECURITY_PLAIN_RTP, PIPIT_SECURITY_SDES, false},
        {PIPIT_SECURITY_DTLS, PIPIT_SECURITY_SDES, true},
        {PIPIT_SECURITY_DTLS, PIPIT_SECURITY_PLAIN_RTP, true},
        {PIPIT_SECURITY_SDES, PIPIT_SECURITY_PLAIN_RTP, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *offer;

        set_up(cases[i].offers, cases[i].answers);
        offer = side_offer(&a);
        if (cases[i].taken) {
            pipit_free(exchange(&a, &b));
            sim_advance_ms(world, 2000);
            check_sound();
        } else {
            assert_int_equal(pp_peer_set_remote(b.peer, true, pp_str_c(offer)), PIPIT_ERR_MEDIA);
        }
        pipit_free(offer);
        tear_down();
    }
}

static void replace(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);

    assert_non_null(at);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(at, to, strlen(to));
}

/* Who stands between them must not take the protection off. */
static void an_answer_with_less_protection_than_the_offer_is_refused(void **state)
{
    char *offer, *answer;

    (void)state;
    set_up(PIPIT_SECURITY_SDES, PIPIT_SECURITY_SDES);
    offer = side_offer(&a);
    answer = side_answer(&b, offer);
    replace(answer, " RTP/SAVP ", " RTP/AVP  ");
    assert_int_equal(pp_peer_set_remote(a.peer, false, pp_str_c(answer)), PIPIT_ERR_MEDIA);
    replace(answer, " RTP/AVP  ", " RTP/SAVP ");
    replace(answer, "inline:", "inlime:");
    assert_int_equal(pp_peer_set_remote(a.peer, false, pp_str_c(answer)), PIPIT_ERR_MEDIA);
    pipit_free(offer);
    pipit_free(answer);
    tear_down();
}

/* --- a far end of libsrtp2 -------------------------------------------------------------------- */

typedef struct far {
    srtp_t in, out;
    pp_addr us, at;
    unsigned opened, refused; /* packets of ours */
    uint8_t last[512];
    int last_size;
} far;

static bool listen_to_us(void *arg, const pp_addr *from, const pp_addr *to, const uint8_t *data,
                         size_t size)
{
    far *f = arg;
    uint8_t copy[1500];
    int n = (int)size;

    (void)from;
    if (!pp_addr_eq(to, &f->at) || (data[1] & 0x7F) >= 72)
        return true;
    memcpy(copy, data, size);
    if (srtp_unprotect(f->in, copy, &n) == srtp_err_status_ok)
        f->opened++;
    else
        f->refused++;
    return false;
}

static void speak(far *f, uint16_t sequence)
{
    uint8_t packet[256] = {0x80, 0, (uint8_t)(sequence >> 8), (uint8_t)sequence, 0, 0, 0, 0, 1, 2,
                           3,    4};
    uint32_t timestamp = sequence * 160u;
    int size = 12 + 160;

    for (int i = 0; i < 4; i++)
        packet[4 + i] = (uint8_t)(timestamp >> (24 - 8 * i));
    for (int i = 0; i < 160; i++)
        packet[12 + i] = i % 8 < 4 ? 0x90 : 0x10; /* loud, in PCMU */
    assert_int_equal(srtp_protect(f->out, packet, &size), srtp_err_status_ok);
    memcpy(f->last, packet, (size_t)size);
    f->last_size = size;
    sim_inject_datagram(world, &f->at, &f->us, packet, (size_t)size);
}

static srtp_t session_of(const char *name, const uint8_t *key, srtp_ssrc_type_t type)
{
    srtp_policy_t policy = {0};
    srtp_t out = NULL;

    if (strcmp(name, "AES_CM_128_HMAC_SHA1_80") == 0)
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
    else if (strcmp(name, "AES_CM_128_HMAC_SHA1_32") == 0)
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp);
    else if (strcmp(name, "AEAD_AES_128_GCM") == 0)
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    else
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
    srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    if (strncmp(name, "AEAD", 4) == 0)
        policy.rtcp = policy.rtp;
    policy.key = (unsigned char *)(uintptr_t)key;
    policy.ssrc.type = type;
    policy.window_size = 1024;
    assert_int_equal(srtp_create(&out, &policy), srtp_err_status_ok);
    return out;
}

/* The key of that suite in our offer. */
static size_t key_of(const char *offer, const char *name, pp_buf *out)
{
    char start[64];
    const char *at;

    snprintf(start, sizeof(start), " %s inline:", name);
    at = strstr(offer, start);
    assert_non_null(at);
    at += strlen(start);
    assert_int_equal(pp_base64_decode(pp_str_n(at, strcspn(at, "\r|")), out), 0);
    return out->n;
}

static void answer_us(far *f, const char *offer, const char *name, unsigned tag, bool extras)
{
    static const uint8_t key[46] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
    pp_buf ours = {0}, text = {0}, answer = {0};
    size_t size = key_of(offer, name, &ours);
    const char *line = strstr(offer, "m=audio ");

    f->in = session_of(name, (const uint8_t *)ours.p, ssrc_any_inbound);
    f->out = session_of(name, key, ssrc_any_outbound);
    assert_true(pp_addr_parse(PP_LIT("192.0.2.1"), (uint16_t)atoi(line + 8), &f->us));
    assert_true(pp_addr_parse(PP_LIT("198.51.100.7"), 30000, &f->at));
    pp_buf_base64(&text, key, size);
    pp_buf_format(&answer,
                  "v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n"
                  "m=audio 30000 RTP/SAVP 0\r\na=crypto:%u %s inline:%.*s%s\r\na=sendrecv\r\n",
                  tag, name, PP_STR(pp_buf_text(&text)), extras ? "|2^31 -WSH=128" : "");
    assert_int_equal(pp_peer_set_remote(a.peer, false, pp_buf_text(&answer)), 0);
    pp_buf_free(&ours);
    pp_buf_free(&text);
    pp_buf_free(&answer);
}

static void another_implementation_understands_each_suite(void **state)
{
    static const char *const names[] = {"AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM",
                                        "AEAD_AES_256_GCM", "AES_CM_128_HMAC_SHA1_32"};

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        pipit_stats stats;
        far f = {0};
        char *offer;

        assert_int_equal(sim_new(i + 1, &world), 0);
        new_side(&a, true, PIPIT_SECURITY_SDES);
        offer = side_offer(&a);
        answer_us(&f, offer, names[i], i + 1, i % 2);
        sim_filter_datagrams(world, listen_to_us, &f);
        for (uint16_t k = 1; k <= 100; k++) {
            speak(&f, k);
            sim_advance_ms(world, 20);
        }
        assert_int_equal(a.state, PP_PEER_CONNECTED);
        assert_true(a.heard > 20000);
        assert_true(f.opened > 90);
        assert_int_equal(f.refused, 0);
        for (int k = 0; k < 10; k++) /* again, and with a bit turned */
            sim_inject_datagram(world, &f.at, &f.us, f.last, (size_t)f.last_size);
        for (int k = 0; k < 10; k++) {
            f.last[20] ^= 1;
            f.last[3]++;
            sim_inject_datagram(world, &f.at, &f.us, f.last, (size_t)f.last_size);
        }
        sim_advance_ms(world, 100);
        pp_peer_stats(a.peer, &stats);
        assert_true(stats.packets_discarded >= 20);
        assert_string_equal(stats.remote_candidate, "198.51.100.7:30000");
        a.heard = 0;
        for (uint16_t k = 101; k <= 150; k++) {
            speak(&f, k);
            sim_advance_ms(world, 20);
        }
        assert_true(a.heard > 10000);
        pipit_free(offer);
        side_close(&a);
        sim_advance_ms(world, 10);
        sim_free(world);
        srtp_dealloc(f.in);
        srtp_dealloc(f.out);
    }
}

/* Behind a NAT it sends from another port than it says: with keys that is believed once a packet proves it. */
static void a_far_end_behind_a_nat_is_found_by_an_authentic_packet(void **state)
{
    far f = {0};
    char *offer;

    (void)state;
    assert_int_equal(sim_new(1, &world), 0);
    new_side(&a, true, PIPIT_SECURITY_SDES);
    offer = side_offer(&a);
    answer_us(&f, offer, "AES_CM_128_HMAC_SHA1_80", 1, false);
    assert_true(pp_addr_parse(PP_LIT("203.0.113.5"), 4567, &f.at));
    sim_filter_datagrams(world, listen_to_us, &f);
    sim_advance_ms(world, 200);
    for (int k = 0; k < 20; k++) {
        uint8_t noise[172] = {0x80, 0, 0, (uint8_t)k};

        sim_inject_datagram(world, &f.at, &f.us, noise, sizeof(noise));
    }
    sim_advance_ms(world, 200);
    assert_int_equal(f.opened, 0);
    speak(&f, 1);
    sim_advance_ms(world, 500);
    assert_true(f.opened > 20);
    pipit_free(offer);
    side_close(&a);
    sim_advance_ms(world, 10);
    sim_free(world);
    srtp_dealloc(f.in);
    srtp_dealloc(f.out);
}

static void settings_that_do_not_go_together_are_refused(void **state)
{
    static const pipit_peer_configuration wrong[] = {
        {.security = PIPIT_SECURITY_SDES, .data_channels = true},
        {.security = (pipit_media_security)3},
    };
    pp_peer *peer = NULL;

    (void)state;
    assert_int_equal(sim_new(1, &world), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pp_peer_new(sim_loop(world), &wrong[i], &(pipit_media_stream){0}, true,
                                     &side_handlers, &a, &peer),
                         PIPIT_ERR_ARGUMENT);
    sim_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_in_the_descriptions_protect_the_sound),
        cmocka_unit_test(sound_without_any_protection_is_there_for_who_asks_for_it),
        cmocka_unit_test(nothing_of_it_is_taken_unless_it_is_said),
        cmocka_unit_test(an_answer_with_less_protection_than_the_offer_is_refused),
        cmocka_unit_test(another_implementation_understands_each_suite),
        cmocka_unit_test(a_far_end_behind_a_nat_is_found_by_an_authentic_packet),
        cmocka_unit_test(settings_that_do_not_go_together_are_refused),
    };

    return srtp_init() == srtp_err_status_ok ? cmocka_run_group_tests(tests, NULL, NULL)
                                             : EXIT_FAILURE;
}
