// A reference orbit as bytes, for another process: a line of JSON that describes it, padding up to
// a multiple of eight, the reference's doubles, and the doubles of the state from which the orbit
// can be continued. Reading gives shared memory again, as the threads need it.
import { reportExternalMemory } from '../kernel/externalmemory.ts'
import type { Reference } from '../kernel/task.ts'

interface Head {
  re: string
  im: string
  bits: number
  length: number
  period: number
  escaped: boolean
  /** doubles of the reference, and of the state */
  doubles: number
  state: number
}

export function packReference(orbit: Reference): Uint8Array<ArrayBuffer> {
  const { reference, point, length, period, escaped, state } = orbit
  const head: Head = {
    re: String(point.re),
    im: String(point.im),
    bits: point.bits,
    length,
    period,
    escaped,
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

/** The orbit that packReference wrote. */
export function unpackReference(bytes: Uint8Array<ArrayBuffer>): Reference {
  const end = bytes.indexOf(10) + 1
  const head: Head = JSON.parse(Buffer.from(bytes.buffer, 0, end).toString())
  const { re, im, bits, doubles, state, ...rest } = head
  const numbers = new Float64Array(bytes.buffer, Math.ceil(end / 8) * 8)
  return {
    ...rest,
    point: { re: BigInt(re), im: BigInt(im), bits },
    reference: shared(numbers.subarray(0, doubles)),
    state: state === 0 ? undefined : shared(numbers.subarray(doubles)),
  }
}

function shared(numbers: Float64Array): Float64Array<SharedArrayBuffer> {
  const copy = new Float64Array(new SharedArrayBuffer(numbers.byteLength))
  copy.set(numbers)
  return reportExternalMemory(copy)
}
