import { expect, test } from 'vitest'
import { toLinear } from '../../src/colour/srgb.ts'
import { kernel } from '../../src/kernel/binding.ts'
import type { Rgb } from '../../src/kernel/task.ts'
import { compose } from './plainframe.ts'

function frame(key: Rgb, next: Rgb | undefined, part: number, width: number, height: number): Uint8Array {
  const out = new Uint8Array(3 * width * height)
  expect(kernel.frame(key.rgb, key.width, key.height, next?.rgb, part, width, height, out)).toBe(true)
  return out
}

// Lehmer's generator: the same numbers in every run
let state = 1
const random = () => {
  state = (state * 48_271) % 2_147_483_647
  return state / 2_147_483_647
}

/** Noise over a slow gradient: flat parts, edges and the extremes of every channel. */
function picture(width: number, height: number): Rgb {
  const rgb = Uint8Array.from({ length: 3 * width * height }, (_, at) => {
    const x = Math.floor(at / 3) % width
    return random() < 0.5 ? (255 * x) / width : 256 * random()
  })
  return { rgb, width, height }
}

test.each([
  [64, 48, 32, 24],
  [96, 40, 48, 20],
  [51, 37, 25, 18],
  [160, 120, 20, 15],
  [30, 30, 30, 30],
])('frames of %i x %i key frames at %i x %i match the plain version', (wide, high, width, height) => {
  const [key, next] = [picture(wide, high), picture(wide, high)]
  for (const part of [0, 0.1, 0.37, 0.5, 0.81, 0.99]) {
    const native = frame(key, part > 0 ? next : undefined, part, width, height)
    const plain = compose(key, part > 0 ? next : undefined, part, width, height)
    // single precision may move a light that lies between two values to either side
    let differ = 0
    for (const [at, value] of native.entries()) {
      expect(Math.abs(value - plain[at]!), `part ${part}, byte ${at}`).toBeLessThanOrEqual(1)
      if (value !== plain[at]) differ++
    }
    expect(differ).toBeLessThan(Math.max(3, native.length / 1000))
  }
})

test('a frame keeps the centre and the brightness of its key frame', () => {
  // a ramp of values in light: smaller, it is a ramp with the same middle
  const width = 64
  const rgb = Uint8Array.from({ length: 3 * width * width }, (_, at) => 2 * (Math.floor(at / 3) % width) + 40)
  for (const part of [0, 0.3, 0.9]) {
    const small = frame({ rgb, width, height: width }, { rgb, width, height: width }, part, 32, 32)
    const row = Array.from({ length: 32 }, (_, x) => small[3 * (16 * 32 + x)]!)
    expect((row[15]! + row[16]!) / 2).toBeCloseTo(2 * 31.5 + 40, -0.5)
  }
  // alternating black and white becomes half of the light, not half of the value
  const stripes = Uint8Array.from({ length: 3 * width * width }, (_, at) => 255 * (Math.floor(at / 3) % 2))
  const grey = frame({ rgb: stripes, width, height: width }, undefined, 0, 8, 8)
  // except for the border, beyond which the last column is repeated
  for (let x = 2; x < 6; x++) expect(toLinear(grey[3 * (4 * 8 + x)]!)).toBeCloseTo(0.5, 2)
})

test('the second key frame grows from the centre until it fills the frame', () => {
  const flat = (value: number) => ({ rgb: new Uint8Array(3 * 80 * 60).fill(value), width: 80, height: 60 })
  const at = (part: number, x: number, y: number) => {
    const next = part > 0 ? flat(255) : undefined
    return frame(flat(0), next, part, 40, 30)[3 * (y * 40 + x)]!
  }
  expect(at(0, 20, 15)).toBe(0)
  expect(at(0.5, 0, 0)).toBe(0)
  expect(at(0.5, 20, 15)).toBeGreaterThan(at(0.25, 20, 15))
  expect(at(0.99, 20, 15)).toBeGreaterThan(250)
  expect(at(0.99, 2, 2)).toBeGreaterThan(240)
})

test('a cancelled frame stops, and a wrong argument is named', () => {
  const { rgb, width, height } = picture(16, 16)
  const out = new Uint8Array(3 * 8 * 8)
  expect(kernel.frame(rgb, width, height, undefined, 0, 8, 8, out, Int32Array.of(1))).toBe(false)
  expect(() => kernel.frame(rgb, width, height, undefined, 0.5, 8, 8, out)).toThrow('part must be')
  expect(() => kernel.frame(rgb, 15, height, undefined, 0, 8, 8, out)).toThrow(
    'key must be a Uint8Array of 720 elements',
  )
  expect(() => kernel.frame(rgb, width, height, undefined, 0, 17, 8, out)).toThrow('width must be')
  expect(() => kernel.frame(rgb, width, height, undefined, 0, 1, 8, new Uint8Array(24))).toThrow(
    'keyWidth must be at most 8',
  )
})
