// Pyramids in files: by decoded pixels, and Deep Zoom in its most common viewer, OpenSeadragon, in
// a real Chromium.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
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
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-pyramid-'))
afterAll(() => rmSync(folder, { recursive: true }))
const run = (...words: string[]) => spawnSync(process.execPath, [cli, 'pyramid', ...words], { encoding: 'utf8' })
const pixels = (...path: string[]) =>
  sharp(join(folder, ...path))
    .removeAlpha()
    .raw()
    .toBuffer()

// in zoom 4 tiles 2 to 8 across and 5 to 8 down; neither number is even, so that levels do not
// begin at tiles
const BOUNDS = ['--bounds', '-1.6,0.5,-0.4,-0.1', '--zoom', '4', '--max-iter', '500', '--palette', 'ember']

test('a folder of slippy tiles holds all tiles that the bounds touch, and an interrupted run continues', async () => {
  expect(run('--out', join(folder, 'slippy'), ...BOUNDS).stderr).toBe('')
  const columns = readdirSync(join(folder, 'slippy', '4'))
    .map(Number)
    .sort((a, b) => a - b)
  expect(columns).toEqual([2, 3, 4, 5, 6, 7, 8])
  expect(readdirSync(join(folder, 'slippy', '4', '5')).sort()).toEqual(['5.png', '6.png', '7.png', '8.png'])
  expect(readdirSync(join(folder, 'slippy', '0', '0'))).toEqual(['0.png'])
  expect(JSON.parse(readFileSync(join(folder, 'slippy', 'tile.json'), 'utf8'))).toMatchObject({
    tiles: ['{z}/{x}/{y}.png'],
    maxzoom: 4,
  })
  // the same tile made another way: an image centred on it
  const still = join(folder, 'still.png')
  const place = ['--re', String(-2 + (3 * 5.5) / 16), '--im', String(1.5 - (3 * 6.5) / 16), '--zoom', '4']
  const size = ['--width', '256', '--height', '256', ...BOUNDS.slice(4)]
  spawnSync(process.execPath, [cli, 'render', '--out', still, ...place, ...size])
  expect((await pixels('slippy', '4', '5', '6.png')).equals(await pixels('still.png'))).toBe(true)
  const kept = statSync(join(folder, 'slippy', '4', '5', '5.png')).mtimeMs
  rmSync(join(folder, 'slippy', '4', '5', '6.png'))
  expect(run('--out', join(folder, 'slippy'), ...BOUNDS).stderr).toBe('')
  expect(existsSync(join(folder, 'slippy', '4', '5', '6.png'))).toBe(true)
  expect(statSync(join(folder, 'slippy', '4', '5', '5.png')).mtimeMs).toBe(kept)
})

test('a Deep Zoom image has the same tiles at its last level, and each level is a reduction of the next', async () => {
  expect(run('--out', join(folder, 'set.dzi'), ...BOUNDS).stderr).toBe('')
  expect(readFileSync(join(folder, 'set.dzi'), 'utf8')).toContain('<Size Width="1792" Height="1024"/>')
  const files = (level: number) => readdirSync(join(folder, 'set_files', String(level))).length
  expect(Array.from({ length: 12 }, (_, level) => files(level))).toEqual([
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    2 * 1,
    4 * 2,
    7 * 4,
  ])
  expect((await pixels('set_files', '11', '3_1.png')).equals(await pixels('slippy', '4', '5', '6.png'))).toBe(true)
  const whole = async (level: number) => {
    const [width, height] = [1792, 1024].map((side) => Math.ceil(side / 2 ** (11 - level))) as [number, number]
    const tiles = readdirSync(join(folder, 'set_files', String(level))).map((name) => {
      const [column, row] = name.replace('.png', '').split('_').map(Number) as [number, number]
      return { input: join(folder, 'set_files', String(level), name), left: 256 * column, top: 256 * row }
    })
    const canvas = sharp({ create: { width, height, channels: 3, background: '#000000' } })
    return canvas.composite(tiles).removeAlpha().png().toBuffer()
  }
  for (const level of [11, 10, 9, 8, 7, 6]) {
    const above = await sharp(await whole(level - 1)).metadata()
    const resized = sharp(await whole(level))
      .resize(28, 16, { fit: 'fill' })
      .removeAlpha()
      .raw()
      .toBuffer()
    const other = sharp(await whole(level - 1))
      .resize(28, 16, { fit: 'fill' })
      .removeAlpha()
      .raw()
      .toBuffer()
    const [a, b] = await Promise.all([resized, other])
    const mean = a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length
    expect(above.width).toBe(Math.ceil(1792 / 2 ** (12 - level)))
    expect(mean, `level ${level}`).toBeLessThan(14)
  }
})

