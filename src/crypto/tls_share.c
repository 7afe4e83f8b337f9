/* tls_share.c - one context for all connections with the same settings. */
#include "crypto/tls_context.h"

#include "base/alloc.h"

#include <sys/stat.h>

/* The name of a file and the state it is in: one that was renewed is loaded again by the next socket. */
static void add_file(pp_buf *text, const char *name)
{
    struct stat state;

    pp_buf_c(text, name ? name : "");
    if (name && stat(name, &state) == 0)
        pp_buf_format(text, " %llu %lld %lld.%09ld", (unsigned long long)state.st_ino,
                      (long long)state.st_size, (long long)state.st_mtim.tv_sec,
                      state.st_mtim.tv_nsec);
    pp_buf_char(text, '\n');
}

static int describe(const pp_tls_client_options *options, char **out)
{
    pp_buf text = {0};

    add_file(&text, options->ca_file);
    add_file(&text, options->certificate_file);
    add_file(&text, options->key_file);
    pp_buf_format(&text, "%s\n%s\n%d %d", options->pinned_keys ? options->pinned_keys : "",
                  options->protocol ? options->protocol : "", (int)options->oldest,
                  options->insecure);
    return pp_buf_take(&text, out);
}

static pp_tls_context *find(pp_tls_context *list, const char *likeness)
{
    while (list && strcmp(list->likeness, likeness) != 0)
        list = list->next;
    return list;
}

int pp_tls_client_context_shared(pp_tls_context **list, const pp_tls_client_options *options,
                                 pp_tls_context **out)
{
    pp_tls_context *context = NULL;
    char *likeness = NULL;
    int err = describe(options, &likeness);

    if (!err)
        context = find(*list, likeness);
    if (context) {
        *out = pp_tls_context_ref(context);
        goto out;
    }
    if (!err)
        err = pp_tls_client_context_new(options, &context);
    if (err)
        goto out;
    context->likeness = likeness;
    likeness = NULL;
    context->list = list;
    context->next = *list;
    *list = *out = context;
out:
    pp_free(likeness);
    return err;
}
