// External rays of the Mandelbrot set: the curves along which the angle of its Böttcher coordinate
// is constant. Those of rational angles land at roots of islands and at Misiurewicz points.
//
// A ray is followed inwards by Newton's method (T. Kawahira). Its points have z_n = t, where n is
// the iteration at which z passes R, |t| falls from R^2 to R, and arg t = 2^(n-1) angle. When t has
// reached R, n grows by one. Outwards it is the same backwards, and each n that is passed gives a
// binary digit of the angle: is z_n in the lower half of the plane?
//
// All points are differences d to the place where rays land, whose own orbit Z is known to all its
// digits and ends in a cycle: w <- 2 Z w + w^2 + d, and z = Z + w. So doubles are enough at any
// depth that their exponents reach.

export interface Complex {
  re: number
  im: number
}

/** A rational number of turns, below 1. */
export interface Angle {
  numerator: bigint
  denominator: bigint
}

/** The orbit of the place where rays land: 0, Z_1, …; after the last comes the one at `loop`. */
export interface Landing {
  re: Float64Array
  im: Float64Array
  loop: number
}

// R: at this distance the angle of z differs by 2^-19 of a turn from the ray's, and from the
// second iteration on by less than 2^-28
const LOG2_R = 16
// points for each n
const SHARPNESS = 6
// steps of Newton's method: most points take three
const STEPS = 24
/** Points of a ray are as exact as this part of their distance to where it lands. */
export const EXACT = 2 ** -32

/** z_n and its derivative by c, at a difference d from the landing place. */
function iterate({ re, im, loop }: Landing, d: Complex, n: number): { z: Complex; slope: Complex } {
  let [x, y, u, v, index] = [0, 0, 0, 0, 0]
  for (let m = 0; ; m++) {
    const [zx, zy] = [re[index]! + x, im[index]! + y]
    if (m === n) return { z: { re: zx, im: zy }, slope: { re: u, im: v } }
    ;[u, v] = [2 * (zx * u - zy * v) + 1, 2 * (zx * v + zy * u)]
    // (2 Z + w) w + d
    const [a, b] = [re[index]! + zx, im[index]! + zy]
    ;[x, y] = [a * x - b * y + d.re, a * y + b * x + d.im]
    index = index + 1 < re.length ? index + 1 : loop
  }
}

/** The iteration at which a point passes R, at most `most`. */
function escapeOf({ re, im, loop }: Landing, d: Complex, most: number): number | undefined {
  let [x, y, index] = [0, 0, 0]
  for (let m = 0; m <= most; m++) {
    const [zx, zy] = [re[index]! + x, im[index]! + y]
    if (zx * zx + zy * zy > 4 ** LOG2_R) return m
    const [a, b] = [re[index]! + zx, im[index]! + zy]
    ;[x, y] = [a * x - b * y + d.re, a * y + b * x + d.im]
    index = index + 1 < re.length ? index + 1 : loop
  }
  return undefined
}

/** The point near `d` with z_n = t, or nothing if Newton's method does not reach it. */
function solve(landing: Landing, d: Complex, n: number, t: Complex): Complex | undefined {
  let at = d
  for (let step = 0; step < STEPS; step++) {
    const { z, slope } = iterate(landing, at, n)
    const by = over({ re: z.re - t.re, im: z.im - t.im }, slope)
    if (!Number.isFinite(by.re) || !Number.isFinite(by.im)) return undefined
    at = { re: at.re - by.re, im: at.im - by.im }
    // each step doubles the digits that are right
    if (size(by) <= EXACT * size(at)) return at
  }
  return undefined
}

/**
 * The points of a ray from far outside until `reached` returns true, at most `most` iterations
 * deep; undefined if doubles cannot follow it.
 */
export function rayInwards(
  landing: Landing,
  angle: Angle,
  reached: (d: Complex) => boolean,
  most: number,
): Complex[] | undefined {
  // so far out Z_1 itself does not count
  let { numerator } = angle
  let at = direction(numerator, angle.denominator, 2 ** (2 * LOG2_R))
  const points = [at]
  for (let n = 1; n <= most; n++) {
    for (let k = 1; k <= SHARPNESS; k++) {
      const radius = 2 ** (LOG2_R * 2 ** (1 - k / SHARPNESS))
      const next = solve(landing, at, n, direction(numerator, angle.denominator, radius))
      if (!next) return undefined
      at = next
      points.push(at)
      if (reached(at)) return points
    }
    numerator = (2n * numerator) % angle.denominator
  }
  return points
}

/**
 * The first binary digits of the angle of the ray through a point that escapes within `most`
 * iterations: one for each iteration. Undefined if it does not escape, or doubles cannot follow the
 * ray.
 */
export function digitsOf(landing: Landing, start: Complex, most: number): number[] | undefined {
  const last = escapeOf(landing, start, most)
  if (last === undefined) return undefined
  const digits: number[] = []
  let at = start
  for (let n = last; n >= 1; n--) {
    // where z_n is between R and R^2
    const { z } = iterate(landing, at, n)
    digits[n - 1] = z.im < 0 ? 1 : 0
    if (n === 1) break
    const log2 = Math.log2(size(z))
    const steps = Math.ceil(SHARPNESS * Math.log2((2 * LOG2_R) / log2))
    for (let k = 1; k <= steps; k++) {
      const grown = 2 ** (log2 * ((2 * LOG2_R) / log2) ** (k / steps) - log2)
      const next = solve(landing, at, n, { re: z.re * grown, im: z.im * grown })
      if (!next) return undefined
      at = next
    }
  }
  return digits
}

/** r e^(2 pi i a/b) */
function direction(numerator: bigint, denominator: bigint, radius: number): Complex {
  const turn = 2 * Math.PI * ratio(numerator, denominator)
  return { re: radius * Math.cos(turn), im: radius * Math.sin(turn) }
}

/** a/b as a double, for whole numbers of any size. */
function ratio(a: bigint, b: bigint): number {
  return Number((a << 60n) / b) / 2 ** 60
}

export function over(a: Complex, b: Complex): Complex {
  // Smith's method: the squares of what is large would overflow
  if (Math.abs(b.re) >= Math.abs(b.im)) {
    const q = b.im / b.re
    const norm = b.re + b.im * q
    return { re: (a.re + a.im * q) / norm, im: (a.im - a.re * q) / norm }
  }
  const q = b.re / b.im
  const norm = b.re * q + b.im
  return { re: (a.re * q + a.im) / norm, im: (a.im * q - a.re) / norm }
}

export function size({ re, im }: Complex): number {
  return Math.hypot(re, im)
}
