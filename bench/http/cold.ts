// A cold tile: CPU of the whole server process for one request, and of the kernel alone on the same
// samples. The difference is colour, encoding, dispatch and HTTP. It is split by threads: the main
// thread, the render thread (without its kernel), and the rest, V8's and libuv's.

import { resolveOptions } from '../../src/core/options.ts'
import { kernel } from '../../src/kernel/binding.ts'
import { parseDecimal, toFixed } from '../../src/plane/decimal.ts'
import { offsetFrom } from '../../src/plane/neighbourhood.ts'
import { ESCAPE_RADIUS, isDeep } from '../../src/plane/precision.ts'
import { sampleAxes } from '../../src/plane/samples.ts'
import { tileView } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'
import { Ticket } from '../../src/scheduler/ticket.ts'
import { endAll, serve } from '../../test/cluster/processes.ts'
import { VIEWS } from '../data/views.ts'
import { goal, median, table } from '../table.ts'
import { drive, threadsOf } from './load.ts'

const TURNS = 6 // the minimum counts: other work on the machine only adds
const LEAST = 100 // milliseconds of CPU in a turn
const MOST = 60 // tiles in a turn

const { url, child } = await serve({ threads: 1, 'cache-bytes': 0, 'sample-cache-bytes': 0 })
const renderer = new Renderer(resolveOptions({ threads: '1' }).options)
const nu = new Float64Array(256 * 256)
// Warm up, in doubles and in perturbation: V8 compiles until some 12,000 tiles are answered. Then a
// tile takes half as much time of the main thread as after 3000.
await drive(`${url}/tile/0/0/0.png`, { requests: 12_000, connections: 1, renamed: true })
await drive(`${url}/tile/40/0/${2n ** 39n}.png?max_iter=100`, { requests: 4000, connections: 1, renamed: true })

const rows: (string | number)[][] = []
const above: number[] = []
const answering: number[] = []
const rendering: number[] = []
for (const { name, re, im, zoom } of VIEWS) {
  const limit = Math.round(1000 * 2 ** (zoom / 8))
  const bits = zoom + 64
  const x = ((toFixed(parseDecimal(re)!, bits) + (2n << BigInt(bits))) / 3n) >> 64n
  const y = ((((3n << BigInt(bits)) >> 1n) - toFixed(parseDecimal(im)!, bits)) / 3n) >> 64n
  const alone = await kernelOf(zoom, x, y, limit)
  const address = `${url}/tile/${zoom}/${x}/${y}.png?max_iter=${limit}`
  await drive(address, { requests: 1 }) // computes the neighbourhood's orbit
  alone()
  const [served, main, thread, counted]: [number[], number[], number[], number[]] = [[], [], [], []]
  const one = timed(alone)
  const tiles = Math.min(MOST, Math.ceil(LEAST / (one + 1)))
  for (let turn = 0; turn < TURNS; turn++) {
    const before = threadsOf(child.pid!)
    await drive(address, { requests: tiles, connections: 1, renamed: true })
    const taken = [...threadsOf(child.pid!)].map(([id, time]) => ({ id, each: (time - (before.get(id) ?? 0)) / tiles }))
    served.push(taken.reduce((sum, { each }) => sum + each, 0))
    main.push(taken.find(({ id }) => id === child.pid)!.each)
    thread.push(Math.max(...taken.filter(({ id }) => id !== child.pid).map(({ each }) => each)))
    counted.push(
      timed(() => {
        for (let k = 0; k < tiles; k++) alone()
      }) / tiles,
    )
  }
  above.push(least(served) - least(counted))
  answering.push(least(main))
  rendering.push(least(thread) - least(counted))
  const figures = [least(counted), least(served), above.at(-1)!, answering.at(-1)!, rendering.at(-1)!]
  rows.push([name, zoom, ...figures.map((value) => value.toFixed(2))])
}
await renderer.close()
await endAll()

table(['tile', 'zoom', 'kernel ms', 'server ms', 'above', 'answering', 'rendering'], rows)
console.log(
  `\nCPU above the kernel's, mean of ${rows.length}: ${goal(above.reduce((a, b) => a + b) / above.length, 2, 'at most', 0.5)} ms; median ${median(above).toFixed(2)}, of it ${median(answering).toFixed(2)} by the thread that answers, ${median(rendering).toFixed(2)} by the one that renders`,
)

function least(values: number[]): number {
  return Math.min(...values)
}

/** Runs the kernel on a tile's samples, as the server does. */
async function kernelOf(z: number, x: bigint, y: bigint, limit: number): Promise<() => unknown> {
  const view = tileView({ z, x, y }, 256)
  if (!isDeep(view)) {
    const axes = sampleAxes(view)
    return () => kernel.tile(axes.re, axes.im, limit, ESCAPE_RADIUS, nu)
  }
  const { reference, point } = await renderer.orbits.get(view, limit, {
    signal: new AbortController().signal,
    ticket: new Ticket('interactive'),
  })
  const size = { width: 256, height: 256, maxIter: limit, escapeRadius: ESCAPE_RADIUS }
  const deep = { reference, ...offsetFrom(point, view), ...size }
  return () => kernel.deep(deep, nu)
}

/** CPU time of this process in milliseconds. */
function timed(work: () => unknown): number {
  const started = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1000
}
