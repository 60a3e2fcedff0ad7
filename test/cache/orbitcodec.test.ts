import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packReference, unpackReference } from '../../src/cache/orbitcodec.ts'
import { kernel } from '../../src/kernel/binding.ts'
import { type OrbitPlan, orbitPlan } from '../../src/plane/neighbourhood.ts'

// an orbit in the main cardioid, which neither closes nor escapes
const LIMIT = 1000
const Z = 40
const plan = orbitPlan({ z: Z, x: (19n << BigInt(Z)) / 30n, y: (14n << BigInt(Z)) / 30n })
const shared = (count: number) => new Float64Array(new SharedArrayBuffer(8 * count))

function computed(place: OrbitPlan) {
  const bits = kernel.orbitBits(place.log2Spacing, 2 ** 31)
  const made = new kernel.Orbit(place.re, place.im, place.bits, bits, 1024)
  const { mantissa, exponent } = place.disc
  while (made.run(mantissa, exponent, LIMIT) === 'candidate')
    if (made.nucleus(mantissa, exponent, place.log2Spacing - 12) === 'nucleus') break
  const reference = shared(made.referenceBytes(place.exponent) / 8)
  made.reference(place.exponent, reference)
  const { length, period, escaped } = made
  const settled = period > 0 || escaped
  const state = settled ? undefined : shared(made.stateLength)
  if (state) made.save(state)
  return { reference, point: made.centre(), length, period, escaped, settledAt: settled ? length : 0, state }
}

const orbit = computed(plan)
const read = (bytes: Uint8Array<ArrayBuffer>, limit = LIMIT) => unpackReference(bytes, plan, limit)
const head = {
  ...{ re: String(orbit.point.re), im: String(orbit.point.im), bits: orbit.point.bits },
  ...{ length: orbit.length, period: 0, escaped: false, settledAt: 0 },
  ...{ doubles: orbit.reference.length, state: orbit.state!.length },
}
const DOUBLES = head.doubles + head.state

/** Bytes with this line of JSON, and a given number of doubles. */
function record(line: unknown, doubles = DOUBLES): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)
  const bytes = new Uint8Array(Math.ceil(text.length / 8) * 8 + 8 * doubles)
  bytes.set(text)
  return bytes
}

test('an intact record decodes', () => {
  expect(orbit).toMatchObject({ length: LIMIT, period: 0, escaped: false })
  expect(read(packReference(orbit))).toEqual(orbit)
  expect(read(packReference(orbit))?.reference.buffer).toBeInstanceOf(SharedArrayBuffer)
})

test('a record of a periodic orbit decodes for any limit', () => {
  // an island of period 3
  const place = orbitPlan({
    z: Z,
    x: BigInt(Math.round(((2 - 1.7548776662466927) / 3) * 2 ** Z)),
    y: 1n << BigInt(Z - 1),
  })
  const closed = computed(place)
  expect(closed).toMatchObject({ period: 3, state: undefined })
  expect(unpackReference(packReference(closed), place, 10 ** 9)).toEqual(closed)
})

test('an orbit of another place, of another size or too short is rejected', () => {
  const beside = computed(orbitPlan({ z: Z, x: (19n << BigInt(Z)) / 30n + 9n, y: (14n << BigInt(Z)) / 30n }))
  expect(read(packReference(beside))).toBeUndefined()
  const finer = computed({ ...plan, exponent: plan.exponent - 8 })
  expect(read(packReference(finer))).toBeUndefined()
  expect(read(packReference(orbit), LIMIT + 1)).toBeUndefined()
  expect(read(packReference({ ...orbit, length: LIMIT + 1 }), LIMIT + 1)).toBeUndefined()
  expect(read(packReference({ ...orbit, escaped: true, settledAt: LIMIT }))).toBeUndefined()
})

test('doubles that form no valid reference or state are rejected', () => {
  const start = packReference(orbit).length - 8 * DOUBLES
  // the reference's magic word, the first of its iterates, and the state's magic word
  for (const at of [0, 8 * 80, 8 * head.doubles]) {
    const bytes = packReference(orbit)
    new DataView(bytes.buffer).setFloat64(start + at, Number.NaN, true)
    expect(read(bytes), `at ${at}`).toBeUndefined()
  }
  expect(read(record(head))).toBeUndefined()
})

test.each([
  ['no line at all', new Uint8Array(64)],
  ['nothing', new Uint8Array(0)],
  ['no JSON', record('orbit')],
  ['JSON that is no object', record('null')],
  ['an array', record('[]')],
  ['a field that is missing', record({ ...head, bits: undefined })],
  ['more bits than any', record({ ...head, bits: 2 ** 30 })],
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
])('%s is rejected', (_title, bytes) => {
  expect(read(new Uint8Array(bytes))).toBeUndefined()
})

test('arbitrary bytes either decode to an orbit of the stated length or are rejected', () => {
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
      const found = read(new Uint8Array(bytes))
      if (!found) return
      expect(found.reference.length).toBeGreaterThan(0)
      expect(found.reference.length + (found.state?.length ?? 0)).toBeLessThanOrEqual(bytes.length / 8)
    }),
    { numRuns: 2000 },
  )
})
