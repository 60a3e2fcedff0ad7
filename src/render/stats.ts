// What the log and the metrics learn about renders: how many of each kind started, and where the
// time of each finished one went.

import type { Counts } from '../kernel/binding.ts'
import type { Timing } from '../kernel/task.ts'
import type { Lane } from '../scheduler/ticket.ts'

export type RenderKind = 'tile' | 'grid' | 'image' | 'orbit' | 'feature'

/** A render that has ended. */
export interface Render {
  kind: RenderKind
  key: string
  lane: Lane
  timing: Timing
  counts?: Counts | undefined
  limit?: number
  orbit?: { length: number; period: number; escaped: boolean }
}

export class RenderStats {
  /** renders that a thread has started, by kind */
  readonly renders: Record<RenderKind, number> = { tile: 0, grid: 0, image: 0, orbit: 0, feature: 0 }
  readonly report: (render: Render) => void

  constructor(report: (render: Render) => void) {
    this.report = report
  }

  /**
   * A function that counts a render the first time it is called: when a thread takes the first of
   * its tasks.
   */
  counter(kind: RenderKind): () => void {
    let counted = false
    return () => {
      if (!counted) this.renders[kind]++
      counted = true
    }
  }
}
