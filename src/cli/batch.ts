// What the commands of bulk work share.

import { Failure } from '../core/errors.ts'
import { OPTIONS, type OptionName, type Options } from '../core/options.ts'
import { Renderer } from '../render/renderer.ts'
import type { OrbitTally } from '../seed/estimate.ts'
import type { JobClient } from '../seed/queue/jobs.ts'

/** The options that shape a renderer of bulk work. */
export const BULK_OPTIONS: readonly OptionName[] = [
  'threads',
  'cache-dir',
  'cache-dir-bytes',
  'redis',
  'orbit-bytes',
  'max-cost',
]

/** Seconds that one tile may take by default: longer than a request, since nobody waits. */
export const DEADLINE = 3600

/**
 * A renderer for bulk work: nothing is kept in memory but orbits, and work waits for as long as it takes. `orbits` counts those that it makes.
 * @throws Failure where a tier does not work
 */
export async function bulkRenderer(
  options: Options,
  orbits: OrbitTally = { made: 0, milliseconds: 0 },
): Promise<Renderer> {
  const patient = { 'queue-length': OPTIONS['queue-length'].max, 'max-wait': OPTIONS['max-wait'].max }
  const renderer = new Renderer({ ...options, ...patient, 'cache-bytes': 0, 'counts-bytes': 0 }, ({ kind, timing }) => {
    if (kind !== 'orbit') return
    orbits.made++
    orbits.milliseconds += timing.render
  })
  await renderer.tiers.opened()
  const broken = renderer.tiers.states.find(({ fault }) => fault !== undefined)
  if (!broken) return renderer
  await renderer.close()
  const flag = broken.name === 'disk' ? '--cache-dir' : '--redis'
  throw new Failure('not_ready', `${flag}: ${broken.fault}`)
}

/** A flag that is a redis address. */
export function readQueue(url: string): string {
  const { pattern } = OPTIONS.redis
  if (url !== '' && pattern.test(url)) return url
  throw new Failure('invalid', `--queue must be a redis or rediss address, it was ${JSON.stringify(url)}`)
}

/** The queue, to give work out by. Who does not `leave` it there is told where nobody is there to take it. */
export async function openQueue(url: string, leave = false): Promise<JobClient> {
  // loaded when asked for: it takes a quarter of a second
  const { JobClient } = await import('../seed/queue/jobs.ts')
  const orders = await JobClient.open(url)
  if (!leave && (await orders.workers()) === 0) {
    console.error('mandeltiles: no worker of this version is there yet: mandeltiles work --queue URL starts one')
  }
  return orders
}

/** Aborts when the process is told to end; told twice, it ends at once. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort(new Failure('cancelled', 'stopped')))
  }
  return stop.signal
}
