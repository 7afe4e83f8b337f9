/* parse.c - URIs, addresses and header values without a user agent: example_parse HEADER VALUE
 * shows what a header says, for example: example_parse Contact '"Bob" <sip:bob@example.com>;q=0.5, <sip:b@example.org>' */
#include <pipit/pipit.h>

#include <stdio.h>
#include <stdlib.h>

/* An address is changed and written anew, so that it can be sent. */
static int show_address(const pipit_name_addr *address)
{
    pipit_name_addr *copy = NULL;
    char *text = NULL, *aor = NULL;
    int err = pipit_name_addr_clone(address, &copy);

    if (!err)
        err = pipit_uri_to_aor(pipit_name_addr_uri(copy), false, &aor);
    if (!err)
        err = pipit_name_addr_set_display_name(copy, "Somebody \"else\"");
    if (!err)
        err = pipit_name_addr_to_string(copy, &text);
    if (!err)
        printf("  address of record %s; under another name: %s\n", aor, text);
    pipit_free(aor);
    pipit_free(text);
    pipit_name_addr_unref(copy);
    return err;
}

static int show(const pipit_value *value)
{
    static const char *const names[] = {"value", "event", "state",  "protocol", "cause",  "realm",
                                        "text",  "host",  "branch", "method",   "expires"};
    int err = 0;

    for (size_t i = 0; !err && i < pipit_value_count(value); i++) {
        printf("member %zu\n", i);
        for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
            if (pipit_value_field(value, i, names[k]))
                printf("  %s: %s\n", names[k], pipit_value_field(value, i, names[k]));
        if (pipit_value_name_addr(value, i))
            err = show_address(pipit_value_name_addr(value, i));
    }
    return err;
}

int main(int argc, char **argv)
{
    pipit_value *value = NULL;
    int err;

    if (argc != 3) {
        fprintf(stderr, "usage: %s HEADER VALUE\n", argv[0]);
        return EXIT_FAILURE;
    }
    err = pipit_parse(argv[1], argv[2], &value);
    if (!err)
        err = show(value);
    if (err)
        fprintf(stderr, "%s: %s\n", argv[0], pipit_error_message());
    pipit_value_unref(value);
    return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
