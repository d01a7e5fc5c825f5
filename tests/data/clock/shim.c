/* Moves a process's wall time by the milliseconds in a file of eight bytes, which CLOCK_SHIM names; every other clock
   stays. For LD_PRELOAD: cc -shared -fPIC -o shim.so shim.c */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *moved_ms;

__attribute__((constructor)) static void open_shim(void) {
    const char *path = getenv("CLOCK_SHIM");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) {
        return;
    }
    void *page = mmap(0, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (page != MAP_FAILED) {
        moved_ms = page;
    }
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && clock == CLOCK_REALTIME && moved_ms) {
        int64_t ns = (int64_t)time->tv_nsec + *moved_ms % 1000 * 1000000;
        int64_t carry = ns < 0 ? -1 : ns / 1000000000;
        time->tv_sec += *moved_ms / 1000 + carry;
        time->tv_nsec = ns - carry * 1000000000;
    }
    return result;
}
