// Text files of other programs, in whatever encoding they were saved.

/**
 * The text in a file: UTF-16 if a byte order mark or zero bytes say so, otherwise UTF-8, otherwise
 * Latin-1. A byte order mark is removed.
 */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes)
}

function encodingOf(bytes: Uint8Array): string {
  const [a, b] = bytes
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  // a file of Latin letters without a mark: every other byte is 0
  if (b === 0 && a !== 0) return 'utf-16le'
  if (a === 0 && b !== 0) return 'utf-16be'
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return 'utf-8'
  } catch {
    return 'latin1'
  }
}
