/* torture.c - reads the tables beside the torture messages. */
#include "support/torture.h"

#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>

static pp_str cell(pp_str head, pp_str row, const char *name)
{
    while (head.p) {
        pp_str value = pp_str_split(&row, '\t');
        if (pp_str_eq_c(pp_str_split(&head, '\t'), name))
            return value;
    }
    fail_msg("no column %s", name);
    return PP_STR_NONE;
}

static void each_of(const char *table, const char *folder,
                    void (*each)(const torture *row, void *arg), void *arg)
{
    pp_str text = read_corpus(table), rest = text, head = pp_str_split(&rest, '\n'), line;
    char path[256];

    while (line = pp_str_split(&rest, '\n'), line.n) {
        torture row = {.folder = folder,
                       .file = cell(head, line, "file"),
                       .kind = cell(head, line, "kind"),
                       .ua = cell(head, line, "ua_expected"),
                       .ua_also = cell(head, line, "ua_also_ok"),
                       .server = cell(head, line, "registrar_or_proxy")};

        snprintf(path, sizeof(path), "%s/%.*s", folder, PP_STR(row.file));
        row.wire = read_corpus(path);
        each(&row, arg);
        free((void *)(uintptr_t)row.wire.p);
    }
    free((void *)(uintptr_t)text.p);
}

void torture_each(void (*each)(const torture *row, void *arg), void *arg)
{
    each_of("sip-torture/rfc4475.tsv", "sip-torture/rfc4475", each, arg);
    each_of("sip-torture/rfc5118.tsv", "sip-torture/rfc5118/wire", each, arg);
}

bool torture_names(pp_str alternatives, int status)
{
    while (alternatives.p) {
        pp_str one = pp_str_trim(pp_str_split(&alternatives, '|'));
        uint32_t number = 0;

        if (pp_str_eq_c(one, "any") || (pp_str_eq_c(one, "drop") && !status) ||
            (pp_str_to_u32(one, 100, 699, &number) && (int)number == status))
            return true;
    }
    return false;
}

bool torture_claims_nothing(const torture *row)
{
    return torture_names(row->ua, -1);
}
