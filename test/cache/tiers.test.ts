// The tiers below memory, on a real file system: what is kept, what is bounded, and what happens
// when it breaks.
import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { DiskTier } from '../../src/cache/disk.ts'
import { decodeRecord, encodeRecord, storedName } from '../../src/cache/record.ts'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { Renderer } from '../../src/render/renderer.ts'

const root = mkdtempSync(join(tmpdir(), 'mandeltiles-tiers-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let folders = 0
const folder = () => join(root, String(folders++))

const made = (bytes = 20_000, limit = 1000) => ({ bytes: new Uint8Array(randomBytes(bytes)), limit })
const files = (where: string) =>
  readdirSync(where, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
const open = (where: string, maxBytes = 2 ** 30, told = (..._: unknown[]) => {}) => new DiskTier(where, maxBytes, told)

describe('a record', () => {
  const sealed = encodeRecord('tile 3 2 1', { bytes: new Uint8Array([1, 2, 3, 4, 5]), limit: 2 ** 31 - 1 })

  test('decodes to what was encoded, under the same key only', () => {
    expect(decodeRecord('tile 3 2 1', sealed)).toEqual({ bytes: new Uint8Array([1, 2, 3, 4, 5]), limit: 2 ** 31 - 1 })
    expect(decodeRecord('tile 3 2 2', sealed)).toBeUndefined()
  })

  test('detects every flipped bit, and every missing or extra byte', () => {
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const damaged = Buffer.from(sealed)
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      expect(decodeRecord('tile 3 2 1', damaged), `bit ${bit}`).toBeUndefined()
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(decodeRecord('tile 3 2 1', sealed.subarray(0, length))).toBeUndefined()
    }
    expect(decodeRecord('tile 3 2 1', Buffer.concat([sealed, Buffer.alloc(1)]))).toBeUndefined()
  })
})

describe('the folder', () => {
  test('keeps entries for the next process', async () => {
    const where = folder()
    const tier = open(where)
    const kept = new Map(Array.from({ length: 20 }, (_, at) => [`tile ${at}`, made()]))
    for (const [key, value] of kept) expect(await tier.set(key, value)).toBe(true)
    await tier.close()
    const next = open(where)
    for (const [key, value] of kept) expect(await next.get(key)).toEqual(value)
    expect(await next.get('tile 20')).toBeUndefined()
    expect(next.requests).toEqual({ hit: 20, miss: 1, damaged: 0 })
    await next.close()
  })

  test('stays within its byte limit and evicts the least recently used entries, a tenth at a time', async () => {
    const where = folder()
    const bound = 40 * 20_480
    const tier = open(where, bound)
    for (let at = 0; at < 40; at++) await tier.set(`tile ${at}`, made())
    expect(await tier.get('tile 0')).toBeDefined()
    await tier.set('tile 40', made())
    await expect.poll(() => files(where).length).toBe(36)
    expect(tier.bytes).toBe(36 * 20_480)
    expect(await tier.get('tile 0')).toBeDefined()
    for (const gone of [1, 2, 3, 4, 5]) expect(await tier.get(`tile ${gone}`)).toBeUndefined()
    for (const there of [6, 39, 40]) expect(await tier.get(`tile ${there}`)).toBeDefined()
    expect(await tier.set('larger than all', made(bound + 1))).toBe(false)
    await tier.close()
  })

  test('is scanned at startup: existing files count, the oldest are evicted first, partial files are removed', async () => {
    const where = folder()
    const tier = open(where)
    for (let at = 0; at < 10; at++) await tier.set(`tile ${at}`, made())
    await tier.close()
    const path = (at: number) => files(where).find((file) => file.endsWith(storedName(`tile ${at}`)))!
    const ago = (hours: number) => Date.now() / 1000 - 3600 * hours
    for (let at = 0; at < 10; at++) utimesSync(path(at), ago(20 - at), ago(20 - at))
    const part = `${path(0)}.99-1.part`
    writeFileSync(part, 'half')
    utimesSync(part, ago(1), ago(1))

    const next = open(where, 10 * 20_480)
    await expect.poll(() => next.bytes).toBe(10 * 20_480)
    await next.set('tile 10', made())
    await expect.poll(() => files(where).length).toBe(9)
    expect(await next.get('tile 1')).toBeUndefined()
    expect(await next.get('tile 2')).toBeDefined()
    expect(await next.get('tile 10')).toBeDefined()
    await next.close()
  })

  test('detects a damaged file, and the tile is rendered again', async () => {
    const where = folder()
    const { options } = resolveOptions({ threads: '1', 'cache-bytes': '0', 'cache-dir': where })
    const renderer = new Renderer(options)
    const request = { tile: { z: 4, x: 5n, y: 7n }, size: 256, maxIter: 'auto' as const }
    const ask = async () => renderer.tile(request, DEFAULT_APPEARANCE, 'png').find()
    const first = await ask()
    await expect.poll(() => files(where).length).toBe(1)
    const [file] = files(where) as [string]
    const good = readFileSync(file)
    const spoil: [string, (bytes: Buffer) => Buffer][] = [
      ['empty', () => Buffer.alloc(0)],
      ['cut short', (bytes) => bytes.subarray(0, 100)],
      ['one bit', (bytes) => Buffer.from(bytes.map((byte, at) => (at === 500 ? byte ^ 4 : byte)))],
      ['zeros', (bytes) => Buffer.alloc(bytes.length)],
    ]
    for (const [at, [how, spoiled]] of spoil.entries()) {
      writeFileSync(file, spoiled(good))
      const again = await ask()
      expect(again.bytes, how).toEqual(first.bytes)
      expect(again.cache, how).toBe('miss')
      expect(renderer.tiers.states[0]!.requests.damaged).toBe(at + 1)
      await expect.poll(() => readFileSync(file).equals(good), { message: how }).toBe(true)
      expect((await ask()).cache).toBe('hit')
    }
    await renderer.close()
  })

  test('rejects a file that was renamed to another key', async () => {
    const where = folder()
    const tier = open(where)
    await tier.set('tile a', made())
    await tier.set('tile b', made())
    const [a, b] = ['tile a', 'tile b'].map((key) => files(where).find((file) => file.endsWith(storedName(key)))!)
    cpSync(a!, b!)
    expect(await tier.get('tile b')).toBeUndefined()
    expect(await tier.get('tile a')).toBeDefined()
    await tier.close()
  })

  test('is created again if it vanishes', async () => {
    const where = folder()
    const told: unknown[] = []
    const tier = open(where, 2 ** 30, (...fault) => told.push(fault))
    await tier.set('tile a', made())
    rmSync(where, { recursive: true })
    expect(await tier.get('tile a')).toBeUndefined()
    const value = made()
    expect(await tier.set('tile b', value)).toBe(true)
    expect(await tier.get('tile b')).toEqual(value)
    expect(tier.bytes).toBe(20_480)
    expect(told).toEqual([])
    await tier.close()
  })

  test('logs once when it cannot be written, and once more when it can', async () => {
    const where = folder()
    writeFileSync(where, 'a file where the folder should be')
    const told: unknown[][] = []
    const tier = open(where, 2 ** 30, (...fault) => told.push(fault))
    for (let at = 0; at < 5; at++) expect(await tier.set(`tile ${at}`, made())).toBe(false)
    expect(told.filter(([operation]) => operation === 'write').length).toBe(1)
    rmSync(where)
    await expect.poll(() => tier.set('tile', made()), { interval: 200, timeout: 5000 }).toBe(true)
    expect(told.filter(([operation]) => operation === 'write').at(-1)).toEqual(['write', undefined])
    await tier.close()
  })

  test('holds only complete files when two processes share it', async () => {
    const where = folder()
    const [one, other] = [open(where), open(where)]
    const value = made(200_000)
    const reads = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        const [writer, reader] = at % 2 ? [one, other] : [other, one]
        await writer.set(`tile ${at % 4}`, value)
        return reader.get(`tile ${at % 4}`)
      }),
    )
    // an entry that a busy disk does not return in time is a miss
    const given = reads.filter((read) => read !== undefined)
    expect(given.length).toBeGreaterThan(0)
    for (const { bytes } of given) expect(Buffer.compare(bytes, value.bytes)).toBe(0)
    expect(one.requests.damaged + other.requests.damaged).toBe(0)
    expect(files(where).every((file) => statSync(dirname(file)).isDirectory() && !file.endsWith('.part'))).toBe(true)
    await Promise.all([one.close(), other.close()])
  })
})
