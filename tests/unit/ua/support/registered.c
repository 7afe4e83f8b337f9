/* registered.c - a user agent that registers, and the 2xx it gets. */
#include "unit/ua/support/registered.h"

stage *stage_registering_with(pipit_ua_configuration c)
{
    stage *at;

    c.uri = "sip:alice@example.com";
    c.instance_id = INSTANCE;
    at = stage_new(&c);
    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    check_events(at, "connected ");
    expect_sent(at, "REGISTER sip:example.com SIP/2.0");
    return at;
}

stage *stage_registering(void)
{
    return stage_registering_with((pipit_ua_configuration){.password = "wonderland"});
}

void grant_with(stage *at, const char *params, const char *lines)
{
    char text[2048];

    snprintf(text, sizeof(text),
             "Contact: <sip:other@192.0.2.7>;expires=3600;+sip.instance=\"<urn:uuid:ffffffff-1b3d-"
             "4c5e-8f60-718293a4b5c6>\";reg-id=1, <%s>;+sip.instance=\"<urn:uuid:" INSTANCE
             ">\";reg-id=1%s\r\n%s",
             at->ua->contact.uri, params, lines ? lines : "");
    answer(at, at->last, "200 OK", "reg", text, NULL);
}

void grant(stage *at, const char *params)
{
    grant_with(at, params, NULL);
}

stage *stage_registered(void)
{
    stage *at = stage_registering();

    grant(at, ";expires=600");
    check_events(at, "registered ");
    return at;
}
