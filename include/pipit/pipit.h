/** @file pipit.h  All of Pipit: JsSIP for C. A program includes this one header.
 *
 *  Rules that hold everywhere:
 *  - Functions return 0 or a negative `PIPIT_ERR_*`; pipit_error_message() then has a sentence. Outputs are untouched.
 *  - An out parameter is yours to release; a return value or an event's field is borrowed. Strings in are copied.
 *  - `{0}` is a valid options struct: each field says what zero means. NULL options are the defaults.
 *  - Handlers run on the loop's thread. A handler may call anything, also release the object it was called for.
 *  - `_unref(NULL)` is fine, and every `_unref` returns NULL. Releasing is never an action: stop() unregisters and
 *    terminate() hangs up, the last unref does neither. */
#ifndef PIPIT_H
#define PIPIT_H

#include "pipit/conference.h"
#include "pipit/credentials.h"
#include "pipit/data_channel.h"
#include "pipit/devices.h"
#include "pipit/error.h"
#include "pipit/event_body.h"
#include "pipit/grammar.h"
#include "pipit/log.h"
#include "pipit/loop.h"
#include "pipit/media.h"
#include "pipit/message.h"
#include "pipit/name_addr.h"
#include "pipit/notifier.h"
#include "pipit/options.h"
#include "pipit/own_media.h"
#include "pipit/pcm_port.h"
#include "pipit/peer.h"
#include "pipit/publisher.h"
#include "pipit/recording.h"
#include "pipit/refer.h"
#include "pipit/registrator.h"
#include "pipit/request.h"
#include "pipit/session.h"
#include "pipit/socket.h"
#include "pipit/sound.h"
#include "pipit/stats.h"
#include "pipit/stats_report.h"
#include "pipit/subscriber.h"
#include "pipit/trace.h"
#include "pipit/types.h"
#include "pipit/ua.h"
#include "pipit/uri.h"
#include "pipit/version.h"
#include "pipit/video.h"
#include "pipit/window.h"

#endif
