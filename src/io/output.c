/* output.c - memory of what is on its way out: who has nothing to say has none, and the loop keeps a few buffers for who will have. */
#include "io/real_loop.h"

#define KEPT_OUTPUT (512u << 10) /* octets that a loop keeps for who will have output */
#define REST_MS     100          /* without output: nobody is expected to have much to say soon */

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
    loop->returned_ms = uv_now(loop->uv);
    loop->output_kept += out->capacity;
    loop->outputs[loop->output_count++] = *out;
    *out = (pp_buf){.max = max};
}

void pp_io_free_outputs(pp_real_loop *loop)
{
    while (loop->output_count)
        pp_buf_free(&loop->outputs[--loop->output_count]);
    loop->output_kept = 0;
}

void pp_io_rest(pp_real_loop *loop)
{
    if (uv_now(loop->uv) - loop->returned_ms < REST_MS)
        return;
    pp_io_free_outputs(loop);
    if (loop->head.rest)
        loop->head.rest(&loop->head);
}
