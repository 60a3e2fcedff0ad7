// The exact counts of some samples of a view, beside the kernel's counts for all of it. They come
// from orbits in fixed point with twice the digits that tell samples apart: no perturbation, no
// table, no double.
import { INTERIOR, kernel } from '../src/kernel/binding.ts'
import type { VerifiedSample, VerifyResult, VerifyTask } from '../src/kernel/task.ts'
import { log2Spacing } from '../src/plane/precision.ts'
import { iterate } from './iterate.ts'

// a smooth count is right to this fraction of itself: eight units in the last place of a double
const TOLERANCE = 2 ** -50
// how far to search for a point with the given count, in samples
const FARTHEST = 0.25
// how many iterations a search may take, within the budget: this many orbits of the limit's length,
// but at least enough for circles from a millionth of the distance, around a sample that escapes
// after 20,000
const SEARCH_ORBITS = 20
const SEARCH_ITERATIONS = 3e7
// a sample that is proven interior is iterated this many times as far as the limit
const BEYOND = 2
// samples chosen for each verified one: some have orbits too long for the budget
const CANDIDATES = 8

export default function verify(task: VerifyTask): VerifyResult | null {
  const { view, limit, count, seed, budget, cancel } = task
  const nu = new Float64Array(view.width * view.height)
  if (!iterate(task, nu)(limit)) return null
  const spacing = log2Spacing(view)
  const exponent = Math.floor(spacing)
  const bits = 2 * kernel.orbitBits(exponent, limit)
  const samples: VerifiedSample[] = []
  let [iterations, undecided] = [0, 0]
  for (const place of places(nu.length, CANDIDATES * count, seed)) {
    if (samples.length === count) break
    const given = nu[place]!
    const farthest = given === INTERIOR ? BEYOND * limit : limit
    const left = Math.floor(budget - iterations - (given < 0 ? farthest : given))
    if (left < 0) continue
    const search = Math.min(left, Math.max(SEARCH_ORBITS * limit, SEARCH_ITERATIONS))
    const [i, j] = [BigInt(place % view.width), BigInt(Math.floor(place / view.width))]
    const truth = kernel.exact(
      view.re + i * view.columnStep.re + j * view.rowStep.re,
      view.im + i * view.columnStep.im + j * view.rowStep.im,
      view.bits,
      bits,
      farthest,
      task.escapeRadius,
      given,
      2 ** (spacing - exponent),
      exponent,
      TOLERANCE * Math.max(1, given),
      FARTHEST,
      search,
      cancel,
    )
    if (!truth) return null
    iterations += truth.iterations
    // a search that ran out of iterations is inconclusive
    const searched = truth.iterations - (truth.n || farthest)
    if (truth.error === Number.POSITIVE_INFINITY && searched >= search) undecided++
    else samples.push({ column: Number(i), row: Number(j), given, truth: truth.nu, error: truth.error })
  }
  return { samples, undecided, bits, iterations }
}

/** Different places among `total`, in an order that the seed decides (xorshift of 32 bits). */
function places(total: number, count: number, seed: number): number[] {
  const chosen = new Set<number>()
  let state = (Math.imul(seed, 0x9e3779b1) | 1) >>> 0
  while (chosen.size < Math.min(count, total)) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    chosen.add((state >>> 0) % total)
  }
  return [...chosen]
}
