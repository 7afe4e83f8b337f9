/* tables.c - the tables of this folder are true: each row of jssip.tsv names something of ours that is there (symbols.awk makes the
 * compiler look) and a test that is run and speaks of it, each name of JsSIP's package (names.txt) has a row, and so has each
 * fault of JsSIP in better.tsv. */
#include "base/buf.h"
#include "base/str.h"
#include "parity/symbols.h"
#include "pipit/types.h"
#include "support/files.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { CLASS, KIND, NAME, SOURCE, OURS, TEST, DIFFERENCE, COLUMNS };

typedef struct row {
    pp_str column[COLUMNS];
} row;

static struct table {
    pp_str text;
    row *rows;
    size_t count;
} jssip, names, better;

static unsigned complaints;

static void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* All of them are told, not only the first. */
static void complain(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    complaints++;
}

static void check_complaints(void)
{
    unsigned count = complaints;

    complaints = 0;
    assert_int_equal(count, 0);
}

/* --- reading ---------------------------------------------------------------------------------- */

static pp_str read_source(const char *path)
{
    const char *root = getenv("PIPIT_SOURCE_DIR");
    char whole[1024];

    snprintf(whole, sizeof(whole), "%s/%s", root ? root : ".", path);
    return read_file(whole);
}

/* Up to a character, which is taken away; false at the end. */
static bool next(pp_str *rest, char end, pp_str *out)
{
    const char *found = rest->n ? memchr(rest->p, end, rest->n) : NULL;

    if (!rest->n)
        return false;
    *out = (pp_str){.p = rest->p, .n = found ? (size_t)(found - rest->p) : rest->n};
    rest->p += found ? out->n + 1 : out->n;
    rest->n -= found ? out->n + 1 : out->n;
    return true;
}

static void read_table(const char *path, struct table *out)
{
    pp_str line, rest;

    out->text = read_source(path);
    if (!out->text.p)
        fail_msg("%s cannot be read", path);
    rest = out->text;
    while (next(&rest, '\n', &line)) {
        row *more = realloc(out->rows, (out->count + 1) * sizeof(*more));
        size_t i = 0;

        assert_non_null(more);
        out->rows = more;
        more[out->count] = (row){0};
        while (i < COLUMNS && next(&line, '\t', &more[out->count].column[i]))
            i++;
        if (line.n)
            fail_msg("%s:%zu has too many columns", path, out->count + 1);
        out->count++;
    }
}

static int read_tables(void **state)
{
    (void)state;
    read_table("tests/parity/jssip.tsv", &jssip);
    read_table("tests/parity/names.txt", &names);
    read_table("tests/parity/better.tsv", &better);
    return 0;
}

static int free_tables(void **state)
{
    struct table *const all[] = {&jssip, &names, &better};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        free((char *)all[i]->text.p);
        free(all[i]->rows);
    }
    return 0;
}

static bool is(pp_str a, const char *text)
{
    return pp_str_eq(a, pp_str_c(text));
}

/* --- tests by their names --------------------------------------------------------------------- */

/* The source of a program, "unit_ua_refer", and in `support` the folder of what it shares; NULL when there is none. */
static pp_str read_program(pp_str program, char *support, size_t size)
{
    char kind[16], folder[64], subject[128], path[512];
    char name[256];

    snprintf(name, sizeof(name), "%.*s", PP_STR(program));
    support[0] = '\0';
    if (sscanf(name, "unit_%63[a-z]_%127s", folder, subject) == 2) {
        snprintf(path, sizeof(path), "tests/unit/%s/%s.c", folder, subject);
        snprintf(support, size, "tests/unit/%s/support", folder);
    } else if (sscanf(name, "%15[a-z0-9]_%127s", kind, subject) == 2) {
        snprintf(path, sizeof(path), "tests/%s/%s.c", kind, subject);
        snprintf(support, size, "tests/support/cast");
    } else
        return (pp_str){0};
    return read_source(path);
}

static bool is_word_at(pp_str text, size_t at, pp_str word)
{
    bool before = at && (isalnum((unsigned char)text.p[at - 1]) || text.p[at - 1] == '_');
    size_t end = at + word.n;
    bool after = end < text.n && (isalnum((unsigned char)text.p[end]) || text.p[end] == '_');

    return !before && !after && memcmp(text.p + at, word.p, word.n) == 0;
}

static bool has_word(pp_str text, pp_str word)
{
    for (size_t i = 0; word.n && i + word.n <= text.n; i++)
        if (is_word_at(text, i, word))
            return true;
    return false;
}

