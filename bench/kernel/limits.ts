// The cost of a view by its iteration limit: CPU of the whole process and memory of reference
// orbits, for a limit and the next one, at six places. A step between the two would be a fault.
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { Failure } from '../../src/core/errors.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { Renderer } from '../../src/render/renderer.ts'
import { table } from '../table.ts'

const EXPONENTS = [12, 16, 20, 22, 24, 26, 32, 40]
const TURNS = 3 // the minimum counts: other work on the machine only adds
const LONG = 1 // seconds: measured once
const SECONDS = 60 // the deadline of a request
const [WIDTH, HEIGHT] = [16, 16]

const PLACES = [
  {
    name: "the cardioid's edge, zoom 30",
    re: '-0.390540870218400050669762600713798',
    im: '-0.586787907346968751196714643055716',
    zoom: 30,
  },
  {
    name: "the cardioid's edge, zoom 60",
    re: '-0.390540870218400050669762600713798485817583715938583500790716',
    im: '-0.586787907346968751196714643055715840095746752123320842032245',
    zoom: 60,
  },
  { name: 'the cusp, zoom 40', re: '0.25', im: '0', zoom: 40 },
  {
    name: 'a spiral, zoom 45',
    re: '-0.743643887037158704752191506114774',
    im: '0.131825904205311970493132056385139',
    zoom: 45,
  },
  {
    name: 'a spiral, zoom 20',
    re: '-0.743643887037158704752191506114774',
    im: '0.131825904205311970493132056385139',
    zoom: 20,
  },
  { name: 'inside a disc, zoom 60', re: '-1.1', im: '0.05', zoom: 60 },
]

/** The cost of a render with fresh process-wide state, or the reason why it is refused. */
async function costOf({ re, im, zoom }: (typeof PLACES)[number], maxIter: number) {
  const { options } = resolveOptions({ threads: '1', 'orbit-bytes': String(2 ** 31) })
  const renderer = new Renderer(options)
  const request = { re: parseDecimal(re)!, im: parseDecimal(im)!, zoom, width: WIDTH, height: HEIGHT, maxIter }
  // the thread starts, and its code is compiled
  await renderer.image({ ...request, zoom: 30, maxIter: 100, appearance: DEFAULT_APPEARANCE }, 'png').find()
  const before = process.cpuUsage()
  let refused: string | undefined
  try {
    await renderer.image({ ...request, appearance: DEFAULT_APPEARANCE }, 'png').find({ seconds: SECONDS })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    refused = error.code
  }
  const { user, system } = process.cpuUsage(before)
  const bytes = renderer.orbits.bytes
  await renderer.close()
  return { seconds: (user + system) / 1e6, bytes, refused }
}

async function least(place: (typeof PLACES)[number], maxIter: number) {
  let best = await costOf(place, maxIter)
  for (let turn = 1; turn < TURNS && best.seconds < LONG; turn++) {
    const again = await costOf(place, maxIter)
    if (again.seconds < best.seconds) best = again
  }
  return best
}

const only = process.argv[2]
const rows: (string | number)[][] = []
for (const place of PLACES.filter(({ name }) => only === undefined || name.includes(only))) {
  for (const exponent of EXPONENTS) {
    const at = await least(place, 2 ** exponent)
    const next = await least(place, 2 ** exponent + 1)
    rows.push([
      place.name,
      `2^${exponent}`,
      at.seconds.toFixed(3),
      next.seconds.toFixed(3),
      (at.bytes / 1e6).toFixed(1),
      (next.bytes / 1e6).toFixed(1),
      [at.refused, next.refused].filter(Boolean).join(', '),
    ])
  }
}
table(['place', 'limit', 'CPU s', 'limit + 1', 'orbit MB', 'limit + 1', 'refused'], rows)
