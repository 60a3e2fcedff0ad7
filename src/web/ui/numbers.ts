// a coordinate keeps this many characters at its ends; one that is only a little longer is shown
// whole
const HEAD = 9
const TAIL = 6

/**
 * The two ends of a number's digits. They are enough to recognise a number of ten thousand digits.
 */
export function elide(number: string): string {
  if (number.length <= HEAD + TAIL + 4) return number
  return `${number.slice(0, HEAD)}…${number.slice(-TAIL)}`
}

/**
 * With its sign. A true minus is as wide as a plus, so the digits do not move when the sign
 * changes.
 */
export function signed(number: string): string {
  return number.startsWith('-') ? `\u2212${number.slice(1)}` : `+${number}`
}
