// How far a long run is, for who waits: a line that is written over on a terminal, a new one every half minute where it goes to a file.
const EVERY = 200 // milliseconds
const EVERY_IN_FILE = 30_000
/** Seconds that the pace is taken from: tiles that are there already go by a hundred times as fast as those that are rendered. */
const PACE = 30

/** What is told: so many of all tiles are done, and what more there is to say. */
export interface Standing {
  done: number
  all: number
  more: string
}

/** Shows what `standing` gives until it is ended. */
export function showTally(standing: () => Standing): { end(): void } {
  const terminal = process.stderr.isTTY
  const pace: { at: number; done: number }[] = [{ at: seconds(), done: standing().done }]
  const show = () => {
    const { done, all, more } = standing()
    const at = seconds()
    pace.push({ at, done })
    while (pace.length > 2 && pace[0]!.at < at - PACE) pace.shift()
    const rate = (done - pace[0]!.done) / (at - pace[0]!.at)
    const left = rate > 0 ? `, ${duration((all - done) / rate)} left` : ''
    const line = `${percent(done / all)} %, ${done} of ${all} tiles${more}${left}`
    process.stderr.write(terminal ? `\r${line}\x1b[K` : `${line}\n`)
  }
  const ticker = setInterval(show, terminal ? EVERY : EVERY_IN_FILE)
  return {
    end() {
      clearInterval(ticker)
      if (terminal) process.stderr.write('\r\x1b[K')
    },
  }
}

/** A time to read: 8 s, 12 min, 3.5 h, 20 days. */
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

/** Bytes to read, in powers of 1024 as the options count them: 812 B, 24 KB, 1.3 GB. */
export function size(bytes: number): string {
  let [value, unit] = [bytes, 0]
  for (; value >= 1024 && unit < BYTES.length - 1; unit++) value /= 1024
  return `${value < 10 && unit > 0 ? Number(value.toFixed(1)) : Math.round(value)} ${BYTES[unit]}`
}

const BYTES = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

// nothing is done to a hundred per cent before all of it is
function percent(part: number): string {
  return (Math.floor(1000 * part) / 10).toFixed(1)
}

function seconds(): number {
  return performance.now() / 1000
}
