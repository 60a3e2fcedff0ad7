// The iteration limits of zones (zone.ts says what they are), and what deep requests cost. Both
// follow from a coarse grid of samples in the zone: a probe iterates it level by level, each level
// four times as far as the one before, as long as some samples are undecided. Each zone's result is
// kept for its other views.
import { LRUCache } from 'lru-cache'
import { Failure, mustBe } from '../core/errors.ts'
import { LARGE } from '../formats/format.ts'
import type { RenderSpec } from '../kernel/request.ts'
import { DEEP_WEIGHT, isDeep } from '../plane/precision.ts'
import { LONG_WORK, type Pool } from '../scheduler/pool.ts'
import { SingleFlight } from '../scheduler/singleflight.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { interior } from './interior.ts'
import type { Orbits } from './orbits.ts'
import {
  chosenLimit,
  deepestView,
  enough,
  farthest,
  firstLimit,
  GRID,
  LOWEST,
  limitFrom,
  type ProbeLevel,
  reach,
  workUpTo,
  zoneOf,
  zoneView,
} from './zone.ts'

/** What is known about a zone. */
interface Zone {
  /** was its grid iterated by perturbation? */
  deep: boolean
  /**
   * The cost of an iteration of the deepest views that the zone serves, in iterations of its grid.
   * At the border between the two arithmetics the views may need the slower one.
   */
  weight: number
  probeLevels: ProbeLevel[]
  /** the zone's limit, once further levels would not change it */
  limit: number | undefined
}

/** The parts of a spec that a limit or a cost depends on. */
type Subject = Pick<RenderSpec, 'view' | 'julia' | 'deep'>

// about 10,000 zones, or a thousand of the deepest, whose two numbers have thousands of digits
const MAX_BYTES = 2 ** 23
const ZONE_BYTES = 400 // its map entry, and the record itself
const LEVEL_BYTES = 80

