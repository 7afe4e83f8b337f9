/* trace.c - messages as the owner sees them: without credentials and keys. */
#include "switchboard/board.h"

/* How many octets of a line may be shown; all of it when it holds no secret. */
static size_t shown(pp_str line)
{
    static const char *const secret[] = {
        "authorization:", "proxy-authorization:", "a=ice-pwd:", "a=crypto:"};

    for (size_t i = 0; i < sizeof(secret) / sizeof(*secret); i++)
        if (pp_str_istarts(line, secret[i]))
            return strlen(secret[i]);
    return line.n;
}

static bool is_folded(pp_str line)
{
    return line.n && (line.p[0] == ' ' || line.p[0] == '\t');
}

static void redact(pp_str wire, pp_buf *out)
{
    pp_str rest = wire;
    bool hiding = false;

    while (rest.n) {
        pp_str line = pp_str_split(&rest, '\n');
        bool last = rest.p == NULL;
        size_t n = shown(line);

        if (hiding && is_folded(line))
            continue;
        hiding = n < line.n;
        pp_buf_str(out, pp_str_sub(line, 0, n));
        if (hiding)
            pp_buf_c(out, line.p[line.n - 1] == '\r' ? " ***\r" : " ***");
        if (!last)
            pp_buf_char(out, '\n');
    }
}

void board_trace(board_connection *connection, switchboard_event_kind kind, pp_str wire)
{
    pp_buf text = {0};

    if (!connection->board->event)
        return;
    redact(wire, &text);
    if (!pp_buf_error(&text))
        board_tell(connection, kind, pp_buf_text(&text), 0);
    pp_buf_free(&text);
}
