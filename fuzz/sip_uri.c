/* sip_uri.c - a URI is itself, its address of record is one and stays so, and a target that is taken is a SIP URI. */
/* FUZZ: sip */
#include "sip/uri.h"

#include "check.h"

static void check_aor(const pp_uri *uri)
{
    pp_buf once = {0}, twice = {0};
    pp_uri aor;

    pp_uri_write_aor(uri, &once);
    CHECK(pp_uri_parse(pp_buf_text(&once), &aor) == 0);
    CHECK(pp_uri_same_aor(uri, &aor));
    pp_uri_write_aor(&aor, &twice);
    CHECK(pp_str_eq(pp_buf_text(&once), pp_buf_text(&twice)));
    pp_buf_free(&once);
    pp_buf_free(&twice);
}

static void check_uri(pp_str text)
{
    pp_str rest, name, value;
    pp_uri uri;

    if (pp_uri_parse(text, &uri))
        return;
    CHECK(pp_uri_equal(&uri, &uri));
    CHECK(pp_uri_same_aor(&uri, &uri));
    CHECK(uri.scheme != PP_SCHEME_SIP || uri.host.n > 0);
    check_aor(&uri);
    rest = uri.params;
    while (pp_param_next(&rest, &name, &value))
        CHECK(name.n > 0);
}

static void check_target(pp_str text)
{
    pp_buf target = {0};
    pp_uri uri;

    if (pp_normalize_target(text, PP_LIT("example.com"), &target) == 0) {
        CHECK(pp_uri_parse(pp_buf_text(&target), &uri) == 0);
        CHECK(uri.scheme == PP_SCHEME_SIP && uri.user.n > 0);
        CHECK(pp_str_is_line(pp_buf_text(&target)));
    } else {
        CHECK(target.n == 0);
    }
    pp_buf_free(&target);
}

static void check_escapes(pp_str text)
{
    pp_buf escaped = {0}, plain = {0};

    pp_uri_escape_user(text, &escaped);
    pp_uri_unescape(pp_buf_text(&escaped), &plain);
    CHECK(pp_str_eq(pp_buf_text(&plain), text));
    pp_buf_free(&escaped);
    pp_buf_free(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_str text = pp_str_n(data, size);

    check_uri(text);
    check_target(text);
    check_escapes(text);
    return 0;
}
