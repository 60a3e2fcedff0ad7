// Seeding by this process alone: some metatiles at a time. One that fails because a cache tier is
// unavailable is tried again after a pause.
import { setTimeout } from 'node:timers/promises'
import { inParallel } from '../core/concurrency.ts'
import { Failure } from '../core/errors.ts'
import type { Seeded, Seeder } from './seeder.ts'
import type { Metatile } from './tileset.ts'

/**
 * Tries of a metatile, and the milliseconds before the second one, which double with each: 31 s in
 * all. A Redis that restarts is back within half a minute.
 */
export const TRIES = 6
export const FIRST_PAUSE_MS = 1000

/** What a run reports. */
export interface SeedEvents {
  /** a metatile is finished */
  onMetatile(seeded: Seeded): void
  /** tiles finished in metatiles that are not */
  onProgress(tiles: number): void
}

interface LocalOptions extends SeedEvents {
  /**
   * metatiles in progress at once: more than one, because the last tiles of one leave threads idle
   */
  concurrency: number
  signal: AbortSignal
  /** see MetatileOptions */
  trusting: boolean
}

/**
 * Seeds metatiles.
 * @throws Failure if one fails at every try; tiles finished by then are kept
 */
export async function seedLocally(
  metatiles: Iterable<Metatile>,
  seeder: Seeder,
  { concurrency, signal, trusting, onMetatile, onProgress }: LocalOptions,
): Promise<void> {
  const inProgress = new Map<Metatile, number>()
  const report = () => onProgress([...inProgress.values()].reduce((sum, tiles) => sum + tiles, 0))
  await inParallel(metatiles, concurrency, async (metatile) => {
    const onTile = (done: number) => {
      inProgress.set(metatile, done)
      report()
    }
    const seeded = await withRetry(() => seeder.seed(metatile, signal, { trusting, onTile }), signal)
    inProgress.delete(metatile)
    onMetatile(seeded)
    report()
  })
}

async function withRetry<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Failure) || tries === TRIES || signal.aborted) throw error
      await setTimeout(FIRST_PAUSE_MS * 2 ** (tries - 1), undefined, { signal })
    }
  }
}
