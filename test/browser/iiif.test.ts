// OpenSeadragon, from a page of another origin, opens a view of this server as an IIIF image.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { ROOT } from '../../src/core/package.ts'
import { buildServer } from '../../src/http/server.ts'
import { decode, launch } from './visit.ts'

// a pyramid of 2^40 pixels a side, of which the window shows a part at full resolution
const SIDE = 2 ** 40
const [RE, IM] = ['-0.743643887037158704752191506114774', '0.131825904205311970493132056385139']
const ID = `60,${RE},${IM},${SIDE},${SIDE};max_iter=20000`
const [WIDTH, HEIGHT] = [600, 400]

test('OpenSeadragon shows the pixels of the image at any full size', async () => {
  const { app } = await buildServer(resolveOptions({ 'log-level': 'silent', threads: '2' }).options)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const library = fileURLToPath(new URL('node_modules/openseadragon/build/openseadragon/openseadragon.min.js', ROOT))
  const html = `<!doctype html><style>html,body,#view{margin:0;width:${WIDTH}px;height:${HEIGHT}px}</style><div id="view"></div>
<script src="/openseadragon.js"></script><script>
const viewer = OpenSeadragon({ id: 'view', tileSources: ${JSON.stringify(`${origin}/iiif/${encodeURIComponent(ID)}/info.json`)},
  showNavigationControl: false, immediateRender: true, drawer: 'canvas', imageSmoothingEnabled: false, animationTime: 0,
  blendTime: 0, maxZoomPixelRatio: 1, visibilityRatio: 1 })
viewer.addHandler('open-failed', (event) => { window.failed = event.message })
viewer.addHandler('open', () => {
  viewer.viewport.zoomTo(viewer.viewport.imageToViewportZoom(1), undefined, true)
  const image = viewer.world.getItemAt(0)
  const look = () => image.getFullyLoaded() ? setTimeout(() => { window.shown = true }, 300) : setTimeout(look, 50)
  look()
})</script>`
  const page = createServer((request, response) => {
    if (request.url === '/') response.setHeader('content-type', 'text/html').end(html)
    else response.setHeader('content-type', 'text/javascript').end(readFileSync(library))
  })
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
  const browser = await launch()
  try {
    const tab = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } })
    const complaints: string[] = []
    tab.on('pageerror', (error) => complaints.push(String(error)))
    await tab.goto(`http://127.0.0.1:${(page.address() as AddressInfo).port}/`)
    await tab.waitForFunction('window.shown || window.failed', undefined, { timeout: 60_000 })
    expect([await tab.evaluate('window.failed'), complaints]).toEqual([undefined, []])
    const seen = await decode(await tab.screenshot())
    const still = `${origin}/image.png?re=${RE}&im=${IM}&zoom=60&width=${WIDTH}&height=${HEIGHT}&max_iter=20000`
    const right = await sharp(Buffer.from(await (await fetch(still)).arrayBuffer()))
      .removeAlpha()
      .raw()
      .toBuffer()
    const off = (dx: number, dy: number) => {
      let sum = 0
      for (let y = 8; y < HEIGHT - 8; y += 2) {
        for (let x = 8; x < WIDTH - 8; x++) {
          const [a, b] = [3 * ((y + dy) * seen.width + x + dx), 3 * (y * WIDTH + x)]
          for (const channel of [0, 1, 2]) sum += Math.abs(seen.data[a + channel]! - right[b + channel]!)
        }
      }
      return sum / (3 * ((HEIGHT - 16) / 2) * (WIDTH - 16))
    }
    // the viewer asks for JPEGs, and draws tiles a fraction of a pixel larger than they are
    expect(off(0, 0)).toBeLessThan(11)
    for (const [dx, dy] of [
      [3, 0],
      [-3, 0],
      [0, 3],
      [0, -3],
    ] as const)
      expect(off(0, 0)).toBeLessThan(0.8 * off(dx, dy))
  } finally {
    await browser.close()
    await new Promise((resolve) => page.close(resolve))
    await app.close()
  }
})
