/* container_name.c - which names are of containers; known without libavformat, too. */
#include "devices/container.h"

#include <string.h>

bool pp_container_is_named(const char *path)
{
    static const char *const endings[] = {".webm", ".mkv", ".mp4"};
    size_t size = strlen(path);

    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        size_t n = strlen(endings[i]);

        if (size > n && pp_str_ieq_c(pp_str_n(path + size - n, n), endings[i]))
            return true;
    }
    return false;
}
