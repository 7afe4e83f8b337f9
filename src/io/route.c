/* route.c - the own address towards another: a socket that is connected and sends nothing. */
#include "base/error.h"
#include "io/descriptor.h"
#include "io/real_loop.h"

#include <unistd.h>

int pp_io_route(pipit_loop *loop, const pp_addr *to, pp_addr *out)
{
    struct sockaddr_storage address;
    socklen_t size = pp_addr_to_sockaddr(to, &address);
    char text[PP_ADDR_TEXT];
    int fd = -1, err = pp_io_socket(to, SOCK_DGRAM, &fd);

    (void)loop;
    if (err)
        return err;
    if (connect(fd, (struct sockaddr *)&address, size) == 0) {
        size = sizeof(address);
        err = getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
                      pp_addr_from_sockaddr((struct sockaddr *)&address, out)
                  ? 0
                  : PIPIT_ERR_IO;
        out->port = 0;
    } else {
        err = pp_error(PIPIT_ERR_CONNECTION, "there is no way to %s", pp_addr_text(to, text));
    }
    close(fd);
    return err;
}
