/* framing.c - any split of a stream gives the same frames: octet by octet, as the input says, and all at once.
 *
 * FUZZ: transport
 *
 * The first octet says how large the pieces are; the rest is the stream. */
#include "transport/framing.h"

#include "check.h"

#include <stdlib.h>

/* What was found on the way is what the message alone has. The last LF may stand in a word that nobody looked at. */
static void check_marks(const pp_frame *frame)
{
    pp_marks own;
    size_t size = frame->marks ? frame->marks->head - 1 : 0, whole = size / 64;

    if (!frame->marks)
        return;
    CHECK(pp_marks_find(frame->message, &own));
    CHECK(own.head == frame->marks->head && own.lines == frame->marks->lines);
    CHECK(!own.nul || frame->marks->nul);
    CHECK(memcmp(own.special, frame->marks->special, whole * sizeof(uint64_t)) == 0);
    for (size_t at = whole * 64; at < size; at++)
        CHECK(!((own.special[whole] ^ frame->marks->special[whole]) >> (at % 64) & 1));
    CHECK(memcmp(own.ends, frame->marks->ends, own.lines * sizeof(*own.ends)) == 0);
}

typedef struct heard {
    pp_buf text; /* kind, size and octets of each frame */
    int error;
} heard;

static void take(pp_framing *framing, heard *h)
{
    pp_frame frame;

    while ((h->error = pp_framing_next(framing, &frame)) == 0 && frame.kind != PP_FRAME_NONE) {
        pp_buf_u8(&h->text, frame.kind);
        pp_buf_u32(&h->text, (uint32_t)frame.message.n);
        pp_buf_str(&h->text, frame.message);
        check_marks(&frame);
    }
}

static heard feed(const uint8_t *data, size_t size, size_t piece)
{
    pp_framing framing = {0};
    heard h = {0};

    for (size_t at = 0; at < size && !h.error; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        uint8_t *lent = malloc(n); /* and gone before the next piece comes */
        CHECK(lent);
        memcpy(lent, data + at, n);
        CHECK(pp_framing_add(&framing, lent, n) == 0);
        take(&framing, &h);
        free(lent);
    }
    pp_framing_free(&framing);
    return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    heard whole, split, single;

    if (size < 2 || size > 200000)
        return 0;
    whole = feed(data + 1, size - 1, size);
    split = feed(data + 1, size - 1, 1u + data[0]);
    single = feed(data + 1, size - 1, 1);
    CHECK(whole.error == split.error && whole.error == single.error);
    CHECK(pp_str_eq(pp_buf_text(&whole.text), pp_buf_text(&split.text)));
    CHECK(pp_str_eq(pp_buf_text(&whole.text), pp_buf_text(&single.text)));
    pp_buf_free(&whole.text);
    pp_buf_free(&split.text);
    pp_buf_free(&single.text);
    return 0;
}
