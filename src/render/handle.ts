// What a caller gets for a request, before anything runs: its ETag, and how to find or make its
// bytes.

import type { CacheEntry } from '../cache/memory.ts'
import type { Timing } from '../kernel/task.ts'
import type { View } from '../plane/view.ts'
import type { Lane, TaskOptions } from '../scheduler/ticket.ts'
import type { GridPlan } from './grid.ts'
import type { ImagePlan } from './strips.ts'
import type { RequestedTile } from './tile.ts'

/** A finished answer: its bytes, how they were found, and where the time went, in milliseconds. */
export interface Answer extends CacheEntry {
  cache: 'hit' | 'miss' | 'coalesced'
  timing: Timing
}

/** The client or command that makes a request. */
export interface Caller {
  /**
   * Aborts when the caller has left or its deadline has passed. It is read only if there is
   * something to wait for, so it can be created lazily.
   */
  readonly signal?: AbortSignal | undefined
  readonly lane?: Lane | undefined
  /** the caller's time limit in seconds; unlimited if left out */
  readonly seconds?: number | undefined
  /**
   * Called before a render begins for this caller, with the thread seconds that it will take at
   * least; throws if the caller's rate limit is reached. The returned function is called with the
   * seconds that were used.
   */
  readonly spend?: ((seconds: number) => (used: number) => void) | undefined
  /** gets a promise of whether all tiers have stored a fresh answer */
  readonly onStored?: ((stored: Promise<boolean>) => void) | undefined
}

/** An answer that can be requested again and again: its keys are made once. */
export interface RenderHandle {
  /** the cache key of its bytes */
  readonly cacheKey: string
  /** a strong ETag, known before anything runs */
  readonly etag: string
  /** the view, if it needs a reference orbit */
  deepView(): View | undefined
  find(caller?: Caller): Answer | Promise<Answer>
  /** the answer if it is in memory, otherwise nothing */
  peek(): Answer | undefined
}

export interface TileHandle extends RenderHandle {
  readonly tile: RequestedTile
}

export interface GridHandle extends RenderHandle {
  readonly plan: GridPlan
  /** the answer in pieces, for one too large to be held; it is not cached */
  pieces(options: TaskOptions): Promise<AsyncGenerator<Uint8Array>>
}

/** What an image may take at most: samples times iterations, and bytes of a WebP. */
export interface ImageBounds {
  maxCost?: number
  maxBytes?: number
}

export interface ImageHandle extends RenderHandle {
  /** its samples and strips, computed on first use */
  plan(): ImagePlan
}