/* It is defined, and in the table of the program's main(). */
static bool is_run(pp_str source, pp_str test)
{
    const char *table = source.p ? strstr(source.p, "struct CMUnitTest") : NULL;
    char definition[512];

    snprintf(definition, sizeof(definition), "static void %.*s(void **state)", PP_STR(test));
    return table && strstr(source.p, definition) && has_word(pp_str_c(table), test);
}

/* `name` of "pipit_call_options.name", or the whole. */
static pp_str word_of(pp_str symbol)
{
    const char *dot = memchr(symbol.p, '.', symbol.n);

    return dot ? (pp_str){.p = dot + 1, .n = symbol.n - (size_t)(dot + 1 - symbol.p)} : symbol;
}

static bool folder_has_word(const char *folder, pp_str word)
{
    const char *root = getenv("PIPIT_SOURCE_DIR");
    char path[1024];
    bool found = false;
    struct dirent *entry;
    DIR *files;

    snprintf(path, sizeof(path), "%s/%s", root ? root : ".", folder);
    files = opendir(path);
    while (files && !found && (entry = readdir(files))) {
        pp_str text;

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        text = read_source(path);
        found = has_word(text, word);
        free((char *)text.p);
    }
    if (files)
        closedir(files);
    return found;
}

/* "PIPIT_CAUSE_NO_ANSWER" of "No Answer"; BYE alone has a text of its own. */
static bool is_cause(pp_str symbol, pipit_cause cause)
{
    const char *name = cause == PIPIT_CAUSE_BYE ? "BYE" : pipit_cause_name(cause);
    char text[64] = "PIPIT_CAUSE_";

    for (size_t n = strlen(text); *name && n + 1 < sizeof(text); n++, name++)
        text[n] = (char)(*name == ' ' ? '_' : toupper((unsigned char)*name));
    return is(symbol, text);
}

/* By its name; a cause may also be told by its text. */
static bool speaks_of(pp_str source, const char *support, pp_str symbol)
{
    if (has_word(source, word_of(symbol)) || folder_has_word(support, word_of(symbol)))
        return true;
    for (pipit_cause i = 1; i < PIPIT_CAUSE_COUNT; i++)
        if (is_cause(symbol, i))
            return strstr(source.p, pipit_cause_name(i)) != NULL;
    return false;
}

/* The tests of a row are run; with `symbols` one of them speaks of each of these. */
static void check_tests(const char *what, pp_str tests, pp_str symbols)
{
    pp_str test, symbol, all = tests;

    while (next(&all, ' ', &test)) {
        char support[512];
        pp_str program = {0}, rest = test, source;

        assert_true(next(&rest, ':', &program));
        source = read_program(program, support, sizeof(support));
        if (!is_run(source, rest))
            complain("%s: there is no test %.*s", what, PP_STR(test));
        free((char *)source.p);
    }
    while (next(&symbols, ' ', &symbol)) {
        bool spoken = is(symbol, "-");

        all = tests;
        while (!spoken && next(&all, ' ', &test)) {
            char support[512];
            pp_str program = {0}, source;

            assert_true(next(&test, ':', &program));
            source = read_program(program, support, sizeof(support));
            spoken = speaks_of(source, support, symbol);
            free((char *)source.p);
        }
        if (!spoken)
            complain("%s: %.*s is not in its test", what, PP_STR(symbol));
    }
}

/* --- the tests -------------------------------------------------------------------------------- */

static bool is_pending(const row *r)
{
    return is(r->column[TEST], "pending");
}

static void every_symbol_of_ours_is_there(void **state)
{
    size_t count = 0;

    (void)state;
    for (; parity_functions[count]; count++)
        ;
    assert_true(count > 150);
    assert_true(parity_symbol_count > count);
    for (size_t i = count; i < parity_symbol_count; i++)
        assert_true(parity_places[i - count] < 4096);
}

static void every_row_has_a_test_that_speaks_of_it(void **state)
{
    (void)state;
    for (size_t i = 1; i < jssip.count; i++) {
        const pp_str *c = jssip.rows[i].column;
        char what[512];

        snprintf(what, sizeof(what), "jssip.tsv:%zu (%.*s.%.*s)", i + 1, PP_STR(c[CLASS]),
                 PP_STR(c[NAME]));
        if (!c[CLASS].n || !c[KIND].n || !c[NAME].n || !c[SOURCE].n || !c[OURS].n || !c[TEST].n)
            complain("%s: a column is empty", what);
        if (is(c[OURS], "-") && !c[DIFFERENCE].n)
            complain("%s: nothing of ours, and no reason", what);
        if (!is_pending(&jssip.rows[i]))
            check_tests(what, c[TEST], c[OURS]);
    }
    check_complaints();
}

