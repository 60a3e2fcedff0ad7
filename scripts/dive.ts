// N fifty times from the whole set, in Chromium, and Back fifty times: every view is framed on an
// island of the period that the page states, the last one lies beyond zoom 1000, and Back returns
// to each. Needs a build.
//   node --import tsx scripts/dive.ts [presses]
import { resolveOptions } from '../src/core/options.ts'
import { buildServer } from '../src/http/server.ts'
import { centre, launch, settled } from '../test/browser/visit.ts'

const PRESSES = Number(process.argv[2] ?? 50)

const { app } = await buildServer(resolveOptions({ 'log-level': 'silent', port: '0' }).options)
const url = await app.listen({ port: 0, host: '127.0.0.1' })
const browser = await launch()
const context = await browser.newContext({ viewport: { width: 900, height: 600 }, reducedMotion: 'reduce' })
const page = await context.newPage()
page.setDefaultTimeout(60_000)
await page.goto(url)
await settled(page)

let faults = 0
const passed = [await centre(page)]
for (let press = 1; press <= PRESSES; press++) {
  const before = page.url()
  const started = performance.now()
  await page.keyboard.press('n')
  await page.waitForFunction((before) => location.href !== before, before)
  const seconds = (performance.now() - started) / 1000
  await settled(page)
  const here = await centre(page)
  passed.push(here)
  const words = (await page.locator('#found').textContent()) ?? ''
  const query = new URLSearchParams({ re: here.re, im: here.im, zoom: String(here.zoom - 1) })
  const island = (await (await fetch(`${url}/nucleus.json?${query}`)).json()) as { period: number; zoom: number }
  // 600 pixels hold 2.5 of its size, which is 256/3 pixels at its own zoom
  const framed = Math.abs(here.zoom - island.zoom - Math.log2((600 / 2.5 / 256) * 3)) < 0.02
  if (Number(words.replace(/\D/g, '')) !== island.period || !framed) {
    faults++
    console.error(`press ${press}: ${words} At ${here.zoom} is one of period ${island.period}, zoom ${island.zoom}`)
  }
  console.log(`${press}: ${words} zoom ${here.zoom}, ${seconds.toFixed(1)} s`)
}
if (PRESSES >= 50 && !(passed.at(-1)!.zoom > 1000)) faults++
for (const place of passed.slice(0, -1).reverse()) {
  await page.goBack({ waitUntil: 'commit' })
  await page.waitForFunction((zoom) => document.querySelector('#zoom')?.textContent === `zoom ${zoom}`, place.zoom)
  const here = await centre(page)
  if (here.re === place.re && here.im === place.im) continue
  faults++
  console.error(`Back leads to ${JSON.stringify(here)}, not to ${JSON.stringify(place)}`)
}
console.log(`${PRESSES} islands and back: ${faults} faults`)
await browser.close()
await app.close()
process.exit(faults === 0 ? 0 : 1)
