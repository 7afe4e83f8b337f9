/* sip_public.c - what pipit_parse() takes under any rule is written so that it is taken again and says the same. */
/* FUZZ: sip */
#include "base/str.h"
#include "pipit/request.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static const char *const rules[] = {
    "SIP_URI", "absoluteURI", "Name_Addr_Header", "Contact",      "host",     "quoted_string",
    "uuid",    "challenge",   "Status_Line",      "Request_Line", "message",  "Via",
    "From",    "Event",       "Reason",           "Content_Type", "Replaces", "X-Unknown",
    "Allow",   "Date",        "Warning",          "Identity"};

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void check_uri(const pipit_uri *uri)
{
    pipit_uri *again = NULL, *copy = NULL;
    char *once = NULL, *twice = NULL, *aor = NULL;

    CHECK(pipit_uri_to_string(uri, &once) == 0);
    CHECK(pipit_uri_parse(once, &again) == 0);
    CHECK(pipit_uri_to_string(again, &twice) == 0);
    CHECK(same(once, twice));
    CHECK(same(pipit_uri_scheme(uri), pipit_uri_scheme(again)));
    CHECK(same(pipit_uri_user(uri), pipit_uri_user(again)));
    CHECK(same(pipit_uri_host(uri), pipit_uri_host(again)));
    CHECK(pipit_uri_port(uri) == pipit_uri_port(again));
    pipit_free(twice);
    twice = NULL;
    CHECK(pipit_uri_clone(uri, &copy) == 0);
    CHECK(pipit_uri_to_string(copy, &twice) == 0);
    CHECK(same(once, twice));
    CHECK(pipit_uri_to_aor(uri, true, &aor) == 0);
    CHECK(strncmp(aor, once, strlen(aor)) == 0);
    pipit_free(once);
    pipit_free(twice);
    pipit_free(aor);
    pipit_uri_unref(again);
    pipit_uri_unref(copy);
}

static void check_address(const pipit_name_addr *address)
{
    pipit_name_addr *again = NULL;
    char *once = NULL, *twice = NULL;

    CHECK(pipit_name_addr_to_string(address, &once) == 0);
    CHECK(pipit_name_addr_parse(once, &again) == 0);
    CHECK(pipit_name_addr_to_string(again, &twice) == 0);
    CHECK(same(once, twice));
    CHECK(same(pipit_name_addr_display_name(address), pipit_name_addr_display_name(again)));
    pipit_free(once);
    pipit_free(twice);
    pipit_name_addr_unref(again);
}

static void check_value(const char *rule, const char *text)
{
    pipit_value *value = NULL;

    if (pipit_parse(rule, text, &value)) {
        CHECK(value == NULL);
        return;
    }
    for (size_t i = 0; i < pipit_value_count(value); i++) {
        if (pipit_value_uri(value, i))
            check_uri(pipit_value_uri(value, i));
        if (pipit_value_name_addr(value, i))
            check_address(pipit_value_name_addr(value, i));
    }
    pipit_value_unref(value);
}

/* Whatever is set, the URI has the same parts in the same places. */
static void check_setters(const char *text)
{
    pipit_uri *uri = NULL, *back = NULL;
    char *written = NULL;

    CHECK(pipit_uri_new("sip", NULL, "h", 5060, &uri) == 0);
    if (pipit_uri_set_user(uri, text) == 0 && pipit_uri_set_param(uri, "p", text) == 0 &&
        pipit_uri_set_header(uri, "X-H", text) == 0 && pipit_uri_set_param(uri, text, text) <= 0) {
        CHECK(pipit_uri_to_string(uri, &written) == 0);
        CHECK(pp_str_is_line(pp_str_c(written)) && !strpbrk(written, " <>\""));
        CHECK(pipit_uri_parse(written, &back) == 0);
        CHECK(same(pipit_uri_user(uri), pipit_uri_user(back)));
        CHECK(same(pipit_uri_host(back), "h") && pipit_uri_port(back) == 5060);
        CHECK(pipit_uri_has_param(back, "p") && pipit_uri_count_header(back, "x-h") == 1);
    }
    pipit_free(written);
    pipit_uri_unref(uri);
    pipit_uri_unref(back);
}

static void check_display_name(const char *text)
{
    pipit_uri *uri = NULL;
    pipit_name_addr *address = NULL;

    CHECK(pipit_uri_new("sip", "a", "h", 0, &uri) == 0);
    CHECK(pipit_name_addr_new(uri, NULL, &address) == 0);
    if (pipit_name_addr_set_display_name(address, text) == 0 &&
        pipit_name_addr_set_param(address, "x", text) == 0)
        check_address(address);
    pipit_name_addr_unref(address);
    pipit_uri_unref(uri);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size == 0)
        return 0;
    text = malloc(size);
    if (!text)
        abort();
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    check_value(rules[data[0] % (sizeof(rules) / sizeof(*rules))], text);
    check_setters(text);
    check_display_name(text);
    free(text);
    return 0;
}
