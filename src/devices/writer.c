/* writer.c - a file that is written by a thread of its own. Memory is taken and given back on the caller's side only: the application's
 * allocator need not know of threads. */
#include "devices/writer.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

typedef struct piece {
    struct piece *next;
    uint64_t at;
    size_t size;
    uint8_t data[];
} piece;

struct pp_writer {
    int file;
    int err; /* told already, and for good */
    pthread_t thread;
    pthread_mutex_t lock; /* for all that follows */
    pthread_cond_t more;
    piece *first, **last; /* to be written */
    piece *written;       /* to be freed */
    size_t waiting;       /* octets to be written */
    int failure;          /* errno of the disk; 0: none */
    bool over;            /* no more will come */
};

/* --- the thread ------------------------------------------------------------------------------- */

static int write_piece(int file, const piece *p)
{
    for (size_t done = 0; done < p->size;) {
        ssize_t n = pwrite(file, p->data + done, p->size - done, (off_t)(p->at + done));

        if (n < 0 && errno != EINTR)
            return errno;
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* NULL: there will be no more. */
static piece *take(pp_writer *writer)
{
    while (!writer->first && !writer->over)
        pthread_cond_wait(&writer->more, &writer->lock);
    return writer->first;
}

static void *run(void *arg)
{
    pp_writer *writer = arg;
    piece *p;

    pthread_mutex_lock(&writer->lock);
    while ((p = take(writer))) {
        int failure = writer->failure;

        pthread_mutex_unlock(&writer->lock);
        if (!failure)
            failure = write_piece(writer->file, p);
        pthread_mutex_lock(&writer->lock);
        writer->failure = failure;
        writer->first = p->next;
        if (!writer->first)
            writer->last = &writer->first;
        writer->waiting -= p->size;
        p->next = writer->written;
        writer->written = p;
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

/* --- the caller's side ------------------------------------------------------------------------ */

static void free_pieces(piece *p)
{
    while (p) {
        piece *next = p->next;

        pp_free(p);
        p = next;
    }
}

static int start(pp_writer *writer)
{
    if (pthread_mutex_init(&writer->lock, NULL))
        return pp_error(PIPIT_ERR_IO, "file: no lock");
    if (pthread_cond_init(&writer->more, NULL)) {
        pthread_mutex_destroy(&writer->lock);
        return pp_error(PIPIT_ERR_IO, "file: no condition");
    }
    if (pthread_create(&writer->thread, NULL, run, writer) == 0)
        return 0;
    pthread_cond_destroy(&writer->more);
    pthread_mutex_destroy(&writer->lock);
    return pp_error(PIPIT_ERR_IO, "file: no thread to write it");
}

int pp_writer_open(const char *path, pp_writer **out)
{
    pp_writer *writer = PP_NEW(pp_writer);
    int err;

    if (!writer)
        return PIPIT_ERR_MEMORY;
    writer->last = &writer->first;
    writer->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    err = writer->file < 0
              ? pp_error(PIPIT_ERR_IO, "file: cannot write '%s': %s", path, strerror(errno))
              : start(writer);
    if (err) {
        if (writer->file >= 0)
            close(writer->file);
        pp_free(writer);
        return err;
    }
    *out = writer;
    return 0;
}

static int disk_error(int failure)
{
    return pp_error(PIPIT_ERR_IO, "file: %s", strerror(failure));
}

/* Hands it over; what was written meanwhile comes back. */
static int hand_over(pp_writer *writer, piece *p, piece **written)
{
    int failure;
    bool full;

    pthread_mutex_lock(&writer->lock);
    failure = writer->failure;
    full = writer->waiting + p->size > PP_LIMIT_WRITER;
    *written = writer->written;
    writer->written = NULL;
    if (!failure && !full) {
        *writer->last = p;
        writer->last = &p->next;
        writer->waiting += p->size;
        pthread_cond_signal(&writer->more);
    }
    pthread_mutex_unlock(&writer->lock);
    if (failure)
        return disk_error(failure);
    return full ? pp_error(PIPIT_ERR_LIMIT, "file: the disk is too slow") : 0;
}

int pp_writer_put(pp_writer *writer, uint64_t at, const void *data, size_t size)
{
    piece *written, *p;

    if (writer->err)
        return writer->err;
    p = pp_alloc(sizeof(*p) + size);
    if (!p)
        return writer->err = PIPIT_ERR_MEMORY;
    p->next = NULL;
    p->at = at;
    p->size = size;
    memcpy(p->data, data, size);
    writer->err = hand_over(writer, p, &written);
    if (writer->err)
        pp_free(p);
    free_pieces(written);
    return writer->err;
}

int pp_writer_close(pp_writer *writer)
{
    int err;

    if (!writer)
        return 0;
    pthread_mutex_lock(&writer->lock);
    writer->over = true;
    pthread_cond_signal(&writer->more);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    pthread_cond_destroy(&writer->more);
    pthread_mutex_destroy(&writer->lock);
    if (close(writer->file) < 0 && !writer->failure)
        writer->failure = errno;
    err = writer->err ? writer->err : writer->failure ? disk_error(writer->failure) : 0;
    free_pieces(writer->written);
    pp_free(writer);
    return err;
}
