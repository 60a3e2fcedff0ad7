import type { Atlas } from './atlas.ts'
import { FRACTION, PIXEL } from './place.ts'

interface Orbit {
  key: string
  reached: number
  limit: number
}

// a server that renders within this time is asked nothing; and how often it is asked, milliseconds
const FIRST = 700
const EVERY = 1000

/**
 * While tiles are on their way, asks the server what it is making for them, and gives it in words: at depth the tiles of a screen wait for
 * one reference orbit. `say` is told '' when nothing is.
 */
export function followOrbit(atlas: Atlas, say: (words: string) => void): void {
  let timer: number | undefined
  const stop = () => {
    clearTimeout(timer)
    timer = undefined
    say('')
  }
  const ask = async () => {
    const orbits = await making().catch(() => [])
    if (timer === undefined) return
    const ours = orbits.find(({ key }) => holds(key, atlas))
    say(ours ? words(ours) : '')
    timer = window.setTimeout(ask, EVERY)
  }
  atlas.traffic.addEventListener('change', () => {
    const waiting = atlas.traffic.pending > 0 && !atlas.plane.julia
    if (waiting && timer === undefined) timer = window.setTimeout(ask, FIRST)
    else if (!waiting && timer !== undefined) stop()
  })
}

// a share would be of the most that it may take, and most orbits close or escape long before
function words({ reached, limit }: Orbit): string {
  const [now, most] = [reached, limit].map((n) => n.toLocaleString('en', { notation: 'compact' }))
  return `orbit ${now} of at most ${most}`
}

async function making(): Promise<Orbit[]> {
  const answer = await fetch('healthz')
  const { orbits } = (await answer.json()) as { orbits: { making: Orbit[] } }
  return orbits.making
}

/** Does the neighbourhood that an orbit's key names, `z x y …`, meet the screen? */
function holds(key: string, { place, map }: Atlas): boolean {
  const [z, x, y] = key.split(' ')
  const zoom = Number(z)
  if (!(zoom <= place.zoom)) return false
  const up = BigInt(place.zoom - zoom + FRACTION)
  const size = map.getSize()
  const meets = (centre: bigint, side: number, index: string | undefined) => {
    const half = BigInt(Math.round((side / 2) * PIXEL))
    return [centre - half, centre + half].some((edge) => String(edge >> up) === index)
  }
  return meets(place.x, size.x, x) && meets(place.y, size.y, y)
}
