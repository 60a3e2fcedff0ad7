// Every nucleus up to a period, as a root of its polynomial, against the tiles that show it: each
// is listed there, once, with its period and its place to 1e-12 of its island's size. Beside them
// the tiles invent none.
//   node --import tsx scripts/nuclei.ts [period]      period 12 takes about ten minutes
import { resolveOptions } from '../src/core/options.ts'
import { parseDecimal, toFixed } from '../src/plane/decimal.ts'
import { SPAN, type TileAddress } from '../src/plane/tile.ts'
import { imageView, tileAround } from '../src/plane/view.ts'
import { Renderer } from '../src/render/renderer.ts'
import { type Complex, iterate, nuclei, nucleiOfPeriod, over, polished, size, sizeOf } from '../test/nuclei.ts'

const LONGEST = Number(process.argv[2] ?? 12)
// bits in which roots and answers are compared
const BITS = 128

const { options } = resolveOptions({ threads: '2', 'cache-bytes': '0' })
const renderer = new Renderer(options)
let [checked, wrong] = [0, 0]

for (let period = 1; period <= LONGEST; period++) {
  const all = nuclei(period)
  if (all.length !== nucleiOfPeriod(period)) complain(`${all.length} nuclei of period ${period}`)
  for (const c of all) await check(c, period)
  console.log(`period ${period}: ${all.length} nuclei`)
}
await renderer.close()
console.log(`${checked} nuclei, ${wrong} faults`)
process.exitCode = wrong === 0 ? 0 : 1

async function check(c: Complex, period: number): Promise<void> {
  checked++
  const island = sizeOf(c, period)
  // the first zoom whose tiles list it
  const zoom = Math.max(0, Math.ceil(-Math.log2(island) - 5))
  const root = polished(c, period, BITS)
  const features = await listed(tileOf(root, zoom))
  const near = features.filter((one) => one.period === period && apart(one, root) < island / 2)
  const [found] = near
  if (near.length !== 1) complain(`${c} of period ${period} is listed ${near.length} times at zoom ${zoom}`)
  else if (apart(found!, root) > 1e-12 * island) complain(`${c} of period ${period} is off by ${apart(found!, root)}`)
  for (const one of features) {
    const at: Complex = [Number(one.re), Number(one.im)]
    const [value, slope] = iterate(at, one.period)
    // to what doubles resolve
    if (size(over(value, slope)) > 1e-12) complain(`${at} is no nucleus of period ${one.period}`)
  }
}

interface Place {
  re: string
  im: string
}

function tileOf({ re, im }: { re: bigint; im: bigint }, zoom: number): TileAddress {
  const decimal = (value: bigint) => ({ digits: value * 5n ** BigInt(BITS), scale: BITS })
  // a tile owns its lower border, and the real axis is one
  const above = im >> BigInt(BITS - 60) === 0n || im >> BigInt(BITS - 60) === -1n ? 1n << BigInt(BITS - 60) : im
  return tileAround(imageView(decimal(re), decimal(above), zoom, 1, 1), zoom, SPAN)
}

async function listed(tile: TileAddress): Promise<(Place & { period: number })[]> {
  const { bytes } = await renderer.listed('nucleus', tile).find()
  const { features } = JSON.parse(Buffer.from(bytes).toString())
  return features.map(({ properties }: { properties: Place & { period: number } }) => properties)
}

function apart({ re, im }: Place, root: { re: bigint; im: bigint }): number {
  const off = (text: string, value: bigint) => Number(toFixed(parseDecimal(text)!, BITS) - value) / 2 ** BITS
  return Math.hypot(off(re, root.re), off(im, root.im))
}

function complain(words: string): void {
  wrong++
  console.error(words)
}
