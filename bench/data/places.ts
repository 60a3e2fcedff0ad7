// Places for the errors of samples, chosen by a seeded generator: those where it is hardest to keep
// kernels right.
import { fromFixed, parseDecimal, toFixed } from '../../src/plane/decimal.ts'
import type { Renderer } from '../../src/render/renderer.ts'
import { misiurewicz } from './misiurewicz.ts'
import { edge, generator, onCardioid, type Random } from './random.ts'

export interface Place {
  kind: string
  re: string
  im: string
  zoom: number
  maxIter: number | 'auto'
}

interface Nucleus {
  re: string
  im: string
  period: number
  size: string
  zoom: number
  angle: number
}

// digits of a Misiurewicz point: 2,000 after the point
const DEEP_BITS = 6700
// the limit of nuclei of periods 2^k, by Newton's method to 2^14
const FEIGENBAUM = '-1.4011551890920506'
// milliseconds: at zoom 200 an island is found within a minute of a core
const SEARCH = 300_000
// searches of a dive before it restarts elsewhere: a dive to zoom 200 needs some 10
const TRIES = 40
// a period that is hard for table, cycles and limits
const LONG_PERIOD = 100_000
// a limit for places in double precision, where `auto` may be millions of iterations
const SHALLOW_LIMIT = 20_000
// parts of a turn round the main cardioid
const ANGLES = { parabolic: [0, 1 / 2, 1 / 3, 1 / 5, 2 / 7], Siegel: [(Math.sqrt(5) - 1) / 2, Math.SQRT2 - 1] }

/** So many turns give 64 places. */
export const TURNS = 8

/**
 * The places of one turn: one of each kind. Each turn has random numbers of its own, so turns can
 * be measured side by side, or one of them alone. A later turn's dive is deeper.
 */
export async function* places(seed: number, turn: number, renderer: Pick<Renderer, 'feature'>): AsyncGenerator<Place> {
  const random = generator(seed * TURNS + turn)
  yield deepMisiurewicz(random)
  yield beside(random, 'parabolic', ANGLES.parabolic[turn % 5]!)
  yield beside(random, 'Siegel', ANGLES.Siegel[turn % 2]!)
  yield { ...(await realAxis(random, renderer)), kind: 'real axis' }
  yield { kind: 'Feigenbaum', re: FEIGENBAUM, im: '0', zoom: 10 + 4 * turn, maxIter: SHALLOW_LIMIT }
  const { re, im } = edge(random)
  yield { kind: 'edge', re: re.toFixed(16), im: im.toFixed(16), zoom: 10 + 18 * random(), maxIter: SHALLOW_LIMIT }
  // every other island has a long period
  const period = turn % 2 === 0 ? 0 : LONG_PERIOD
  const [near, far] = await dive(random, renderer, Math.min(200, 30 + 570 * (turn / TURNS) ** 2), period)
  yield { ...near, kind: 'island' }
  yield { ...far, kind: 'embedded Julia set' }
}

/**
 * The island at the end of a dive from island to island, of a zoom and a period at least, and a
 * view between the last two.
 */
async function dive(
  random: Random,
  renderer: Pick<Renderer, 'feature'>,
  zoom: number,
  period: number,
): Promise<[Place, Place]> {
  for (;;) {
    const { re, im } = edge(random)
    let last = await nucleus(renderer, re.toFixed(20), im.toFixed(20), 4 + 8 * random())
    let before = last
    // not every place beside an island has a smaller one
    for (let tries = 0; last && (last.zoom < zoom || last.period < period) && tries < TRIES; tries++) {
      const next: Nucleus | undefined = await nucleus(
        renderer,
        ...(last.zoom < zoom ? outside(last, random) : beyondEdge(last, random)),
      )
      if (!next || next.zoom < last.zoom + 2 || next.zoom > 1000) continue
      before = last
      last = next
    }
    if (!last || !before || last.zoom < zoom || last.period < period) continue
    const between = before.zoom + (last.zoom - before.zoom) * (0.5 + 0.4 * random())
    const centre = { kind: '', re: last.re, im: last.im, maxIter: 'auto' as const }
    return [
      // with what is around it: closer, all is interior
      { ...centre, zoom: last.zoom - 1 + 2 * random() },
      { ...centre, zoom: between },
    ]
  }
}

