// MapLibre, in a real Chromium, opens a pyramid in one file and shows its pixels.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { decode, launch } from './visit.ts'

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const modules = fileURLToPath(new URL('node_modules/', ROOT))
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-maplibre-'))
afterAll(() => rmSync(folder, { recursive: true }))
const run = (out: string) => {
  const words = ['pyramid', '--out', join(folder, out), '--zoom', '2', '--max-iter', '200']
  expect(spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8' }).stderr).toBe('')
}

// The four tiles round the middle of zoom 2; MapLibre counts zooms in tiles of 512 pixels. An
// .mbtiles is a database, which sql.js reads; its rows count from the bottom.
const READERS = {
  pmtiles: `<script src="/pmtiles/dist/pmtiles.js"></script><script type="module">
const tiles = 'pmtiles://' + location.origin + '/set.pmtiles'
const source = { type: 'raster', url: tiles, tileSize: 256 }
const read = new pmtiles.Protocol().tile`,
  mbtiles: `<script src="/sql.js/dist/sql-wasm.js"></script><script type="module">
const SQL = await initSqlJs({ locateFile: (name) => '/sql.js/dist/' + name })
const file = new SQL.Database(new Uint8Array(await (await fetch('/set.mbtiles')).arrayBuffer()))
const source = { type: 'raster', tiles: ['mbtiles://{z}/{x}/{y}'], tileSize: 256, maxzoom: 2 }
const read = async ({ url }) => {
  const [z, x, y] = url.split('//')[1].split('/').map(Number)
  const query = 'SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?'
  return { data: file.exec(query, [z, x, 2 ** z - 1 - y])[0].values[0][0] }
}`,
}
const html = (kind: keyof typeof READERS) => `<!doctype html>
<style>html,body,#map{margin:0;width:512px;height:512px}</style><div id="map"></div>
${READERS[kind]}
const { addProtocol, Map } = await import('/maplibre-gl/dist/maplibre-gl.mjs')
addProtocol('${kind}', read)
const map = new Map({ container: 'map', center: [0, 0], zoom: 1, attributionControl: false, renderWorldCopies: false,
  style: { version: 8, sources: { set: source },
    layers: [{ id: 'set', type: 'raster', source: 'set', paint: { 'raster-fade-duration': 0, 'raster-resampling': 'nearest' } }] } })
map.on('error', (event) => { window.failed = String(event.error) })
map.on('idle', () => { window.shown = true })
</script>`
const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
}

test('MapLibre shows the tiles of a .pmtiles and of an .mbtiles', async () => {
  for (const out of ['set.pmtiles', 'set.mbtiles', 'slippy']) run(out)
  const server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!
    const kind = path.slice(1)
    if (kind === 'pmtiles' || kind === 'mbtiles') {
      return void response.setHeader('content-type', 'text/html').end(html(kind))
    }
    const file = /^\/set\./.test(path) ? join(folder, path) : join(modules, path)
    if (!existsSync(file)) return void response.writeHead(404).end()
    const bytes = readFileSync(file)
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
    if (from === undefined) return void response.end(bytes)
    const part = bytes.subarray(Number(from), Number(to) + 1)
    const range = `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`
    response.writeHead(206, { 'content-range': range, etag: '"one"' }).end(part)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await launch(['--enable-unsafe-swiftshader'])
  try {
    for (const kind of ['pmtiles', 'mbtiles']) {
      const tab = await browser.newPage({ viewport: { width: 512, height: 512 } })
      const complaints: string[] = []
      tab.on('pageerror', (error) => complaints.push(String(error)))
      await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${kind}`)
      await tab.waitForFunction('window.shown || window.failed', undefined, { timeout: 50_000 })
      expect([await tab.evaluate('window.failed'), complaints]).toEqual([undefined, []])
      const seen = await decode(await tab.screenshot())
      for (const [x, y] of [
        [1, 1],
        [2, 1],
        [1, 2],
        [2, 2],
      ] as const) {
        const tile = await sharp(join(folder, 'slippy', `2/${x}/${y}.png`))
          .removeAlpha()
          .raw()
          .toBuffer()
        let off = 0
        for (let row = 0; row < 256; row++) {
          for (let k = 0; k < 3 * 256; k++) {
            off += Math.abs(
              seen.data[3 * ((row + 256 * (y - 1)) * 512 + 256 * (x - 1)) + k]! - tile[3 * 256 * row + k]!,
            )
          }
        }
        // a graphics card rounds the corners of tiles to a fraction of a pixel
        expect(off / tile.length, `${x}/${y}`).toBeLessThan(2)
      }
      await tab.close()
    }
  } finally {
    await browser.close()
    await new Promise((resolve) => server.close(resolve))
  }
})
