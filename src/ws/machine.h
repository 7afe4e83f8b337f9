/* machine.h - the inside of a pp_ws, shared by the files of this folder. */
#ifndef PP_WS_MACHINE_H
#define PP_WS_MACHINE_H

#include "base/utf8.h"
#include "ws/frame.h"
#include "ws/http.h"
#include "ws/ws.h"

#define PP_WS_KEY_TEXT    24 /* base64 of sixteen octets */
#define PP_WS_ACCEPT_TEXT 28 /* base64 of a SHA-1 digest */

typedef enum pp_ws_state {
    PP_WS_UPGRADING,
    PP_WS_OPEN,
    PP_WS_CLOSING, /* our close frame is out, the peer's is not in */
    PP_WS_CLOSED   /* reported, or released: nothing happens any more */
} pp_ws_state;

struct pp_ws {
    const pp_ws_handlers *handlers;
    void *arg;
    const pp_rng *rng;
    bool server;
    pp_ws_state state;
    unsigned depth; /* handlers that are running; the memory lives as long */
    bool released;
    bool answered; /* server: an HTTP answer is out */
    size_t max_message;
    char *subprotocol;
    pp_buf head;                        /* the upgrade: what has come of the peer's head */
    char *request;                      /* client: the upgrade request, until it is sent */
    char accept[PP_WS_ACCEPT_TEXT + 1]; /* client: the answer to our key */

    pp_frame_reader reader;
    pp_frame frame; /* the one whose payload is coming */
    bool in_payload;
    uint64_t taken;  /* octets of its payload that have come */
    bool in_message; /* a data frame without its final one has come */
    bool binary;
    pp_buf message;
    pp_utf8 utf8;
    uint8_t control[PP_FRAME_CONTROL_MAX];
};

/* One with the handlers, the chance, the side and the limit (0: the default) of `like`. */
int pp_ws_new(const pp_ws *like, const char *subprotocol, pp_ws **out);
/* Everything that may call a handler stands between these two. */
void pp_ws_enter(pp_ws *ws);
void pp_ws_leave(pp_ws *ws);
void pp_ws_output(pp_ws *ws, const void *data, size_t size);
/* Reports `closed`, once. */
void pp_ws_report_closed(pp_ws *ws, int code, pp_str reason, bool was_clean, const char *sentence);
/* Section 7.1.7: sends a close frame with `code` where that is possible, and reports 1006. */
void pp_ws_fail(pp_ws *ws, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* upgrade: `head` is whole. On success the state is PP_WS_OPEN; else `closed` was reported. */
void pp_ws_client_head(pp_ws *ws, pp_str head);
void pp_ws_server_head(pp_ws *ws, pp_str head);
/* server: an HTTP answer without a body instead of an upgrade, then `closed`. */
void pp_ws_refuse(pp_ws *ws, int status, const char *phrase, const char *sentence);
int pp_ws_accept_for(pp_str key, char out[PP_WS_ACCEPT_TEXT + 1]);

/* frames */
size_t pp_ws_take_frames(pp_ws *ws, const uint8_t *data, size_t size);
int pp_ws_write_frame(pp_ws *ws, pp_opcode opcode, const void *data, size_t size);
bool pp_ws_close_code_is_valid(int code); /* may stand in a close frame */

#endif
