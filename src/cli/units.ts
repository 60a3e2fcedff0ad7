// Times and sizes as people read them.

/** A time: 8 s, 12 min, 3.5 h, 20 days. */
export function duration(seconds: number): string {
  for (const [unit, length] of UNITS) {
    if (seconds < 2 * length && length > 1) continue
    const value = seconds / length
    return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ${unit}`
  }
  return '0 s'
}

const UNITS = [
  ['days', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** A number of bytes, in powers of 1024 as the options count them: 812 B, 24 KB, 1.3 GB. */
export function size(bytes: number): string {
  let [value, unit] = [bytes, 0]
  for (; value >= 1024 && unit < BYTES.length - 1; unit++) value /= 1024
  return `${value < 10 && unit > 0 ? Number(value.toFixed(1)) : Math.round(value)} ${BYTES[unit]}`
}

const BYTES = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

/** A fraction in per cent, rounded down, so that only finished work shows 100.0. */
export function percent(part: number): string {
  return (Math.floor(1000 * part) / 10).toFixed(1)
}
