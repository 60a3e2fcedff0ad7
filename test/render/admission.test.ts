// One way through the pipeline: a request is weighed, admitted and keyed once, and the probe and
// the orbit that it needs wait in its lane.
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as keys from '../../src/cache/keys.ts'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import * as precision from '../../src/plane/precision.ts'
import * as views from '../../src/plane/view.ts'
import type { RenderHandle } from '../../src/render/handle.ts'
import { Renderer } from '../../src/render/renderer.ts'
import type { Render } from '../../src/render/stats.ts'

// modules that an earlier file of this process has loaded call the originals
vi.hoisted(() => vi.resetModules())
// they only count the calls
vi.mock('../../src/cache/keys.ts', { spy: true })
vi.mock('../../src/plane/precision.ts', { spy: true })
vi.mock('../../src/plane/view.ts', { spy: true })

// its orbit closes after 1,000 iterations or so, and takes some milliseconds
const SPIRALS = {
  re: parseDecimal('-1.759817130804847813610825010561798238243999999999999999999800')!,
  im: parseDecimal('-0.012593310799749865383746631843264858450340000000000000000000')!,
}
const around = (zoom: number) => views.tileAround(views.imageView(SPIRALS.re, SPIRALS.im, zoom, 1, 1), zoom, 3)
const deepTile = { tile: around(46), size: 256, maxIter: 5000 }
const deepImage = { ...SPIRALS, zoom: 46, width: 64, height: 64, maxIter: 5000, appearance: DEFAULT_APPEARANCE }
// beside the point where two discs touch, where nothing settles soon
const denseTile = (maxIter: number) => ({ tile: { z: 28, x: 67_108_863n, y: 134_217_727n }, size: 256, maxIter })
// in a small component, where an orbit neither closes nor escapes
const openTile = {
  tile: { z: 60, x: 480_383_960_252_852_906n, y: 576_460_752_303_419_644n },
  size: 256,
  maxIter: 30_000_000,
}
const INSIDE = { re: parseDecimal('-1.7')!, im: parseDecimal('0')! }
const shallowTile = (x: bigint) => ({ tile: { z: 6, x, y: 30n }, size: 256, maxIter: 1000 })

