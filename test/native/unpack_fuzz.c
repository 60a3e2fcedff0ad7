/* libFuzzer over everything that is read from untrusted buffers. See forge.h. */
#include "forge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  forge(data, size);
  return 0;
}
