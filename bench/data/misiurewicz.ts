// Misiurewicz points to thousands of digits: Newton's method for z_(k+p) = z_k in bigints.
import { edge, type Random } from './random.ts'

interface Fixed {
  re: bigint
  im: bigint
}

/** A Misiurewicz point of a small preperiod and period, as (re + i im) / 2^bits. */
export function misiurewicz(random: Random, bits: number): Fixed & { preperiod: number; period: number } {
  for (;;) {
    const [preperiod, period] = [2 + Math.floor(6 * random()), 1 + Math.floor(3 * random())]
    const start = edge(random)
    let c: Fixed = { re: toFixed(start.re, bits), im: toFixed(start.im, bits) }
    // each step doubles the digits once it is near; twelve more steps find out whether it is
    let last = 0n
    for (let step = 0; step < 12 + Math.log2(bits); step++) {
      const change = correction(c, preperiod, period, bits)
      if (!change) break
      c = { re: c.re - change.re, im: c.im - change.im }
      last = change.re * change.re + change.im * change.im
      if (last <= 4n ** 40n) break
    }
    const size = Math.hypot(Number(c.re >> BigInt(bits - 50)), Number(c.im >> BigInt(bits - 50))) / 2 ** 50
    // a shorter preperiod solves the equation too: the centre of a component is not a Misiurewicz
    // point
    if (last > 4n ** 40n || size > 2 || size < 0.3 || isPeriodic(c, period, bits)) continue
    return { ...c, preperiod, period }
  }
}

function toFixed(x: number, bits: number): bigint {
  return BigInt(Math.round(x * 2 ** 50)) << BigInt(bits - 50)
}

/** (z_(k+p) - z_k) / its derivative by c, the step of Newton's method. */
function correction(c: Fixed, preperiod: number, period: number, bits: number): Fixed | undefined {
  const by = BigInt(bits)
  const times = (a: Fixed, b: Fixed) => ({
    re: (a.re * b.re - a.im * b.im) >> by,
    im: (a.re * b.im + a.im * b.re) >> by,
  })
  const one = 1n << by
  let [z, d] = [c, { re: one, im: 0n }]
  let [zk, dk] = [z, d]
  for (let n = 1; n < preperiod + period; n++) {
    if (n === preperiod) [zk, dk] = [z, d]
    const twice = times({ re: 2n * z.re, im: 2n * z.im }, d)
    d = { re: twice.re + one, im: twice.im }
    const square = times(z, z)
    z = { re: square.re + c.re, im: square.im + c.im }
    if (z.re * z.re + z.im * z.im > 16n << (2n * by)) return undefined
  }
  const [f, g] = [
    { re: z.re - zk.re, im: z.im - zk.im },
    { re: d.re - dk.re, im: d.im - dk.im },
  ]
  const norm = g.re * g.re + g.im * g.im
  if (norm === 0n) return undefined
  return {
    re: ((f.re * g.re + f.im * g.im) << by) / norm,
    im: ((f.im * g.re - f.re * g.im) << by) / norm,
  }
}

function isPeriodic(c: Fixed, period: number, bits: number): boolean {
  const by = BigInt(bits)
  let z = c
  for (let n = 1; n <= 6 * period; n++) {
    if (z.re * z.re + z.im * z.im < 1n << BigInt(bits)) return true
    z = { re: ((z.re * z.re - z.im * z.im) >> by) + c.re, im: ((2n * z.re * z.im) >> by) + c.im }
  }
  return false
}
