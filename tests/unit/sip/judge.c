/* judge.c - the strict judge of SIP messages (tests/support/abnf) itself: it takes what is right, it
 * says no to what is not, and what it takes our parser takes. */
#include "sip/message.h"
#include "support/abnf/abnf.h"
#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>

static char why[600];

static bool takes(const char *rule, const char *text)
{
    return abnf_matches(rule, text, strlen(text), why, sizeof(why));
}

typedef struct sample {
    const char *rule, *text;
} sample;

static void a_right_value_is_taken(void **state)
{
    static const sample samples[] = {
        {"SIP-URI", "sip:alice@example.com"},
        {"SIP-URI", "sip:alice:secret@example.com:5060;transport=wss;lr;x=%41?a=b&c="},
        {"SIP-URI", "sip:[2001:db8::9:1]:5060"},
        {"SIPS-URI", "sips:+1-212;ext=5@gateway.example"},
        {"IPv6address", "::"},
        {"IPv6address", "::1"},
        {"IPv6address", "1:2:3:4:5:6:7:8"},
        {"IPv6address", "::ffff:192.0.2.1"},
        {"IPv6address", "1:2::8"},
        {"Request-URI", "tel:+358-555-1234567;postd=pp22"},
        {"Request-URI", "soap.beep://192.0.2.103:3002"},
        {"From", "\"A. G. Bell\" <sip:agb@bell-telephone.com> ;tag=a48s"},
        {"From", "sip:+12125551212@server.phone2net.com;tag=887s"},
        {"From", "Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8"},
        {"To", "\"\\\"\\\\\\\x07 caf\xC3\xA9\" <urn:service:sos>"},
        {"Contact", "*"},
        {"Contact",
         "<sip:a@b.example;ob>;reg-id=1;+sip.instance=\"<urn:uuid:0-1>\";expires=600;q=0.7"
         " , sip:c@d.example"},
        {"Via", "SIP/2.0/WSS abc.invalid;branch=z9hG4bKx;rport"},
        {"Via",
         "SIP / 2.0 / UDP first.example.com: 4000;ttl=16\r\n ;maddr=224.2.0.1 ;branch=z9hG4bKa7"},
        {"Via", "SIP/2.0/TLS [2001:db8::1]:5061;received=2001:db8::2;branch=z9hG4bKb;alias"},
        {"CSeq", "1 INVITE"},
        {"Call-ID", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6@foo.bar.com"},
        {"Authorization",
         "Digest username=\"bob\", realm=\"x\", nonce=\"\", uri=\"sip:x\", qop=auth, nc=00000001,"
         " cnonce=\"0\", response=\"0123456789abcdef0123456789abcdef\", algorithm=MD5"},
        {"WWW-Authenticate",
         "Digest realm=\"a \\\"b\\\"\", domain=\"sip:boxesbybob.com /x\","
         " qop=\"auth,auth-int\", nonce=\"ea9c\", stale=FALSE, algorithm=SHA-256"},
        {"WWW-Authenticate", "Bearer realm=\"x\""},
        {"Warning", "307 isi.edu \"Session parameter 'foo' not understood\""},
        {"Date", "Sat, 13 Nov 2010 23:29:00 GMT"},
        {"User-Agent", "Pipit/0.1.0 (Linux (a comment (in a comment)))"},
        {"Retry-After", "18000;duration=3600"},
        {"Retry-After", "120 (I'm in a meeting)"},
        {"Reason", "SIP ;cause=200 ;text=\"Call completed elsewhere\",Q.850;cause=16"},
        {"Session-Expires", "1800;refresher=uac"},
        {"Replaces", "98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff;early-only"},
        {"Refer-To",
         "<sip:dave@denver.example.org?Replaces=12345%40192.168.118.3%3Bto-tag%3D12345>"},
        {"Event", "presence.winfo;id=1"},
        {"Subscription-State", "terminated;reason=timeout;retry-after=3"},
        {"Accept", "application/sdp;level=1, application/x-private, text/*;q=0.5, */*"},
        {"Content-Type", "multipart/mixed; boundary=\"a b\""},
        {"RAck", "776656 1 INVITE"},
        {"Supported", ""},
        {"header-value", ";;,,;;,;\r\n folded \x80"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
        if (!takes(samples[i].rule, samples[i].text))
            fail_msg("%s", why);
}

static void a_wrong_value_is_refused(void **state)
{
    static const sample samples[] = {
        {"SIP-URI", "sip:"},
        {"SIP-URI", "sip:a b@example.com"},
        {"SIP-URI", "sip:a@b@example.com"},
        {"SIP-URI", "sip:alice@example.com;"},
        {"SIP-URI", "sip:alice@exam_ple.com"},
        {"SIP-URI", "sip:%4@example.com"},
        {"SIP-URI", "sip:a@[2001:db8:::1]"},
        {"SIP-URI", "sip:a@example.com;transport=a@b"},
        {"SIP-URI", "sip:a@192.0.2.256"},
        {"IPv6address", "1:2:3:4:5:6:7:8:9"},
        {"IPv6address", "1::2::3"},
        {"Request-URI", "sip:bad host"},
        {"Request-URI", "<sip:a@b.example>"},
        {"From", "\"Bell <sip:agb@bell.example>;tag=a"},
        {"From", "Bell, Alice <sip:agb@bell.example>;tag=a"},
        {"From", "sip:a@b.example;tag"},
        {"From", "sip:a@b.example?x=y"},
        {"From", "sip:a@b.example;tag=\"a\""},
        {"To", "\"a\rb\" <sip:a@b.example>"},
        {"Contact", "<sip:a@b.example>;expires=x"},
        {"Contact", "<sip:a@b.example>;q=1.5"},
        {"Contact", "*, <sip:a@b.example>"},
        {"Contact", "<sip:a@b.example>,"},
        {"Contact", "<sip:a@b.example>;+sip.instance=urn:uuid:1"},
        {"Via", "SIP/2.0/UDP 192.0.2.1;;branch=x"},
        {"Via", "SIP/2.0/UDP 192.0.2.1;branch="},
        {"Via", "SIP/2.0/UDP 192.0.2.1;received=x.example"},
        {"Via", "SIP/2.0 192.0.2.1"},
        {"CSeq", "INVITE"},
        {"CSeq", "-1 INVITE"},
        {"CSeq", "1INVITE"},
        {"Call-ID", "a b"},
        {"Call-ID", "a@b@c"},
        {"Call-ID", ""},
        {"Authorization", "Digest username=bob"},
        {"Authorization", "Digest nc=1"},
        {"Authorization", "Digest response=\"XYZ\""},
        {"Authorization", "Digest qop=\"auth\""},
        {"WWW-Authenticate", "Digest realm=x"},
        {"WWW-Authenticate", "Digest qop=auth"},
        {"WWW-Authenticate", "Digest realm=\"x\" nonce=\"y\""},
        {"Date", "Sat, 13 Nov 2010 23:29:00 CET"},
        {"User-Agent", "a (b"},
        {"User-Agent", ""},
        {"Max-Forwards", "70 "},
        {"Content-Length", "0x10"},
        {"Reason", "SIP;cause=x"},
        {"Reason", "SIP;text=hello"},
        {"Session-Expires", "90;refresher=me"},
        {"Require", ""},
        {"Accept", "text"},
        {"Subject", "a\r\nb"},
        {"header-value", "a\x01"},
        {"header-value", "a\r\nEvil: b"},
        {"Method", "IN VITE"},
        {"Status-Line", "SIP/2.0 700 x"},
        {"Status-Line", "SIP/2.0 200"},
        {"Request-Line", "OPTIONS sip:a@b.example  SIP/2.0"},
        {"Request-Line", "OPTIONS sip:a@b.example sip/2.0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
        if (takes(samples[i].rule, samples[i].text))
            fail_msg("%s takes '%s'", samples[i].rule, samples[i].text);
}

#define HEAD                                                                                       \
    "Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"                           \
    "To: <sip:b@b.example>\r\nFrom: <sip:a@a.example>;tag=1\r\nCall-ID: 1\r\n"

static bool message(const char *text)
{
    return abnf_sip_printed(text, strlen(text), why, sizeof(why));
}

static void a_whole_message_is_judged(void **state)
{
    (void)state;
    if (!message("OPTIONS sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 1 OPTIONS\r\n\r\n"))
        fail_msg("%s", why);
    assert_true(message("MESSAGE sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 1 MESSAGE\r\n"
                        "c: text/plain\r\nl: 2\r\n\r\nhi"));
    assert_true(message("SIP/2.0 200 \r\nVia: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n"
                        "To: <sip:b@b.example>;tag=2\r\nFrom: <sip:a@a.example>;tag=1\r\n"
                        "Call-ID: 1\r\nCSeq: 1 BYE\r\n\r\n"));
}

static void a_message_against_a_rule_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "OPTIONS sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 1 OPTIONS\r\n",
        "OPTIONS sip:b@b.example SIP/2.0\n" HEAD "CSeq: 1 OPTIONS\r\n\r\n",
        "OPTIONS sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 1 BYE\r\n\r\n",
        "OPTIONS sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 1 options\r\n\r\n",
        "OPTIONS sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 2147483648 OPTIONS\r\n\r\n",
        "OPTIONS sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 1 OPTIONS\r\nl: 1\r\n\r\n",
        "OPTIONS sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 1 OPTIONS\r\nl: 2\r\n\r\nhi",
        "OPTIONS sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 1 OPTIONS\r\nc: text/plain\r\n\r\nhi",
        "OPTIONS sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 1 OPTIONS\r\nCall-ID: 2\r\n\r\n",
        "OPTIONS sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 1 OPTIONS\r\nX\r\n\r\n",
        "OPTIONS sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 1 OPTIONS\r\nX Y: z\r\n\r\n",
        "OPTIONS sip:b@b.example SIP/2.0\r\n" HEAD "\r\n",
        "INVITE sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\n\r\n",
        "REFER sip:b@b.example SIP/2.0\r\n" HEAD "CSeq: 1 REFER\r\nm: <sip:a@a.example>\r\n\r\n",
        "OPTIONS sip:b@b.example SIP/2.0\r\nVia: SIP/2.0/WSS a.invalid;branch=1\r\n"
        "Max-Forwards: 70\r\nTo: <sip:b@b.example>\r\nFrom: <sip:a@a.example>;tag=1\r\n"
        "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
        "OPTIONS sip:b@b.example SIP/2.0\r\nVia: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n"
        "Max-Forwards: 256\r\nTo: <sip:b@b.example>\r\nFrom: <sip:a@a.example>;tag=1\r\n"
        "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
        "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n"
        "To: <sip:b@b.example>;tag=2\r\nFrom: <sip:a@a.example>;tag=1\r\n"
        "Call-ID: 1\r\nCSeq: 1 BYE\r\n\r\n",
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n"
        "To: <sip:b@b.example>\r\nFrom: <sip:a@a.example>;tag=1\r\nCall-ID: 1\r\nCSeq: 1 "
        "BYE\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (message(wrong[i]))
            fail_msg("taken:\n%s", wrong[i]);
}

/* Of the torture tests: those that are right by the letter, but not for this judge, which wants a
 * message of today, whole and alone. */
static bool is_exception(const char *name)
{
    static const char *const exceptions[] = {
        "dblreq.dat",  /* octets behind the body */
        "insuf.dat",   /* misses required fields */
        "inv2543.dat", /* of RFC 2543: no tag, no branch, no Max-Forwards */
    };

    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
        if (strcmp(name, exceptions[i]) == 0)
            return true;
    return false;
}

typedef struct verdicts {
    pp_str table;
    unsigned right, wrong;
} verdicts;

/* The fifth column of the file's row. */
static pp_str verdict_of(pp_str table, const char *name)
{
    while (table.n) {
        pp_str row = pp_str_split(&table, '\n');

        if (!pp_str_eq_c(pp_str_split(&row, '\t'), name))
            continue;
        for (unsigned i = 0; i < 3; i++)
            pp_str_split(&row, '\t');
        return pp_str_split(&row, '\t');
    }
    return PP_STR_NONE;
}

static void judge_torture(const char *name, pp_str content, void *arg)
{
    verdicts *v = arg;
    pp_str verdict = verdict_of(v->table, name);
    bool taken = abnf_sip_message(content.p, content.n, why, sizeof(why));
    pp_message *m = NULL;
    int err;

    if (pp_str_eq_c(verdict, "valid") && !is_exception(name) && !taken)
        fail_msg("%s: %s", name, why);
    if (pp_str_eq_c(verdict, "invalid") && taken)
        fail_msg("%s is taken", name);
    if (taken) {
        err = pp_message_parse(content, &m);
        assert_int_equal(err, 0);
        assert_int_equal(m->defect, 0);
        pp_message_unref(m);
    }
    v->right += taken;
    v->wrong += !taken;
}

static void judge_all(const char *folder, const char *table, unsigned right, unsigned wrong)
{
    verdicts v = {.table = read_corpus(table)};

    each_corpus_file(folder, judge_torture, &v);
    printf("torture: %s by the strict grammar: %u right, %u wrong\n", folder, v.right, v.wrong);
    assert_true(v.right >= right && v.wrong >= wrong);
    free((void *)(uintptr_t)v.table.p);
}

static void the_torture_messages_are_judged_as_their_authors_say(void **state)
{
    (void)state;
    judge_all("sip-torture/rfc4475", "sip-torture/rfc4475.tsv", 20, 20);
    judge_all("sip-torture/rfc5118/wire", "sip-torture/rfc5118.tsv", 8, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_value_is_taken),
        cmocka_unit_test(a_wrong_value_is_refused),
        cmocka_unit_test(a_whole_message_is_judged),
        cmocka_unit_test(a_message_against_a_rule_is_refused),
        cmocka_unit_test(the_torture_messages_are_judged_as_their_authors_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
