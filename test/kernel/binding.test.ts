import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { f, mandelbrot, plain } from '../../src/index.ts'
import { kernel } from '../../src/kernel/binding.ts'
import { ESCAPE_RADIUS } from '../../src/plane/precision.ts'
import { sampleAxes } from '../../src/plane/samples.ts'
import { tileView } from '../../src/plane/view.ts'

// the article's C in TypeScript: every operation rounded to single precision, none fused
const r = Math.fround
function single(x: number, y: number, limit: number): number {
  const [cr, ci] = [r(x), r(y)]
  let [zr, zi] = [0, 0]
  let n = 0
  for (; n < limit; n++) {
    const [tr, ti] = [zr, zi]
    zr = r(r(r(tr * tr) - r(ti * ti)) + cr)
    zi = r(r(r(2 * tr) * ti) + ci)
    if (r(r(zr * zr) + r(zi * zi)) > 4) break
  }
  return r(1 - r(r(n) / r(limit)))
}

describe("the article's interface", () => {
  test('f matches the original C, bit for bit', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -2.5, max: 1.5, noNaN: true }),
        fc.double({ min: -1.5, max: 1.5, noNaN: true }),
        fc.integer({ min: 1, max: 3000 }),
        (x, y, limit) => Object.is(f(x, y, limit), single(x, y, limit)),
      ),
      { numRuns: 5000 },
    )
  })

  test('mandelbrot matches the original grid, bit for bit', () => {
    const values = mandelbrot({ x0: -0.8, y0: 0.05, x1: -0.7, y1: 0.15, grid: 40, max_iter: 300 })
    const [x0, y0] = [r(-0.8), r(0.05)]
    const dx = r(r(r(-0.7) - x0) / 40)
    const dy = r(r(r(0.15) - y0) / 40)
    for (let m = 0; m < 40; m++) {
      for (let n = 0; n < 40; n++) {
        expect(values[40 * m + n]).toBe(single(r(x0 + r(n * dx)), r(y0 + r(m * dy)), 300))
      }
    }
  })

  test("mandelbrot fills the caller's array, even in shared memory or at an offset", () => {
    const expected = mandelbrot({ grid: 20 })
    const own = new Float32Array(400)
    expect(mandelbrot({ grid: 20 }, own)).toBe(own)
    expect(own).toEqual(expected)
    const shared = new Float32Array(new SharedArrayBuffer(4 * 500), 4 * 60, 400)
    mandelbrot({ grid: 20 }, shared)
    expect([...shared]).toEqual([...expected])
    expect(new Float32Array(shared.buffer)[59]).toBe(0)
    expect(new Float32Array(shared.buffer)[460]).toBe(0)
  })

  test('the grid in double precision matches the plain version, bit for bit', () => {
    for (const options of [
      plain.DEFAULTS,
      { x0: -0.75, y0: 0.09, x1: -0.73, y1: 0.11, grid: 61, max_iter: 2000 },
      { x0: 1, y0: 1.5, x1: -2, y1: -1.5, grid: 33, max_iter: 100 },
      { x0: -2, y0: 0, x1: -2, y1: 0, grid: 3, max_iter: 50 },
      { x0: -1e300, y0: -1e300, x1: 1e300, y1: 1e300, grid: 5, max_iter: 50 },
    ]) {
      const { x0, y0, x1, y1, grid, max_iter } = options
      const values = new Float64Array(grid * grid)
      expect(kernel.grid64(x0, y0, x1, y1, grid, max_iter, values)).toBe(true)
      expect([...values]).toEqual(plain.mandelbrot(options).flat())
    }
  })
})

// the definition, as a plain loop
function smooth(x: number, y: number, limit: number): number {
  let [zr, zi] = [0, 0]
  for (let n = 1; n <= limit; n++) {
    ;[zr, zi] = [zr * zr - zi * zi + x, 2 * zr * zi + y]
    const radius = Math.hypot(zr, zi)
    if (radius > ESCAPE_RADIUS) return Math.max(0, n - Math.log2(Math.log2(radius)))
  }
  return -1
}

