/* limits.h - every limit of the library, with its reason. What a peer can make us hold or do is bounded here. */
#ifndef PP_BASE_LIMITS_H
#define PP_BASE_LIMITS_H

/* One limit a line, with its reason beside it. */
/* clang-format off */

/* base */
#define PP_LIMIT_BUF                   (4u << 20)   /* octets in any buffer without a limit of its own: a guard against run-away growth */

/* WebSocket and HTTP upgrade (no SIP server sends a message over 64 KiB; Kamailio drops such a connection) */
#define PP_LIMIT_WS_MESSAGE            (64u << 10)  /* octets in one message, fragments together, where nothing else is asked for */
#define PP_LIMIT_WS_HANDSHAKE          (16u << 10)  /* octets of an HTTP upgrade head */
#define PP_LIMIT_WS_HEADERS            64u          /* header lines of an HTTP upgrade head */
#define PP_LIMIT_SEND_QUEUE            (1u << 20)   /* octets waiting on one connection before sends are refused */

/* TLS */
#define PP_LIMIT_TLS_TICKETS           8u           /* servers remembered for a shorter handshake by those who share settings */
#define PP_LIMIT_TLS_TICKET            (16u << 10)  /* octets of what is remembered of one: its certificate is most of it */

/* network */
#define PP_LIMIT_LOCAL_ADDRESSES       64u          /* of the machine, that are compared to see what changed: a host of containers has that many */

/* names */
#define PP_LIMIT_RECORDS               64u          /* SRV or NAPTR records of one name: an answer over UDP holds fewer */
#define PP_LIMIT_HOPS                  32u          /* servers that one name may lead to */

/* SIP */
#define PP_LIMIT_SIP_MESSAGE           (1u << 20)   /* octets in any message: more than a user agent can be configured for */
#define PP_LIMIT_SIP_MESSAGE_DEFAULT   (64u << 10)  /* octets in a message to a user agent that was told nothing else, and to the switchboard */
#define PP_LIMIT_STREAM_HEAD           (64u << 10)  /* octets in the start line and header fields of a message that comes over TCP */
#define PP_LIMIT_SIP_URI               4096u        /* octets in a Request-URI: RFC 3261 section 18.1.1 has whole requests in a third of it */
#define PP_LIMIT_SIP_HEADERS           256u         /* header fields in a message */
#define PP_LIMIT_SIP_HEADER            (16u << 10)  /* octets in one header field */
#define PP_LIMIT_SIP_LIST              70u          /* members of one list header: RFC 3261 Max-Forwards bounds Via at 70 */
#define PP_LIMIT_SIP_NESTING           4u           /* bodies of several parts within each other: twice what is seen */
#define PP_LIMIT_EXPIRES_S             4294967295u  /* RFC 3261 section 20.19 */
#define PP_LIMIT_REALMS                16u          /* realms whose challenges and credentials are remembered: a provider has one, with its proxies a few */
#define PP_LIMIT_MIN_EXPIRES_S         604800u      /* a Min-Expires of more than a week is refused: a binding would be kept for long after its user is gone */
#define PP_LIMIT_RETRY_AFTER_S         86400u       /* a registrar that asks for more than a day is asked again after one */
#define PP_LIMIT_TRANSACTIONS          1024u        /* server transactions alive in one user agent; two for each of its calls, when that is more */
#define PP_LIMIT_TRANSACTIONS_INSIDE   256u         /* more of them for requests inside of dialogs: what is going on can be ended */
#define PP_LIMIT_DIALOGS               256u         /* dialogs alive in one user agent; two for each of its calls, when that is more */
#define PP_LIMIT_SESSIONS              128u         /* calls alive in one user agent that does not say how many */
#define PP_LIMIT_SESSIONS_MAX          65536u       /* and in one that does: an address has no more ports */
#define PP_LIMIT_FORKS                 16u          /* far ends of one call, told apart by To tag, until one has answered */
#define PP_LIMIT_BRANCHES              4u           /* of them with media at a time: each is a path and a handshake of its own */
#define PP_LIMIT_REDIRECTS             16u          /* places one call is sent to by 3xx, the first included */
#define PP_LIMIT_SESSION_EXPIRES_S     86400u       /* a session timer beyond a day guards nothing */
#define PP_LIMIT_CONTACT_MOVES         4u           /* Contacts corrected on one connection: more is a NAT that never settles */
#define PP_LIMIT_CHALLENGES            3u           /* challenges answered in one request: more is a loop */

