// What seeding will take, estimated by rendering a sample: some tiles of every zoom, spread evenly
// over it, and more where there are more tiles.
import { inParallel } from '../core/concurrency.ts'
import type { Renderer } from '../render/renderer.ts'
import type { Layer, PlannedTile } from './plan.ts'

/** What a plan is expected to take. */
export interface Estimate {
  tiles: number
  sampled: number
  /** bytes of the pictures, and of their files, which take whole blocks of 4 KB */
  bytes: Figure
  fileBytes: number
  /** seconds of one thread, for tiles and for the reference orbits that they need */
  seconds: Figure
  orbits: { count: number; seconds: number }
}
/** A sum, and two standard errors as a fraction of it: 0 if every tile was rendered. */
export interface Figure {
  value: number
  spread: number
}

/** Reference orbits computed so far, and the milliseconds that they took. */
export interface OrbitTally {
  made: number
  milliseconds: number
}

/** Tiles sampled even from the smallest layers: a single one has no variance. */
const FEWEST = 4
const FILE_BLOCK = 4096
/** Bytes that a record adds to its picture: see cache/record.ts. */
const RECORD_HEADER = 16

/**
 * Renders about `sample` tiles of a plan, `threads` at a time. `orbits` counts those of this
 * renderer.
 */
export async function estimate(
  layers: readonly Layer[],
  renderer: Renderer,
  orbits: OrbitTally,
  { sample, threads, signal }: { sample: number; threads: number; signal: AbortSignal },
): Promise<Estimate> {
  const tiles = layers.reduce((sum, layer) => sum + layer.tiles, 0)
  const random = generator()
  const bytes = new Sum()
  const seconds = new Sum()
  const bands = new Map<number, { count: number; made: number; seconds: number }>()
  let [sampled, fileBytes] = [0, 0]
  const began = { ...orbits, cpu: process.cpuUsage() }
  let rendering = 0
  for (const layer of layers) {
    const sampleTiles = layer.sample(Math.max(FEWEST, Math.ceil((sample * layer.tiles) / tiles)), random)
    const before = { ...orbits }
    const taken = await inParallel(sampleTiles, threads, (one) => measure(one, renderer, signal))
    bytes.add(
      layer.tiles,
      taken.map((one) => one.bytes),
    )
    seconds.add(
      layer.tiles,
      taken.map((one) => one.seconds),
    )
    const files = taken.reduce((sum, one) => sum + Math.ceil(one.bytes / FILE_BLOCK) * FILE_BLOCK, 0)
    fileBytes += (files * layer.tiles) / taken.length
    sampled += taken.length
    rendering += taken.reduce((sum, one) => sum + one.seconds, 0)
    if (layer.orbits) {
      // a neighbourhood serves several zooms, and the deepest of these needs all of its orbits
      const band = bands.get(layer.orbits.z) ?? { count: 0, made: 0, seconds: 0 }
      bands.set(layer.orbits.z, {
        count: Math.max(band.count, layer.orbits.count),
        made: band.made + orbits.made - before.made,
        seconds: band.seconds + (orbits.milliseconds - before.milliseconds) / 1000,
      })
    }
  }
  // CPU time besides that of tiles and orbits, such as dispatch: most of the cost of a cheap tile
  const { user, system } = process.cpuUsage(began.cpu)
  const known = rendering + (orbits.milliseconds - began.milliseconds) / 1000
  seconds.add(tiles, [Math.max(0, (user + system) / 1e6 - known) / sampled])

  const needed = { count: 0, seconds: 0 }
  for (const band of bands.values()) {
    needed.count += band.count
    if (band.made > 0) needed.seconds += (band.count * band.seconds) / band.made
  }
  return { tiles, sampled, bytes: bytes.figure, fileBytes, seconds: seconds.figure, orbits: needed }
}

async function measure({ tile, spec }: PlannedTile, renderer: Renderer, signal: AbortSignal) {
  const { size, maxIter, appearance, format } = spec
  const handle = renderer.tile({ tile, size, maxIter }, appearance, format)
  const { bytes, timing } = await handle.find({ lane: 'bulk', signal })
  return { bytes: bytes.byteLength + RECORD_HEADER, seconds: (timing.render + timing.encode) / 1000 }
}

/**
 * A sum over sampled layers: stratified sampling. The variance is that of random tiles, which is
 * more than that of evenly spread ones.
 */
class Sum {
  #value = 0
  #variance = 0

  add(count: number, seen: number[]): void {
    const n = seen.length
    const mean = seen.reduce((sum, one) => sum + one, 0) / n
    this.#value += count * mean
    if (n === count || n < 2) return
    const variance = seen.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (n - 1)
    this.#variance += (count ** 2 * variance * (1 - n / count)) / n
  }

  get figure(): Figure {
    return { value: this.#value, spread: this.#value > 0 ? (2 * Math.sqrt(this.#variance)) / this.#value : 0 }
  }
}

/** Numbers from 0 to 1, the same in every run: Lehmer's generator with multiplier 48271. */
function generator(): () => number {
  let state = 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
