/* talk.h - one call, made or taken: its sound, its digits, its end and its summary. */
#ifndef CLI_TALK_H
#define CLI_TALK_H

#include "cli/agent.h"
#include "cli/picture.h"
#include "cli/sound.h"

typedef struct talk_options {
    sound_options sound;
    picture_options picture;
    double duration_s; /* 0: until somebody hangs up */
    const char *dtmf;  /* sent once sound can flow */
    bool dtmf_info;
    const char *codecs;
    unsigned ptime_ms;
    bool comfort_noise;
    bool data_channels;
    option_list ice_servers; /* URLs */
    const char *turn_user;
    bool relay_only;
    const char *security, *trickle_ice, *ice_tcp;
} talk_options;

typedef struct talk talk;
struct talk {
    agent *agent;
    const talk_options *options;
    void (*over)(
        talk *t,
        int status); /* after the summary; `ended` is set, and the owner frees it some time later */
    bool ends_with_file;           /* hang up when the file has been played */
    pipit_session *session;        /* a reference of ours */
    pipit_data_channel **channels; /* references */
    size_t channel_count;
    pipit_data_channel *channel; /* the one of them that is ours; NULL: none */
    sound sound;
    picture picture;
    uint64_t started_ms, confirmed_ms, played_ms; /* 0: not yet */
    size_t digits_sent;
    bool media_up, digits_asked, ended;
};

#define TALK_OPTIONS 15
void talk_table(talk_options *options, option table[TALK_OPTIONS]);
int talk_check(const talk_options *options); /* a status, said */

/* A talk without a session yet; `number` counts calls from 1. NULL: a sentence was said and the agent ends. */
talk *talk_new(agent *a, const talk_options *options, unsigned number);
void talk_free(talk *t);
int talk_call(talk *t, const char *target); /* a PIPIT_ERR_* */
int talk_answer(talk *t, pipit_session *session);
void talk_tick(talk *t);

#define TALK_HELP                                                                                  \
    "  --codecs LIST         in order of preference: opus,PCMU,PCMA\n"                             \
    "  --ptime MS            sound in a packet, 10 to 60: asked of the far end, and\n"             \
    "                        sent unless it asks for something else\n"                             \
    "  --comfort-noise       in silence PCMU and PCMA send next to nothing\n"                      \
    "  --stereo              two channels of Opus where the far end takes them: music\n"           \
    "  --data-channels       data channels too; --echo says back what comes in them\n"             \
    "  --security KIND       dtls; for plain SIP servers sdes (keys in the\n"                      \
    "                        signalling) or none: plain RTP, which anybody can hear\n"             \
    "  --dtmf DIGITS         send these once the call stands; ',' waits 2 s\n"                     \
    "  --dtmf-info           send them by INFO, not in the sound\n"                                \
    "  --duration SECONDS    hang up so long after the answer\n"                                   \
    "  --ice-server URL      stun:host[:port], turn:host[:port][?transport=udp|tcp],\n"            \
    "                        turns:host[:port]: to get through NATs and firewalls;\n"              \
    "                        may be repeated; --ca and --insecure hold for turns\n"                \
    "  --turn-user NAME      for turn and turns; PIPIT_TURN_PASSWORD is its password\n"            \
    "  --relay-only          sound goes by way of a TURN server or not at all\n"                   \
    "  --ice-tcp HOW         none; active: connect to far ends that take TCP; both:\n"             \
    "                        and take it; only: nothing but that\n"                                \
    "  --trickle-ice HOW     none; half: what servers find follows by INFO where the\n"            \
    "                        far end takes it; full: behind the first offer, too\n"

#endif
