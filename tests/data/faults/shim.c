/* Lets calls fail that touch a journal's files. Preloaded into a relay by the tests.
 *
 * The n-th call of one kind: FAULT_CALL is open, read, write or sync; FAULT_AT is n, from 1 (0 for none); FAULT_COUNT is
 * a file of eight bytes that receives how many such calls there were.
 *
 * A full disk: FAULT_FULL is a file of eight bytes; while they are not zero, no write succeeds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic int64_t *count, *full;
static int64_t fails_at;
static const char *kind;

/* The number in a file, which the test reads or writes meanwhile. */
static _Atomic int64_t *shared(const char *file) {
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int descriptor = real(file, O_RDWR);
    void *memory = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (descriptor < 0 || memory == MAP_FAILED)
        abort();
    return memory;
}

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("FAULT_COUNT"), *at = getenv("FAULT_AT"), *disk = getenv("FAULT_FULL");
    kind = getenv("FAULT_CALL");
    if (disk != NULL)
        full = shared(disk);
    if (file == NULL || at == NULL || kind == NULL)
        return;
    fails_at = atoll(at);
    count = shared(file);
}

static int has(const char *path, const char *part) {
    return path != NULL && strstr(path, part) != NULL;
}

/* Whether this call of a kind on a path fails. */
static int fails(const char *which, const char *path) {
    if (full != NULL && *full != 0 && strcmp(which, "write") == 0 && has(path, "/journal")) {
        errno = ENOSPC;
        return 1;
    }
    if (count == NULL || strcmp(which, kind) != 0 || !has(path, "/journal.sqlite"))
        return 0;
    if (++*count != fails_at)
        return 0;
    errno = strcmp(which, "write") == 0 ? ENOSPC : EIO;
    return 1;
}

static int fails_on(const char *which, int descriptor) {
    char link[64], path[4096];
    int is_counted = count != NULL && strcmp(which, kind) == 0;
    int is_full = full != NULL && *full != 0 && strcmp(which, "write") == 0;
    if (!is_counted && !is_full)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    return fails(which, path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...) {                                                                       \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        mode_t mode = va_arg(more, mode_t);                                                                            \
        va_end(more);                                                                                                  \
        return fails("open", path) ? -1 : REAL(name)(path, flags, mode);                                               \
    }

OPEN(open)
OPEN(open64)

ssize_t pread(int descriptor, void *into, size_t size, off_t at) {
    return fails_on("read", descriptor) ? -1 : REAL(pread)(descriptor, into, size, at);
}

ssize_t pread64(int descriptor, void *into, size_t size, off64_t at) {
    return fails_on("read", descriptor) ? -1 : REAL(pread64)(descriptor, into, size, at);
}

ssize_t pwrite(int descriptor, const void *from, size_t size, off_t at) {
    return fails_on("write", descriptor) ? -1 : REAL(pwrite)(descriptor, from, size, at);
}

ssize_t pwrite64(int descriptor, const void *from, size_t size, off64_t at) {
    return fails_on("write", descriptor) ? -1 : REAL(pwrite64)(descriptor, from, size, at);
}

int fsync(int descriptor) {
    return fails_on("sync", descriptor) ? -1 : REAL(fsync)(descriptor);
}

int fdatasync(int descriptor) {
    return fails_on("sync", descriptor) ? -1 : REAL(fdatasync)(descriptor);
}
