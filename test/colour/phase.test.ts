// How counts become colours: the same at whole zooms as tiles have them, and without a jump
// between.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BIAS, phaseAt } from '../../src/colour/phase.ts'

const phaseOf = (nu: number, zoom: number, multiplier: number) => {
  const { density, bias, offset } = phaseAt(zoom, multiplier)
  return density * Math.log2(nu + bias) + offset
}
/** The distance of two phases, on a circle of one cycle. */
const apart = (a: number, b: number) => Math.abs(a - b - Math.round(a - b))
const multiplier = fc.integer({ min: 1, max: 256 }).map((n) => n / 16)
const count = fc.double({ min: 0, max: 1e9, noNaN: true })

test('at integer zooms the density is a power of two, which doubles when the zoom doubles', () => {
  for (const [zoom, density] of [
    [0, 0.8],
    [31, 0.8],
    [32, 1.6],
    [63, 1.6],
    [64, 3.2],
    [8192, 409.6],
  ] as const) {
    expect(phaseAt(zoom)).toEqual({ density, bias: BIAS, offset: -density * Math.log2(BIAS) })
  }
})

test('the phase is continuous everywhere', () => {
  const zoom = fc.double({ min: 0, max: 300, noNaN: true })
  fc.assert(
    fc.property(zoom, count, multiplier, (z, nu, m) => {
      const step = 1e-7
      // at most the logarithm of the count, 30 octaves, times the highest density
      expect(apart(phaseOf(nu, z, m), phaseOf(nu, z + step, m))).toBeLessThan(30 * 0.8 * 16 * 16 * m * step)
    }),
    { numRuns: 2000 },
  )
  for (const z of [31, 32, 63, 64, 127, 128, 255, 256]) {
    for (const nu of [0, 100, 5000, 1e6]) {
      expect(apart(phaseOf(nu, z, 1.3), phaseOf(nu, z - 1e-9, 1.3))).toBeLessThan(1e-5)
    }
  }
})

test('while the density doubles, a typical count moves by less than a cycle', () => {
  for (const [zoom, nu] of [
    [31, 2000],
    [63, 4000],
    [127, 8000],
  ] as const) {
    const phases = Array.from({ length: 101 }, (_, k) => phaseOf(nu, zoom + k / 100, 1))
    expect(Math.max(...phases.slice(0, -1)) - Math.min(...phases.slice(0, -1)), `zoom ${zoom}`).toBeLessThan(1)
  }
})
