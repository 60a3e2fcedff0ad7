// Progress on standard error: a line that is rewritten on a terminal; where standard error is a
// file, a line every half minute.
import type { OrbitProgress } from '../render/orbits.ts'
import { duration, percent } from './units.ts'

const BAR = 30 // characters
const EVERY = 200 // milliseconds
const EVERY_IN_FILE = 30_000

const rewrite = (text: string) => process.stderr.write(`\r${text}\x1b[K`)

/**
 * Shows the progress of a picture: the iterations of the reference orbit while it is computed, then
 * a bar that grows with the finished fraction. Both show the remaining time. Where standard error
 * is a file, it is a line every half minute.
 */
export function showProgress(orbits: () => OrbitProgress[]): { done: (part: number) => void; end: () => void } {
  const terminal = process.stderr.isTTY
  const started = performance.now()
  const orbitsLeft = timeOfOrbits()
  let part = 0
  const show = () => {
    const computed = orbits().map(orbitsLeft)
    const lines = computed.length > 0 ? computed : !terminal && part > 0 ? [picture(part, started)] : []
    for (const line of lines) {
      if (terminal) rewrite(line)
      else process.stderr.write(`${line}\n`)
    }
  }
  const ticker = setInterval(show, terminal ? EVERY : EVERY_IN_FILE)
  return {
    done(now) {
      part = now
      if (!terminal) return
      // the encoding time of a format other than PNG is not known beforehand
      rewrite(part >= 1 ? 'rendered; writing the file' : `${bar(part)} ${picture(part, started)}`)
    },
    end() {
      clearInterval(ticker)
      if (terminal) rewrite('')
    },
  }
}

function bar(part: number): string {
  const filled = Math.round(BAR * part)
  return '█'.repeat(filled) + '░'.repeat(BAR - filled)
}

function picture(part: number, started: number): string {
  const left = ((performance.now() - started) * (1 - part)) / part / 1000
  return `${Math.floor(100 * part)} %, ${duration(left)} left`
}

/** A line for an orbit: its progress, and the most time it takes at the current speed. */
function timeOfOrbits(): (orbit: OrbitProgress) => string {
  const begun = new Map<string, { at: number; reached: number }>()
  return ({ key, reached, limit }) => {
    const now = performance.now()
    const first = begun.get(key) ?? { at: now, reached }
    begun.set(key, first)
    const speed = (reached - first.reached) / (now - first.at)
    const left = speed > 0 ? `, ${duration((limit - reached) / speed / 1000)} left at most` : ''
    return `orbit: ${reached} of at most ${limit} iterations${left}`
  }
}

/**
 * Seconds over which the speed of a run is measured. Tiles that exist pass a hundred times as fast
 * as tiles that are rendered, so the mean over the whole run would say little.
 */
const SPEED_OVER = 30

/** The progress of a run. */
export interface Standing {
  done: number
  all: number
  /** further text */
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