export class IterationLimits {
  readonly #zones = new LRUCache<string, Zone>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ probeLevels }, key) => ZONE_BYTES + LEVEL_BYTES * probeLevels.length + key.length,
  })
  readonly #probes = new SingleFlight<Zone>()
  readonly #pool: Pool
  readonly #orbits: Orbits
  readonly #maxCost: number

  /** `maxCost` bounds the cost of one request. */
  constructor(pool: Pool, orbits: Orbits, maxCost: number) {
    this.#pool = pool
    this.#orbits = orbits
    this.#maxCost = maxCost
  }

  /**
   * The iteration limit of a view: the one that it names, or the limit of its zone.
   * @throws Failure `too_expensive` if the view costs more than a request may; in double precision
   * with a named limit that was checked when the request arrived (cost.ts)
   */
  async limitOf(spec: Subject & Pick<RenderSpec, 'maxIter'>, options: TaskOptions): Promise<number> {
    const { maxIter, deep } = spec
    if (maxIter === 'auto') return this.auto(spec, options)
    if (deep) await this.checkCost(spec, maxIter, options)
    return maxIter
  }

  /**
   * The meaning of `auto` for a view: the limit of its zone, the same for all views that the zone
   * serves.
   * @throws Failure `too_expensive` as soon as the view is known to cost more than a request may
   */
  async auto(subject: Subject, options: TaskOptions): Promise<number> {
    for (;;) {
      const zone = await this.#extendProbe(subject, 'auto', options)
      // as long as nothing has escaped from a deep zone, all the work so far is needed
      const { to, escaped } = zone.probeLevels.at(-1)!
      const needed = zone.limit ?? (zone.deep && escaped === 0 ? to : chosenLimit(zone.probeLevels, zone.weight))
      const { width, height } = subject.view
      // a large image is rendered whatever it costs, because it is sent while it is made
      if (width * height <= LARGE) this.#checkCostIn(zone, subject, needed)
      if (zone.limit) return zone.limit
    }
  }

  /**
   * Refuses a view that costs more than a request may. Samples times limit is an upper bound; where
   * that is too much, the zone's probe decides.
   * @throws Failure `too_expensive`
   */
  async checkCost(subject: Subject, limit: number, options: TaskOptions): Promise<void> {
    const { width, height } = subject.view
    if (width * height * limit * DEEP_WEIGHT <= this.#maxCost) return
    for (;;) {
      const zone = await this.#extendProbe(subject, limit, options)
      this.#checkCostIn(zone, subject, limit)
      if (zone.limit || zone.probeLevels.at(-1)!.to >= limit) return
    }
  }

  /**
   * The expected work for a sample of a view, in iterations in double precision. The limit is an
   * upper bound. If a task of this many samples may be a long one, the zone's probe tells more. A
   * deep zone not probed yet is not probed now: that might need an orbit that the view does not
   * need.
   */
  async workOf(subject: Subject, limit: number, samples: number, options: TaskOptions): Promise<number> {
    // a few samples are rendered in less time than a probe takes
    if (samples * limit < LONG_WORK || samples < GRID ** 2) return limit
    for (;;) {
      const known =
        this.#zones.get(zoneKey(subject, 'auto')) ?? this.#zones.get(zoneKey(subject, ownLimit(subject, limit)))
      if (known && (known.limit || known.probeLevels.at(-1)!.to >= limit)) return workIn(known, subject, limit)
      if (subject.deep) return limit
      await this.#extendProbe(subject, limit, options)
    }
  }

  #checkCostIn(zone: Zone, subject: Subject, limit: number): void {
    const samples = subject.view.width * subject.view.height
    const each = workIn(zone, subject, limit)
    if (samples * each <= this.#maxCost) return
    const cost = (samples * each).toPrecision(3)
    const sentence = mustBe('the cost, samples times iterations,', `at most ${this.#maxCost}`, Number(cost))
    throw new Failure(
      'too_expensive',
      `${sentence} (${samples} samples, about ${Math.round(each)} iterations each up to max_iter ${limit})`,
    )
  }

  /**
   * What is known about a view's zone, after at least one more level, unless it is known up to
   * `limit`.
   */
  async #extendProbe({ view, julia }: Subject, limit: number | 'auto', options: TaskOptions): Promise<Zone> {
    const address = zoneOf(view, julia !== undefined)
    const own = ownLimit({ view, julia }, limit)
    const key = zoneKey({ view, julia }, own)
    const known = this.#zones.get(key)
    if (known && (known.limit || known.probeLevels.at(-1)!.to >= numeric(limit))) return known
    return this.#probes.join(key, options, async (options) => {
      const grid = zoneView(address, julia !== undefined)
      const deep = isDeep(grid, julia)
      const inside = interior({ view: grid, deep })
      const from = known ? 4 * known.probeLevels.at(-1)!.to : LOWEST
      const followed = deep && !inside
      const wanted = Math.min(Math.max(from, firstLimit(address)), numeric(own))
      const how = own === 'auto' ? { far: true } : { final: own }
      const needed = followed ? { view, maxIter: wanted, ...how } : undefined
      const zone = await this.#orbits.use(needed, options, async (reference) => {
        const most = Math.min(farthest(reference), numeric(own))
        const to = Math.min(most, reach(reference))
        const work = Math.min(from, to) * (followed ? DEEP_WEIGHT : 1)
        const task = { view: grid, julia, interior: inside, reference, from, to, work }
        const { levels } = await this.#pool.run('probe', task, options)
        const period = reference?.period ?? 0
        const probeLevels = [
          ...(known?.probeLevels ?? []),
          ...levels.map(({ last, ...level }) => ({ ...level, limit: limitFrom(last, period) })),
        ]
        const weight = !followed && isDeep(deepestView(address), julia) ? DEEP_WEIGHT : 1
        const settled = enough(probeLevels, most, weight)
        const limit = settled ? Math.min(chosenLimit(probeLevels, weight), reach(reference)) : undefined
        return { deep: followed, weight, probeLevels, limit }
      })
      this.#zones.set(key, zone)
      return zone
    })
  }
}

/** The work for a sample of a view up to a limit, estimated from the zone's grid. */
function workIn({ deep, probeLevels }: Zone, subject: Subject, limit: number): number {
  // the grid is coarser than the view: at the border between the two arithmetics it may use the
  // faster one
  const weight = !deep && subject.deep ? DEEP_WEIGHT : 1
  return weight * workUpTo(limit, probeLevels)
}

/**
 * The limit that a zone is probed for. In a deep zone a limit that a request names has a probe of
 * its own: its orbits are never longer than the limit, and its result must not decide the limit of
 * `auto`. Where no orbit is needed, all limits share one probe.
 */
function ownLimit({ view, julia }: Pick<Subject, 'view' | 'julia'>, limit: number | 'auto'): number | 'auto' {
  if (limit === 'auto') return limit
  return isDeep(zoneView(zoneOf(view, julia !== undefined), julia !== undefined), julia) ? limit : 'auto'
}

const numeric = (limit: number | 'auto') => (limit === 'auto' ? Number.POSITIVE_INFINITY : limit)

function zoneKey({ view, julia }: Pick<Subject, 'view' | 'julia'>, limit: number | 'auto'): string {
  const { z, x, y } = zoneOf(view, julia !== undefined)
  return [z, x, y, julia?.re, julia?.im, limit].join(' ')
}
