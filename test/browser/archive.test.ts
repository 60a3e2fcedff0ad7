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

// the four tiles round the middle of zoom 2; MapLibre counts zooms in tiles of 512 pixels
const HTML = `<!doctype html><style>html,body,#map{margin:0;width:512px;height:512px}</style><div id="map"></div>
<script src="/pmtiles/dist/pmtiles.js"></script><script type="module">
import { addProtocol, Map } from '/maplibre-gl/dist/maplibre-gl.mjs'
addProtocol('pmtiles', new pmtiles.Protocol().tile)
const map = new Map({ container: 'map', center: [0, 0], zoom: 1, attributionControl: false, renderWorldCopies: false,
  style: { version: 8, sources: { set: { type: 'raster', url: 'pmtiles://' + location.origin + '/set.pmtiles', tileSize: 256 } },
    layers: [{ id: 'set', type: 'raster', source: 'set', paint: { 'raster-fade-duration': 0, 'raster-resampling': 'nearest' } }] } })
map.on('error', (event) => { window.failed = String(event.error) })
map.on('idle', () => { window.shown = true })
</script>`
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.mjs': 'text/javascript' }

test('MapLibre shows the tiles of a .pmtiles', async () => {
  run('set.pmtiles')
  run('slippy')
  const server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!
    if (path === '/') return void response.setHeader('content-type', 'text/html').end(HTML)
    const file = path.endsWith('.pmtiles') ? join(folder, path) : join(modules, path)
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
    const tab = await browser.newPage({ viewport: { width: 512, height: 512 } })
    const complaints: string[] = []
    tab.on('pageerror', (error) => complaints.push(String(error)))
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
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
          off += Math.abs(seen.data[3 * ((row + 256 * (y - 1)) * 512 + 256 * (x - 1)) + k]! - tile[3 * 256 * row + k]!)
        }
      }
      // a graphics card rounds the corners of tiles to a fraction of a pixel
      expect(off / tile.length, `${x}/${y}`).toBeLessThan(2)
    }
  } finally {
    await browser.close()
    await new Promise((resolve) => server.close(resolve))
  }
})
