import { ESCAPE_RADIUS } from '../../plane/precision.ts'

/**
 * The smooth count of an orbit whose n-th point, with |z|² = square, is the first beyond the
 * escape radius.
 */
function smooth(n: number, square: number): number {
  return Math.max(0, n - Math.log2(Math.log2(square) / 2))
}

/**
 * The smooth count of z = x + iy under z² + c, where z is the first point of the orbit.
 * -1 when the orbit reaches the limit first.
 */
export function juliaCount(x: number, y: number, cx: number, cy: number, limit: number): number {
  for (let n = 1; n <= limit; n++) {
    const [xx, yy] = [x * x, y * y]
    if (xx + yy > ESCAPE_RADIUS ** 2) return smooth(n, xx + yy)
    y = 2 * x * y + cy
    x = xx - yy + cx
  }
  return -1
}

/** An orbit, at its first point. */
export interface Orbit {
  re: number
  im: number
  /** Goes to the next point. False when the orbit is known never to escape. */
  next(): boolean
}

/** What styles show of a sample: count, distance estimate to the right and up, stripe average. */
export interface Sample {
  nu: number
  right: number
  up: number
  stripe: number
}

const NEVER: Sample = { nu: -1, right: 0, up: 0, stripe: 0 }
// |z|² beyond which c no longer matters, and the number of points that stripes are averaged over:
// as on the server
const FAR = 2 ** 48
const WINDOW = 32

/**
 * Follows an orbit until it escapes. `pixel` is the first derivative by the sample's position, and
 * `increment` is what every iteration adds to it: the same again, or 0 in a Julia set.
 */
export function observe(orbit: Orbit, limit: number, pixel: number, increment: number): Sample {
  const stripes: number[] = []
  let [dr, di, nu] = [pixel, 0, -1]
  for (let n = 1; ; n++) {
    const { re, im } = orbit
    const square = re * re + im * im
    if (nu < 0) {
      stripes.push(square > 0 ? ((re * re - im * im) / square) ** 2 : 1)
      if (square > ESCAPE_RADIUS ** 2) nu = smooth(n, square)
      else if (n >= limit) return NEVER
    }
    if (square > FAR) {
      const factor = Math.log(square) / 2 / (dr * dr + di * di)
      const right = (re * dr + im * di) * factor
      const up = (im * dr - re * di) * factor
      return { nu, right, up, stripe: average(stripes, nu + LAST) }
    }
    ;[dr, di] = [2 * (re * dr - im * di) + increment, 2 * (re * di + im * dr)]
    if (!orbit.next()) return NEVER
  }
}

const LAST = Math.log2(Math.log2(ESCAPE_RADIUS))

function average(stripes: number[], last: number): number {
  let [sum, weights] = [0, 0]
  stripes.forEach((stripe, k) => {
    const age = last - (k + 1)
    const weight = Math.max(0, Math.min(age + 1, 1 - age / WINDOW))
    sum += weight * stripe
    weights += weight
  })
  return sum / weights
}
