/* method.c - request methods by name. */
#include "sip/method.h"

static const pp_str names[PP_METHOD_COUNT] = {
    [PP_METHOD_OTHER] = PP_LIT_INIT(""),
    [PP_INVITE] = PP_LIT_INIT("INVITE"),
    [PP_ACK] = PP_LIT_INIT("ACK"),
    [PP_BYE] = PP_LIT_INIT("BYE"),
    [PP_CANCEL] = PP_LIT_INIT("CANCEL"),
    [PP_OPTIONS] = PP_LIT_INIT("OPTIONS"),
    [PP_REGISTER] = PP_LIT_INIT("REGISTER"),
    [PP_MESSAGE] = PP_LIT_INIT("MESSAGE"),
    [PP_INFO] = PP_LIT_INIT("INFO"),
    [PP_UPDATE] = PP_LIT_INIT("UPDATE"),
    [PP_PRACK] = PP_LIT_INIT("PRACK"),
    [PP_REFER] = PP_LIT_INIT("REFER"),
    [PP_SUBSCRIBE] = PP_LIT_INIT("SUBSCRIBE"),
    [PP_NOTIFY] = PP_LIT_INIT("NOTIFY"),
    [PP_PUBLISH] = PP_LIT_INIT("PUBLISH"),
};

pp_method pp_method_of(pp_str name)
{
    for (unsigned i = PP_METHOD_OTHER + 1; i < PP_METHOD_COUNT; i++)
        if (names[i].n == name.n && memcmp(names[i].p, name.p, name.n) == 0)
            return (pp_method)i;
    return PP_METHOD_OTHER;
}

const char *pp_method_name(pp_method method)
{
    return (unsigned)method < PP_METHOD_COUNT ? names[method].p : "";
}
