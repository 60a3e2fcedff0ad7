// The first iterates of a point, and its orbit's fate, as a JSON document.
//
// The iterates are computed in fixed point: in |z| <= 2 an iteration multiplies the error by at
// most four, so with two extra bits per iteration all printed digits are right.
import type { IteratesTask, TaskResult } from '../src/kernel/task.ts'
import { fromFixed, toFixed } from '../src/plane/decimal.ts'
import { type Behaviour, behaviourOf } from './behaviour.ts'
import type { Cycle } from './cycle.ts'
import { document } from './document.ts'
import { power } from './island.ts'

const RADIUS = 256n
const LOG2_10 = Math.log2(10)
// bits that the last iterates lose on their way from |z| = 2 to the radius, and some more
const ESCAPE_BITS = 32

export default function iterates({ re, im, count, digits, longest, cancel }: IteratesTask): TaskResult | null {
  const started = performance.now()
  const places = Math.ceil(digits * LOG2_10)
  const bits = 2 * count + places + ESCAPE_BITS
  const c = { re: toFixed(re, bits), im: toFixed(im, bits) }
  const points = iterate(c, { re: 0n, im: 0n }, count, bits, cancel)
  if (!points) return null
  // the point's own digits may be more than the printed ones
  const own = Math.ceil(Math.max(re.scale, im.scale, digits) * LOG2_10)
  const behaviour = behaviourOf(re, im, own, longest, cancel)
  if (!behaviour) return null
  const print = ({ re, im }: Point) => [fromFixed(re, bits, digits), fromFixed(im, bits, digits)]
  const cycle = behaviour.kind === 'attracted' ? cyclePoints(behaviour, c, bits, count, cancel) : []
  if (!cycle) return null
  const said = describe(behaviour)
  return document({ points: points.map(print), ...said, ...(cycle.length > 0 && { cycle: cycle.map(print) }) }, started)
}

interface Point {
  re: bigint
  im: bigint
}

/** The iterates of z^2 + c from z to the first beyond the radius; null when cancelled. */
function iterate(c: Point, from: Point, count: number, bits: number, cancel: Int32Array): Point[] | null {
  const [shift, beyond] = [BigInt(bits), (RADIUS * RADIUS) << BigInt(2 * bits)]
  const points: Point[] = []
  let { re, im } = from
  for (let n = 1; n <= count; n++) {
    if (cancel[0] !== 0) return null
    const [xx, yy] = [re * re, im * im]
    if (xx + yy > beyond) break
    im = ((2n * re * im) >> shift) + c.im
    re = ((xx - yy) >> shift) + c.re
    points.push({ re, im })
  }
  return points
}

/** The points of a cycle: the first one is the limit of z_1, z_(1+period), …. */
function cyclePoints(
  { cycle, bits: its }: { cycle: Cycle; bits: number },
  c: Point,
  bits: number,
  count: number,
  cancel: Int32Array,
): Point[] | null {
  const scale = (value: bigint) => (its > bits ? value >> BigInt(its - bits) : value << BigInt(bits - its))
  return iterate(c, { re: scale(cycle.re), im: scale(cycle.im) }, Math.min(cycle.period, count), bits, cancel)
}

function describe(behaviour: Behaviour) {
  if (behaviour.kind === 'attracted') return { period: behaviour.cycle.period, multiplier: behaviour.cycle.multiplier }
  if (behaviour.kind === 'unknown') return {}
  const { escaped, nu, log2Distance, atomPeriod } = behaviour
  return { escaped, nu, distance: power(log2Distance), atom_period: atomPeriod }
}
