// The orbit of a point over the map, against the plain iteration in BigInt.
import { expect, test } from 'vitest'
import { STILL, Visits } from './visit.ts'

const visits = new Visits(STILL)
const BITS = 2300
const shift = BigInt(BITS)

/**
 * The leftmost nucleus of a period, on the antenna: its island is about 16^-period large, and the
 * orbit of a point beside it comes back to it. Newton's method from -2 runs down to it.
 */
function onAntenna(period: number): bigint {
  let c = -2n << shift
  for (let step = 0; step < 4 * period; step++) {
    let [z, d] = [0n, 0n]
    for (let n = 0; n < period; n++) [z, d] = [((z * z) >> shift) + c, ((2n * z * d) >> shift) + (1n << shift)]
    const by = (z << shift) / d
    c -= by
    if (by >> 8n === 0n || by >> 8n === -1n) break
  }
  return c
}

function decimal(value: bigint, places: number): string {
  const digits = ((value < 0n ? -value : value) * 10n ** BigInt(places)) >> shift
  const text = digits.toString().padStart(places + 1, '0')
  return `${value < 0n ? '-' : ''}${text.slice(0, -places)}.${text.slice(-places)}`
}

function fixed(text: string): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const value = (BigInt(whole + fraction) << shift) / 10n ** BigInt(fraction.length)
  return text.startsWith('-') ? -value : value
}

/** The iterates that the page draws at a place, and the point that it requested. */
async function drawn(zoom: number, { re, im }: { re: bigint; im: bigint }) {
  const { page, requests } = visits.here
  const places = Math.ceil(zoom * 0.302) + 5
  await page.evaluate(
    (hash) => {
      location.hash = hash
    },
    `#${zoom}/${decimal(re, places)}/${decimal(im, places)}`,
  )
  // the point in the middle is the first iterate
  await page.waitForFunction((zoom) => {
    const first = document.querySelector('.orbit [data-n="1"]')
    const off = Math.hypot(Number(first?.getAttribute('cx')) - 450, Number(first?.getAttribute('cy')) - 300)
    return off < 1 && document.querySelector('#zoom')?.textContent === `zoom ${zoom}`
  }, zoom)
  const circles = await page
    .locator('.orbit [data-n]')
    .evaluateAll((all) => all.map((circle) => ['data-n', 'cx', 'cy'].map((name) => Number(circle.getAttribute(name)))))
  const asked = new URL(requests.findLast((url) => url.includes('/orbit.json'))!)
  return { asked, at: new Map(circles.map(([n, x, y]) => [n!, { x: x!, y: y! }])) }
}

function centreOf(zoom: number): { re: bigint; im: bigint } {
  // a point of the seahorse valley; or an island, and a few pixels beside its nucleus
  if (zoom === 0) return { re: fixed('-0.7453'), im: fixed('0.1127') }
  const pixel = ((3n << shift) / 256n) >> BigInt(zoom)
  return { re: onAntenna(zoom / 4 + 1) + 9n * pixel, im: 14n * pixel }
}

test('the overlay puts every iterate where the plain BigInt iteration does, at zoom 0, 52 and 500', async () => {
  const { page } = await visits.open('#1/-0.75/0')
  await page.keyboard.press('o')
  for (const zoom of [0, 52, 500]) {
    const { asked, at } = await drawn(zoom, centreOf(zoom))
    const [a, b] = ['re', 'im'].map((name) => fixed(asked.searchParams.get(name)!)) as [bigint, bigint]
    let [x, y] = [0n, 0n]
    let seen = 0
    for (let n = 0; n <= 200; n++) {
      // pixels from the middle, which is the point itself
      const pixels = (value: bigint) => ((value * 256n * 1000n * (1n << BigInt(zoom))) / 3n) >> shift
      const [right, down] = [pixels(x - a), pixels(b - y)]
      const near = [right, down].every((part) => part > -600_000n && part < 600_000n)
      const place = { x: 450 + Number(right) / 1000, y: 300 + Number(down) / 1000 }
      if (near && place.x > 0 && place.x < 900 && place.y > 0 && place.y < 600) {
        seen++
        expect(Math.abs(at.get(n)!.x - place.x), `zoom ${zoom}, iterate ${n}`).toBeLessThan(1)
        expect(Math.abs(at.get(n)!.y - place.y), `zoom ${zoom}, iterate ${n}`).toBeLessThan(1)
      } else if (!near) expect(at.has(n)).toBe(false)
      ;[x, y] = [((x * x - y * y) >> shift) + a, ((2n * x * y) >> shift) + b]
      if (x * x + y * y > 1n << (2n * shift + 16n)) break
    }
    // at depth the first one, and those that return after the period
    expect(seen).toBeGreaterThan(1)
  }
  expect(await page.textContent('#behaviour')).toMatch(/^It (escapes|stays)/)
  await page.keyboard.press('o')
  await expect.poll(() => page.locator('.orbit > *').count()).toBe(0)
})