/* bodies of events */
#define PP_LIMIT_XML                   (256u << 10) /* octets of a document: presence of a hundred devices is a tenth of it */
#define PP_LIMIT_XML_DEPTH             32u          /* elements within each other: four times what the formats have */
#define PP_LIMIT_XML_NODES             4096u        /* elements and attributes of a document */

/* SDP */
#define PP_LIMIT_SDP                   (32u << 10)
#define PP_LIMIT_SDP_LINES             2000u
#define PP_LIMIT_SDP_MEDIA             32u
#define PP_LIMIT_SDP_FORMATS           128u
#define PP_LIMIT_SDP_MID               32u          /* octets of a section's name that we take part in: twice what a header extension holds */

/* ICE */
#define PP_LIMIT_TCP_ADDRESSES         4u           /* own addresses with candidates over TCP, which have two each: relays need room, too */
#define PP_LIMIT_TCP_LINKS             8u           /* TCP streams of one candidate: a far end has a few addresses */
#define PP_LIMIT_TCP_STRANGERS         64u          /* streams that came to a listening socket and have not said whose they are */
#define PP_LIMIT_TCP_INPUT             (128u << 10) /* octets: the longest packet of RFC 4571, and what one read brings behind it */
#define PP_LIMIT_TCP_WAITING           (8u << 10)   /* octets of checks that wait for a connection */
#define PP_LIMIT_ICE_REMOTE_CANDIDATES 64u          /* RFC 8445 section 5.1.3 lets an agent choose; browsers send under 20 */
#define PP_LIMIT_ICE_PAIRS             100u         /* RFC 8445 section 6.1.2.5 */
#define PP_LIMIT_ICE_LOCAL_ADDRESSES   8u
#define PP_LIMIT_ICE_LOCAL_CANDIDATES  32u          /* of them all, server-reflexive and relayed ones too */
#define PP_LIMIT_ICE_QUESTIONS         32u          /* to STUN servers: four for each address */
#define PP_LIMIT_ICE_PEER_REFLEXIVE    16u          /* addresses learnt from checks, beside those signalled */
#define PP_LIMIT_ICE_EARLY_CHECKS      16u          /* remembered before the answer came */
#define PP_LIMIT_ICE_UNANSWERED        100u         /* checks sent to one IP address that never answered */
#define PP_LIMIT_ICE_ERRORS            10u          /* error answers in a second */
#define PP_LIMIT_PORT_ADDRESSES        16u          /* far addresses of one call that are known on its UDP port: the one in use and those around it */

#define PP_LIMIT_ICE_NAMES             8u           /* names below .local of one far end that are looked up at a time: a browser has one for each address */

/* ICE servers */
#define PP_LIMIT_ICE_SERVERS           16u          /* URLs: browsers warn of more than five */
#define PP_LIMIT_TURN_USERNAME         508u         /* octets: RFC 8489 section 14.3 */

/* TURN */
#define PP_LIMIT_TURN_PEERS            80u          /* those one allocation talks to: as many as ICE has remote candidates */
#define PP_LIMIT_TURN_DATA             2048u        /* octets of a datagram that goes by way of a relay */
#define PP_LIMIT_TURN_QUEUE            (32u << 10)  /* octets that wait on the way to a server before what comes next is lost: media that late is of no use */
#define PP_LIMIT_TURN_STREAM           (88u << 10)  /* octets of a server's stream that wait: the longest message is 64 KiB */

/* RTP */
#define PP_LIMIT_RTP_PACKET            1500u        /* octets of a datagram: an Ethernet frame's worth */
#define PP_LIMIT_RTP_SOURCES           16u          /* sources of one connection that were told apart: twice those whose keys are kept */
#define PP_LIMIT_JITTER_PACKETS        64u          /* held for playing: 1.28 s of 20 ms frames */
#define PP_LIMIT_PTIME_MS              120u         /* of sound in a packet: the longest of Opus, RFC 7587 section 6.1 */
#define PP_LIMIT_JITTER_MS             400u         /* the longest a frame is to wait: ITU-T G.114's limit for one way */
#define PP_LIMIT_TRANSPORT_PACKETS     1024u        /* packets between two transport-wide feedbacks: a hundred times what 100 ms of video are */
#define PP_LIMIT_RTX_PACKETS           512u         /* packets that can be had again, a power of two: 2 s of video at 2.5 Mbit/s */
#define PP_LIMIT_NACK                  256u         /* packets that are missing at a time; behind more only a key frame helps */
#define PP_LIMIT_PCM_MARKS             256u         /* of a pcm_port, not reached yet: a sentence has one or two */
#define PP_LIMIT_DTMF_TONES            64u          /* waiting to be sent */
#define PP_LIMIT_MEDIA_THREADS         64u          /* of a loop: whose one thread feeds them all */
#define PP_LIMIT_MEDIA_WORK            256u         /* items under way in one of them, a power of two: with more it is seconds behind */

