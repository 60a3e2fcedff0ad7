import type { MapStore } from '../state/mapstate.ts'
import { FRACTION, PIXEL, type Place } from '../state/place.ts'

interface Orbit {
  /** `z x y …`: the neighbourhood that the orbit serves */
  key: string
  reached: number
  limit: number
}

// the first request comes after this many milliseconds, so a fast server is asked nothing; and the
// interval
const FIRST = 700
const INTERVAL = 1000

/**
 * While tiles load, asks the server which reference orbit it computes for them: deep tiles of one
 * screen wait for the same orbit. `show` gets a sentence, or '' when there is none. `size` is the
 * screen's in CSS pixels.
 */
export function watchOrbit(store: MapStore, size: () => { x: number; y: number }, show: (words: string) => void): void {
  let timer: number | undefined
  const stop = () => {
    clearTimeout(timer)
    timer = undefined
    show('')
  }
  const ask = async () => {
    const orbits = await fetchOrbits().catch(() => [])
    if (timer === undefined) return
    const ours = orbits.find(({ key }) => serves(key, store.state.place, size()))
    show(ours ? describe(ours) : '')
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
function describe({ reached, limit }: Orbit): string {
  const [now, most] = [reached, limit].map((n) => n.toLocaleString('en', { notation: 'compact' }))
  return `orbit ${now} of at most ${most}`
}

async function fetchOrbits(): Promise<Orbit[]> {
  const answer = await fetch('healthz')
  const { orbits } = (await answer.json()) as { orbits: { making: Orbit[] } }
  return orbits.making
}

/** Does the neighbourhood that an orbit's key names meet the screen? */
function serves(key: string, place: Place, size: { x: number; y: number }): boolean {
  const [z, x, y] = key.split(' ')
  const zoom = Number(z)
  if (!(zoom <= place.zoom)) return false
  const shift = BigInt(place.zoom - zoom + FRACTION)
  const meets = (centre: bigint, side: number, index: string | undefined) => {
    const half = BigInt(Math.round((side / 2) * PIXEL))
    return [centre - half, centre + half].some((edge) => String(edge >> shift) === index)
  }
  return meets(place.x, size.x, x) && meets(place.y, size.y, y)
}