describe('with one thread', () => {
  let renderer: Renderer
  let ended: Render['kind'][]
  beforeEach(() => {
    const { options } = resolveOptions({ threads: '1', 'queue-length': '3', 'max-wait': '60' })
    ended = []
    renderer = new Renderer(options, ({ kind }) => ended.push(kind))
  })
  afterEach(() => renderer.close())

  const queued = (lane: 'interactive' | 'bulk') => renderer.pool.admission.queued(lane)
  const tile = (x: bigint) => renderer.tile(shallowTile(x), DEFAULT_APPEARANCE, 'png').find()
  /** Occupies the thread for long enough to request other things meanwhile. */
  const occupy = async () => {
    const work = renderer.tile(denseTile(30_000), DEFAULT_APPEARANCE, 'png').find()
    await expect.poll(() => renderer.renders.tile).toBe(1)
    return { work }
  }

  test('the orbit of a bulk image waits behind the tiles of visitors', async () => {
    const { work } = await occupy()
    const image = renderer.image(deepImage, 'png').find()
    await expect.poll(() => queued('bulk')).toBe(1)
    const tiles = [20n, 21n, 22n].map(tile)
    await Promise.all([work, image, ...tiles])
    expect(ended).toEqual(['tile', 'tile', 'tile', 'tile', 'orbit', 'image'])
  })

  test('an orbit that an interactive tile needs too does not wait in the lane of an earlier bulk image', async () => {
    const { work } = await occupy()
    const image = renderer.image(deepImage, 'png').find()
    await expect.poll(() => queued('bulk')).toBe(1)
    const deep = renderer.tile(deepTile, DEFAULT_APPEARANCE, 'png').find()
    await expect.poll(() => queued('interactive')).toBe(1)
    expect(queued('bulk')).toBe(0)
    await Promise.all([work, image, deep, tile(20n)])
    expect(ended.slice(0, 2)).toEqual(['tile', 'orbit'])
    expect(ended.at(-1)).toBe('image')
    expect(renderer.orbits.requests).toMatchObject({ miss: 1, coalesced: 1 })
  })

  test('an admitted tile is not rejected after its orbit, even if the queue has filled meanwhile', async () => {
    const deep = renderer.tile(deepTile, DEFAULT_APPEARANCE, 'png').find()
    await expect.poll(() => renderer.renders.orbit).toBe(1)
    // its place is kept, so two of four more find room
    const tiles = await Promise.allSettled([20n, 21n, 22n, 23n].map(async (x) => tile(x)))
    expect(tiles.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
    expect((await deep).cache).toBe('miss')
    expect(ended).toEqual(['orbit', 'tile', 'tile', 'tile'])
    expect(renderer.pool.admission.shed.interactive).toMatchObject({ full: 2, wait: 0, timeout: 0 })
  })

  const antialiased = { ...DEFAULT_APPEARANCE, aa: 'auto' } as const
  test.each<[string, () => RenderHandle]>([
    ['tile', () => renderer.tile(denseTile(1_400_000), DEFAULT_APPEARANCE, 'png')],
    ['tile with further samples', () => renderer.tile(denseTile(20_000), antialiased, 'png')],
    ['reference orbit', () => renderer.tile(openTile, DEFAULT_APPEARANCE, 'png')],
    ['search for an island', () => renderer.feature({ kind: 'nucleus', ...INSIDE, zoom: 5000 })],
  ])('an expensive %s leaves the core to other clients’ tiles', async (_what, ask) => {
    const leave = new AbortController()
    const work = Promise.resolve(ask().find({ signal: leave.signal }))
    work.catch(() => {})
    await expect.poll(() => renderer.pool.admission.slotSeconds).toBeGreaterThan(0.3)
    for (const x of [20n, 21n]) await tile(x)
    expect(renderer.pool.load).toEqual({ queued: 0, running: 1 })
    leave.abort()
    await expect(work).rejects.toMatchObject({ code: 'cancelled' })
    await expect.poll(() => renderer.pool.load.running).toBe(0)
  })

  test('tiles that wait for an orbit count towards the queue limit', async () => {
    const { tile: first } = deepTile
    const neighbours: Promise<unknown>[] = []
    for (const right of [0n, 1n, 2n, 3n, 4n]) {
      const request = { ...deepTile, tile: { ...first, x: (first.x & ~7n) + right } }
      const work = Promise.resolve().then(() => renderer.tile(request, DEFAULT_APPEARANCE, 'png').find())
      work.catch(() => {})
      neighbours.push(work)
      await setImmediate()
    }
    const statuses = (await Promise.allSettled(neighbours)).map(({ status }) => status)
    expect(statuses).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'])
    expect(renderer.renders).toMatchObject({ orbit: 1, tile: 3 })
  })
})

test('the key and the view of a tile, and whether it is deep, are computed once', async () => {
  const { app } = await buildServer(resolveOptions({ 'log-level': 'silent', threads: '1' }).options)
  vi.clearAllMocks()
  const { z, x, y } = deepTile.tile
  // so expensive at first sight that its cost depends on whether it is deep
  const url = `/tile/${z}/${x}/${y}.png?max_iter=2000000`
  const answer = await app.inject(url)
  expect([answer.statusCode, answer.headers['x-cache']]).toEqual([200, 'MISS'])
  expect(vi.mocked(keys.tileKey)).toHaveBeenCalledTimes(1)
  expect(vi.mocked(keys.etag)).toHaveBeenCalledTimes(1)
  const own = vi.mocked(views.tileView).mock.calls.filter(([tile, size]) => tile.z === z && size === 256)
  expect(own.length).toBe(1)
  const view = vi.mocked(views.tileView).mock.results[vi.mocked(views.tileView).mock.calls.indexOf(own[0]!)]!.value
  expect(vi.mocked(precision.isDeep).mock.calls.filter(([asked]) => asked === view).length).toBe(1)
  await app.close()
})

test('two expensive grids are cut into strips, and leave a thread for other clients’ tiles', async () => {
  const renderer = new Renderer(resolveOptions({ threads: '2' }).options)
  const leave = new AbortController()
  const caller = { signal: leave.signal }
  const dense = { x0: '-0.75', x1: '-0.7499', y0: '0.0001', y1: '0.0002', grid: 2000, precision: 'float64' } as const
  const works: Promise<unknown>[] = [24_900, 24_901].map(async (maxIter) =>
    renderer.grid({ ...dense, maxIter }, 'npy').find(caller),
  )
  for (const work of works) work.catch(() => {})
  await expect.poll(() => renderer.renders.grid).toBeGreaterThan(0)
  expect(renderer.pool.admission.queued('bulk')).toBeGreaterThan(8)
  for (const x of [20n, 21n, 22n, 23n]) {
    const answer = await renderer.tile(shallowTile(x), DEFAULT_APPEARANCE, 'png').find()
    expect(answer.cache).toBe('miss')
    // from the first tile on, one of the two threads is left for such tiles
    expect(renderer.pool.admission.running).toBeLessThanOrEqual(1)
  }
  expect(renderer.renders.tile).toBe(4)
  leave.abort()
  await Promise.allSettled(works)
  await renderer.close()
})

test('two expensive tiles leave a thread for other clients’ tiles', async () => {
  const renderer = new Renderer(resolveOptions({ threads: '2' }).options)
  const leave = new AbortController()
  const works = [1_490_000, 1_500_000].map(async (maxIter) =>
    renderer.tile(denseTile(maxIter), DEFAULT_APPEARANCE, 'png').find({ signal: leave.signal }),
  )
  for (const work of works) work.catch(() => {})
  await expect.poll(() => renderer.renders.tile).toBe(1)
  await expect.poll(() => renderer.pool.admission.queued('interactive')).toBe(1)
  expect(renderer.pool.admission.running).toBe(1)
  for (const x of [20n, 21n, 22n, 23n]) {
    expect((await renderer.tile(shallowTile(x), DEFAULT_APPEARANCE, 'png').find()).cache).toBe('miss')
  }
  expect(renderer.renders).toMatchObject({ tile: 5 })
  leave.abort()
  await Promise.allSettled(works)
  await renderer.close()
})
