/* sip.c - SIP messages, URIs, addresses, lists, parameters, credentials, bodies of several parts. */
#include "base/limits.h"
#include "shapes.h"
#include "sip/digest.h"
#include "sip/multipart.h"
#include "sip/request.h"
#include "sip/typed/typed.h"

#define HEAD                                                                                       \
    "OPTIONS sip:b@b.example SIP/2.0\r\nVia: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n"            \
    "Max-Forwards: 70\r\nTo: <sip:b@b.example>\r\nFrom: <sip:a@a.example>;tag=1\r\n"               \
    "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n"

/* ---------------------------------------------------------------------------- whole messages */

static void look_through(const pp_message *m)
{
    for (unsigned id = 0; id < PP_HEADER_COUNT; id++) {
        pp_member at = {0};
        pp_typed value;
        pp_str member;

        while (pp_message_next(m, (pp_header_id)id, &at, &member))
            (void)pp_typed_parse((pp_header_id)id, member, &value);
    }
}

static void run_message(pp_str text)
{
    pp_message *m = NULL;
    pp_outgoing *copy = NULL;
    pipit_request *view = NULL;
    pp_buf wire = {0};

    if (pp_message_parse(text, &m))
        return;
    look_through(m);
    if (pp_request_of_message(m, &view) == 0)
        pipit_request_unref(view);
    if (pp_outgoing_from_message(m, &copy) == 0)
        (void)pp_outgoing_write(copy, &wire);
    pp_outgoing_unref(copy);
    pp_buf_free(&wire);
    pp_message_unref(m);
}

static void fill_fields(pp_buf *out, size_t size)
{
    size_t each = size / (PP_LIMIT_SIP_HEADERS - 8);

    pp_buf_c(out, HEAD);
    for (unsigned i = 0; i < PP_LIMIT_SIP_HEADERS - 8; i++)
        bench_repeat(out, "Subject: ", "x", "\r\n", each);
    pp_buf_c(out, "\r\n");
}

static void fill_body(pp_buf *out, size_t size)
{
    pp_buf_format(out, HEAD "Content-Type: text/plain\r\nContent-Length: %zu\r\n\r\n", size);
    bench_repeat(out, "", "\r\n\r\n", "", size);
}

BENCH_FILL(fill_too_many_fields, HEAD, "a:b\r\n", "\r\n")
BENCH_FILL(fill_one_field, HEAD "Subject: ", "x", "\r\n\r\n")
BENCH_FILL(fill_folds, HEAD "Subject: x", "\r\n ", "x\r\n\r\n")
BENCH_FILL(fill_stray, HEAD "Subject: x", "\r \n", "x\r\n\r\n")
BENCH_FILL(fill_quoted_nul, HEAD "Subject: \"", "\\\\", "\"\r\n\r\n")
BENCH_FILL(fill_no_end, HEAD, "Subject: x\r\n", "")
BENCH_FILL(fill_first_line, "OPTIONS sip:", "x", " SIP/2.0\r\n\r\n")
BENCH_FILL(fill_line_ends_first, "", "\r\n", HEAD "\r\n")
BENCH_FILL(fill_vias, HEAD "Via: SIP/2.0/UDP a;x=\"", "b", "\"\r\n\r\n")
BENCH_FILL(fill_via_members, HEAD "Via: SIP/2.0/UDP a", ", SIP/2.0/UDP a", "\r\n\r\n")
BENCH_FILL(fill_routes, HEAD "Route: <sip:a;lr>", ",<sip:a;lr>", "\r\n\r\n")
BENCH_FILL(fill_contacts, HEAD "Contact: <sip:a>", ",<sip:a>;q=1", "\r\n\r\n")

/* --------------------------------------------------------------------------------- its parts */

static void run_uri(pp_str text)
{
    pp_buf out = {0};
    pp_uri uri;

    if (pp_uri_parse(text, &uri) == 0) {
        pp_uri_write_aor(&uri, &out);
        (void)pp_param(uri.params, "lr", NULL);
        (void)pp_uri_equal(&uri, &uri);
        (void)pp_uri_same_aor(&uri, &uri);
    }
    pp_buf_free(&out);
}

BENCH_FILL(fill_uri_user, "sip:", "%41", "@b.example")
BENCH_FILL(fill_uri_at, "sip:", "a:", "@b.example")
BENCH_FILL(fill_uri_host, "sip:a@", "b.", "example")
BENCH_FILL(fill_uri_params, "sip:a@b.example", ";a=b", "")
BENCH_FILL(fill_uri_names, "sip:a@b.example;", "a", "")
BENCH_FILL(fill_uri_headers, "sip:a@b.example?a=b", "&a=b", "")
BENCH_FILL(fill_uri_ipv6, "sip:a@[", "1:", "]")
BENCH_FILL(fill_uri_opaque, "urn:", "%41;", "")

