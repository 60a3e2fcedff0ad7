// What seeding will take, told from tiles that are really rendered: of every zoom some, spread evenly over it, more where there are more tiles.
import { inParallel } from '../core/concurrency.ts'
import type { Renderer } from '../render/renderer.ts'
import type { Layer, Wanted } from './plan.ts'

/** What a plan is expected to take. `spread` is two standard errors of a figure, as a part of it: 0 where every tile was rendered. */
export interface Estimate {
  tiles: number
  sampled: number
  /** bytes of the pictures, and what they take up in files, which have whole blocks of 4 KB */
  bytes: Figure
  fileBytes: number
  /** seconds of a thread, for tiles and for the reference orbits that they need */
  seconds: Figure
  orbits: { count: number; seconds: number }
}
export interface Figure {
  value: number
  spread: number
}

/** Reference orbits made so far, and the milliseconds that they took. */
export interface OrbitTally {
  made: number
  milliseconds: number
}

/** Even the smallest zooms are looked at a few times, else one tile would stand for all. */
const LEAST = 4
const FILE_BLOCK = 4096
const ENVELOPE = 16 // bytes round a picture, see envelope.ts

/** Renders about `sample` tiles of a plan, `threads` at a time; `orbits` is kept up to date by who made the renderer. */
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
  let told = 0
  for (const layer of layers) {
    const wanted = layer.spread(Math.max(LEAST, Math.ceil((sample * layer.tiles) / tiles)), random)
    const before = { ...orbits }
    const taken = await inParallel(wanted, threads, (one) => measure(one, renderer, signal))
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
    told += taken.reduce((sum, one) => sum + one.seconds, 0)
    if (layer.orbits) {
      // neighbourhoods serve several zooms: the deepest of these has all that are needed
      const band = bands.get(layer.orbits.z) ?? { count: 0, made: 0, seconds: 0 }
      bands.set(layer.orbits.z, {
        count: Math.max(band.count, layer.orbits.count),
        made: band.made + orbits.made - before.made,
        seconds: band.seconds + (orbits.milliseconds - before.milliseconds) / 1000,
      })
    }
  }
  // what dispatch and all else take beside what tiles and orbits are known to: of a cheap tile most
  const { user, system } = process.cpuUsage(began.cpu)
  const known = told + (orbits.milliseconds - began.milliseconds) / 1000
  seconds.add(tiles, [Math.max(0, (user + system) / 1e6 - known) / sampled])

  const needed = { count: 0, seconds: 0 }
  for (const band of bands.values()) {
    needed.count += band.count
    if (band.made > 0) needed.seconds += (band.count * band.seconds) / band.made
  }
  return { tiles, sampled, bytes: bytes.figure, fileBytes, seconds: seconds.figure, orbits: needed }
}

async function measure({ tile, spec }: Wanted, renderer: Renderer, signal: AbortSignal) {
  const { size, maxIter, appearance, format } = spec
  const handle = renderer.tile({ tile, size, maxIter }, appearance, format)
  const { bytes, timing } = await handle.find({ lane: 'bulk', signal })
  return { bytes: bytes.byteLength + ENVELOPE, seconds: (timing.render + timing.encode) / 1000 }
}

/** A sum over layers, each known by a sample: stratified sampling, with the variance that random tiles would have, more than evenly spread ones. */
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

/** Numbers from 0 to 1, the same in every run: Lehmer's generator with the multiplier 48271. */
function generator(): () => number {
  let state = 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
