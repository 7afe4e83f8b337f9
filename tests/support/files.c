/* files.c - reading test data. */
#include "support/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

pp_str read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    long size = -1;

    if (!file)
        return PP_STR_NONE;
    if (fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    rewind(file);
    if (size >= 0)
        data = malloc((size_t)size + 1);
    if (data && fread(data, 1, (size_t)size, file) == (size_t)size)
        data[size] = '\0';
    fclose(file);
    return data ? pp_str_n(data, (size_t)size) : PP_STR_NONE;
}

pp_str read_seed(const char *target, const char *name)
{
    const char *tree = getenv("PIPIT_SOURCE_DIR");
    char path[4096];
    pp_str content;

    snprintf(path, sizeof(path), "%s/fuzz/corpus/%s/%s", tree ? tree : ".", target, name);
    content = read_file(path);
    if (!content.p)
        fail_msg("cannot read %s", path);
    return content;
}

const char *corpus_path(const char *name)
{
    static char path[4096];
    const char *corpora = getenv("PIPIT_CORPORA");

    if (!corpora || !*corpora)
        skip();
    snprintf(path, sizeof(path), "%s/%s", corpora, name);
    return path;
}

pp_str read_corpus(const char *name)
{
    pp_str content = read_file(corpus_path(name));

    if (!content.p)
        fail_msg("cannot read %s", corpus_path(name));
    return content;
}

void each_corpus_file(const char *folder, void (*each)(const char *name, pp_str content, void *arg),
                      void *arg)
{
    char path[4096];
    struct dirent *entry;
    DIR *open_folder = opendir(corpus_path(folder));

    if (!open_folder)
        fail_msg("cannot open %s", corpus_path(folder));
    while ((entry = readdir(open_folder))) {
        pp_str content;

        if (entry->d_type == DT_DIR || entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        content = read_corpus(path);
        each(entry->d_name, content, arg);
        free((void *)(uintptr_t)content.p);
    }
    closedir(open_folder);
}
