/* web.c - files of one folder by HTTP, on the ports of the WebSocket: the web phone. The only place
 * that reads files. What is asked for is resolved first and served only when it lies below the
 * folder. */
#include "switchboard/board.h"

#include "base/limits.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_SIZE_MAX (PP_LIMIT_SEND_QUEUE - 1024u) /* head and body wait in one send queue */

static const char *content_type(pp_str path)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".wav", "audio/wav"},
        {".txt", "text/plain; charset=utf-8"},
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        size_t n = strlen(types[i].ending);

        if (path.n > n && pp_str_ieq_c(pp_str_sub(path, path.n - n, path.n), types[i].ending))
            return types[i].type;
    }
    return "application/octet-stream";
}

/* Whether a decoded path has only names in it: no "..", no hidden file, no backslash, no control
 * character. */
static bool is_plain_path(pp_str path)
{
    pp_str rest = path;

    if (path.n == 0 || path.p[0] != '/')
        return false;
    for (size_t i = 0; i < path.n; i++)
        if ((unsigned char)path.p[i] < ' ' || path.p[i] == '\\' || path.p[i] == 0x7F)
            return false;
    while (rest.p)
        if (pp_str_starts(pp_str_split(&rest, '/'), "."))
            return false;
    return true;
}

int board_web_folder(const char *given, char **out)
{
    char folder[PATH_MAX];

    if (!given)
        return 0;
    if (!realpath(given, folder))
        return pp_error(PIPIT_ERR_NOT_FOUND, "web: there is no folder '%s'", given);
    *out = pp_strdup(folder);
    return *out ? 0 : PIPIT_ERR_MEMORY;
}

/* The path of a request's target on the disk: canonical, and below the folder. */
static int find_file(const switchboard *board, pp_str path, char out[PATH_MAX])
{
    pp_buf joined = {0};
    int err = PIPIT_ERR_NOT_FOUND;
    size_t n;

    if (board->jssip_file && pp_str_eq_c(path, "/jssip.js"))
        return realpath(board->jssip_file, out) ? 0 : PIPIT_ERR_NOT_FOUND;
    if (!board->web_root || !is_plain_path(path))
        return PIPIT_ERR_NOT_FOUND;
    pp_buf_format(&joined, "%s%.*s%s", board->web_root, PP_STR(path),
                  path.p[path.n - 1] == '/' ? "index.html" : "");
    pp_buf_char(&joined, '\0');
    n = strlen(board->web_root);
    if (!pp_buf_error(&joined) && realpath(joined.p, out) &&
        strncmp(out, board->web_root, n) == 0 && out[n] == '/')
        err = 0;
    pp_buf_free(&joined);
    return err;
}

static int read_all(int file, size_t size, pp_buf *out)
{
    uint8_t *at = pp_buf_room(out, size);

    while (at && size) {
        ssize_t n = read(file, at, size);

        if (n <= 0)
            return pp_error(PIPIT_ERR_IO, "web: a file could not be read");
        at += n;
        size -= (size_t)n;
    }
    return pp_buf_error(out);
}

static int read_file(const char *path, pp_buf *out)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a pipe must not hold us up */
    int err;

    if (file < 0)
        return PIPIT_ERR_NOT_FOUND;
    if (fstat(file, &status) < 0 || !S_ISREG(status.st_mode))
        err = PIPIT_ERR_NOT_FOUND;
    else if (status.st_size > (off_t)PAGE_SIZE_MAX)
        err = pp_error(PIPIT_ERR_LIMIT, "web: '%s' is larger than %u octets", path, PAGE_SIZE_MAX);
    else
        err = read_all(file, (size_t)status.st_size, out);
    close(file);
    return err;
}

static void answer_text(board_connection *connection, int status, const char *reason)
{
    pp_ws_http_answer(connection->ws, status, reason, "text/plain; charset=utf-8", reason,
                      strlen(reason));
}

static void serve(board_connection *connection, pp_str path, bool head_only)
{
    char file[PATH_MAX];
    pp_buf page = {0};
    int err = find_file(connection->board, path, file);

    if (!err)
        err = read_file(file, &page);
    if (err == PIPIT_ERR_NOT_FOUND)
        answer_text(connection, 404, "Not Found");
    else if (err)
        answer_text(connection, 500, "Internal Server Error");
    else
        pp_ws_http_answer(connection->ws, 200, "OK", content_type(pp_str_c(file)),
                          head_only ? NULL : page.p, page.n);
    pp_buf_free(&page);
}

void board_web(board_connection *connection, const pp_http_request *request)
{
    bool is_head = pp_str_eq_c(request->method, "HEAD");
    pp_str target = pp_str_sub(request->target, 0, pp_str_find(request->target, '?'));
    pp_buf path = {0};

    if (!connection->board->web_root && !connection->board->jssip_file) {
        answer_text(connection, 426, "Upgrade Required");
        return;
    }
    if (!is_head && !pp_str_eq_c(request->method, "GET")) {
        answer_text(connection, 405, "Method Not Allowed");
        return;
    }
    pp_uri_unescape(target, &path);
    if (pp_buf_error(&path)) {
        answer_text(connection, 500, "Internal Server Error");
    } else {
        board_tell(connection, SWITCHBOARD_WEB, pp_buf_text(&path), 0);
        serve(connection, pp_buf_text(&path), is_head);
    }
    pp_buf_free(&path);
}
