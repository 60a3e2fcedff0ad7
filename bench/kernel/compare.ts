// The original comparison: its plain version, its C, and this project's kernels, on the same grids
// in one run. CPU milliseconds; all threads together are measured on the clock.
//   npm run compare
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { mandelbrot, plain } from '../../src/index.ts'
import { kernel } from '../../src/kernel/binding.ts'
import { ESCAPE_RADIUS } from '../../src/plane/precision.ts'
import { table } from '../table.ts'

const SIZES = [
  { grid: 50, name: "the original's defaults" },
  { grid: 256, name: 'a tile' },
  { grid: 1024, name: 'a larger grid' },
]
const LIMIT = 1000
// milliseconds that a measurement takes at least, so that the clock is precise enough
const ROUND = 300
const threads = availableParallelism()

const original = originals()
const rows: (string | number)[][] = []
for (const [at, { grid, name }] of SIZES.entries()) {
  const axes = axesOf(grid)
  const nu = new Float64Array(grid * grid)
  const slow = cpu(() => plain.mandelbrot({ grid, max_iter: LIMIT }))
  const same = cpu(() => mandelbrot({ grid, max_iter: LIMIT }))
  const fast = cpu(() => kernel.tile(axes.re, axes.im, LIMIT, ESCAPE_RADIUS, nu))
  const all = await inThreads(axes)
  const figures = [slow, original[at]!, same, fast, all].map(
    (ms) => `${ms.toFixed(ms < 1 ? 3 : 2)} (${(slow / ms).toFixed(0)})`,
  )
  rows.push([`${grid} x ${grid}`, ...figures, name])
}
console.log(`max_iter ${LIMIT}; milliseconds, and in parentheses how many times as fast as the plain version`)
table(['grid', 'plain TypeScript', 'the original C', 'mandelbrot()', 'tile kernel', `${threads} threads`, ''], rows)
console.log('mandelbrot() gives the plain version bit for bit; the tile kernel gives smooth counts')

/** The original C with the compiler's best flags. */
function originals(): number[] {
  const out = mkdtempSync(join(tmpdir(), 'mandeltiles-compare-'))
  const program = join(out, 'compare')
  const sources = ['bench/native/compare.c', 'bench/native/original.c']
  execFileSync(process.env.CC ?? 'cc', ['-O3', '-march=native', '-o', program, ...sources, '-lm'], { stdio: 'inherit' })
  const said = execFileSync(program, [String(LIMIT), ...SIZES.map(({ grid }) => String(grid))], { encoding: 'utf8' })
  rmSync(out, { recursive: true })
  return said.trim().split('\n').map(Number)
}

/** The original samples: corners, from (-2, -1.5) on, 3/grid apart. */
function axesOf(grid: number): { re: Float64Array; im: Float64Array } {
  const axis = (from: number) => Float64Array.from({ length: grid }, (_, at) => from + (3 * at) / grid)
  return { re: axis(-2), im: axis(-1.5) }
}

/**
 * Milliseconds on the clock for all threads, each with a strip of rows; the best of many rounds.
 */
async function inThreads({ re, im }: { re: Float64Array; im: Float64Array }): Promise<number> {
  const workers = await Promise.all(
    Array.from({ length: threads }, async (_, at) => {
      const [from, to] = [at, at + 1].map((part) => Math.round((part * im.length) / threads))
      const workerData = { re, im: im.slice(from, to), limit: LIMIT, radius: ESCAPE_RADIUS }
      const worker = new Worker(new URL('./strip.mjs', import.meta.url), { workerData, execArgv: [] })
      await once(worker, 'message')
      return worker
    }),
  )
  let best = Number.POSITIVE_INFINITY
  for (const until = performance.now() + ROUND; performance.now() < until; ) {
    const began = performance.now()
    const done = workers.map((worker) => once(worker, 'message'))
    for (const worker of workers) worker.postMessage('go')
    await Promise.all(done)
    best = Math.min(best, performance.now() - began)
  }
  await Promise.all(workers.map((worker) => worker.terminate()))
  return best
}

/** CPU milliseconds of one call: the mean over enough calls. */
function cpu(work: () => unknown): number {
  work()
  let calls = 0
  const started = process.cpuUsage()
  for (;;) {
    work()
    calls++
    const { user, system } = process.cpuUsage(started)
    if ((user + system) / 1000 >= ROUND) return (user + system) / 1000 / calls
  }
}