static bool is_same(const row *a, const row *b)
{
    return pp_str_eq(a->column[CLASS], b->column[CLASS]) &&
           pp_str_eq(a->column[KIND], b->column[KIND]) &&
           pp_str_eq(a->column[NAME], b->column[NAME]);
}

static const row *find(const row *name, size_t from)
{
    for (size_t i = from; i < jssip.count; i++)
        if (is_same(&jssip.rows[i], name))
            return &jssip.rows[i];
    return NULL;
}

static void every_name_of_jssip_has_one_row(void **state)
{
    (void)state;
    assert_true(names.count > 800);
    for (size_t i = 0; i < names.count; i++)
        if (!find(&names.rows[i], 1))
            complain("no row for %.*s %.*s %.*s", PP_STR(names.rows[i].column[CLASS]),
                     PP_STR(names.rows[i].column[KIND]), PP_STR(names.rows[i].column[NAME]));
    for (size_t i = 1; i < jssip.count; i++)
        if (find(&jssip.rows[i], i + 1))
            complain("two rows for %.*s.%.*s", PP_STR(jssip.rows[i].column[CLASS]),
                     PP_STR(jssip.rows[i].column[NAME]));
    check_complaints();
}

static void every_fault_of_jssip_has_a_test_of_ours(void **state)
{
    (void)state;
    assert_int_equal(better.count, 41);
    for (size_t i = 1; i < better.count; i++) {
        const pp_str *c = better.rows[i].column;
        char what[64];

        snprintf(what, sizeof(what), "%zu", i);
        assert_true(is(c[0], what)); /* they are numbered */
        assert_true(c[1].n > 0);
        snprintf(what, sizeof(what), "better.tsv:%zu", i + 1);
        if (!is(c[2], "pending"))
            check_tests(what, c[2], (pp_str){0});
    }
    check_complaints();
}

/* What has no test yet is told, a line for each class. */
static size_t count_pending(const struct table *table, size_t test, size_t name)
{
    pp_str told = {0};
    size_t pending = 0;

    for (size_t i = 1; i < table->count; i++) {
        const pp_str *c = table->rows[i].column;

        if (!is(c[test], "pending"))
            continue;
        if (!pending++ || !pp_str_eq(told, c[CLASS]))
            printf("%sparity: pending: %.*s:", pending > 1 ? "\n" : "", PP_STR(c[CLASS]));
        printf(" %.*s", PP_STR(c[name]));
        told = c[CLASS];
    }
    printf("%s", pending ? "\n" : "");
    return pending;
}

static void the_counts_are_printed(void **state)
{
    size_t pending = count_pending(&jssip, TEST, NAME);
    size_t faults = count_pending(&better, 2, 1);
    size_t same = 0, differ = 0, inside = 0, partly = 0;

    (void)state;
    for (size_t i = 1; i < jssip.count; i++) {
        const row *r = &jssip.rows[i];

        if (is_pending(r))
            continue;
        if (pp_str_starts(r->column[DIFFERENCE], "Inside of JsSIP"))
            inside++;
        else if (r->column[DIFFERENCE].n)
            differ++;
        else
            same++;
    }
    printf("parity: JsSIP %zu rows: %zu the same, %zu differ on purpose, %zu inside of it, %zu "
           "missing\n",
           jssip.count - 1, same, differ, inside, pending);
    for (size_t i = 1; i < better.count; i++)
        if (better.rows[i].column[3].n) {
            printf("parity: in part: %.*s: %.*s\n", PP_STR(better.rows[i].column[0]),
                   PP_STR(better.rows[i].column[3]));
            partly++;
        }
    printf("parity: faults of JsSIP %zu: %zu done right, %zu in part, %zu missing\n",
           better.count - 1, better.count - 1 - partly - faults, partly, faults);
    assert_int_equal(same + differ + inside + pending, jssip.count - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_symbol_of_ours_is_there),
        cmocka_unit_test(every_row_has_a_test_that_speaks_of_it),
        cmocka_unit_test(every_name_of_jssip_has_one_row),
        cmocka_unit_test(every_fault_of_jssip_has_a_test_of_ours),
        cmocka_unit_test(the_counts_are_printed),
    };

    return cmocka_run_group_tests(tests, read_tables, free_tables);
}