describe('the tile kernel', () => {
  const views = [
    { z: 0, x: 0n, y: 0n },
    { z: 4, x: 6n, y: 7n },
    { z: 30, x: 448_000_000n, y: 536_800_000n },
    { z: 40, x: 460_555_000_000n, y: 501_464_000_000n },
  ]

  test('gives the same bits as the plain scalar loop', () => {
    for (const tile of views) {
      const { re, im } = sampleAxes(tileView(tile, 64))
      const [fast, slow] = [new Float64Array(4096), new Float64Array(4096)]
      const counts = kernel.tile(re, im, 5000, ESCAPE_RADIUS, fast)
      expect(kernel.tileScalar(re, im, 5000, ESCAPE_RADIUS, slow)).toEqual(counts)
      expect(Buffer.from(fast.buffer).equals(Buffer.from(slow.buffer))).toBe(true)
    }
  })

  test('gives n - log2 log2 |z_n| at the first |z_n| past the radius, or no escape', () => {
    const limit = 800
    for (const tile of views.slice(0, 2)) {
      const { re, im } = sampleAxes(tileView(tile, 64))
      const nu = new Float64Array(4096)
      const counts = kernel.tile(re, im, limit, ESCAPE_RADIUS, nu)!
      expect(counts.escaped + counts.interior + counts.limited).toBe(4096)
      expect(nu.filter((value) => value >= 0).length).toBe(counts.escaped)
      const off = nu.filter((value, at) => {
        const expected = smooth(re[at % 64]!, im[Math.floor(at / 64)]!, limit)
        return expected < 0 ? value >= 0 : Math.abs(value - expected) > 1e-4
      })
      // without fused multiply-add an orbit that lingers at the boundary ends differently: half a
      // percent at most
      expect(off.length).toBeLessThanOrEqual(20)
    }
  })

  test('stops when its flag is set', () => {
    const { re, im } = sampleAxes(tileView({ z: 0, x: 0n, y: 0n }, 64))
    const flag = new Int32Array(new SharedArrayBuffer(4))
    flag[0] = 1
    expect(kernel.tile(re, im, 1000, ESCAPE_RADIUS, new Float64Array(4096), flag)).toBeNull()
    expect(kernel.grid64(-2, -1.5, 1, 1.5, 50, 1000, new Float64Array(2500), flag)).toBe(false)
  })
})

describe('bad arguments throw with a clear message', () => {
  const line = new Float64Array(4)
  const out = new Float64Array(16)
  const samples = { re: line, im: line, maxIter: 10, escapeRadius: 256 }
  const any = kernel as unknown as Record<string, (...args: unknown[]) => unknown>
  const cases: [string, unknown[], typeof TypeError | typeof RangeError, RegExp][] = [
    ['f', [], TypeError, /x must be a number/],
    ['f', ['0', 0, 10], TypeError, /x must be a number/],
    ['f', [Number.NaN, 0, 10], RangeError, /x must be a number from -3.4.* it was NaN/],
    ['f', [0, Number.POSITIVE_INFINITY, 10], RangeError, /y must be a number from .* it was Infinity/],
    ['f', [0, 0, 0], RangeError, /maxIter must be a whole number from 1 to 2147483647, it was 0/],
    ['f', [0, 0, 1.5], RangeError, /maxIter must be a whole number/],
    ['grid32', [0, 0, 1, 1, 4, 10, new Float64Array(16)], TypeError, /out must be a Float32Array/],
    ['grid32', [0, 0, 1, 1, 4, 10, new Float32Array(15)], RangeError, /out must be .*16.* it had 15/],
    ['grid32', [0, 0, 1, 1, 0, 10, new Float32Array(0)], RangeError, /grid must be a whole number from 1/],
    ['grid32', [0, 0, 1, 1, 1e9, 10, new Float32Array(1)], RangeError, /grid must be/],
    ['grid64', [0, 0, Number.NaN, 1, 4, 10, out], RangeError, /x1 must be a number from .* it was NaN/],
    ['tile', [line, line, 10, 2, new Float32Array(16)], TypeError, /nu must be a Float64Array/],
    ['tile', [line, line, 10, 2, new Float64Array(17)], RangeError, /nu must be .*16.* it had 17/],
    ['tile', [line, line, 0, 2, out], RangeError, /maxIter must be/],
    ['tile', [line, line, 10, 1.9, out], RangeError, /escapeRadius must be .* from 2/],
    ['tile', [line, line, 10, 2, out, new Int32Array(0)], RangeError, /cancel must/],
    ['tile', [line, line, 10, 2, out, {}], TypeError, /cancel must be an? Int32Array/],
    ['tile', [Float64Array.of(0, Number.NaN, 0, 0), line, 10, 2, out], RangeError, /re.* must/],
    ['tile', [new Float64Array(0), line, 10, 2, new Float64Array(0)], RangeError, /re.* must/],
    ['distance', [line, 1, out, new Float32Array(32)], TypeError, /samples\.re must be a Float64Array, it was missing/],
    ['distance', [samples, 1, out, new Float32Array(31)], RangeError, /out must be .* 32 elements .* it had 31/],
    [
      'stripe',
      [{ ...samples, escapeRadius: 2 }, out, line],
      RangeError,
      /samples\.escapeRadius must be .* from 4 to 4096/,
    ],
    [
      'cycle',
      [{ ...samples, julia: { re: 5, im: 0 } }, out, line],
      RangeError,
      /samples\.julia\.re must be .* it was 5/,
    ],
    ['cycle', [{ ...samples, width: 4, im: out }, out, line], RangeError, /samples\.im must have as many/],
    ['deep', [], TypeError, /view must be an object, it was missing/],
    ['deep', [{ reference: out }], RangeError, /view\.reference must be what Orbit\.reference\(\) filled/],
    ['paletteIndices', [out, 1, 1, 0, new Uint8Array(3)], RangeError, /out must be/],
    ['paletteIndices', [out, Number.NaN, 1, 0, new Uint8Array(16)], RangeError, /density must be/],
  ]
  test.each(cases)('%s %#', (name, args, type, message) => {
    expect(() => any[name]!(...args)).toThrow(type)
    expect(() => any[name]!(...args)).toThrow(message)
  })

  test('a detached array is refused', () => {
    const gone = new Float64Array(16)
    structuredClone(gone, { transfer: [gone.buffer] })
    expect(() => kernel.tile(line, line, 10, 2, gone)).toThrow(RangeError)
  })
})

