/* without.c - in place of association.c in a build without usrsctp: there are no associations. */
#include "sctp/association.h"

#include "base/error.h"
#include "base/timers.h"

int pp_sctp_new(const pp_sctp_handlers *handlers, void *arg, pp_sctp **out)
{
    (void)handlers;
    (void)arg;
    (void)out;
    return pp_error(PIPIT_ERR_NOT_SUPPORTED, "sctp: this build has no usrsctp");
}

pp_sctp *pp_sctp_free(pp_sctp *sctp)
{
    (void)sctp;
    return NULL;
}

int pp_sctp_start(pp_sctp *sctp, uint16_t local_port, uint16_t remote_port, uint64_t now_us)
{
    (void)sctp;
    (void)local_port;
    (void)remote_port;
    (void)now_us;
    return PIPIT_ERR_NOT_SUPPORTED;
}

void pp_sctp_receive(pp_sctp *sctp, const uint8_t *data, size_t size, uint64_t now_us)
{
    (void)sctp;
    (void)data;
    (void)size;
    (void)now_us;
}

void pp_sctp_tick(pp_sctp *sctp, uint64_t now_us)
{
    (void)sctp;
    (void)now_us;
}

uint64_t pp_sctp_deadline_us(const pp_sctp *sctp)
{
    (void)sctp;
    return PP_NEVER;
}

int pp_sctp_send(pp_sctp *sctp, const pp_sctp_message *message, uint64_t now_us)
{
    (void)sctp;
    (void)message;
    (void)now_us;
    return PIPIT_ERR_NOT_SUPPORTED;
}

int pp_sctp_reset(pp_sctp *sctp, uint16_t stream, uint64_t now_us)
{
    (void)sctp;
    (void)stream;
    (void)now_us;
    return PIPIT_ERR_NOT_SUPPORTED;
}

bool pp_sctp_is_there(void)
{
    return false;
}
