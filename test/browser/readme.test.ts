// The README's examples, run verbatim except for the server's address.
import { exec, execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Map as LeafletMap } from 'leaflet'
import { afterAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { pathOf } from '../programs.ts'
import { decode, Visits } from './visit.ts'

const visits = new Visits()
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-readme-'))
afterAll(() => rmSync(folder, { recursive: true }))

const readme = readFileSync(new URL('README.md', ROOT), 'utf8')

/** The first block of a language that contains a word. */
function example(language: string, word: string): string {
  const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
  const found = blocks.find(([, name, text]) => name === language && text!.includes(word))
  if (!found) throw new Error(`the README has no example in ${language} with ${word}`)
  return found[2]!.replaceAll('http://127.0.0.1:8080', visits.url)
}

test('curl gets a picture and numbers', async () => {
  const { stdout } = await promisify(exec)(example('sh', 'curl').replaceAll('curl ', 'curl -sS --fail '), {
    cwd: folder,
    maxBuffer: 2 ** 24,
  })
  const { width, height } = await decode(readFileSync(join(folder, 'tile.png')))
  expect([width, height]).toEqual([256, 256])
  const { values } = JSON.parse(stdout)
  expect([values.length, values[0].length]).toEqual([256, 256])
})

test('NumPy loads a grid', async () => {
  const program = `${example('python', 'numpy')}print(values.shape, values.dtype, values.min(), values.max())`
  // Debian's own Python: test/setup.ts ensures its NumPy
  const { stdout } = await promisify(execFile)(pathOf('python'), ['-c', program])
  expect(stdout).toMatch(/^\(400, 400\) float64 0\.0 0\.9\d+\n$/)
})

test('Leaflet puts every tile at its re and im, from zoom 0 to the deepest', { timeout: 120_000 }, async () => {
  const page = await visits.browser.newPage({ viewport: { width: 900, height: 600 } })
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('response', (answer) => answer.status() >= 400 && complaints.push(`${answer.status()} ${answer.url()}`))
  await page.setContent('<div id="map" style="height: 580px"></div>')
  const leaflet = fileURLToPath(new URL('node_modules/leaflet/dist/', ROOT))
  await page.addStyleTag({ path: join(leaflet, 'leaflet.css') })
  await page.addScriptTag({ path: join(leaflet, 'leaflet.js') })
  await page.addScriptTag({ content: `${example('js', 'L.tileLayer')}globalThis.shown = map` })
  for (const [zoom, re, im, count] of [
    [0, -0.5, 0, 1],
    [12, -0.7436, 0.1318, 12],
    [40, -1.7548776662466927, 0, 12],
  ] as const) {
    await page.evaluate(
      ([zoom, re, im]) =>
        (globalThis as unknown as { shown: LeafletMap }).shown.setView([im, re], zoom, { animate: false }),
      [zoom, re, im] as const,
    )
    await page.waitForFunction(
      ([zoom, count]) => {
        const tiles = [...document.querySelectorAll<HTMLImageElement>('img.leaflet-tile')]
        const shown = tiles.filter(({ src }) => src.includes(`/tile/${zoom}/`))
        const whole = ({ complete, naturalWidth }: HTMLImageElement) => complete && naturalWidth === 256
        return shown.length >= count && shown.length === tiles.length && tiles.every(whole)
      },
      [zoom, count] as const,
    )
    // the contract's own formula: re = -2 + 3 x / 2^z, im = 1.5 - 3 y / 2^z
    const offsets = await page.evaluate(() => {
      const map = (globalThis as unknown as { shown: LeafletMap }).shown
      const { left, top } = map.getContainer().getBoundingClientRect()
      return [...document.querySelectorAll<HTMLImageElement>('img.leaflet-tile')].map((tile) => {
        const [z, x, y] = tile.src.match(/\d+/g)!.slice(-3).map(Number) as [number, number, number]
        const corner = map.latLngToContainerPoint([1.5 - (3 * y) / 2 ** z, -2 + (3 * x) / 2 ** z])
        const box = tile.getBoundingClientRect()
        return Math.max(Math.abs(box.left - left - corner.x), Math.abs(box.top - top - corner.y))
      })
    })
    expect(offsets.length).toBeGreaterThanOrEqual(count)
    expect(Math.max(...offsets)).toBeLessThanOrEqual(1)
  }
  expect(complaints).toEqual([])
  await page.close()
})
