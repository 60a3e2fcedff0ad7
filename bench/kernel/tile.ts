// The tile kernel against the original C, on every instruction set that this CPU has; then what
// the server really runs for the same views, which past zoom 29 is perturbation.
import { spawnSync } from 'node:child_process'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { kernel } from '../../src/kernel/binding.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { isDeep } from '../../src/plane/precision.ts'
import { imageView } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'
import type { Render } from '../../src/render/stats.ts'
import { cpuSeconds } from '../cputime.ts'
import { VIEWS } from '../data/views.ts'
import { table } from '../table.ts'

const SETS = ['avx512', 'avx2', 'neon', 'baseline']
const best = kernel.isa()
for (const isa of SETS.slice(SETS.indexOf(best))) {
  if ((best === 'neon') !== (isa === 'neon') && isa !== 'baseline') continue
  const { status } = spawnSync('sh', ['bench/native/tile.sh'], {
    env: { ...process.env, FMANDEL_ISA: isa },
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('bench/native/tile.sh failed: it needs a C compiler')
  console.log()
}

console.log(
  'what the server runs for these views, one thread: CPU ms of a picture of 256 x 256, its second time, everything included',
)
const { options } = resolveOptions({ threads: '1', 'cache-bytes': '0' })
const renders: Render[] = []
const renderer = new Renderer(options, (render) => renders.push(render))
const rows: (string | number)[][] = []
for (const { name, re, im, zoom } of VIEWS) {
  const request = {
    re: parseDecimal(re)!,
    im: parseDecimal(im)!,
    zoom,
    width: 256,
    height: 256,
    maxIter: 'auto' as const,
    appearance: DEFAULT_APPEARANCE,
  }
  await renderer.image(request, 'png').find()
  const seconds = await cpuSeconds(() => renderer.image(request, 'png').find())
  const { limit, timing } = renders.at(-1)!
  const direct = !isDeep(imageView(request.re, request.im, zoom, 256, 256))
  rows.push([
    name,
    zoom,
    direct ? 'doubles' : 'perturbation',
    limit!,
    timing.render.toFixed(2),
    (1000 * seconds).toFixed(2),
  ])
}
await renderer.close()
table(['view', 'zoom', 'arithmetic', 'limit', 'kernel ms', 'CPU ms'], rows)
