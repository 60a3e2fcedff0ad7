// A view and its appearance as one short text, for addresses that programs would truncate. The
// digits of the coordinates are written as two binary numbers, the rest is deflated, and all of it
// is base64url. Coordinates at zoom 10,000 take 3,400 characters in place of 6,050.
//
// fflate gives the same bytes in every browser and on every server, so equal views have equal ids;
// the built-in compressors of browsers and Node differ.
import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate'
import { fromBase64Url, toBase64Url } from '../core/base64url.ts'
import { type Decimal, formatDecimal, parseDecimal } from './decimal.ts'
import type { NamedView } from './viewaddress.ts'

// Bytes of an id: its own length is bounded by the server's limit for a part of a path. What is
// inflated is bounded here, so that no id can fill the memory.
const LONGEST_HEAD = 8192

/** The id of a view. It begins with a tilde, which no number does. */
export function viewId({ zoom, re, im, look }: NamedView): string {
  const [x, y] = [parseDecimal(re)!, parseDecimal(im)!]
  const [first, second] = [bytesOf(x), bytesOf(y)]
  const head = deflateSync(strToU8(`${zoom}/${x.scale}/${y.scale}?${look}`), { level: 9 })
  const lengths = [head.length, first.length].flatMap((length) => [length >> 8, length & 255])
  return `~${toBase64Url(Uint8Array.of(...lengths, ...head, ...first, ...second))}`
}

/** The view that an id of `viewId` stands for; undefined if the id is invalid. */
export function readViewId(id: string): NamedView | undefined {
  const bytes = id.startsWith('~') ? fromBase64Url(id.slice(1)) : undefined
  if (!bytes || bytes.length < 4) return undefined
  const [headLength, firstLength] = [(bytes[0]! << 8) | bytes[1]!, (bytes[2]! << 8) | bytes[3]!]
  const [first, second] = [4 + headLength, 4 + headLength + firstLength]
  const head = inflated(bytes.subarray(4, first))
  const [, zoom, xScale, yScale, look] = /^([\d.]+)\/(\d{1,6})\/(\d{1,6})\?(.*)$/s.exec(head ?? '') ?? []
  if (zoom === undefined || second > bytes.length) return undefined
  const number = (part: Uint8Array, scale: string) => formatDecimal(decimalOf(part, Number(scale)))
  return {
    zoom,
    re: number(bytes.subarray(first, second), xScale!),
    im: number(bytes.subarray(second), yScale!),
    look: look!,
  }
}

/** The digits as a binary number, its last bit the sign. */
function bytesOf({ digits }: Decimal): Uint8Array {
  const text = (digits < 0n ? (-digits << 1n) | 1n : digits << 1n).toString(16)
  const even = text.padStart(2 * Math.ceil(text.length / 2), '0')
  return Uint8Array.from(even.match(/../g)!, (pair) => Number.parseInt(pair, 16))
}

function decimalOf(bytes: Uint8Array, scale: number): Decimal {
  const number = BigInt(`0x0${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`)
  return { digits: number & 1n ? -(number >> 1n) : number >> 1n, scale }
}

function inflated(bytes: Uint8Array): string | undefined {
  try {
    const text = inflateSync(bytes, { out: new Uint8Array(LONGEST_HEAD + 1) })
    return text.length > LONGEST_HEAD ? undefined : strFromU8(text)
  } catch {
    return undefined
  }
}
