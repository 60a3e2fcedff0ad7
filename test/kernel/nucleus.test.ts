import { expect, test } from 'vitest'
import { kernel } from '../../src/kernel/binding.ts'

test("Newton's method ends where a nucleus is exact in binary, whatever multiple of its period led there", () => {
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
