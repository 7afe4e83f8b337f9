/* method.c - request methods by name. */
#include "sip/method.h"

#include "sip/octets.h"

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

#define LONGEST 9 /* SUBSCRIBE */

static const uint8_t by_length[LONGEST + 1][6] = {
    [3] = {PP_ACK, PP_BYE},
    [4] = {PP_INFO},
    [5] = {PP_REFER, PP_PRACK},
    [6] = {PP_INVITE, PP_CANCEL, PP_NOTIFY, PP_UPDATE},
    [7] = {PP_OPTIONS, PP_MESSAGE, PP_PUBLISH},
    [8] = {PP_REGISTER},
    [9] = {PP_SUBSCRIBE},
};

pp_method pp_method_of(pp_str name)
{
    if (name.n < 3 || name.n > LONGEST)
        return PP_METHOD_OTHER;
    for (const uint8_t *id = by_length[name.n]; *id; id++)
        if (pp_octets_same(names[*id].p, name.p, name.n))
            return (pp_method)*id;
    return PP_METHOD_OTHER;
}

const char *pp_method_name(pp_method method)
{
    return (unsigned)method < PP_METHOD_COUNT ? names[method].p : "";
}
