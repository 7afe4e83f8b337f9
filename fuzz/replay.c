/* replay.c - runs a fuzz target over the files of a folder, and over every prefix of each, without
 * libFuzzer. */
#include "check.h"

#include <dirent.h>
#include <string.h>

/* A copy of exactly `size` octets, so that a sanitizer sees the first one read beyond. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    CHECK(copy);
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static size_t replay(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *file = fopen(path, "rb");
    size_t size;

    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    size = fread(data, 1, sizeof(data), file);
    fclose(file);
    for (size_t n = 0; n < size && n < 4096; n++)
        run(data, n);
    run(data, size);
    return 1;
}

int main(int argc, char **argv)
{
    size_t files = 0;
    struct dirent *entry;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

    if (!folder) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    while ((entry = readdir(folder))) {
        char path[4096];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
        files += replay(path);
    }
    closedir(folder);
    printf("%zu files and their prefixes replayed\n", files);
    return files ? EXIT_SUCCESS : EXIT_FAILURE;
}