test('many concurrent threads give the same result as one', async () => {
  const program = `
    import { parentPort } from 'node:worker_threads'
    import { createRequire } from 'node:module'
    const kernel = createRequire(${JSON.stringify(import.meta.url)})('#fmandel')
    const nu = new Float64Array(64 * 64)
    const axis = (from, step) => Float64Array.from({ length: 64 }, (_, i) => from + i * step)
    for (let k = 0; k < 20; k++) kernel.tile(axis(-0.75, 0.0004), axis(0.11, -0.0004), 3000, 256, nu)
    parentPort.postMessage(nu)
  `
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`)
  const results = await Promise.all(
    Array.from(
      { length: 8 },
      () =>
        new Promise<Float64Array>((resolve, reject) => {
          const worker = new Worker(url, { execArgv: [] })
          worker.once('message', resolve)
          worker.once('error', reject)
        }),
    ),
  )
  for (const nu of results) expect(Buffer.from(nu.buffer).equals(Buffer.from(results[0]!.buffer))).toBe(true)
})

test('10,000 calls leak no memory', () => {
  const { re, im } = sampleAxes(tileView({ z: 3, x: 2n, y: 3n }, 64))
  const nu = new Float64Array(4096)
  const index = new Uint8Array(4096)
  const round = (calls: number) => {
    for (let k = 0; k < calls; k++) {
      kernel.tile(re, im, 200, ESCAPE_RADIUS, nu)
      kernel.paletteIndices(nu, 0.8, 16, 0, index)
      f(0.1, 0.2, 10)
    }
    return process.memoryUsage.rss()
  }
  round(2000)
  const before = round(1)
  const after = round(10_000)
  // leaking a sample array's 32 KB per call would add up to 320 MB; leaking a handle's 16 bytes per
  // call would go unnoticed
  expect(after - before).toBeLessThan(16 * 2 ** 20)
})

test('a thread terminated in the middle of a call does not affect others', async () => {
  // none of these points escapes or settles soon, so that a call takes some twenty milliseconds
  const script = `
    const { parentPort, workerData } = require('node:worker_threads')
    const kernel = require(workerData)
    const re = Float64Array.from({ length: 256 }, (_, i) => -1.99 + i * 1e-3)
    const im = Float64Array.from({ length: 256 }, (_, i) => i * 1e-9)
    const nu = new Float64Array(256 * 256)
    parentPort.postMessage('begun')
    for (;;) kernel.tile(re, im, 20000, 256, nu)`
  const workerData = fileURLToPath(new URL('build/Release/fmandel.node', ROOT))
  for (let k = 0; k < 10; k++) {
    const worker = new Worker(script, { eval: true, workerData })
    await once(worker, 'message')
    await new Promise((resolve) => setTimeout(resolve, 5 + 3 * k))
    expect(await worker.terminate()).toBe(1)
  }
})
