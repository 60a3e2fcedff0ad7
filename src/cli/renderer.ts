// Renderers of commands. Nobody else waits for them, and their user can stop them, so the limits
// that protect a server do not apply.
import { Failure } from '../core/errors.ts'
import { divideMemory } from '../core/memory.ts'
import type { Options } from '../core/options.ts'
import { Renderer } from '../render/renderer.ts'
import type { OrbitTally } from '../seed/estimate.ts'

// no limit on the number of renders or the wait: the longest timer of Node, 24 days
const PATIENT = { 'queue-length': Number.POSITIVE_INFINITY, 'max-wait': Math.floor((2 ** 31 - 1) / 1000) }
const NO_MEMORY = { 'cache-bytes': 0, 'sample-cache-bytes': 0 }
const ALL_MEMORY = { 'work-bytes': Number.POSITIVE_INFINITY }

/**
 * A renderer for one image, film or pyramid: it caches only orbits, which may take all memory, and
 * no cost is too high.
 */
export function localRenderer(options: Options): Renderer {
  const { 'orbit-bytes': shared, memory, threads } = options
  const none = { 'cache-bytes': 0, 'sample-cache-bytes': 0, 'send-bytes': 0, 'work-bytes': 0 }
  const { 'orbit-bytes': all = 0 } = divideMemory(memory, threads, none)
  const orbits = { 'orbit-bytes': Math.max(shared, all) }
  const alone = { ...ALL_MEMORY, ...orbits, 'cache-dir': '', redis: '', 'max-cost': Number.POSITIVE_INFINITY }
  return new Renderer({ ...options, ...PATIENT, ...NO_MEMORY, ...alone })
}

/**
 * A renderer that fills the cache tiers. `orbits` counts the reference orbits that it computes;
 * `redisFlag` is the flag that named its Redis.
 * @throws Failure if a tier does not work
 */
export async function seedRenderer(
  options: Options,
  orbits: OrbitTally = { made: 0, milliseconds: 0 },
  redisFlag = '--redis',
): Promise<Renderer> {
  const renderer = new Renderer({ ...options, ...PATIENT, ...NO_MEMORY }, ({ kind, timing }) => {
    if (kind !== 'orbit') return
    orbits.made++
    orbits.milliseconds += timing.render
  })
  await renderer.tiers.opened()
  const [broken] = renderer.tiers.messages
  if (!broken) return renderer
  await renderer.close()
  const flag = broken.name === 'disk' ? '--cache-dir' : redisFlag
  throw new Failure('not_ready', `${flag}: ${broken.message}`)
}
