import { t } from '../language/t.ts'
import type { MapStore } from '../state/mapstate.ts'
import { fetchProgress } from './client.ts'

// the first request comes after this many milliseconds, so a fast server is asked nothing; and the
// interval
const FIRST = 700
const INTERVAL = 1000

// an answer that takes longer is not worth a connection, milliseconds
const TIMEOUT = 2000

/**
 * While tiles load, asks the server which reference orbit they wait for: deep tiles of one screen
 * wait for the same orbit. `show` gets a sentence, or '' when there is none.
 */
export function watchOrbit(store: MapStore, show: (words: string) => void): void {
  let timer: number | undefined
  const stop = () => {
    clearTimeout(timer)
    timer = undefined
    show('')
  }
  const ask = async () => {
    const { orbits } = await fetchProgress(AbortSignal.timeout(TIMEOUT)).catch(() => ({ orbits: [] }))
    if (timer === undefined) return
    const [orbit] = orbits
    show(orbit ? describe(orbit) : '')
    timer = window.setTimeout(ask, INTERVAL)
  }
  store.watch(['loading', 'plane'], () => {
    const { loading, plane } = store.state
    const loadsDeep = loading.pending > 0 && !plane.julia
    if (loadsDeep && timer === undefined) timer = window.setTimeout(ask, FIRST)
    else if (!loadsDeep && timer !== undefined) stop()
  })
}

// no percentage, because most orbits close or escape long before the limit
function describe({ reached, limit }: { reached: number; limit: number }): string {
  const [now, most] = [reached, limit].map((n) => n.toLocaleString('en', { notation: 'compact' }))
  return t('orbit {now} of at most {most}', { now: now!, most: most! })
}
