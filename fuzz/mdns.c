/* mdns.c - a packet that answers, or does not: no more addresses than asked for, each one that something can be sent to, and a
 * question of ours is never an answer. */
/* FUZZ: gather ice base */
#include "gather/mdns.h"

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const pp_str name = PP_LIT("a.local");
    pp_addr found[2];
    size_t count = pp_mdns_read_answer(pp_str_n(data, size), name, found, 2);
    pp_buf query = {0};

    CHECK(count <= 2 && (!count || size >= 12 + 4 + 10));
    for (size_t i = 0; i < count; i++)
        CHECK(pp_addr_is_unicast(&found[i]) && !found[i].port);
    if (!pp_mdns_is_name(pp_str_n(data, size)))
        return 0;
    pp_mdns_write_query(pp_str_n(data, size), &query);
    CHECK(!pp_buf_error(&query) && query.n == 12 + 2 * (size + 2 + 4));
    CHECK(pp_mdns_read_answer(pp_buf_text(&query), pp_str_n(data, size), found, 2) == 0);
    pp_buf_free(&query);
    return 0;
}
