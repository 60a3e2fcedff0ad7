import { expect, test } from 'vitest'
import { kernel, type Orbit } from '../../src/kernel/binding.ts'

test("Newton's method stops at a nucleus that is exact in binary, for any multiple of its period", () => {
  // beside -1, the nucleus of period 2, whose orbit is 0 at every second iterate: 8 is the first
  // candidate
  for (const [re, im] of [
    [-592n, -48n],
    [-480n, 32n],
    [-530n, 0n],
  ] as const) {
    const orbit = new kernel.Orbit(re, im, 9, 192, 1024)
    const [mantissa, exponent] = [1.07, -3]
    let result = 'none'
    for (let tries = 0; tries < 300 && result !== 'nucleus'; tries++) {
      if (orbit.run(mantissa, exponent, 256) !== 'candidate') break
      result = orbit.nucleus(mantissa, exponent, -51)
    }
    expect(result).toBe('nucleus')
    expect(orbit.period).toBe(2)
    const { re: x, im: y, bits } = orbit.centre()
    expect([x, y]).toEqual([-1n << BigInt(bits), 0n])
  }
})

test('a released orbit takes no memory, and starts again with the same bits', () => {
  const run = (orbit: Orbit) => {
    expect(orbit.run(1, -40, 2000)).toBe('done')
    const reference = new Float64Array(orbit.referenceBytes(-40) / 8)
    expect(orbit.reference(-40, reference)).toBe(true)
    return Buffer.from(reference.buffer)
  }
  const orbit = new kernel.Orbit(-3n, 5n, 4, 192, 1024)
  const first = run(orbit)
  orbit.restart()
  expect([orbit.length, orbit.period, orbit.escaped]).toEqual([0, 0, false])
  expect(orbit.centre()).toEqual(new kernel.Orbit(-3n, 5n, 4, 192, 1024).centre())
  orbit.restart()
  expect(run(orbit).equals(first)).toBe(true)
  // garbage is not collected before a task has returned: its orbits took 100 KB each until then
  const { rss } = process.memoryUsage()
  const kept = Array.from({ length: 4000 }, () => {
    const other = new kernel.Orbit(-3n, 5n, 4, 192, 1024)
    other.restart()
    return other
  })
  expect(process.memoryUsage().rss - rss).toBeLessThan(100 * 2 ** 20)
  expect(kept.length).toBe(4000)
})
