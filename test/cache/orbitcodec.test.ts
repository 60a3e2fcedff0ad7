import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packReference, unpackReference } from '../../src/cache/orbitcodec.ts'

const numbers = (...values: number[]) => {
  const shared = new Float64Array(new SharedArrayBuffer(8 * values.length))
  shared.set(values)
  return shared
}
const orbit = {
  reference: numbers(1, 2, 3, 4),
  point: { re: -5n, im: 7n, bits: 9 },
  length: 3,
  period: 0,
  escaped: false,
  settledAt: 0,
  state: numbers(5, 6),
}
const head = { re: '-5', im: '7', bits: 9, length: 3, period: 0, escaped: false, settledAt: 0, doubles: 4, state: 2 }

/** Bytes with this line of JSON, and as many doubles as are wanted. */
function record(line: unknown, doubles = 6): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)
  const bytes = new Uint8Array(Math.ceil(text.length / 8) * 8 + 8 * doubles)
  bytes.set(text)
  return bytes
}

test('a record that is whole is read', () => {
  expect(unpackReference(record(head))).toMatchObject({ length: 3, point: { re: -5n, im: 7n, bits: 9 } })
  expect(unpackReference(packReference(orbit))).toEqual(orbit)
})

test.each([
  ['no line at all', new Uint8Array(64)],
  ['nothing', new Uint8Array(0)],
  ['no JSON', record('orbit')],
  ['JSON that is no object', record('null')],
  ['an array', record('[]')],
  ['a field that is missing', record({ ...head, bits: undefined })],
  ['a length below zero', record({ ...head, length: -1 })],
  ['no iterate', record({ ...head, length: 0 })],
  ['a fraction of one', record({ ...head, length: 2.5 })],
  ['a length beyond a double', record({ ...head, length: 2 ** 60 })],
  ['a period that is not its length', record({ ...head, period: 2 })],
  ['an open orbit that has settled', record({ ...head, settledAt: 3 })],
  ['an escaped orbit that has not settled', record({ ...head, escaped: true })],
  ['more doubles than there are', record({ ...head, doubles: 2 ** 40 })],
  ['fewer doubles than there are', record({ ...head, doubles: 3 })],
  ['counts that cancel each other', record({ ...head, doubles: -2, state: 8 })],
  ['no double', record({ ...head, doubles: 0, state: 6 })],
  ['a coordinate that is no number', record({ ...head, re: '0x10' })],
  ['a coordinate that is no text', record({ ...head, im: 7 })],
  ['an end in the middle of a double', record(head).subarray(0, -3)],
  ['a line longer than any', record({ ...head, re: '1'.repeat(70_000) })],
])('%s is no orbit', (_title, bytes) => {
  expect(unpackReference(new Uint8Array(bytes))).toBeUndefined()
})

test('whatever bytes there are, it is an orbit with as many doubles as it says, or none', () => {
  const whole = packReference(orbit)
  const changed = fc
    .tuple(
      fc.integer({ min: 0, max: whole.length }),
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }),
    )
    .map(([length, changes]) => {
      const bytes = whole.slice(0, length)
      for (const [at, value] of changes) if (at < length) bytes[at] = value
      return bytes
    })
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const read = unpackReference(new Uint8Array(bytes))
      if (!read) return
      expect(read.reference.length).toBeGreaterThan(0)
      expect(read.reference.length + (read.state?.length ?? 0)).toBeLessThanOrEqual(bytes.length / 8)
    }),
    { numRuns: 2000 },
  )
})
