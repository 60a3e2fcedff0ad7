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

/** A number such as 6.9118118e-17 with two digits, as people write it: 6.9·10⁻¹⁷. */
export function powerOfTen(number: string): string {
  const [mantissa, exponent] = number.split('e')
  const value = Number(number)
  if (value >= 0.001 && value < 1000) return String(Number(value.toPrecision(2)))
  const raised = [...exponent!].map((sign) => (sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(sign)])).join('')
  return `${Number(mantissa).toFixed(1)}·10${raised}`
}
