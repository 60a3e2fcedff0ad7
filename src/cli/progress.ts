import type { OrbitProgress } from '../render/orbits.ts'

const WIDTH = 30
const TICK = 200 // milliseconds between looks at the orbit

/**
 * Progress on a terminal: the reference orbit's iterations while there is one to wait for, then a bar that grows with the part done, from
 * 0 to 1. Nothing where standard error is no terminal.
 */
export function showProgress(orbits: () => OrbitProgress[]): { done: (part: number) => void; end: () => void } {
  if (!process.stderr.isTTY) return { done: () => {}, end: () => {} }
  const line = (text: string) => process.stderr.write(`\r${text}\x1b[K`)
  const started = performance.now()
  const ticker = setInterval(() => {
    for (const { reached, limit } of orbits()) line(`orbit: ${reached} iterations, of ${limit} at the most`)
  }, TICK)
  return {
    done(part) {
      // what another format takes beyond its PNG nobody foretells
      if (part >= 1) return line('all is rendered: the file is written')
      const filled = Math.round(WIDTH * part)
      const left = ((performance.now() - started) * (1 - part)) / part / 1000
      line(`${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${Math.floor(100 * part)} % ${left.toFixed(0)} s left`)
    },
    end() {
      clearInterval(ticker)
      line('')
    },
  }
}
