// The iteration limits of zones (limit.ts says what they are) and what requests cost. Both are known from a coarse grid of samples in the zone, followed from
// rung to rung, fourfold each time, as long as some are undecided. A zone's figures are kept, so that the next views there know them at once.
import { LRUCache } from 'lru-cache'
import { Failure, mustBe } from '../core/errors.ts'
import { LARGE } from '../formats/format.ts'
import { DEEP_WEIGHT, isDeep } from '../plane/precision.ts'
import type { JuliaPoint } from '../plane/tile.ts'
import type { View } from '../plane/view.ts'
import type { Pool } from '../scheduler/pool.ts'
import { SingleFlight } from '../scheduler/singleflight.ts'
import { meansFor } from './interior.ts'
import type { Orbits } from './orbits.ts'
import {
  chosenLimit,
  deepestView,
  enough,
  farthest,
  firstLimit,
  LOWEST,
  limitFrom,
  type ProbeLevel,
  reach,
  workUpTo,
  zoneOf,
  zoneView,
} from './zone.ts'

/** What is known of a zone. */
interface Zone {
  /** is its grid followed by perturbation? */
  deep: boolean
  /** an iteration of the deepest views that it serves, in those of its grid: beside the border between the two arithmetics theirs may be the slower */
  weight: number
  /** as far as its samples were followed */
  probeLevels: ProbeLevel[]
  /** what `auto` is, once there is nothing left to follow */
  limit: number | undefined
}

/** Whose limit or cost is wanted. */
interface Subject {
  view: View
  julia?: JuliaPoint | undefined
}

// Some 10,000 zones; of the deepest, whose two numbers have thousands of digits, a thousand
const KEPT = 2 ** 23 // bytes
const ZONE = 400 // bytes: its place in the map, and itself
const RUNG = 80

export class IterationLimits {
  readonly #zones = new LRUCache<string, Zone>({
    maxSize: KEPT,
    sizeCalculation: ({ probeLevels }, key) => ZONE + RUNG * probeLevels.length + key.length,
  })
  readonly #flights = new SingleFlight<Zone>()
  readonly #pool: Pool
  readonly #orbits: Orbits
  readonly #maxCost: number

  /** `maxCost` bounds what one request may cost. */
  constructor(pool: Pool, orbits: Orbits, maxCost: number) {
    this.#pool = pool
    this.#orbits = orbits
    this.#maxCost = maxCost
  }

  /**
   * What `auto` means for a view: the limit of its zone, the same for all that the zone serves.
   * @throws Failure `too_expensive` as soon as it is clear that the view costs more than a request may
   */
  async auto(subject: Subject, signal: AbortSignal): Promise<number> {
    for (;;) {
      const zone = await this.#extendProbe(subject, Number.POSITIVE_INFINITY, signal)
      // as long as nothing has escaped from a deep zone, all that was done is needed
      const { to, escaped } = zone.probeLevels.at(-1)!
      const needed = zone.limit ?? (zone.deep && escaped === 0 ? to : chosenLimit(zone.probeLevels, zone.weight))
      const { width, height } = subject.view
      // a large picture is begun whatever it costs: it is sent while it is made
      if (width * height <= LARGE) this.#checkCostOf(subject, needed, zone)
      if (zone.limit) return zone.limit
    }
  }

  /**
   * Refuses a view that would cost more than a request may. That it does not is certain where samples times limit are few enough, else the zone tells.
   * @throws Failure `too_expensive`
   */
  async checkCost(subject: Subject, limit: number, signal: AbortSignal): Promise<void> {
    const { width, height } = subject.view
    if (width * height * limit * DEEP_WEIGHT <= this.#maxCost) return
    for (;;) {
      const zone = await this.#extendProbe(subject, limit, signal)
      this.#checkCostOf(subject, limit, zone)
      if (zone.limit || zone.probeLevels.at(-1)!.to >= limit) return
    }
  }

  #checkCostOf({ view, julia }: Subject, limit: number, { deep, probeLevels }: Zone): void {
    // grids are coarser than views: beside the border between the two arithmetics theirs may be the faster
    const weight = !deep && isDeep(view, julia) ? DEEP_WEIGHT : 1
    const samples = view.width * view.height
    const each = weight * workUpTo(limit, probeLevels)
    if (samples * each <= this.#maxCost) return
    const cost = (samples * each).toPrecision(3)
    const sentence = mustBe('the cost, samples times iterations,', `at most ${this.#maxCost}`, Number(cost))
    throw new Failure(
      'too_expensive',
      `${sentence} (${samples} samples, each some ${Math.round(each)} up to max_iter ${limit})`,
    )
  }

  /** What is known of a view's zone, after some more work on it unless it is known up to `limit`. */
  async #extendProbe({ view, julia }: Subject, limit: number, signal: AbortSignal): Promise<Zone> {
    const address = zoneOf(view, julia !== undefined)
    const key = [address.z, address.x, address.y, julia?.re, julia?.im].join(' ')
    const known = this.#zones.get(key)
    if (known && (known.limit || known.probeLevels.at(-1)!.to >= limit)) return known
    return this.#flights.join(key, signal, async (stop) => {
      const grid = zoneView(address, julia !== undefined)
      const means = meansFor(grid, julia)
      const deep = means === 'reference'
      const from = known ? 4 * known.probeLevels.at(-1)!.to : LOWEST
      const reference = deep ? await this.#orbits.get(view, Math.max(from, firstLimit(address)), stop) : undefined
      const most = farthest(reference)
      const task = {
        view: grid,
        julia,
        interior: means === 'interior',
        reference,
        from,
        to: Math.min(most, reach(reference)),
      }
      const { levels } = await this.#pool.run('probe', task, { signal: stop, lane: 'interactive' })
      const period = reference?.period ?? 0
      const probeLevels = levels.map(({ last, ...level }) => ({ ...level, limit: limitFrom(last, period) }))
      const all = [...(known?.probeLevels ?? []), ...probeLevels]
      const weight = !deep && isDeep(deepestView(address), julia) ? DEEP_WEIGHT : 1
      const limit = enough(all, most, weight) ? Math.min(chosenLimit(all, weight), reach(reference)) : undefined
      const zone = { deep, weight, probeLevels: all, limit }
      this.#zones.set(key, zone)
      return zone
    })
  }
}
