import { expect, test } from 'vitest'
import { MemoryCache } from '../../src/cache/memory.ts'

const KIB = 1024
const MIB = 2 ** 20
const entry = (bytes: number) => ({ bytes: new Uint8Array(bytes), limit: 1 })
const tile = (at: number) => `tile 20 ${at} 7 256 auto`

/** How many of these tiles are in the cache. */
function there(cache: MemoryCache, first: number, count: number): number {
  return Array.from({ length: count }, (_, at) => cache.get(tile(first + at))).filter(Boolean).length
}

test('nine 32 MB grids do not evict tiles that were requested twice', () => {
  const cache = new MemoryCache(256 * MIB)
  for (let at = 0; at < 5000; at++) cache.set(tile(at), entry(20 * KIB))
  expect(there(cache, 0, 5000)).toBe(5000)
  for (let at = 0; at < 9; at++) cache.set(`grid ${at}`, entry(32 * MIB - KIB))
  expect(there(cache, 0, 5000)).toBe(5000)
  expect(cache.bytes).toBeLessThanOrEqual(256 * MIB)
  // the last ones are there, and take at most a quarter
  expect([7, 8].map((at) => cache.get(`grid ${at}`) !== undefined)).toEqual([true, true])
})

test('a flood of tiles requested once does not evict tiles requested twice', () => {
  const cache = new MemoryCache(16 * MIB)
  for (let at = 0; at < 300; at++) cache.set(tile(at), entry(20 * KIB))
  expect(there(cache, 0, 300)).toBe(300)
  for (let at = 1000; at < 20_000; at++) cache.set(tile(at), entry(20 * KIB))
  expect(there(cache, 0, 300)).toBe(300)
  expect(cache.bytes).toBeLessThanOrEqual(16 * MIB)
  // the newest of the flood are there too
  expect(there(cache, 19_900, 100)).toBe(100)
})

test('tiles may use the whole cache while nothing else needs it', () => {
  const cache = new MemoryCache(16 * MIB)
  for (let at = 0; at < 2000; at++) cache.set(tile(at), entry(20 * KIB))
  expect(cache.bytes).toBeGreaterThan(15.9 * MIB)
  expect(cache.bytes).toBeLessThanOrEqual(16 * MIB)
})

test('an entry demoted from the frequent queue becomes the newest of the recent queue', () => {
  const cache = new MemoryCache(MIB)
  for (let at = 0; at < 40; at++) {
    cache.set(tile(at), entry(20 * KIB))
    cache.get(tile(at))
  }
  expect(there(cache, 0, 40)).toBe(40)
})

test('setting an entry again replaces it, and an oversized entry is not stored', () => {
  const cache = new MemoryCache(MIB)
  for (let round = 0; round < 100; round++) {
    cache.set('a', entry(100 * KIB))
    cache.get('a')
  }
  expect(cache.size).toBe(1)
  cache.set('b', entry(2 * MIB))
  expect([cache.get('b'), cache.get('a')?.bytes.length]).toEqual([undefined, 100 * KIB])
  const small = new MemoryCache(30 * KIB)
  small.set('tile', entry(20 * KIB))
  expect([small.get('tile'), small.get('tile')].every(Boolean)).toBe(true)
  expect(small.bytes).toBeLessThanOrEqual(30 * KIB)
  const none = new MemoryCache(0)
  none.set('a', entry(1))
  expect([none.get('a'), none.bytes, none.size]).toEqual([undefined, 0, 0])
})

test('a lookup below zoom 0 counts towards the first zoom band', () => {
  const cache = new MemoryCache(1000)
  cache.count('miss', -0.5)
  expect(cache.zooms[0]!.requests.miss).toBe(1)
})
