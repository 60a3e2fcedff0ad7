// The indexed PNG against sharp's RGB PNG of the same tiles: CPU time, bytes, and the error of 255
// steps of colour.
//   node --import tsx bench/kernel/encode.ts
import sharp from 'sharp'
import { INTERIOR_INDEX, paletteTable } from '../../src/colour/palette.ts'
import { DEFAULT_PALETTE } from '../../src/colour/palettes.ts'
import { PALETTE_STEPS, type Phase, phaseAt } from '../../src/colour/phase.ts'
import { indexedPng, recolour } from '../../src/formats/png/indexed.ts'
import { kernel } from '../../src/kernel/binding.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { ESCAPE_RADIUS } from '../../src/plane/precision.ts'
import { sampleAxes } from '../../src/plane/samples.ts'
import { imageView } from '../../src/plane/view.ts'
import { firstLimit } from '../../src/render/zone.ts'
import { VIEWS } from '../data/views.ts'
import { goal } from '../table.ts'

const SIZE = 256
const table = paletteTable(DEFAULT_PALETTE)
const nu = new Float64Array(SIZE * SIZE)
// of an upright view
const PLACE = Int32Array.of(0, 0, 1, 0, 0, 1)
const index = new Uint8Array(SIZE * SIZE)
const rows: { name: string; indexed: number; rgb: number; indexedBytes: number; rgbBytes: number; psnr: number }[] = []

for (const { name, re, im, zoom } of VIEWS) {
  const axes = sampleAxes(imageView(parseDecimal(re)!, parseDecimal(im)!, zoom, SIZE, SIZE))
  const phase = phaseAt(zoom)
  kernel.tile(axes.re, axes.im, firstLimit({ z: zoom }), ESCAPE_RADIUS, nu)
  kernel.paletteIndices(nu, phase.density, phase.bias, phase.offset, index)
  kernel.ditherIndices(nu, SIZE, SIZE, PLACE, phase.density, phase.bias, phase.offset, index)
  const colours = trueColour(phase)
  const png = indexedPng(index, SIZE, SIZE)
  const raw = { raw: { width: SIZE, height: SIZE, channels: 3 } } as const
  const rgb = await sharp(colours, raw).png({ compressionLevel: 6 }).toBuffer()
  const shown = await sharp(recolour(png, table)).removeAlpha().raw().toBuffer()
  const error = shown.reduce((sum, v, i) => sum + (v - colours[i]!) ** 2, 0) / shown.length
  rows.push({
    name,
    indexed: await cpu(async () => indexedPng(index, SIZE, SIZE)),
    rgb: await cpu(() => sharp(colours, raw).png({ compressionLevel: 6 }).toBuffer()),
    indexedBytes: png.length,
    rgbBytes: rgb.length,
    psnr: 10 * Math.log10(255 ** 2 / error),
  })
}

console.log(`${'view'.padEnd(26)}indexed ms    RGB ms   indexed KB    RGB KB   PSNR dB`)
for (const { name, indexed, rgb, indexedBytes, rgbBytes, psnr } of rows) {
  const cells = [
    indexed.toFixed(2),
    rgb.toFixed(2),
    (indexedBytes / 1e3).toFixed(1),
    (rgbBytes / 1e3).toFixed(1),
    psnr.toFixed(1),
  ]
  console.log(name.padEnd(26) + cells.map((cell, k) => cell.padStart([10, 10, 13, 10, 10][k]!)).join(''))
}
const bytes = rows.map((row) => row.indexedBytes).sort((a, b) => a - b)
console.log(
  `indexed: median ${goal(bytes[12]! / 1e3, 1, 'at most', 25)} KB, most ${goal(bytes.at(-1)! / 1e3, 1, 'at most', 40)} KB`,
)

/** The palette without steps: colours are interpolated at the exact phase. */
function trueColour({ density, bias, offset }: Phase): Uint8Array {
  const out = new Uint8Array(3 * nu.length)
  nu.forEach((value, at) => {
    if (value < 0) {
      out.set(table.subarray(3 * INTERIOR_INDEX), 3 * at)
      return
    }
    const phase = density * Math.log2(value + bias) + offset
    const step = PALETTE_STEPS * (phase - Math.floor(phase))
    const from = Math.floor(step) % PALETTE_STEPS
    for (let c = 0; c < 3; c++) {
      const [a, b] = [table[3 * from + c]!, table[3 * ((from + 1) % PALETTE_STEPS) + c]!]
      out[3 * at + c] = Math.round(a + (b - a) * (step - Math.floor(step)))
    }
  })
  return out
}

async function cpu(work: () => Promise<unknown>): Promise<number> {
  await work()
  const started = process.cpuUsage()
  for (let k = 0; k < 10; k++) await work()
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1e4
}
