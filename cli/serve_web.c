/* serve_web.c - the web phone: its folder, and JsSIP for it. */
#include "cli/output.h"
#include "cli/serving.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first that is there of FOLDER/ending, where FOLDER is that of the program or the present one. */
static bool look_for(const char *const *endings, const char *folder, char out[PATH_MAX])
{
    for (; *endings; endings++) {
        int size = snprintf(out, PATH_MAX, "%s/%s", folder, *endings);

        if (size > 0 && size < PATH_MAX && access(out, R_OK) == 0)
            return true;
    }
    out[0] = '\0';
    return false;
}

static void program_folder(char out[PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", out, PATH_MAX - 1);
    char *slash;

    out[size > 0 ? size : 0] = '\0';
    slash = strrchr(out, '/');
    if (slash)
        *slash = '\0';
    else
        snprintf(out, PATH_MAX, ".");
}

static int find_jssip(serving *s)
{
    static const char *const names[] = {"jssip.js", "jssip.min.js", NULL};

    if (s->jssip && access(s->jssip, R_OK) != 0) {
        output_error("cannot read JsSIP at %s: %s.", s->jssip, strerror(errno));
        return STATUS_MEDIA;
    }
    if (s->jssip)
        s->board_options.jssip_file = s->jssip;
    else if (look_for(names, s->web_path, s->jssip_path) ||
             look_for(names, s->program_folder, s->jssip_path))
        s->board_options.jssip_file = s->jssip_path;
    else
        output_error("JsSIP was not found, so the web phone cannot call: make one file of it with "
                     "interop/bundle.sh FILE and give --jssip FILE.");
    return STATUS_OK;
}

int serving_find_web(serving *s)
{
    static const char *const places[] = {"../share/pipit/web", "../../switchboard/web",
                                         "switchboard/web", NULL};
    struct stat status;

    if (!s->web)
        return STATUS_OK;
    program_folder(s->program_folder);
    if (*s->web)
        snprintf(s->web_path, sizeof(s->web_path), "%s", s->web);
    else if (!look_for(places, s->program_folder, s->web_path) &&
             !look_for(places, ".", s->web_path)) {
        output_error("the web phone was not found: give its folder with --web DIR.");
        return STATUS_MEDIA;
    }
    if (stat(s->web_path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        output_error("%s is no folder: give one with --web DIR.", s->web_path);
        return STATUS_MEDIA;
    }
    s->board_options.web_root = s->web_path;
    return find_jssip(s);
}