test('OpenSeadragon opens it, and shows its pixels', async () => {
  const library = fileURLToPath(new URL('node_modules/openseadragon/build/openseadragon/openseadragon.min.js', ROOT))
  const page = `<!doctype html><style>html,body,#view{margin:0;width:896px;height:512px;background:#000}</style><div id="view"></div>
<script src="/openseadragon.js"></script><script>
const viewer = OpenSeadragon({ id: 'view', tileSources: '/set.dzi', showNavigationControl: false, immediateRender: true, drawer: 'canvas',
  imageSmoothingEnabled: false, animationTime: 0, blendTime: 0, visibilityRatio: 1, minZoomImageRatio: 1 })
viewer.addHandler('open-failed', (event) => { window.failed = event.message })
viewer.addHandler('open', () => {
  const image = viewer.world.getItemAt(0)
  viewer.viewport.zoomTo(viewer.viewport.imageToViewportZoom(1), undefined, true)
  viewer.viewport.panTo(viewer.viewport.imageToViewportCoordinates(896, 512), true)
  const look = () => image.getFullyLoaded() ? setTimeout(() => { window.shown = true }, 300) : setTimeout(look, 50)
  look()
})</script>`
  const server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!
    const file = path === '/openseadragon.js' ? library : join(folder, path)
    if (path === '/') response.setHeader('content-type', 'text/html').end(page)
    else if (!existsSync(file)) response.writeHead(404).end()
    else {
      const type = { '.js': 'text/javascript', '.dzi': 'application/xml', '.png': 'image/png' }[extname(file)]
      response.setHeader('content-type', type ?? 'text/plain').end(readFileSync(file))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await launch()
  try {
    const tab = await browser.newPage({ viewport: { width: 896, height: 512 } })
    const complaints: string[] = []
    tab.on('pageerror', (error) => complaints.push(String(error)))
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await tab.waitForFunction('window.shown || window.failed')
    expect([await tab.evaluate('window.failed'), complaints]).toEqual([undefined, []])
    const seen = await decode(await tab.screenshot())
    // at full resolution the window shows the middle of the last level: half a tile into the third
    // column, one row down
    const tile = await pixels('set_files', '11', '3_1.png')
    const off = (dx: number, dy: number) => {
      let sum = 0
      for (let y = 8; y < 248; y++) {
        for (let x = 8; x < 248; x++) {
          const at = 3 * ((y + dy) * seen.width + x + dx + (768 - 448))
          const k = 3 * (y * 256 + x)
          for (const channel of [0, 1, 2]) sum += Math.abs(seen.data[at + channel]! - tile[k + channel]!)
        }
      }
      return sum / (3 * 240 * 240)
    }
    // the viewer draws tiles a fraction of a pixel larger than they are, so that no seam shows
    expect(off(0, 0)).toBeLessThan(11)
    for (const [dx, dy] of [
      [2, 0],
      [-2, 0],
      [0, 2],
      [0, -2],
    ] as const) {
      expect(off(0, 0)).toBeLessThan(0.7 * off(dx, dy))
    }
  } finally {
    await browser.close()
    await new Promise((resolve) => server.close(resolve))
  }
})

test.each([
  [['--out', 'a.dzi', '--zoom', '2.5'], '--zoom must be a whole number, it was "2.5"'],
  [['--out', 'a', '--zoom', '2', '--format', 'gif'], '--format must be one of png, webp, avif, jpg, it was "gif"'],
  [['--out', 'a', '--zoom', '2', '--bounds', '1,2'], '--bounds must be re,im,re,im, it was "1,2"'],
  [['--out', 'a', '--zoom', '40'], 'the pyramid must be of at most 100000 files (--max-files), it was '],
  [['--zoom', '2'], '--out must be a .dzi or a folder, it was ""'],
] as const)('%j is refused', (words, message) => {
  const { status, stderr } = run(...words)
  expect(status).toBe(2)
  expect(stderr).toContain(`mandeltiles: ${message}`)
})
