// The stages of the pipeline that tiles, grids and images share, and a render that is a single task
// of the pool.

import type { CacheEntry } from '../cache/memory.ts'
import type { TaskResult, Timing } from '../kernel/task.ts'
import type { Encoders } from '../scheduler/encoders.ts'
import type { Pool } from '../scheduler/pool.ts'
import type { MemoryReserve } from '../scheduler/reserve.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import type { IterationLimits } from './iterations.ts'
import type { Orbits } from './orbits.ts'
import type { RenderKind, RenderStats } from './stats.ts'

export interface Stages {
  pool: Pool
  orbits: Orbits
  limits: IterationLimits
  encoders: Encoders
  memory: MemoryReserve
  stats: RenderStats
}

/** Freshly rendered bytes, and where the time went. */
export type RenderResult = CacheEntry & { timing: Timing }

export const NO_TIME: Readonly<Timing> = { queue: 0, render: 0, encode: 0 }

/** Renders by one task: counts it when a thread takes it, and reports it when it ends. */
export async function renderByTask<K extends 'view' | 'grid'>(
  { pool, stats }: Stages,
  { kind, key }: { kind: RenderKind; key: string },
  task: K,
  takes: Parameters<typeof pool.run<K>>[1],
  options: TaskOptions,
): Promise<RenderResult & Pick<TaskResult, 'samples'>> {
  const done = await pool.run(task, takes, options, stats.counter(kind))
  const { bytes, counts, limit, samples, queue, render, encode } = done
  const timing = { queue, render, encode }
  stats.report({ kind, key, lane: options.ticket.lane, counts, limit, timing })
  return { bytes, limit, samples, timing }
}
