// Progress on standard error: a line that is rewritten on a terminal; where standard error is a
// file, nothing for one picture, and a line every half minute for a long run.
import type { OrbitProgress } from '../render/orbits.ts'
import { duration, percent } from './units.ts'

const BAR = 30 // characters
const EVERY = 200 // milliseconds
const EVERY_IN_FILE = 30_000

const rewrite = (text: string) => process.stderr.write(`\r${text}\x1b[K`)

/**
 * Shows the progress of a picture: the iterations of the reference orbit while it is computed, then
 * a bar that grows with the part done, from 0 to 1.
 */
export function showProgress(orbits: () => OrbitProgress[]): { done: (part: number) => void; end: () => void } {
  if (!process.stderr.isTTY) return { done: () => {}, end: () => {} }
  const started = performance.now()
  const ticker = setInterval(() => {
    for (const { reached, limit } of orbits()) rewrite(`orbit: ${reached} of at most ${limit} iterations`)
  }, EVERY)
  return {
    done(part) {
      // how long a format other than PNG takes to encode is not known beforehand
      if (part >= 1) return rewrite('rendered; writing the file')
      const filled = Math.round(BAR * part)
      const left = ((performance.now() - started) * (1 - part)) / part / 1000
      const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled)
      rewrite(`${bar} ${Math.floor(100 * part)} %, ${duration(left)} left`)
    },
    end() {
      clearInterval(ticker)
      rewrite('')
    },
  }
}

/**
 * Seconds over which the speed of a run is measured. Tiles that exist pass a hundred times as fast
 * as tiles that are rendered, so the mean over the whole run would say little.
 */
const SPEED_OVER = 30

/** How far a run is. */
export interface Standing {
  done: number
  all: number
  /** what else to say */
  details: string
}

/** Shows the progress of a run over many tiles until it is ended. */
export function showTally(standing: () => Standing): { end(): void } {
  const terminal = process.stderr.isTTY
  const seconds = () => performance.now() / 1000
  const seen: { at: number; done: number }[] = [{ at: seconds(), done: standing().done }]
  const show = () => {
    const { done, all, details } = standing()
    const at = seconds()
    seen.push({ at, done })
    while (seen.length > 2 && seen[0]!.at < at - SPEED_OVER) seen.shift()
    const speed = (done - seen[0]!.done) / (at - seen[0]!.at)
    const left = speed > 0 ? `, ${duration((all - done) / speed)} left` : ''
    const line = `${percent(done / all)} %, ${done} of ${all} tiles, ${details}${left}`
    if (terminal) rewrite(line)
    else process.stderr.write(`${line}\n`)
  }
  const ticker = setInterval(show, terminal ? EVERY : EVERY_IN_FILE)
  return {
    end() {
      clearInterval(ticker)
      if (terminal) rewrite('')
    },
  }
}
