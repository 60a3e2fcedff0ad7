// A reference orbit as bytes, for another process: a line of JSON that describes it, padding up to
// a multiple of eight, the reference's doubles, and the doubles of the state from which the orbit
// can be continued. Decoding gives shared memory again, as the threads need it.
import { kernel } from '../kernel/binding.ts'
import { reportExternalMemory } from '../kernel/externalmemory.ts'
import type { Reference } from '../kernel/task.ts'
import { isNear, type OrbitPlan } from '../plane/neighbourhood.ts'
import { ESCAPE_RADIUS } from '../plane/precision.ts'

interface Head {
  re: string
  im: string
  bits: number
  length: number
  period: number
  escaped: boolean
  settledAt: number
  /** doubles of the reference, and of the state */
  doubles: number
  state: number
}

export function packReference(orbit: Reference): Uint8Array<ArrayBuffer> {
  const { reference, point, length, period, escaped, settledAt, state } = orbit
  const head: Head = {
    re: String(point.re),
    im: String(point.im),
    bits: point.bits,
    length,
    period,
    escaped,
    settledAt,
    doubles: reference.length,
    state: state?.length ?? 0,
  }
  const line = Buffer.from(`${JSON.stringify(head)}\n`)
  const start = Math.ceil(line.length / 8) * 8
  const bytes = new Uint8Array(start + reference.byteLength + (state?.byteLength ?? 0))
  bytes.set(line)
  new Float64Array(bytes.buffer, start, reference.length).set(reference)
  if (state) new Float64Array(bytes.buffer, start + reference.byteLength).set(state)
  return bytes
}

/**
 * The orbit that packReference wrote for a plan and an iteration limit; undefined if the bytes are
 * not one. They are not trusted: every length is compared with the bytes received before it is
 * used, and the kernel checks every index in the doubles. An orbit of the right shape with wrong
 * numbers makes wrong pictures; only --tier-secret keeps those out.
 */
export function unpackReference(bytes: Uint8Array<ArrayBuffer>, plan: OrbitPlan, limit: number): Reference | undefined {
  const end = bytes.subarray(0, LONGEST_HEAD).indexOf(10) + 1
  const head = readHead(Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('latin1'))
  if (!head) return undefined
  const { re, im, bits, doubles, state, ...rest } = head
  const start = Math.ceil(end / 8) * 8
  if (bytes.byteLength - start !== 8 * (doubles + state)) return undefined
  const point = { re: BigInt(re), im: BigInt(im), bits }
  const numbers = new Float64Array(bytes.buffer, start)
  const orbit = numbers.subarray(0, doubles)
  if (!isNear(plan, point) || !serves(orbit, rest, plan, limit)) return undefined
  if (state > 0 && kernel.savedBits(numbers.subarray(doubles)) === null) return undefined
  return {
    ...rest,
    point,
    reference: shared(orbit),
    state: state === 0 ? undefined : shared(numbers.subarray(doubles)),
  }
}

/** Is this the reference that the head describes, and does it suit the plan and the limit? */
function serves(
  orbit: Float64Array,
  { length, period, escaped }: Omit<Reference, 'reference' | 'point' | 'state'>,
  { exponent }: OrbitPlan,
  limit: number,
): boolean {
  const found = kernel.checkReference(orbit)
  return (
    found !== null &&
    found.length === length &&
    found.period === period &&
    found.escaped === escaped &&
    found.exponent === exponent &&
    (period > 0 || length >= limit || (escaped && found.radius >= 2 * ESCAPE_RADIUS))
  )
}

// two numbers of the deepest zoom, 50,000 bits or 15,052 digits each, and the rest
const LONGEST_HEAD = 2 ** 16
// more than the deepest zoom takes
const MOST_BITS = 2 ** 17
const WHOLE = /^-?\d+$/

function readHead(line: string): Head | undefined {
  let head: Partial<Head> | null
  try {
    head = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof head !== 'object' || head === null) return undefined
  const { re, im, bits, length, period, escaped, settledAt, doubles, state } = head
  const counts = [bits, length, period, settledAt, doubles, state]
  const right =
    typeof re === 'string' &&
    typeof im === 'string' &&
    WHOLE.test(re) &&
    WHOLE.test(im) &&
    typeof escaped === 'boolean' &&
    counts.every((count) => Number.isSafeInteger(count) && count! >= 0) &&
    bits! <= MOST_BITS &&
    // an orbit has at least one iterate, and its period is its length
    length! > 0 &&
    (period === 0 || period === length) &&
    // it is open until it closes or escapes
    settledAt! > 0 === (period! > 0 || escaped) &&
    doubles! > 0
  return right ? ({ re, im, bits, length, period, escaped, settledAt, doubles, state } as Head) : undefined
}

function shared(numbers: Float64Array): Float64Array<SharedArrayBuffer> {
  const copy = new Float64Array(new SharedArrayBuffer(numbers.byteLength))
  copy.set(numbers)
  return reportExternalMemory(copy)
}
