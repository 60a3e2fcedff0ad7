// How many cores a day of many views needs. Costs are measured; hit rates follow from the
// distribution of views. Both are checked: the formula for hit rates against a simulation through
// the real cache, and the simulation against the CPU time of a real server.
//
// Views follow Zipf's law in each band of zooms: the tile of rank r is requested in proportion to
// r^-s. An LRU cache of B bytes holds a tile with probability 1 - e^(-p T), where T, the time that
// an unused tile stays, solves sum b (1 - e^(-p T)) = B (Che, Tung and Wang 2002).
import { readFileSync } from 'node:fs'
import { MemoryCache } from '../../src/cache/memory.ts'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { readLocations } from '../../src/seed/locations.ts'
import { type Layer, type PlannedTile, planAreas, planLocations } from '../../src/seed/plan.ts'
import { areaOfScreen, areaOfTile, type TileSpec } from '../../src/seed/tileset.ts'
import { endAll, serve } from '../../test/cluster/processes.ts'
import { table } from '../table.ts'
import { ask } from './client.ts'

/** A band of zooms: its share of all requests, its number of tiles, and the cost of one. */
interface Band {
  name: string
  share: number
  tiles: number
  bytes: number
  /** CPU seconds to render it, its part of a reference orbit included */
  seconds: number
}

const SPEC: TileSpec = { size: 256, maxIter: 'auto', appearance: DEFAULT_APPEARANCE, format: 'png' }
// memory of an entry besides its bytes: see src/cache/memory.ts
const ENTRY = 460

// the share of each band: a guess, to be replaced by what mandeltiles_cache_requests_by_zoom_total
// counts
const SHARES = [0.5, 0.4, 0.09, 0.01]

const random = lehmer()
const measured = await costs()
check(measured)
await real(measured)
plan(measured)
await endAll()

// ---- costs

/**
 * The tiles of each band: all of the shallow zooms; deeper, the screens on the way to the gallery's
 * places.
 */
function catalogue(): { name: string; layers: Layer[]; sample: number }[] {
  const file = readFileSync(new URL('../../src/web/gallery/places.json', import.meta.url), 'utf8')
  const places = readLocations('places.json', file, resolveOptions().options)
  const screens = (from: number, to: number, every: number) =>
    planLocations(
      places.flatMap((place) =>
        Array.from({ length: to - from }, (_, k) => from + k)
          .filter((z) => z <= place.zoom && z % every === 0)
          .flatMap((z) => {
            const area = areaOfScreen(place, 1920, 1080, z)
            return area ? [{ area, spec: SPEC }] : []
          }),
      ),
    )
  const whole = Array.from({ length: 10 }, (_, z) => areaOfTile({ z: 0, x: 0n, y: 0n }, z))
  return [
    { name: '0 to 9', layers: planAreas(whole, SPEC), sample: 300 },
    { name: '10 to 29', layers: screens(10, 30, 2), sample: 200 },
    { name: '30 to 99', layers: screens(30, 100, 8), sample: 60 },
    { name: '100 to 300', layers: screens(100, 301, 100), sample: 12 },
  ]
}

/**
 * Requests a sample of every band from a real server, one by one: bytes, and CPU time of the whole
 * process.
 */
async function costs() {
  const { url } = await serve({ threads: 1, 'cache-bytes': 0, 'sample-cache-bytes': 0 })
  await ask(url, ['/tile/0/0/0.png?max_iter=77'], 1)
  const bands: { name: string; bytes: number; seconds: number; tiles: PlannedTile[] }[] = []
  for (const { name, layers, sample } of catalogue()) {
    const tiles = picked(layers, sample)
    const before = await cpuSeconds(url)
    const replies = await ask(url, tiles.map(path), 1)
    const seconds = ((await cpuSeconds(url)) - before) / tiles.length
    bands.push({
      name,
      seconds,
      bytes: replies.reduce((sum, { bytes }) => sum + bytes.length, 0) / tiles.length,
      tiles,
    })
  }
  // hits: the same few tiles from memory
  const cached = await serve({ threads: 1 })
  const few = bands[0]!.tiles.slice(0, 50).map(path)
  await ask(cached.url, few, 4)
  const many = Array.from({ length: 20_000 }, (_, k) => few[k % few.length]!)
  const before = await cpuSeconds(cached.url)
  await ask(cached.url, many, 8)
  const hit = ((await cpuSeconds(cached.url)) - before) / many.length
  await endAll()

  console.log('CPU time and bytes of a rendered tile, 256 pixels a side, automatic limit, on a real server\n')
  table(
    ['zooms', 'tiles', 'ms', 'KB'],
    bands.map(({ name, seconds, bytes, tiles }) => [
      name,
      tiles.length,
      (1000 * seconds).toFixed(1),
      (bytes / 1024).toFixed(1),
    ]),
  )
  console.log(`\na hit in memory: ${(1e6 * hit).toFixed(0)} µs of the whole process, the connection included`)
  return { bands, hit }
}

