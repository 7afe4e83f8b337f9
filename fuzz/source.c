/* source.c - a request with its source noted is still the same request, and its answer goes to that source.
 *
 * FUZZ: transport
 *
 * The first two octets are the source's port and family; the rest is the request. */
#include "transport/source.h"
#include "sip/outgoing.h"

#include "check.h"

static pp_addr source_of(const uint8_t *data)
{
    pp_addr from;

    CHECK(pp_addr_parse(data[1] & 1 ? PP_LIT("2001:db8::7") : PP_LIT("192.0.2.7"),
                        (uint16_t)(1 + data[0]), &from));
    return from;
}

static void check_answer(const pp_message *request, const pp_addr *from)
{
    pp_outgoing *response = NULL;
    pp_buf wire = {0};
    pp_addr to;

    if (pp_outgoing_response(request, 200, NULL, "tag", &response) == 0 &&
        pp_outgoing_write(response, &wire) == 0) {
        CHECK(pp_source_of_response(pp_buf_text(&wire), &to) == 0);
        CHECK(pp_addr_same_ip(&to, from));
        if (pp_param(request->via.params, "rport", NULL))
            CHECK(to.port == from->port);
        else
            CHECK(to.port == (request->via.port ? request->via.port : 5060));
    }
    pp_buf_free(&wire);
    pp_outgoing_unref(response);
}

static void check_request(pp_str text, const pp_message *request, const pp_addr *from)
{
    pp_message *again = NULL;
    pp_buf marked = {0};

    CHECK(pp_source_mark(text, from, &marked) == 0);
    if (marked.n == 0) {
        CHECK(request->defect != 0);
        return;
    }
    if (request->defect) { /* a lone CR is a blank in the copy: only its refusal is of interest */
        pp_buf_free(&marked);
        return;
    }
    CHECK(pp_message_parse(pp_buf_text(&marked), &again) == 0);
    CHECK(again->is_request && again->via_count == request->via_count);
    CHECK(pp_str_eq(again->call_id, request->call_id) && again->cseq == request->cseq);
    CHECK(pp_str_eq(again->via.branch, request->via.branch));
    CHECK(pp_str_eq(again->body, request->body));
    if (again->defect == 0)
        check_answer(again, from);
    pp_message_unref(again);
    pp_buf_free(&marked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_message *request = NULL;
    pp_str text;
    pp_addr from;

    if (size < 2 || size > 16384)
        return 0;
    from = source_of(data);
    text = pp_str_n(data + 2, size - 2);
    if (pp_message_parse(text, &request))
        return 0;
    if (request->is_request)
        check_request(text, request, &from);
    pp_message_unref(request);
    return 0;
}
