/* ladder.c - pipit ladder: draws one call flow of what several agents or the switchboard have written. */
#include "cli/command.h"
#include "cli/flow.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/status.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "pipit ladder FILE... [options]: draw a call flow\n"
    "\n"
    "  pipit call bob --json --trace >alice.jsonl\n"
    "  pipit answer --json --trace >bob.jsonl\n"
    "  pipit ladder alice.jsonl bob.jsonl\n"
    "\n"
    "  pipit serve --json >flow.jsonl\n"
    "  pipit ladder flow.jsonl --call x7k2\n"
    "\n"
    "A FILE holds what --json --trace wrote, of one agent or of the switchboard;\n"
    "'-' is standard input. What two files tell of the same message is drawn once.\n"
    "\n"
    "  --call TEXT           only calls whose Call-ID has this text in it\n"
    "  --ascii               without line-drawing characters\n"
    "\n" STATUS_HELP;

#define FILES_MAX       64
#define STATUS_SHOWN    18
#define BOARD           "switchboard"
#define CONNECTIONS_MAX 4096

typedef struct connection { /* of the switchboard's file */
    unsigned id;
    char name[64];
    bool alive;
} connection;

typedef struct ladder {
    const char *files[FILES_MAX];
    const char *call;
    bool ascii;
    flow flow;
    connection *connections; /* of the file that is being read */
    size_t connection_count;
    unsigned long broken; /* lines */
} ladder;

/* --- what a message is called ----------------------------------------------------------------- */

/* The value of a header field, up to its line's end. False when it is missing. */
static bool find_header(const char *text, const char *name, const char *compact, char *out,
                        size_t size)
{
    for (const char *line = strchr(text, '\n'); line; line = strchr(line, '\n')) {
        size_t n = strcspn(++line, ":\r\n");

        if (n == 0)
            return false;
        if ((n == strlen(name) && strncasecmp(line, name, n) == 0) ||
            (*compact && n == strlen(compact) && strncasecmp(line, compact, n) == 0)) {
            const char *value = line + n + 1 + strspn(line + n + 1, " \t");

            snprintf(out, size, "%.*s", (int)strcspn(value, "\r\n"), value);
            return true;
        }
    }
    return false;
}

static void plain(char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

/* "480 Temporarily": the status line as far as whole words fit. */
static int short_status(const char *status)
{
    size_t length = strcspn(status, "\r\n");

    if (length <= STATUS_SHOWN)
        return (int)length;
    for (length = STATUS_SHOWN; length > 3 && status[length] != ' ';)
        length--;
    return (int)length;
}

static void make_label(const char *text, char out[FLOW_LABEL])
{
    char type[64] = "", cseq[64] = "";
    bool has_sdp = find_header(text, "Content-Type", "c", type, sizeof(type)) &&
                   strncasecmp(type, "application/sdp", 15) == 0;
    const char *mark = has_sdp ? " SDP" : "";

    if (strncmp(text, "SIP/2.0 ", 8) == 0) {
        const char *method;

        find_header(text, "CSeq", "", cseq, sizeof(cseq));
        method = strchr(cseq, ' ');
        snprintf(out, FLOW_LABEL, "%.*s (%.10s)%s", short_status(text + 8), text + 8,
                 method ? method + 1 : "?", mark);
    } else {
        snprintf(out, FLOW_LABEL, "%.*s%s",
                 (int)strcspn(text, " \r\n") > 24 ? 24 : (int)strcspn(text, " \r\n"), text, mark);
    }
    plain(out);
}

/* --- who a connection is ---------------------------------------------------------------------- */

static connection *find_connection(ladder *l, unsigned id)
{
    connection *more;

    for (size_t i = 0; i < l->connection_count; i++)
        if (l->connections[i].id == id)
            return &l->connections[i];
    if (l->connection_count == CONNECTIONS_MAX)
        return NULL;
    more = realloc(l->connections, (l->connection_count + 1) * sizeof(*more));
    if (!more)
        return NULL;
    l->connections = more;
    l->connections[l->connection_count] = (connection){.id = id, .alive = true};
    return &l->connections[l->connection_count++];
}

static bool is_taken(const ladder *l, const connection *c, const char *name)
{
    for (size_t i = 0; i < l->connection_count; i++)
        if (&l->connections[i] != c && l->connections[i].alive &&
            strcmp(l->connections[i].name, name) == 0)
            return true;
    return false;
}

/* The user's name; with a number when he is there on several connections at once. */
static void name_connection(const ladder *l, connection *c, const char *user)
{
    char name[sizeof(c->name)];

    snprintf(name, sizeof(name), "%.40s", user);
    for (unsigned n = 2; is_taken(l, c, name) && n < 100; n++)
        snprintf(name, sizeof(name), "%.40s %u", user, n);
    plain(name);
    memcpy(c->name, name, sizeof(name));
}

static const char *text_of(const cJSON *line, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, name));

    return text ? text : "";
}

static double number_of(const cJSON *line, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, name);

    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

/* A first look through the switchboard's file: a connection has its name from the start, though it registers later. */
static void learn_connection(ladder *l, const cJSON *line)
{
    double id = number_of(line, "connection");
    connection *c = id >= 1 && id < 4e9 ? find_connection(l, (unsigned)id) : NULL;

    if (!c)
        return;
    if (!c->name[0] && *text_of(line, "user"))
        name_connection(l, c, text_of(line, "user"));
    if (strcmp(text_of(line, "event"), "disconnected") == 0)
        c->alive = false;
}

