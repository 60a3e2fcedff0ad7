// Pyramids in one file, read by other software: the pmtiles package, and SQLite.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import sqlite from 'node-sqlite3-wasm'
import { PMTiles, TileType, zxyToTileId } from 'pmtiles'
import { afterAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { PmtilesWriter, tileId } from '../../src/export/pmtiles.ts'

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-archive-'))
afterAll(() => rmSync(folder, { recursive: true }))
const run = (...words: string[]) => spawnSync(process.execPath, [cli, 'pyramid', ...words], { encoding: 'utf8' })
const WANTED = ['--bounds', '-1.6,0.5,-0.4,-0.1', '--zoom', '3', '--max-iter', '200']
const slippy = join(folder, 'slippy')
const tile = (z: number, x: number, y: number) => readFileSync(join(slippy, `${z}/${x}/${y}.png`))
const addresses = () =>
  readdirSync(slippy, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.png'))
    .map((name) => name.replace('.png', '').split('/').map(Number) as [number, number, number])

/** A file for the pmtiles package, which requests ranges. */
class FileSource {
  readonly #path: string
  constructor(path: string) {
    this.#path = path
  }
  getKey() {
    return this.#path
  }
  async getBytes(offset: number, length: number) {
    const file = await open(this.#path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset)
    await file.close()
    return { data: new Uint8Array(buffer.subarray(0, bytesRead)).buffer }
  }
}

test('the pmtiles package finds every tile of a .pmtiles, and no other', async () => {
  expect(run('--out', slippy, ...WANTED).stderr).toBe('')
  const file = join(folder, 'set.pmtiles')
  expect(run('--out', file, ...WANTED).stderr).toBe('')
  const archive = new PMTiles(new FileSource(file))
  const header = await archive.getHeader()
  const all = addresses()
  expect(header).toMatchObject({ minZoom: 0, maxZoom: 3, tileType: TileType.Png, clustered: true })
  expect(header.numAddressedTiles).toBe(all.length)
  // columns 1 to 4 and rows 2 to 4 of eight
  expect([header.minLon, header.maxLon]).toEqual([-135, 45])
  expect(header.minLat).toBeCloseTo(-40.98, 2)
  expect(header.maxLat).toBeCloseTo(66.51, 2)
  for (const [z, x, y] of all) {
    const found = await archive.getZxy(z, x, y)
    expect(Buffer.from(found!.data).equals(tile(z, x, y)), `${z}/${x}/${y}`).toBe(true)
  }
  expect(await archive.getZxy(3, 7, 7)).toBeUndefined()
  expect(await archive.getMetadata()).toMatchObject({ name: 'mandeltiles' })
  expect(existsSync(`${file}.tiles`)).toBe(false)
})

test('tile ids follow the format', () => {
  const address = fc
    .integer({ min: 0, max: 26 })
    .chain((z) => fc.tuple(fc.constant(z), fc.nat(2 ** z - 1), fc.nat(2 ** z - 1)))
  fc.assert(
    fc.property(address, ([z, x, y]) => {
      expect(tileId(z, x, y)).toBe(zxyToTileId(z, x, y))
    }),
  )
})

test('an archive with leaf directories is readable too', async () => {
  const path = join(folder, 'large.pmtiles')
  const writer = await PmtilesWriter.create(path)
  const content = (id: number) => Buffer.from(id % 5 === 0 ? 'the same' : `tile ${id} ${'x'.repeat((id * 7919) % 97)}`)
  const zoom = 8
  const tiles = Array.from({ length: 4 ** zoom }, (_, k) => ({ x: k % 256, y: Math.floor(k / 256) }))
    .map(({ x, y }) => ({ x, y, id: zxyToTileId(zoom, x, y) }))
    .sort((a, b) => a.id - b.id)
  for (const { x, y, id } of tiles) await writer.add(zoom, x, y, content(id))
  await writer.finish('webp', zoom, [-180, -85, 180, 85], {})
  await writer.close()
  const archive = new PMTiles(new FileSource(path))
  const { numTileContents, leafDirectoryLength } = await archive.getHeader()
  expect([numTileContents! < 4 ** zoom, (leafDirectoryLength ?? 0) > 0]).toEqual([true, true])
  for (let k = 0; k < tiles.length; k += 61) {
    const { x, y, id } = tiles[k]!
    const found = await archive.getZxy(zoom, x, y)
    expect(Buffer.from(found!.data).equals(content(id)), String(id)).toBe(true)
  }
}, 60_000)

test('SQLite finds every tile of an .mbtiles, rows counted from below, and an interrupted run continues', async () => {
  const file = join(folder, 'set.mbtiles')
  // interrupted as soon as a tile is there
  const child = spawn(process.execPath, [cli, 'pyramid', '--out', file, ...WANTED], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await expect.poll(() => existsSync(join(`${file}.tiles`, '0/0/0.png')), { interval: 5, timeout: 50_000 }).toBe(true)
  child.kill('SIGKILL')
  await ended
  const first = existsSync(`${file}.tiles`) ? statSync(join(`${file}.tiles`, '0/0/0.png')).mtimeMs : 0
  expect(first).toBeGreaterThan(0)
  expect(run('--out', file, ...WANTED, '--resume').stderr).toBe('')
  expect(existsSync(`${file}.tiles`)).toBe(false)
  const database = new sqlite.Database(file, { readOnly: true })
  const rows = database.all('SELECT zoom_level z, tile_column x, tile_row y, tile_data bytes FROM tiles') as {
    [name in 'z' | 'x' | 'y']: number
  } & { bytes: Uint8Array }[] as unknown as { z: number; x: number; y: number; bytes: Uint8Array }[]
  expect(rows.length).toBe(addresses().length)
  for (const { z, x, y, bytes } of rows) expect(tile(z, x, 2 ** z - 1 - y).equals(bytes), `${z}/${x}/${y}`).toBe(true)
  const metadata = Object.fromEntries(
    (database.all('SELECT name, value FROM metadata') as { name: string; value: string }[]).map(({ name, value }) => [
      name,
      value,
    ]),
  )
  expect(metadata).toMatchObject({
    format: 'png',
    minzoom: '0',
    maxzoom: '3',
    bounds: expect.stringMatching(/^-135,-40\.97/),
  })
  expect(database.get('PRAGMA integrity_check')).toMatchObject({ integrity_check: 'ok' })
  database.close()
})

test.each([
  ['a.pmtiles', '27', '--zoom must be at most 26 in a .pmtiles, it was 27'],
  ['a.mbtiles', '31', '--zoom must be at most 30 in a .mbtiles, it was 31'],
])('%s ends at the deepest zoom of its format', (name, zoom, sentence) => {
  const { status, stderr } = run('--out', join(folder, name), '--zoom', zoom, '--bounds', '0.25,0,0.25,0')
  expect([status, stderr]).toEqual([2, `mandeltiles: ${sentence}\n`])
})