static void run_target(pp_str text)
{
    pp_buf out = {0};

    (void)pp_normalize_target(text, PP_LIT("example.com"), &out);
    pp_buf_free(&out);
}

BENCH_FILL(fill_target, "", "a b@", "")

static void run_address(pp_str text)
{
    pp_buf out = {0};
    pp_name_addr address;

    if (pp_name_addr_parse(text, &address) == 0) {
        pp_name_addr_write_display_name(&address, &out);
        (void)pp_param(address.params, "tag", NULL);
    }
    pp_buf_free(&out);
}

BENCH_FILL(fill_address_quoted, "\"", "\\\"", "\" <sip:a@b.example>")
BENCH_FILL(fill_address_open, "\"", "\\\"", "")
BENCH_FILL(fill_address_words, "", "a ", "<sip:a@b.example>")
BENCH_FILL(fill_address_blanks, "a", " ", "<sip:a@b.example>")
BENCH_FILL(fill_address_params, "<sip:a@b.example>", " ; a = \"b\"", "")

static void run_list(pp_str text)
{
    pp_str rest = text, member;

    while (pp_list_next(&rest, &member))
        (void)member;
}

BENCH_FILL(fill_list_empty, "", ",", "")
BENCH_FILL(fill_list_blanks, "", " , ", "a")
BENCH_FILL(fill_list_quotes, "", "\"a,\",", "")
BENCH_FILL(fill_list_open_quotes, "", "a,\"", "")
BENCH_FILL(fill_list_brackets, "", "<a,>,", "")
BENCH_FILL(fill_list_open_brackets, "", "a,<", "")
BENCH_FILL(fill_list_no_comma, "", "<\"", "")

static void run_params(pp_str text)
{
    (void)pp_params_valid(text);
    (void)pp_param(text, "z", NULL);
}

BENCH_FILL(fill_params, "", ";a=\"\\\"\"", "")
BENCH_FILL(fill_params_blanks, "", "; a", "")
BENCH_FILL(fill_params_open, "", ";a", "=\"")

/* As every kind of header: whichever takes it, none may take long. */
static void run_typed(pp_str text)
{
    pp_buf out = {0};
    pp_typed value;

    for (unsigned shape = 0; shape < PP_SHAPE_COUNT; shape++)
        (void)pp_shape_parse((pp_shape)shape, text, &value);
    pp_buf_free(&out);
}

BENCH_FILL(fill_comments, "1 ", "(", "")
BENCH_FILL(fill_nested_comments, "1 ", "(a(b)", ")")
BENCH_FILL(fill_typed_params, "a", ";b=c", "")
BENCH_FILL(fill_typed_quotes, "a;b=\"", "\\\"", "\"")
BENCH_FILL(fill_typed_blanks, "a", " ", "b")
BENCH_FILL(fill_typed_digits, "", "1", "")
BENCH_FILL(fill_typed_dots, "a", ".a", "")

static void run_challenge(pp_str text)
{
    pp_authorization authorization;
    pp_challenge challenge;

    (void)pp_challenge_parse(text, &challenge);
    (void)pp_authorization_parse(text, &authorization);
}

BENCH_FILL(fill_challenge, "Digest realm=\"a\", nonce=\"b\"", ", a=\"b\"", "")
BENCH_FILL(fill_challenge_commas, "Digest realm=\"a\", nonce=\"b\"", ", ,", "")
BENCH_FILL(fill_challenge_flags, "Digest realm=\"a\", nonce=\"b\"", ", a", "")
BENCH_FILL(fill_challenge_quotes, "Digest realm=\"", "\\\"", "\", nonce=\"b\"")
BENCH_FILL(fill_challenge_qop, "Digest realm=\"a\", nonce=\"b\", qop=\"", "a,", "auth\"")

static void run_parts(pp_str text)
{
    const pp_str type = PP_LIT("multipart/mixed;boundary=b");
    pp_multipart m;
    pp_part part;

    if (pp_multipart_begin(type, text, &m))
        while (pp_multipart_next(&m, &part))
            (void)part;
    (void)pp_multipart_is_too_deep(type, text);
}

BENCH_FILL(fill_parts, "", "--b\r\n\r\nx\r\n", "--b--\r\n")
BENCH_FILL(fill_near_parts, "--b\r\n\r\n", "\r\n--", "")
BENCH_FILL(fill_part_fields, "--b\r\n", "a: b\r\n", "\r\nx\r\n--b--\r\n")
BENCH_FILL(fill_parts_in_parts, "", "--b\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n",
           "--b--\r\n")