static const char *peer_name(ladder *l, const cJSON *line)
{
    double id = number_of(line, "connection");
    connection *c = id >= 1 && id < 4e9 ? find_connection(l, (unsigned)id) : NULL;

    return c && c->name[0] ? c->name : text_of(line, "peer");
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool is_wanted(const ladder *l, const char *text)
{
    char id[512] = "";

    return !l->call || (find_header(text, "Call-ID", "i", id, sizeof(id)) && strstr(id, l->call));
}

static void take_message(ladder *l, const cJSON *line, bool is_board)
{
    const char *text = text_of(line, "text"), *agent = text_of(line, "agent");
    bool out = strcmp(text_of(line, "direction"), "out") == 0;
    flow_step step = {.time = number_of(line, "time"), .by_board = is_board};
    size_t phone, board;
    char name[64];

    if (!*text || !is_wanted(l, text))
        return;
    snprintf(name, sizeof(name), "%.60s", is_board ? peer_name(l, line) : agent);
    plain(name);
    if (!flow_column(&l->flow, name, &phone) || !flow_column(&l->flow, BOARD, &board))
        return;
    step.from = out == is_board ? board : phone;
    step.to = out == is_board ? phone : board;
    make_label(text, step.label);
    flow_add(&l->flow, &step);
}

typedef void line_function(ladder *l, const cJSON *line, bool is_board);

static void first_look(ladder *l, const cJSON *line, bool is_board)
{
    if (is_board)
        learn_connection(l, line);
}

static void second_look(ladder *l, const cJSON *line, bool is_board)
{
    if (strcmp(text_of(line, "event"), "sip") == 0)
        take_message(l, line, is_board);
}

static void each_line(ladder *l, FILE *file, line_function *function)
{
    char *text = NULL;
    size_t size = 0;

    l->broken = 0;
    while (getline(&text, &size, file) >= 0) {
        cJSON *line = cJSON_Parse(text);

        if (cJSON_IsObject(line))
            function(l, line, strcmp(text_of(line, "agent"), BOARD) == 0);
        else if (text[strspn(text, " \r\n")])
            l->broken++;
        cJSON_Delete(line);
    }
    free(text);
}

static int read_stream(ladder *l, FILE *file, const char *name)
{
    l->connection_count = 0;
    each_line(l, file, first_look);
    rewind(file);
    each_line(l, file, second_look);
    if (l->broken)
        output_error("%s: %lu lines are no JSON objects and were left out.", name, l->broken);
    return STATUS_OK;
}

/* Standard input is read twice like a file, so it is kept in one. */
static FILE *keep_input(void)
{
    FILE *file = tmpfile();
    char block[4096];
    size_t n;

    while (file && (n = fread(block, 1, sizeof(block), stdin)) > 0)
        fwrite(block, 1, n, file);
    if (file)
        rewind(file);
    return file;
}

static int read_file(ladder *l, const char *name)
{
    FILE *file = strcmp(name, "-") == 0 ? keep_input() : fopen(name, "r");
    int status;

    if (!file) {
        output_error("cannot read %s: %s.", name, strerror(errno));
        return STATUS_USAGE;
    }
    status = read_stream(l, file, name);
    fclose(file);
    return status;
}

/* --- the switchboard's file tells a phone's messages better than the phone's own -------------- */

static void settle_doubles(flow *f)
{
    bool *told = calloc(f->column_count, sizeof(*told)); /* by the switchboard, of each column */

    for (size_t i = 0; i < f->step_count && told; i++)
        if (f->steps[i].by_board)
            told[f->steps[i].from] = told[f->steps[i].to] = true;
    for (size_t i = 0; i < f->step_count && told; i++) {
        flow_step *step = &f->steps[i];

        step->doubled = !step->by_board && told[step->from] && told[step->to];
    }
    free(told);
}

static bool is_utf8_terminal(void)
{
    setlocale(LC_CTYPE, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static int draw(ladder *l, size_t file_count)
{
    int status = STATUS_OK;

    for (size_t i = 0; i < file_count && status == STATUS_OK; i++)
        status = read_file(l, l->files[i]);
    if (status == STATUS_OK && !l->flow.step_count) {
        output_error("there is no SIP message in these files: write them with --json --trace.");
        status = STATUS_USAGE;
    }
    if (status == STATUS_OK) {
        settle_doubles(&l->flow);
        flow_draw(&l->flow, !l->ascii && is_utf8_terminal());
    }
    return status;
}

int command_ladder(int argc, char **argv)
{
    ladder l = {0};
    const option own[] = {{"call", OPTION_TEXT, &l.call},
                          {"ascii", OPTION_FLAG, &l.ascii},
                          {NULL, OPTION_FLAG, NULL}};
    const option *const tables[] = {own, NULL};
    option_set set = {.command = "pipit ladder",
                      .help = help,
                      .tables = tables,
                      .arguments = l.files,
                      .needs = "FILE",
                      .argument_min = 1,
                      .argument_max = FILES_MAX};
    int status;

    if (options_parse(&set, argc, argv, &status) == 0)
        status = draw(&l, set.argument_count);
    flow_free(&l.flow);
    free(l.connections);
    return status;
}