/** Tiles of the layers, spread evenly, in proportion to the size of each layer. */
function picked(layers: readonly Layer[], sample: number): PlannedTile[] {
  const all = layers.reduce((sum, { tiles }) => sum + tiles, 0)
  return layers.flatMap((layer) => layer.sample(Math.max(1, Math.round((sample * layer.tiles) / all)), random))
}

function path({ tile: { z, x, y } }: PlannedTile): string {
  return `/tile/${z}/${x}/${y}.png`
}

async function cpuSeconds(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^mandeltiles_process_cpu_seconds_total (\S+)/m.exec(text)![1])
}

// ---- the formula, against a simulation through the real cache

function check({ bands }: Awaited<ReturnType<typeof costs>>): void {
  console.log('\nhit rates of a memory cache: by the formula, and by half a million requests through the real cache\n')
  const rows: string[][] = []
  for (const s of [0.7, 0.9, 1.1]) {
    for (const room of [2 ** 26, 2 ** 28]) {
      const small = bands.map(({ name, bytes, seconds }, at) => ({
        name,
        bytes,
        seconds,
        share: SHARES[at]!,
        tiles: 50_000,
      }))
      const [predicted, seen] = [hitRates(small, s, room).all, simulate(small, s, room, 5e5).all]
      rows.push([s.toFixed(1), size(room), percent(predicted), percent(seen)])
    }
  }
  table(['s', 'memory', 'formula', 'simulated'], rows)
}

/** Hit rates by the formula, for all requests and for each band, with a cache of `room` bytes. */
function hitRates(bands: readonly Band[], s: number, room: number): { all: number; bands: number[] } {
  // ranks in bins 2 % wide: how many there are, and the probability that a request is for one of
  // them
  const bins = bands.map(({ tiles, share }) => {
    const found: { count: number; p: number }[] = []
    for (let from = 1; from <= tiles; ) {
      const to = Math.min(tiles + 1, Math.max(from + 1, Math.floor(from * 1.02)))
      found.push({ count: to - from, p: (from + (to - 1 - from) / 2) ** -s })
      from = to
    }
    const total = found.reduce((sum, { count, p }) => sum + count * p, 0)
    return found.map(({ count, p }) => ({ count, p: (p * share) / total }))
  })
  const filled = (time: number) =>
    bins.reduce(
      (sum, band, at) =>
        sum + (bands[at]!.bytes + ENTRY) * band.reduce((held, { count, p }) => held - count * Math.expm1(-p * time), 0),
      0,
    )
  let [low, high] = [0, 1]
  while (filled(high) < room && high < 1e15) high *= 2
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (filled(middle) < room) low = middle
    else high = middle
  }
  const rates = bins.map((band) => band.reduce((sum, { count, p }) => sum - count * p * Math.expm1(-p * high), 0))
  return { all: rates.reduce((a, b) => a + b, 0), bands: rates.map((rate, at) => rate / bands[at]!.share) }
}

/** Hit rates by requests through the real cache. The second half counts, when the cache is full. */
function simulate(bands: readonly Band[], s: number, room: number, requests: number) {
  const cache = new MemoryCache(room)
  // all entries are views of the same bytes: only their sizes matter
  const page = new Uint8Array(2 ** 20)
  const next = requestsOf(bands, s)
  const hits = bands.map(() => 0)
  const asked = bands.map(() => 0)
  for (let k = 0; k < requests; k++) {
    const { band, rank } = next()
    // as long as a real key
    const key = `tile ${band} ${rank} 256 auto`.padEnd(30)
    const found = cache.get(key)
    if (!found) cache.set(key, { bytes: page.subarray(0, bands[band]!.bytes), limit: 0 })
    if (k < requests / 2) continue
    asked[band]!++
    if (found) hits[band]!++
  }
  const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0)
  return { all: sum(hits) / sum(asked), bands: hits.map((count, at) => count / asked[at]!) }
}

/** A stream of requests: a random band by its share, a random rank in it by Zipf's law. */
function requestsOf(bands: readonly Band[], s: number): () => { band: number; rank: number } {
  const sums = bands.map(({ tiles }) => {
    let total = 0
    return Float64Array.from({ length: tiles }, (_, k) => (total += (k + 1) ** -s))
  })
  return () => {
    let [band, at] = [0, random()]
    while (band < bands.length - 1 && at >= bands[band]!.share) at -= bands[band++]!.share
    const own = sums[band]!
    const aim = random() * own.at(-1)!
    let [low, high] = [0, own.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (own[middle]! < aim) low = middle + 1
      else high = middle
    }
    return { band, rank: low }
  }
}