const bench_shape bench_sip_shapes[] = {
    {"message", "248 long fields", BENCH_MIB, fill_fields, run_message, true},
    {"message", "a long body", BENCH_MIB - 1024, fill_body, run_message, true},
    {"message", "too many fields", BENCH_MIB - 1024, fill_too_many_fields, run_message, false},
    {"message", "one long field", BENCH_MIB - 1024, fill_one_field, run_message, true},
    {"message", "folds", BENCH_MIB - 1024, fill_folds, run_message, false},
    {"message", "CR and LF alone", BENCH_MIB - 1024, fill_stray, run_message, false},
    {"message", "quoted pairs", BENCH_MIB - 1024, fill_quoted_nul, run_message, true},
    {"message", "no end", BENCH_MIB - 1024, fill_no_end, run_message, false},
    {"message", "a long first line", BENCH_MIB - 1024, fill_first_line, run_message, false},
    {"message", "empty lines first", BENCH_MIB - 1024, fill_line_ends_first, run_message, false},
    {"message", "one long Via", BENCH_MIB - 1024, fill_vias, run_message, false},
    {"message", "Via members", BENCH_MIB - 1024, fill_via_members, run_message, false},
    {"message", "Route members", 16000, fill_routes, run_message, false},
    {"message", "Contact members", 16000, fill_contacts, run_message, false},
    {"uri", "escapes in the user", BENCH_MIB, fill_uri_user, run_uri, false},
    {"uri", "colons in the user", BENCH_MIB, fill_uri_at, run_uri, false},
    {"uri", "labels of the host", BENCH_MIB, fill_uri_host, run_uri, false},
    {"uri", "parameters", BENCH_MIB, fill_uri_params, run_uri, false},
    {"uri", "a long parameter", BENCH_MIB, fill_uri_names, run_uri, false},
    {"uri", "headers", BENCH_MIB, fill_uri_headers, run_uri, false},
    {"uri", "groups of an IPv6 literal", BENCH_MIB, fill_uri_ipv6, run_uri, false},
    {"uri", "another scheme", BENCH_MIB, fill_uri_opaque, run_uri, false},
    {"target", "octets to be escaped", BENCH_MIB, fill_target, run_target, false},
    {"address", "a quoted name", BENCH_MIB, fill_address_quoted, run_address, false},
    {"address", "a quoted name not closed", BENCH_MIB, fill_address_open, run_address, false},
    {"address", "a name of many words", BENCH_MIB, fill_address_words, run_address, false},
    {"address", "blanks", BENCH_MIB, fill_address_blanks, run_address, false},
    {"address", "parameters", BENCH_MIB, fill_address_params, run_address, false},
    {"list", "empty members", BENCH_MIB, fill_list_empty, run_list, false},
    {"list", "blanks and commas", BENCH_MIB, fill_list_blanks, run_list, false},
    {"list", "quoted strings", BENCH_MIB, fill_list_quotes, run_list, false},
    {"list", "quotes not closed", BENCH_MIB, fill_list_open_quotes, run_list, false},
    {"list", "brackets", BENCH_MIB, fill_list_brackets, run_list, false},
    {"list", "brackets not closed", BENCH_MIB, fill_list_open_brackets, run_list, false},
    {"list", "no comma", BENCH_MIB, fill_list_no_comma, run_list, false},
    {"parameters", "quoted values", BENCH_MIB, fill_params, run_params, false},
    {"parameters", "blanks", BENCH_MIB, fill_params_blanks, run_params, false},
    {"parameters", "a quote not closed", BENCH_MIB, fill_params_open, run_params, false},
    {"typed values", "comments not closed", BENCH_MIB, fill_comments, run_typed, false},
    {"typed values", "nested comments", BENCH_MIB, fill_nested_comments, run_typed, false},
    {"typed values", "parameters", BENCH_MIB, fill_typed_params, run_typed, false},
    {"typed values", "quoted pairs", BENCH_MIB, fill_typed_quotes, run_typed, false},
    {"typed values", "blanks", BENCH_MIB, fill_typed_blanks, run_typed, false},
    {"typed values", "digits", BENCH_MIB, fill_typed_digits, run_typed, false},
    {"typed values", "dots", BENCH_MIB, fill_typed_dots, run_typed, false},
    {"digest", "parameters", BENCH_MIB, fill_challenge, run_challenge, false},
    {"digest", "commas", BENCH_MIB, fill_challenge_commas, run_challenge, false},
    {"digest", "names alone", BENCH_MIB, fill_challenge_flags, run_challenge, false},
    {"digest", "quoted pairs", BENCH_MIB, fill_challenge_quotes, run_challenge, false},
    {"digest", "kinds of qop", BENCH_MIB, fill_challenge_qop, run_challenge, false},
    {"multipart", "parts", BENCH_MIB, fill_parts, run_parts, false},
    {"multipart", "almost delimiters", BENCH_MIB, fill_near_parts, run_parts, false},
    {"multipart", "fields of a part", BENCH_MIB, fill_part_fields, run_parts, false},
    {"multipart", "parts within parts", BENCH_MIB, fill_parts_in_parts, run_parts, false},
    {NULL, NULL, 0, NULL, NULL, false},
};
