/** @file socket.h  A way to a SIP server: the built-in WebSocket, UDP, TCP and TLS, or your own (JsSIP: Socket, WebSocketInterface). */
#ifndef PIPIT_SOCKET_H
#define PIPIT_SOCKET_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The oldest TLS that is spoken; nothing older than 1.2 ever is. */
typedef enum pipit_tls_version { PIPIT_TLS_1_2, PIPIT_TLS_1_3 } pipit_tls_version;

/** Settings of a WebSocket. Strings are copied. A certificate is checked by chain, name, dates, purpose and strength, not
 *  for revocation. Sockets of one loop whose TLS settings are alike share them in memory. */
typedef struct pipit_websocket_options {
    const char *ca_file; /**< PEM file with the authorities to trust; NULL: the system's */
    /** Name the certificate must carry, also the SNI; NULL: the URL's host. */
    const char *verify_name;
    /** true switches the check of chain, name and dates off: for experiments only. */
    bool insecure;
    /** PEM file with our certificate, for a server that asks for one, and the authorities below its root; NULL: none. */
    const char *certificate_file;
    /** PEM file with its key, without a pass phrase; NULL: it is in certificate_file. */
    const char *key_file;
    /** The keys that the server's certificate may have, checked also with `insecure`: "sha256//" and the SHA-256 of
     *  SubjectPublicKeyInfo in base64, as curl's --pinnedpubkey has it; ';' between several. NULL: any. */
    const char *pinned_keys;
    pipit_tls_version oldest_tls; /**< 0: TLS 1.2 */

    const char *origin; /**< Origin header of the upgrade; NULL: none */
    /** More header lines of the upgrade ("Cookie: a=b"), NULL at the end; NULL: none. */
    const char *const *extra_headers;
    /** "http://user:password@host:port", asked by CONNECT for a way to the server (the scheme may be left out; without a
     *  port it is 1080). NULL: https_proxy or HTTPS_PROXY for wss, http_proxy for ws, unless no_proxy or NO_PROXY names
     *  the host or it is this machine; read when the socket is made, as curl reads them. */
    const char *proxy;
    bool no_environment; /**< true: these variables are not looked at */

    unsigned connect_timeout_ms; /**< for all of look-up, TCP, proxy, TLS and upgrade; 0: 10,000 */
    unsigned ping_interval_ms;   /**< from open or the last pong to the next ping; 0: 25,000 */
    unsigned pong_timeout_ms;    /**< from a ping until the connection counts as lost; 0: 10,000 */
    bool no_pings; /**< true: none are sent, and a lost connection is found by a request */
    /** Octets of a message that comes; more fails the connection. 0: 1 MiB, which is the most: the user agent's own
     *  max_message_size, 64 KiB unless configured, is answered with 513, which a closed connection cannot bring. */
    size_t max_message_size;
    /** Octets that may wait to be sent, frames and TLS included, before sends are refused. 0: 1 MiB, which is the most. */
    size_t max_buffered_amount;
    /** What Via says (JsSIP: via_transport), "WS" behind something that ends TLS; NULL: WS or WSS, as the URL has it. */
    const char *via_transport;
} pipit_websocket_options;

/** Makes a SIP over WebSocket connection (RFC 7118), not connected yet: the user agent does that.
 *  A redirection (3xx) in answer to the upgrade is not followed, but an error whose sentence names where it points.
 *  @param url      "ws://host[:port][/path][?query]" or "wss://…". With "user:password@" before the host the upgrade has
 *                  Authorization: Basic (RFC 7617); pipit_socket_url(), logs and traces do not show it
 *  @param options  NULL for defaults; copied
 *  @param out      yours; release with pipit_socket_unref()
 *  @return 0, PIPIT_ERR_SYNTAX for a bad URL, header, proxy or pin, PIPIT_ERR_NOT_FOUND, PIPIT_ERR_IO or PIPIT_ERR_TLS
 *          for a file that cannot be used, PIPIT_ERR_NOT_SUPPORTED for a proxy that is not http://, PIPIT_ERR_LIMIT for
 *          a size above its limit, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY
 *  Example: examples/call.c.  JsSIP: new JsSIP.WebSocketInterface(url) */
PIPIT_API int pipit_websocket_new_with(pipit_loop *loop, const char *url,
                                       const pipit_websocket_options *options, pipit_socket **out);

/** pipit_websocket_new_with() and the default options. */
PIPIT_API int pipit_websocket_new(pipit_loop *loop, const char *url, pipit_socket **out);