/**
 * A place two to eight times as far from an island's centre as the island is wide, and the zoom at
 * which to search there: islands have twice the zoom, and little more than the period.
 */
function outside(island: Nucleus, random: Random): [string, string, number] {
  const [away, angle] = [2 ** (1 + 2 * random()), 2 * Math.PI * random()]
  const at = { re: away * Math.cos(angle), im: away * Math.sin(angle) }
  return [...around(island, at), island.zoom + 2 - Math.log2(away)]
}

/** The same at the island's own edge, where islands have many times its period. */
function beyondEdge(island: Nucleus, random: Random): [string, string, number] {
  return [...around(island, edge(random)), island.zoom + 3 + 3 * random()]
}

/** The point that corresponds, at an island, to `at` in the whole set. */
function around({ re, im, size, zoom, angle }: Nucleus, at: { re: number; im: number }): [string, string] {
  const bits = Math.ceil(zoom) + 100
  const turn = (angle * Math.PI) / 180
  const [mantissa, exponent = '0'] = size.toLowerCase().split('e')
  const scale = toFixed(parseDecimal(`${mantissa}e${exponent}`)!, bits)
  const part = (from: string, by: number) => {
    const shift = (scale * BigInt(Math.round(by * 2 ** 40))) >> 40n
    return fromFixed(toFixed(parseDecimal(from)!, bits) + shift, bits, Math.ceil(bits * 0.302))
  }
  return [
    part(re, at.re * Math.cos(turn) - at.im * Math.sin(turn)),
    part(im, at.re * Math.sin(turn) + at.im * Math.cos(turn)),
  ]
}

async function nucleus(
  renderer: Pick<Renderer, 'feature'>,
  re: string,
  im: string,
  zoom: number,
): Promise<Nucleus | undefined> {
  try {
    const place = { re: parseDecimal(re)!, im: parseDecimal(im)!, zoom, kind: 'nucleus' as const }
    const { bytes } = await renderer.feature(place).find({ signal: AbortSignal.timeout(SEARCH) })
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    // none there
    return undefined
  }
}

function deepMisiurewicz(random: Random): Place {
  const { re, im } = misiurewicz(random, DEEP_BITS)
  const text = (part: bigint) => fromFixed(part, DEEP_BITS, Math.floor(DEEP_BITS * 0.3))
  // as many places for each factor of the zoom
  const zoom = 30 * (1000 / 30) ** random()
  return { kind: 'Misiurewicz', re: text(re), im: text(im), zoom, maxIter: 'auto' }
}

/** Near a point of the cardioid's edge, a few views away. */
function beside(random: Random, kind: 'parabolic' | 'Siegel', turn: number): Place {
  const zoom = 10 + 8 * random()
  const [{ re, im }, away, angle] = [onCardioid(turn), 4 * random() * 2 ** -zoom, 2 * Math.PI * random()]
  const text = (x: number) => x.toFixed(18)
  return {
    kind,
    re: text(re + away * Math.cos(angle)),
    im: text(im + away * Math.sin(angle)),
    zoom,
    maxIter: SHALLOW_LIMIT,
  }
}

async function realAxis(random: Random, renderer: Pick<Renderer, 'feature'>): Promise<Place> {
  for (;;) {
    const found = await nucleus(renderer, (-1.45 - 0.55 * random()).toFixed(30), '0', 8 + 30 * random())
    if (found) return { kind: '', re: found.re, im: '0', zoom: found.zoom + random(), maxIter: 'auto' }
  }
}