// ---- the simulation, against a real server

async function real({ bands, hit }: Awaited<ReturnType<typeof costs>>): Promise<void> {
  const [s, room, requests] = [0.9, 4 * 2 ** 20, 2000]
  // other tiles than those that the costs come from
  const tiles = catalogue().map(({ layers }, at) => shuffled(picked(layers, [600, 300, 40, 4][at]!)))
  const small = bands.map(({ name, bytes, seconds }, at) => ({
    name,
    bytes,
    seconds,
    share: SHARES[at]!,
    tiles: tiles[at]!.length,
  }))
  const next = requestsOf(small, s)
  const stream = Array.from({ length: requests }, next)

  const cache = new MemoryCache(room)
  const page = new Uint8Array(2 ** 20)
  const missed = small.map(() => 0)
  for (const { band, rank } of stream) {
    const key = `tile ${band} ${rank} 256 auto`.padEnd(30)
    if (cache.get(key)) continue
    missed[band]!++
    cache.set(key, { bytes: page.subarray(0, small[band]!.bytes), limit: 0 })
  }
  const misses = missed.reduce((a, b) => a + b, 0)
  const predicted = missed.reduce((sum, count, at) => sum + count * small[at]!.seconds, (requests - misses) * hit)

  const { url } = await serve({ threads: 2, 'cache-bytes': room, 'sample-cache-bytes': 0, 'max-wait': 600 })
  await ask(url, ['/tile/0/0/0.png?max_iter=77'], 1)
  const before = await cpuSeconds(url)
  const replies = await ask(
    url,
    stream.map(({ band, rank }) => path(tiles[band]![rank]!)),
    4,
  )
  const took = (await cpuSeconds(url)) - before
  const hits = replies.filter(({ headers }) => headers['x-cache'] !== 'MISS').length
  const failed = replies.findIndex(({ status }) => status !== 200)
  if (failed >= 0) {
    const { band, rank } = stream[failed]!
    throw new Error(`${path(tiles[band]![rank]!)} failed: ${replies[failed]!.bytes}`)
  }
  console.log(
    `\n${requests} requests of a real server with ${size(room)} of memory, s = ${s}, against the simulation\n`,
  )
  table(
    ['', 'predicted', 'measured'],
    [
      ['hit rate', percent(1 - misses / requests), percent(hits / requests)],
      ['CPU ms a request', ((1000 * predicted) / requests).toFixed(2), ((1000 * took) / requests).toFixed(2)],
    ],
  )
  await endAll()
}

function shuffled<T>(items: T[]): T[] {
  for (let at = items.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[items[at], items[other]] = [items[other]!, items[at]!]
  }
  return items
}

// ---- a billion tiles a day

function plan({ bands }: Awaited<ReturnType<typeof costs>>): void {
  // the peak of a day is three times its mean
  const rate = (1e9 / 86_400) * 3
  const counts = [4 ** 10 / 3, 1e8, 1e8, 1e7]
  const all = bands.map(({ name, bytes, seconds }, at) => ({
    name,
    bytes,
    seconds,
    share: SHARES[at]!,
    tiles: Math.round(counts[at]!),
  }))
  const bytes = all.reduce((sum, { bytes, share }) => sum + bytes * share, 0)
  console.log(
    `\na billion tiles a day: ${Math.round(rate)} a second at the peak, ${(8e-9 * rate * bytes).toFixed(1)} Gbit/s, by the size of all caches together\n`,
  )
  const rows: (string | number)[][] = []
  for (const s of [0.7, 0.9, 1.1]) {
    for (const room of [10, 100, 1000]) {
      const rates = hitRates(all, s, room * 2 ** 30)
      const cores = rates.bands.map((hits, at) => rate * SHARES[at]! * (1 - hits) * all[at]!.seconds)
      const sum = cores.reduce((a, b) => a + b, 0)
      rows.push([
        s.toFixed(1),
        `${room} GB`,
        percent(rates.all),
        Math.round(rate * (1 - rates.all)),
        Math.ceil(sum),
        ...cores.map((own) => percent(own / sum)),
      ])
    }
  }
  table(['s', 'caches', 'hits', 'renders/s', 'cores', ...all.map(({ name }) => name)], rows)
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`
}

function size(bytes: number): string {
  return bytes < 2 ** 30 ? `${bytes / 2 ** 20} MB` : `${bytes / 2 ** 30} GB`
}

/**
 * Random numbers from 0 to 1, the same in every run: Lehmer's generator with the multiplier 48271.
 */
function lehmer(): () => number {
  let state = 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
