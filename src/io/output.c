/* output.c - memory of what is on its way out: who has nothing to say has none, and the loop keeps a few buffers for who will have. */
#include "io/real_loop.h"

#define KEPT_OUTPUT                                                                                \
    (512u << 10) /* octets that a loop keeps for who will have output, and no more */

void pp_io_borrow_output(pp_real_loop *loop, pp_buf *out)
{
    size_t max = out->max;

    if (out->p || !loop->output_count)
        return;
    *out = loop->outputs[--loop->output_count];
    loop->output_kept -= out->capacity;
    out->max = max;
}

void pp_io_return_output(pp_real_loop *loop, pp_buf *out)
{
    size_t max = out->max;

    if (!out->p || loop->output_count == PP_IO_SPARE_OUTPUTS ||
        out->capacity > KEPT_OUTPUT - loop->output_kept) {
        pp_buf_free(out);
        out->max = max;
        return;
    }
    pp_buf_clear(out);
    loop->output_kept += out->capacity;
    loop->outputs[loop->output_count++] = *out;
    *out = (pp_buf){.max = max};
}
