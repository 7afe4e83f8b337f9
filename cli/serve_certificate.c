/* serve_certificate.c - the certificate of the switchboard: given, or made on the first start. */
#include "cli/config.h"
#include "cli/output.h"
#include "cli/serving.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ~/.config/pipit/NAME; the folder is made. */
static int own_file(const char *name, char out[PATH_MAX])
{
    char *path = config_path(name), *slash;

    if (!path || strlen(path) >= PATH_MAX) {
        free(path);
        output_error("there is no home folder for the certificate: give --certificate and --key, "
                     "or --no-wss.");
        return STATUS_USAGE;
    }
    snprintf(out, PATH_MAX, "%s", path);
    for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700); /* what is wrong with it shows when the file is written */
        *slash = '/';
    }
    free(path);
    return STATUS_OK;
}

static int make_certificate(serving *s)
{
    char host[256] = "localhost";
    const char *names[] = {
        s->domain ? s->domain : "localhost", "localhost", "127.0.0.1", "::1", host, NULL};
    const pp_rng rng = pp_rng_system();
    int err;

    if (gethostname(host, sizeof(host) - 1) != 0)
        names[4] = NULL;
    err = pp_certificate_generate(&rng, (uint64_t)time(NULL) * 1000000, 825, names,
                                  &s->board_options.certificate);
    if (!err)
        err = pp_certificate_save(s->board_options.certificate, s->certificate_path, s->key_path);
    if (err) {
        output_error("cannot make a certificate: %s. Give --certificate and --key, or --no-wss.",
                     pipit_error_message());
        return STATUS_INTERNAL;
    }
    return STATUS_OK;
}

/* In ~/.config/pipit, one for each domain: its name is in it. */
static int choose_paths(serving *s)
{
    char name[300];
    int status;

    snprintf(name, sizeof(name), "switchboard-%.200s.crt", s->domain ? s->domain : "localhost");
    if (strchr(name, '/')) {
        output_error("--domain takes a host name, not '%s'.", s->domain);
        return STATUS_USAGE;
    }
    status = own_file(name, s->certificate_path);
    if (status == STATUS_OK)
        snprintf(s->key_path, sizeof(s->key_path), "%.*s.key", (int)strlen(s->certificate_path) - 4,
                 s->certificate_path);
    return status;
}

int serving_find_certificate(serving *s)
{
    int status = STATUS_OK;

    if (s->no_wss)
        return STATUS_OK;
    if (!s->certificate_file != !s->key_file) {
        output_error("--certificate and --key go together.");
        return STATUS_USAGE;
    }
    if (s->certificate_file) {
        snprintf(s->certificate_path, sizeof(s->certificate_path), "%s", s->certificate_file);
        snprintf(s->key_path, sizeof(s->key_path), "%s", s->key_file);
    } else {
        status = choose_paths(s);
    }
    if (status != STATUS_OK)
        return status;
    if (access(s->certificate_path, F_OK) != 0 && access(s->key_path, F_OK) != 0)
        return make_certificate(s);
    if (pp_certificate_load(s->certificate_path, s->key_path, &s->board_options.certificate) == 0)
        return STATUS_OK;
    output_error("cannot use the certificate: %s.", pipit_error_message());
    return STATUS_CONNECTION;
}