/** Settings of a socket over UDP, TCP or TLS. Strings are copied. */
typedef struct pipit_sip_socket_options {
    const char *ca_file; /**< PEM file with the authorities to trust; NULL: the system's */
    const char
        *verify_name; /**< name the certificate must carry; NULL: the URI's host (RFC 5922) */
    bool insecure;    /**< as of a WebSocket, and so are the next four */
    const char *certificate_file; /**< ours, NULL: none */
    const char *key_file;         /**< NULL: it is in certificate_file */
    const char *pinned_keys;      /**< NULL: any */
    pipit_tls_version oldest_tls; /**< 0: TLS 1.2 */
    unsigned connect_timeout_ms;  /**< for TCP and TLS to each of the servers found; 0: 10,000 */
    /** Keep-alives while connected (RFC 5626): empty lines over TCP and TLS, STUN over UDP. 0: as often as the server asks for
     *  in Flow-Timer, else every 95 to 120 s over TCP and TLS and every 24 to 29 s over UDP */
    unsigned keep_alive_interval_ms;
    /** Over TCP and TLS: from a keep-alive until the connection counts as lost, of servers that answer them; 0: 10,000 */
    unsigned pong_timeout_ms;
    uint16_t local_port; /**< of UDP; 0: any that is free */
    unsigned
        datagram_max; /**< octets of a request that still goes over UDP; 0: 1300 (RFC 3261 section 18.1.1) */
    bool
        only_udp; /**< true: longer ones go over UDP too. Else over TCP, unless the server refuses that */
} pipit_sip_socket_options;

/** Makes a connection to a SIP server over UDP, TCP or TLS (RFC 3261 section 18), not connected yet: the user agent does that.
 *  Where the server is, is looked up with every connection (RFC 3263: NAPTR, SRV, then addresses); the servers found are tried
 *  one after another, those that failed in the last five minutes at the end. Via and Contact carry the local address, and the
 *  one the registrar sees us at, when that is another (RFC 3581).
 *  @param uri      "sip:host[:port][;transport=udp|tcp|tls]" or "sips:host[:port]"
 *  @param options  NULL for defaults; copied
 *  @param out      yours; release with pipit_socket_unref()
 *  @return 0, PIPIT_ERR_SYNTAX for a bad URI, PIPIT_ERR_NOT_FOUND for a missing CA file, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_sip_socket_new_with(pipit_loop *loop, const char *uri,
                                        const pipit_sip_socket_options *options,
                                        pipit_socket **out);

/** pipit_sip_socket_new_with() and the default options. */
PIPIT_API int pipit_sip_socket_new(pipit_loop *loop, const char *uri, pipit_socket **out);

/** What a socket of your own does. `self` is what was given to pipit_socket_new(). */
typedef struct pipit_socket_interface {
    /** Start to connect; later call pipit_socket_connected() or pipit_socket_disconnected(). */
    void (*connect)(void *self);
    /** Close; nothing you report after this is heard until the next connect. */
    void (*disconnect)(void *self);
    /** Send one SIP message, whole or not at all. @return false when that is not possible now */
    bool (*send)(void *self, const char *data, size_t size);
    /** The last reference is gone. Optional. */
    void (*release)(void *self);
    /** How many octets wait to be sent. Optional: none then. */
    size_t (*buffered_amount)(void *self);
    /** Writes where the connection starts, "192.0.2.1:5060" or "[2001:db8::1]:5060": for Via and Contact. Optional; without it,
     *  or when it returns false, they carry a made-up name (RFC 7118 section 5). Asked while connected. */
    bool (*local_address)(void *self, char *out, size_t size);
    /** The transport in the Via of a request of `size` octets, where that may change; 0: of most. Optional.
     *  @return a text that outlives the call */
    const char *(*via_transport)(void *self, size_t size);
    /** Whether what is sent with that transport in its Via neither gets lost nor comes twice; else transactions repeat it.
     *  Optional: true of all but "UDP". */
    bool (*is_reliable)(void *self, const char *via_transport);
    /** Whether the connection starts at an address that the machine has not any more: asked when its addresses have changed, and then
     *  the next connection is made at once. Optional: false, it is found out by silence. */
    bool (*is_stranded)(void *self);
    /** A registrar asks for keep-alives so often: Flow-Timer of RFC 5626. Optional. */
    void (*flow_timer)(void *self, unsigned seconds);
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

/** @return how many octets wait to be sent, frames and TLS included (W3C WebSocket: bufferedAmount) */
PIPIT_API size_t pipit_socket_buffered_amount(const pipit_socket *socket);

PIPIT_API const char *pipit_socket_url(const pipit_socket *socket);
PIPIT_API const char *pipit_socket_sip_uri(const pipit_socket *socket);
/** @return "WSS", "TCP", …: of a socket that finds its transport by look-ups, that of the present connection */
PIPIT_API const char *pipit_socket_via_transport(const pipit_socket *socket);

PIPIT_API pipit_socket *pipit_socket_ref(pipit_socket *socket);
/** @return NULL */
PIPIT_API pipit_socket *pipit_socket_unref(pipit_socket *socket);

#ifdef __cplusplus
}
#endif
#endif
