/* hostile.c - fragments that would start a line, a field, a parameter or an address, in the places where they might. */
#include "support/hostile.h"

#include "support/files.h"

#include <stdio.h>

static const char *const fragments[] = {
    "\r\nX-Evil: 1",
    "\nX-Evil: 1",
    "\rX-Evil: 1",
    "\r\n\r\nbody",
    "\n\nbody",
    "\r\n X",
    "\r\n\t",
    "\r",
    "\n",
    " SIP/2.0\r\nX-Evil: 1\r\n",
    "%0d%0aX-Evil: 1",
    "%0D%0A%0D%0A",
    "%00",
    "%",
    "%4",
    "%zz",
    "\\",
    "\\\"",
    "\"",
    "\"\"",
    "\" <sip:evil@evil.example>",
    ">",
    "<",
    ">;tag=evil",
    ";tag=evil",
    ", <sip:evil@evil.example>",
    ",",
    "?X-Evil=1",
    "@evil.example",
    "@",
    ":1@evil.example",
    " ",
    "\t",
    "\x01",
    "\x1b[2J",
    "\x7f",
    "\x0b\x0c",
    "\xe2\x80\xa8X-Evil: 1", /* LINE SEPARATOR */
    "\xc2\x85X-Evil: 1",     /* NEXT LINE */
    "\xc0\x8aX-Evil: 1",     /* an overlong LF */
    "\xff\xfe",
    "\xe5\x98\x8a\xe5\x98\x8dX-Evil: 1", /* whose last octets some take for CR LF */
    "(",
    "=?UTF-8?Q?=0D=0A?=",
};

static const char *const templates[] = {
    "%s",
    "a%s",
    "%sa",
    "a%sb",
    "\"%s\"",
    "<%s>",
    "sip:a%s@h.example",
    "sip:a@h.example%s",
    "sip:%s@h.example",
    "sip:a@%s",
    "X-Own: %s",
    "X-Own%s: a",
    "text/plain%s",
    "a%s\r\n",
};

#define FRAGMENTS (sizeof(fragments) / sizeof(*fragments))
#define TEMPLATES (sizeof(templates) / sizeof(*templates))

void hostile_text(size_t index, char *out, size_t room)
{
    const char *form = templates[index % TEMPLATES], *at = strstr(form, "%s");

    assert_non_null(at);
    snprintf(out, room, "%.*s%s%s", (int)(at - form), form, fragments[index / TEMPLATES], at + 2);
}

size_t hostile_texts(void)
{
    return FRAGMENTS * TEMPLATES;
}
