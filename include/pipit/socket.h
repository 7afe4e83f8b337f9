/** @file socket.h  A way to a SIP server: the built-in WebSocket, or your own (JsSIP: Socket, WebSocketInterface). */
#ifndef PIPIT_SOCKET_H
#define PIPIT_SOCKET_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Settings of a WebSocket. Strings are copied. */
typedef struct pipit_websocket_options {
    const char *ca_file;     /**< PEM file with the authorities to trust; NULL: the system's */
    const char *verify_name; /**< name the certificate must carry; NULL: the URL's host */
    bool insecure;           /**< true switches the certificate check off: for experiments only */
    const char *origin;      /**< Origin header of the upgrade; NULL: none */
    const char *const *
        extra_headers; /**< more header lines of the upgrade ("Cookie: a=b"), NULL at the end; NULL: none */
    unsigned connect_timeout_ms; /**< for all of look-up, TCP, TLS and upgrade; 0: 10,000 */
    unsigned
        ping_interval_ms; /**< WebSocket pings while connected; 0: 25,000. A pong must come within as long */
} pipit_websocket_options;

/** Makes a SIP over WebSocket connection (RFC 7118), not connected yet: the user agent does that.
 *  @param url      "ws://host[:port][/path]" or "wss://…"
 *  @param options  NULL for defaults; copied
 *  @param out      yours; release with pipit_socket_unref()
 *  @return 0, PIPIT_ERR_SYNTAX for a bad URL or header, PIPIT_ERR_NOT_FOUND for a missing CA file, PIPIT_ERR_MEMORY
 *  Example: examples/call.c.  JsSIP: new JsSIP.WebSocketInterface(url) */
PIPIT_API int pipit_websocket_new_with(pipit_loop *loop, const char *url,
                                       const pipit_websocket_options *options, pipit_socket **out);

/** pipit_websocket_new_with() and the default options. */
PIPIT_API int pipit_websocket_new(pipit_loop *loop, const char *url, pipit_socket **out);

/** What a socket of your own does. `self` is what was given to pipit_socket_new(). */
typedef struct pipit_socket_interface {
    /** Start to connect; later call pipit_socket_connected() or pipit_socket_disconnected(). */
    void (*connect)(void *self);
    /** Close; nothing you report after this is heard until the next connect. */
    void (*disconnect)(void *self);
    /** Send one SIP message. @return false when that is not possible now */
    bool (*send)(void *self, const char *data, size_t size);
    /** The last reference is gone. Optional. */
    void (*release)(void *self);
} pipit_socket_interface;

/** Makes a socket of your own (JsSIP: the Socket interface).
 *  @param functions      must outlive the socket
 *  @param via_transport  transport in the Via header: "WS", "WSS", "TCP", …; copied
 *  @param url            for people, in logs; copied
 *  @param sip_uri        the server as a SIP URI, for Route headers ("sip:host;transport=ws"); copied
 *  @param out            yours
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX for a bad sip_uri, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_socket_new(const pipit_socket_interface *functions, void *self,
                               const char *via_transport, const char *url, const char *sip_uri,
                               pipit_socket **out);

/** For the owner of an own socket: it can send now. Also after an unsolicited loss. */
PIPIT_API void pipit_socket_connected(pipit_socket *socket);
/** For the owner of an own socket: it cannot send any more.
 *  @param error   false for an orderly close
 *  @param code    close code where the transport has one, else 0
 *  @param reason  NULL for none */
PIPIT_API void pipit_socket_disconnected(pipit_socket *socket, bool error, int code,
                                         const char *reason);
/** For the owner of an own socket: one whole SIP message has come. */
PIPIT_API void pipit_socket_data(pipit_socket *socket, const char *data, size_t size);

PIPIT_API const char *pipit_socket_url(const pipit_socket *socket);
PIPIT_API const char *pipit_socket_sip_uri(const pipit_socket *socket);
PIPIT_API const char *pipit_socket_via_transport(const pipit_socket *socket);

PIPIT_API pipit_socket *pipit_socket_ref(pipit_socket *socket);
/** @return NULL */
PIPIT_API pipit_socket *pipit_socket_unref(pipit_socket *socket);

#ifdef __cplusplus
}
#endif
#endif
