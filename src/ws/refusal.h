/* refusal.h - the sentence for an HTTP answer that is not the one hoped for. */
#ifndef PP_WS_REFUSAL_H
#define PP_WS_REFUSAL_H

#include "ws/http.h"

#define PP_WS_REFUSAL 384 /* octets of a sentence; a longer one is cut */

/* Of an upgrade (RFC 6455 section 4.2.2). Nothing but printable ASCII of the peer's is in it. */
void pp_ws_explain_refusal(const pp_http_head *head, uint32_t status, char out[PP_WS_REFUSAL]);
/* Of CONNECT, by a proxy (RFC 9110 section 9.3.6). */
void pp_ws_explain_proxy(const pp_http_head *head, uint32_t status, char out[PP_WS_REFUSAL]);

#endif