/* video */
#define PP_LIMIT_VIDEO_WAIT_US         500000u      /* for its sound: more would be a far end whose clocks are wrong */
#define PP_LIMIT_VIDEO_SIDE_MIN        16u          /* samples: what codecs take at the least */
#define PP_LIMIT_VIDEO_SIDE            4096u        /* samples of a picture's width or height: a key frame of a few octets may claim 16,383 */
#define PP_LIMIT_VIDEO_FRAME           (512u << 10) /* octets of an encoded picture: a key frame of 1,920 x 1,080 at its best has half of it */
#define PP_LIMIT_VIDEO_PACKETS         1024u        /* that wait to become pictures, a power of two: more than the longest picture has */
#define PP_LIMIT_VIDEO_UNITS           512u         /* units of one H.264 picture that are looked at */

/* recordings */
#define PP_LIMIT_WRITER                (16u << 20)  /* octets that wait for a disk: a minute of video at 2 Mbit/s */
#define PP_LIMIT_RECORDING_HELD        (4u << 20)   /* octets held until all that is to be in a file has begun */
#define PP_LIMIT_RECORDING_HELD_S      30u          /* seconds of them */

/* SRTP */
#define PP_LIMIT_SRTP_SSRCS            8u           /* synchronisation sources of one direction at a time: a call has one or two */
#define PP_LIMIT_SRTP_RETIRED          64u          /* sources given up for newer ones; their packets would be replays */
#define PP_LIMIT_SRTP_WINDOW           1024u        /* packets a replay is known by: 20 s of audio, more than any network reorders */

/* DTLS */
#define PP_LIMIT_DTLS_MTU              1200u        /* octets of a datagram: passes every path, as browsers have it */
#define PP_LIMIT_DTLS_DATA             1160u        /* octets of data in one: what is left when record header, nonce and tag are taken off */
#define PP_LIMIT_DTLS_DATAGRAM         4096u        /* octets of one we take: peers cut at the MTU, more than this is no handshake */
#define PP_LIMIT_DTLS_WAITING          32u          /* datagrams kept while the fingerprint is not known: several flights */
#define PP_LIMIT_DTLS_FINGERPRINTS     8u           /* fingerprints one peer may announce */

/* data channels */
#define PP_LIMIT_DATA_STREAMS          1023u        /* streams each way, and so ids: what browsers ask for */
#define PP_LIMIT_DATA_CHANNELS         256u         /* channels of one connection that are not closed */
#define PP_LIMIT_DATA_MESSAGE          (256u << 10) /* octets of a message, as browsers have it */
#define PP_LIMIT_DATA_IN_FLIGHT        (512u << 10) /* octets handed to SCTP and not acknowledged: two messages, or 40 Mbit/s at 100 ms there and back */
#define PP_LIMIT_DATA_QUEUE            (16u << 20)  /* octets that wait in one channel before sends are refused */
#define PP_LIMIT_DATA_PACKET           1152u        /* octets of an SCTP packet: goes into one datagram of PP_LIMIT_DTLS_DATA */
#define PP_LIMIT_DATA_LABEL            65535u       /* octets of a label or protocol: what the field of RFC 8832 holds */

/* switchboard */
#define PP_LIMIT_BINDINGS              10u          /* contacts of one user */
#define PP_LIMIT_CONNECTIONS           1024u
/* Requests of one connection that are not over yet: a stranger must not use up PP_LIMIT_TRANSACTIONS. */
#define PP_LIMIT_REQUESTS_OF_STRANGER 64u
#define PP_LIMIT_REQUESTS_OF_USER     512u
/* clang-format on */

#endif
