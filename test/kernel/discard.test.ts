// Arrays whose pages go back to the system before the collector frees them.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kernel } from '../../src/kernel/binding.ts'

const LENGTH = 2 ** 21 // 16 MiB of doubles
const linux = process.platform === 'linux'

/** The kB of this process that are in memory. */
const resident = () => Number(/^Pss:\s+(\d+)/m.exec(readFileSync('/proc/self/smaps_rollup', 'latin1'))![1])

test.runIf(linux)('a discarded array takes no memory, is full of zeros, and can be written again', () => {
  for (const buffer of [new ArrayBuffer(8 * LENGTH), new SharedArrayBuffer(8 * LENGTH)]) {
    const array = new Float64Array(buffer).fill(1)
    const before = resident()
    kernel.discard(array)
    expect(before - resident()).toBeGreaterThan((8 * LENGTH) / 1024 / 2)
    // all but the ends of it, which share their pages with others
    expect(array.subarray(1024, -1024).every((number) => number === 0)).toBe(true)
    array.fill(2)
    expect(array.every((number) => number === 2)).toBe(true)
  }
})

test.runIf(linux)('discarding a part of a buffer leaves the rest unchanged', () => {
  const whole = new Float64Array(LENGTH).fill(1)
  const part = whole.subarray(1000, LENGTH - 1000)
  kernel.discard(part)
  expect(part[LENGTH / 2]).toBe(0)
  expect(whole.subarray(0, 1000).every((number) => number === 1)).toBe(true)
  expect(whole.subarray(-1000).every((number) => number === 1)).toBe(true)
})

test('small, empty and detached arrays are left alone, and anything else is refused', () => {
  const small = new Uint8Array(100).fill(7)
  kernel.discard(small)
  expect(small.every((number) => number === 7)).toBe(true)
  kernel.discard(new Uint8Array(0))
  const moved = new Uint8Array(2 ** 20)
  structuredClone(moved, { transfer: [moved.buffer] })
  kernel.discard(moved)
  const wrong = 'array must be a typed array, it was missing'
  expect(() => kernel.discard(undefined as unknown as Uint8Array)).toThrow(wrong)
})
