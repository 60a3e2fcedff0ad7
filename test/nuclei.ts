// All nuclei of a period by enumeration: as roots of the polynomial Z_p(c), found without the
// library.

export type Complex = [number, number]
export const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c]
export const minus = ([a, b]: Complex, [c, d]: Complex): Complex => [a - c, b - d]
export const over = ([a, b]: Complex, [c, d]: Complex): Complex => {
  const norm = c * c + d * d
  return [(a * c + b * d) / norm, (b * c - a * d) / norm]
}
export const size = ([a, b]: Complex) => Math.hypot(a, b)

/** Z_p(c) and its derivative by c. */
export function iterate(c: Complex, p: number): [Complex, Complex] {
  let [z, d]: [Complex, Complex] = [
    [0, 0],
    [0, 0],
  ]
  for (let n = 0; n < p; n++) {
    const [x, y] = times(z, d)
    d = [2 * x + 1, 2 * y]
    const [u, v] = times(z, z)
    z = [u + c[0], v + c[1]]
  }
  return [z, d]
}

/** All 2^(p-1) roots of Z_p at once, by the method of Ehrlich and Aberth. */
function roots(p: number): Complex[] {
  const count = 2 ** (p - 1)
  const at: Complex[] = Array.from({ length: count }, (_, k) => {
    const angle = (2 * Math.PI * (k + 0.37)) / count
    return [-0.5 + 1.6 * Math.cos(angle), 1.3 * Math.sin(angle)]
  })
  for (let round = 0; round < 500; round++) {
    let moved = 0
    for (let k = 0; k < count; k++) {
      const step = newton(at[k]!, p)
      if (size(step) === 0) continue
      let sum: Complex = [0, 0]
      for (let l = 0; l < count; l++) {
        if (l === k) continue
        const [x, y] = over([1, 0], minus(at[k]!, at[l]!))
        sum = [sum[0] + x, sum[1] + y]
      }
      const by = over(step, minus([1, 0], times(step, sum)))
      at[k] = minus(at[k]!, by)
      moved = Math.max(moved, size(by))
    }
    if (moved < 1e-15) break
  }
  return at
}

// beyond it z^2 + c is z^2 to the last bit, and Z / Z' halves with each iteration
const FAR = 1e17

/** Z_p / Z_p' at c, also where Z_p is beyond the doubles. */
function newton(c: Complex, p: number): Complex {
  let n = 1
  while (n < p && size(iterate(c, n)[0]) < FAR) n++
  const [x, y] = over(...iterate(c, n))
  return [x / 2 ** (p - n), y / 2 ** (p - n)]
}

/** The nuclei of period p and no divisor of it. */
export const nuclei = (p: number) =>
  roots(p).filter(
    (c) => !Array.from({ length: p - 1 }, (_, m) => m + 1).some((m) => p % m === 0 && size(iterate(c, m)[0]) < 1e-7),
  )

/** 1/(b l^2), the size of an island: see the page on nuclei in docs/theory. */
export function sizeOf(c: Complex, p: number): number {
  let [z, l, b]: Complex[] = [c, [1, 0], [1, 0]] as [Complex, Complex, Complex]
  for (let m = 1; m < p; m++) {
    l = times(l!, [2 * z![0], 2 * z![1]])
    const [x, y] = over([1, 0], l)
    b = [b![0] + x, b![1] + y]
    const [u, v] = times(z!, z!)
    z = [u + c[0], v + c[1]]
  }
  return 1 / (size(b!) * size(l!) ** 2)
}

/** The number of nuclei of period p: the sum of mu(p/d) 2^(d-1) over its divisors d. */
export function nucleiOfPeriod(p: number): number {
  let sum = 0
  for (let d = 1; d <= p; d++) if (p % d === 0) sum += moebius(p / d) * 2 ** (d - 1)
  return sum
}

function moebius(n: number): number {
  let sign = 1
  for (let prime = 2; prime <= n; prime++) {
    if (n % prime !== 0) continue
    n /= prime
    if (n % prime === 0) return 0
    sign = -sign
  }
  return sign
}

/** A nucleus in fixed point, by Newton's method from the root in doubles. */
export function polished(c: Complex, p: number, bits: number): { re: bigint; im: bigint } {
  const shift = BigInt(bits)
  const one = 1n << shift
  const mul = (a: bigint, b: bigint) => (a * b) >> shift
  let [re, im] = c.map((part) => BigInt(Math.round(part * 2 ** 52)) << BigInt(bits - 52)) as [bigint, bigint]
  // each step doubles the digits that are right: 2^4 times those of a double are more than enough
  for (let step = 0; step < 4; step++) {
    let [x, y, dx, dy] = [0n, 0n, 0n, 0n]
    for (let n = 0; n < p; n++) {
      ;[dx, dy] = [2n * (mul(x, dx) - mul(y, dy)) + one, 2n * (mul(x, dy) + mul(y, dx))]
      ;[x, y] = [mul(x, x) - mul(y, y) + re, 2n * mul(x, y) + im]
    }
    const norm = mul(dx, dx) + mul(dy, dy)
    re -= ((mul(x, dx) + mul(y, dy)) << shift) / norm
    im -= ((mul(y, dx) - mul(x, dy)) << shift) / norm
  }
  return { re, im }
}

/**
 * The number of Misiurewicz points of preperiod k and period p (B. Hutz and A. Towsley, 2015): for
 * each nucleus of period p, 2^(k-1), and one less where p divides k - 1.
 */
export function misiurewiczPoints(k: number, p: number): number {
  return nucleiOfPeriod(p) * (2 ** (k - 1) - ((k - 1) % p === 0 ? 1 : 0))
}
