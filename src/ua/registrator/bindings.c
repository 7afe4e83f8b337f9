/* bindings.c - what a registrar holds of us after a 2xx (RFC 3261 section 10.2.4, RFC 5626 section 6, RFC 5627). */
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "ua/ua.h"

#define EXPIRES_MIN_S 10u

/* "<urn:uuid:…>" between its quotes. */
static bool is_our_instance(const pipit_ua *ua, pp_str value)
{
    static const char start[] = "\"<urn:uuid:";
    pp_str uuid = pp_str_c(ua->settings.instance_id);
    size_t at = sizeof(start) - 1;

    return pp_str_istarts(value, start) && value.n == at + uuid.n + 2 &&
           pp_str_ieq(pp_str_sub(value, at, at + uuid.n), uuid);
}

/* How surely a Contact is ours, 0 when it is another's. An instance may have left bindings of an earlier life behind, and a
 * server may have written its own view of our address into ours: so both is best, and the address alone is better than
 * the instance alone. */
static unsigned rank(const pipit_ua *ua, const pp_name_addr *contact)
{
    pp_str instance, reg_id;
    pp_uri own;
    bool same_uri =
        pp_uri_parse(pp_str_c(ua->contact.uri), &own) == 0 && pp_uri_same_aor(&own, &contact->uri);

    if (!pp_param(contact->params, "+sip.instance", &instance))
        return same_uri ? 2 : 0;
    if (!is_our_instance(ua, instance) ||
        (pp_param(contact->params, "reg-id", &reg_id) && !pp_str_eq_c(reg_id, PP_REG_ID)))
        return 0;
    return same_uri ? 3 : 1;
}

static bool is_over(const pp_name_addr *contact)
{
    uint32_t expires_s;
    pp_str value;

    return pp_param(contact->params, "expires", &value) &&
           pp_str_to_u32(value, 0, PP_LIMIT_EXPIRES_S, &expires_s) && expires_s == 0;
}

bool pp_registrator_find_binding(const pipit_ua *ua, const pp_message *response, pp_name_addr *out)
{
    pp_member at = {0};
    pp_name_addr contact;
    unsigned best = 0;
    int more;

    while (more = pp_message_next_address(response, PP_HEADER_CONTACT, &at, &contact), more) {
        unsigned sure = 0;

        if (more > 0 && !is_over(&contact))
            sure = rank(ua, &contact);
        if (sure > best) {
            best = sure;
            *out = contact;
        }
    }
    return best > 0;
}

/* --- the same answer again -------------------------------------------------------------------- */

/* Of all that we read in a response and of what decides how we understand it. Never 0. */
static uint64_t sum_of(const pipit_ua *ua, const pp_message *response)
{
    static const pp_header_id fields[] = {PP_HEADER_CONTACT, PP_HEADER_EXPIRES, PP_HEADER_REQUIRE,
                                          PP_HEADER_SERVICE_ROUTE};
    uint64_t sum = pp_mix(ua->registrator.expires_s + (uint64_t)ua->registrator.plain,
                          ua->contact.uri, strlen(ua->contact.uri));
    pp_str value;

    for (size_t f = 0; f < sizeof(fields) / sizeof(*fields); f++) {
        for (size_t i = 0; value = pp_message_header(response, fields[f], i), value.p; i++)
            sum = pp_mix(sum, value.p, value.n);
        sum = pp_mix(sum, NULL, 0);
    }
    return sum | 1;
}

bool pp_registrator_knows(const pipit_ua *ua, const pp_message *response)
{
    return ua->registrator.answer && sum_of(ua, response) == ua->registrator.answer;
}

/* --- what it says ----------------------------------------------------------------------------- */

static uint32_t granted(const pipit_ua *ua, const pp_message *response, const pp_name_addr *binding)
{
    uint32_t expires_s = ua->registrator.expires_s;
    pp_str value;

    if (!pp_param(binding->params, "expires", &value) ||
        !pp_str_to_u32(value, 0, PP_LIMIT_EXPIRES_S, &expires_s))
        pp_message_number(response, PP_HEADER_EXPIRES, &expires_s);
    return expires_s < EXPIRES_MIN_S ? EXPIRES_MIN_S : expires_s;
}

static void read_answer(pipit_ua *ua, const pp_message *response, const pp_name_addr *binding)
{
    pp_registrator *r = &ua->registrator;
    pp_str pub = PP_STR_NONE, temp = PP_STR_NONE;
    bool all = true;

    pp_param(binding->params, "pub-gruu", &pub);
    pp_param(binding->params, "temp-gruu", &temp);
    if (pp_contact_set_gruus(&ua->contact, pub, temp) < 0) {
        pp_log_warn("Registrator", "no memory for a GRUU");
        all = false;
    }
    if (pp_registrator_read_routes(r, response) < 0) {
        pp_log_warn("Registrator", "%s", pipit_error_message());
        all = false;
    }
    /* RFC 5626 section 6: the registrar says so when it keeps the flow. */
    r->outbound = !r->plain && pp_message_lists(response, PP_HEADER_REQUIRE, "outbound");
    r->granted_s = granted(ua, response, binding);
    r->answer = all ? sum_of(ua, response) : 0;
}

void pp_registrator_take(pipit_ua *ua, const pp_message *response, const pp_name_addr *binding)
{
    pp_registrator *r = &ua->registrator;

    if (binding)
        read_answer(ua, response, binding);
    r->registered = true;
    r->end_us = pp_loop_now_us(ua->loop) + (uint64_t)r->granted_s * 1000000;
    r->failures = 0;
    r->lengthened = false;
}

void pp_registrator_drop(pipit_ua *ua)
{
    pp_registrator *r = &ua->registrator;

    r->registered = false;
    r->outbound = false;
    r->answer = 0;
    pp_loop_stop_timer(ua->loop, &r->timer);
    pp_registrator_drop_routes(r);
}
