/* sweep.c - a recorded WebSocket stream, both ways, in pieces of every kind: cut in two anywhere, in
 * pieces of any one size down to single octets, it says what it says whole. Cut off anywhere or with any
 * bit turned it does no harm. */
#include "support/sweep.h"
#include "unit/ws/ends.h"
#include "ws/frame.h"

static void add_frame(pp_buf *out, pp_opcode opcode, bool final, bool masked, pp_str payload)
{
    const pp_frame frame = {.opcode = opcode,
                            .final = final,
                            .masked = masked,
                            .mask = {1, 2, 3, 4},
                            .size = payload.n};
    uint8_t header[PP_FRAME_HEADER_MAX], *room;

    pp_buf_add(out, header, pp_frame_write_header(&frame, header));
    room = pp_buf_room(out, payload.n);
    assert_non_null(room);
    if (masked)
        pp_frame_mask(frame.mask, 0, (const uint8_t *)payload.p, payload.n, room);
    else if (payload.n)
        memcpy(room, payload.p, payload.n);
}

/* A message in three fragments with a ping between, a long one, an empty one, a pong, the end. */
static void add_frames(pp_buf *out, bool masked)
{
    char long_text[300];

    memset(long_text, 'x', sizeof(long_text));
    add_frame(out, PP_OPCODE_TEXT, false, masked, PP_LIT("REGISTER sip:\xC3"));
    add_frame(out, PP_OPCODE_CONTINUATION, false, masked, PP_LIT("\xA9"));
    add_frame(out, PP_OPCODE_PING, true, masked, PP_LIT("?"));
    add_frame(out, PP_OPCODE_CONTINUATION, true, masked, PP_LIT(" SIP/2.0\r\n"));
    add_frame(out, PP_OPCODE_BINARY, true, masked, pp_str_n(long_text, sizeof(long_text)));
    add_frame(out, PP_OPCODE_TEXT, true, masked, PP_LIT(""));
    add_frame(out, PP_OPCODE_PONG, true, masked, PP_LIT("!"));
    add_frame(out, PP_OPCODE_CLOSE, true, masked,
              PP_LIT("\x03\xE8"
                     "bye"));
}

static void record(bool server, pp_buf *out)
{
    if (server)
        pp_buf_c(out, SERVER_OPENING "\r\n");
    else
        pp_buf_c(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                      "Connection: Upgrade\r\nSec-WebSocket-Accept: " CLIENT_ACCEPT
                      "\r\nSec-WebSocket-Protocol: sip\r\n\r\n");
    add_frames(out, server);
    assert_int_equal(pp_buf_error(out), 0);
}

static void start(end *e, bool server)
{
    *e = (end){0};
    if (server)
        server_end(e);
    else
        client_end(e);
}

/* Ends it as a lost connection would; returns all that was said, both ways. */
static void finish(end *e, pp_buf *said)
{
    if (e->ws)
        pp_ws_eof(e->ws, "lost");
    pp_buf_str(said, pp_buf_text(&e->events));
    pp_buf_str(said, pp_buf_text(&e->out));
    pp_ws_free(e->ws);
    pp_buf_free(&e->events);
    pp_buf_free(&e->out);
}

static void check_same(pp_buf *said, const pp_buf *expected)
{
    assert_int_equal(said->n, expected->n);
    assert_memory_equal(said->p, expected->p, said->n);
    pp_buf_free(said);
}

static unsigned cut_in_every_way(bool server)
{
    pp_buf stream = {0}, expected = {0}, said = {0};
    const uint8_t *octets;
    unsigned ways = 0;
    end e;

    record(server, &stream);
    octets = (const uint8_t *)stream.p;
    start(&e, server);
    end_feed(&e, octets, stream.n, stream.n);
    finish(&e, &expected);
    assert_non_null(memmem(expected.p, expected.n, "closed 1000 bye clean", 21));
    for (size_t cut = 1; cut < stream.n; cut++, ways++) {
        start(&e, server);
        end_feed(&e, octets, cut, cut);
        end_feed(&e, octets + cut, stream.n - cut, stream.n - cut);
        finish(&e, &said);
        check_same(&said, &expected);
    }
    for (size_t piece = 1; piece < stream.n; piece++, ways++) {
        start(&e, server);
        end_feed(&e, octets, stream.n, piece);
        finish(&e, &said);
        check_same(&said, &expected);
    }
    pp_buf_free(&stream);
    pp_buf_free(&expected);
    return ways;
}

static void a_stream_in_pieces_says_the_same(void **state)
{
    unsigned ways = cut_in_every_way(true) + cut_in_every_way(false);

    (void)state;
    printf("sweep: %u ways to cut a WebSocket stream in pieces, single octets too: the same each "
           "time\n",
           ways);
    assert_true(ways > 2000);
}

static void handle(const uint8_t *data, size_t size, void *arg)
{
    pp_buf said = {0};
    end e;

    start(&e, *(const bool *)arg);
    end_feed(&e, data, size, size ? size : 1);
    finish(&e, &said);
    pp_buf_free(&said);
}

static void a_stream_damaged_anywhere_does_no_harm(void **state)
{
    sweep s = {.function = handle};

    (void)state;
    for (unsigned server = 0; server < 2; server++) {
        bool is_server = server == 1;
        pp_buf stream = {0};

        s.arg = &is_server;
        record(is_server, &stream);
        sweep_prefixes(&s, pp_buf_text(&stream));
        sweep_bits(&s, pp_buf_text(&stream));
        pp_buf_free(&stream);
    }
    sweep_report(&s, "prefixes and turned bits", "WebSocket streams, each twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_in_pieces_says_the_same),
        cmocka_unit_test(a_stream_damaged_anywhere_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
