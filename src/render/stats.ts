// What the stages of the pipeline tell each other of a render: what it gave, where the time went, and what the log says of it.

import type { CacheEntry } from '../cache/memory.ts'
import type { Counts } from '../kernel/binding.ts'
import type { TaskResult, Timing } from '../kernel/task.ts'
import type { Lane } from '../scheduler/admission.ts'
import type { TaskOptions } from '../scheduler/pool.ts'

/** Bytes that were made now. */
export type RenderResult = CacheEntry & { timing: Timing }

/** Kernel work, by kind. */
export type RenderKind = 'tile' | 'grid' | 'image' | 'orbit'

/** One render as the log tells it. */
export interface Render {
  kind: RenderKind
  key: string
  lane: Lane
  timing: Timing
  counts?: Counts | undefined
  limit?: number
  orbit?: { length: number; period: number; escaped: boolean }
}

/** Counts kernel work and tells of it. */
export class RenderStats {
  /** kernel work really started, by kind */
  readonly renders: Record<RenderKind, number> = { tile: 0, grid: 0, image: 0, orbit: 0 }
  readonly tell: (render: Render) => void

  constructor(tell: (render: Render) => void) {
    this.tell = tell
  }

  /** An errand that is counted when its first part begins. */
  counting(kind: RenderKind, taskOptions: TaskOptions): TaskOptions {
    let begun = false
    return {
      ...taskOptions,
      begun: () => {
        if (!begun) this.renders[kind]++
        begun = true
      },
    }
  }

  /** What one task of the pool gave, once it has been told. */
  async work(
    kind: RenderKind,
    key: string,
    work: Promise<TaskResult & { queue: number }>,
    lane: Lane,
  ): Promise<RenderResult> {
    const { bytes, counts, limit, queue, render, encode } = await work
    const timing = { queue, render, encode }
    this.tell({ kind, key, lane, counts, limit, timing })
    return { bytes, limit, timing }
  }
}
