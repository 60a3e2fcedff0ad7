/*
 * The symbols that Debian's libstdc++ and libgcc need from glibc and musl lacks, so that programs
 * for musl run on Debian: it has no libstdc++ for musl. Where musl is the system's C library, such
 * as on Alpine, both are its own. Built as ld-linux-x86-64.so.2, which these libraries require by
 * name.
 */
#define _GNU_SOURCE
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/random.h>
#include <time.h>

char __libc_single_threaded = 0;

uint32_t arc4random(void) {
  uint32_t value;
  getrandom(&value, sizeof value, 0);
  return value;
}

size_t __strftime_l(char *text, size_t size, const char *format, const struct tm *time, void *locale) {
  (void)locale;
  return strftime(text, size, format, time);
}

/* destructors of threads are not run: the process ends with its threads */
int __cxa_thread_atexit_impl(void (*function)(void *), void *object, void *library) {
  (void)function, (void)object, (void)library;
  return 0;
}

/* libgcc exports them, and nothing here asks for them */
unsigned __cpu_model[8];
int __cpu_indicator_init(void) {
  return 0;
}

/* where the tables are by which an exception finds its way through an address, as in glibc 2.35 */
struct found {
  unsigned long long flags;
  void *start, *end, *map, *eh_frame;
  unsigned long long reserved[7];
};
struct search {
  uintptr_t address;
  struct found *found;
};

static int contains(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size;
  const struct search *search = data;
  void *eh_frame = NULL;
  int inside = 0;
  for (int k = 0; k < info->dlpi_phnum; k++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[k];
    const uintptr_t start = info->dlpi_addr + header->p_vaddr;
    if (header->p_type == PT_GNU_EH_FRAME) eh_frame = (void *)start;
    if (header->p_type != PT_LOAD || search->address < start || search->address >= start + header->p_memsz) continue;
    inside = 1;
    search->found->start = (void *)start;
    search->found->end = (void *)(start + header->p_memsz);
  }
  search->found->eh_frame = eh_frame;
  return inside && eh_frame != NULL;
}

int _dl_find_object(void *address, struct found *found) {
  struct search search = {(uintptr_t)address, found};
  return dl_iterate_phdr(contains, &search) ? 0 : -1;
}
