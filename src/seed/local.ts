// Seeding by this process alone: some blocks at a time, and one again, after a pause, where a tier was away.
import { setTimeout } from 'node:timers/promises'
import { inParallel } from '../core/concurrency.ts'
import { Failure } from '../core/errors.ts'
import type { Seeded, Seeder } from './seeder.ts'
import type { Metatile } from './tileset.ts'

/** Tries of a block, and the milliseconds before the second one, doubled with each: a Redis that starts again is back within half a minute. */
export const TRIES = 6
export const PAUSE = 1000

/** How a run is told. */
export interface RunEvents {
  /** a block is done */
  onBlock(seeded: Seeded): void
  /** tiles done in blocks that are not */
  onUnderWay(tiles: number): void
}

/** Seeds all blocks, `atOnce` of them at a time: the tiles of one do not end together. @throws Failure where one fails however often it is tried; what was done stays done */
export async function seedLocally(
  blocks: Iterable<Metatile>,
  seeder: Seeder,
  {
    atOnce,
    signal,
    trusting,
    onBlock,
    onUnderWay,
  }: { atOnce: number; signal: AbortSignal; trusting: boolean } & RunEvents,
): Promise<void> {
  const underWay = new Map<Metatile, number>()
  const tell = () => onUnderWay([...underWay.values()].reduce((sum, tiles) => sum + tiles, 0))
  await inParallel(blocks, atOnce, async (block) => {
    const onTile = (done: number) => {
      underWay.set(block, done)
      tell()
    }
    const seeded = await withRetry(() => seeder.block(block, signal, { trusting, onTile }), signal)
    underWay.delete(block)
    onBlock(seeded)
    tell()
  })
}

async function withRetry<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Failure) || tries === TRIES || signal.aborted) throw error
      await setTimeout(PAUSE * 2 ** (tries - 1), undefined, { signal })
    }
  }
}
