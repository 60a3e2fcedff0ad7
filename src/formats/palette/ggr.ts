// A gradient of GIMP (.ggr): segments, one per line. Each has its start, middle and end from 0 to
// 1, the colours of both ends, the blending function, and whether to blend in RGB or round the
// hues. Transparency is left out.
//
//   GIMP Gradient
//   Name: name
//   1
//   0.0 0.5 1.0  0.0 0.0 0.0 1.0  1.0 1.0 1.0 1.0  0 0
import type { Gradient } from '../../colour/gradient.ts'
import { Failure, mustBe } from '../../core/errors.ts'
import { mix, type Rgb, sampled } from './cycle.ts'

export function isGgr(text: string): boolean {
  return text.startsWith('GIMP Gradient')
}

interface Segment {
  start: number
  middle: number
  end: number
  from: Rgb
  to: Rgb
  blend: number
  hues: number
}

const MOST = 4096

/** @throws Failure `invalid` if a line is not a segment */
export function parseGgr(text: string): Gradient {
  const lines = text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const count = lines.findIndex((line) => /^\d+$/.test(line))
  const segments = count < 0 ? [] : lines.slice(count + 1, count + 1 + Number(lines[count])).map(readSegment)
  if (segments.length === 0 || segments.length > MOST) {
    throw new Failure('invalid', mustBe('the gradient', `of 1 to ${MOST} segments`, `${segments.length} of them`))
  }
  return sampled((position) => {
    const segment = segments.find(({ end }) => position <= end) ?? segments.at(-1)!
    const { from, to, hues } = segment
    const part = BLENDS[segment.blend]!(...placeIn(segment, position))
    return hues === 0 ? mix(from, to, part) : roundHues(from, to, part, hues === 1)
  })
}

function readSegment(line: string): Segment {
  const numbers = line.split(/\s+/).map(Number)
  const [start = NaN, middle = NaN, end = NaN] = numbers
  const colour = (at: number) => numbers.slice(at, at + 3).map((part) => 255 * part) as [number, number, number]
  const [from, to, blend = 0, hues = 0] = [colour(3), colour(7), numbers[11], numbers[12]]
  const right =
    numbers.length >= 13 &&
    numbers.every(Number.isFinite) &&
    blend in BLENDS &&
    [0, 1, 2].includes(hues) &&
    start <= end
  if (right) return { start, middle, end, from, to, blend, hues }
  throw new Failure('invalid', mustBe('a segment of the gradient', 'a line of 13 numbers as GIMP writes them', line))
}

// the position in a segment, and its middle, both from 0 to 1
function placeIn({ start, middle, end }: Segment, position: number): [at: number, middle: number] {
  const width = end - start
  if (width < 1e-9) return [0.5, 0.5]
  return [Math.min(Math.max((position - start) / width, 0), 1), (middle - start) / width]
}

function linear(at: number, middle: number): number {
  if (at <= middle) return middle < 1e-9 ? 0 : (0.5 * at) / middle
  return 1 - middle < 1e-9 ? 1 : 0.5 + (0.5 * (at - middle)) / (1 - middle)
}

// linear, curved, along a sine, along a sphere going up and down, and a step
const BLENDS: readonly ((at: number, middle: number) => number)[] = [
  linear,
  (at, middle) => at ** (Math.log(0.5) / Math.log(Math.min(Math.max(middle, 1e-9), 1 - 1e-9))),
  (at, middle) => (1 - Math.cos(Math.PI * linear(at, middle))) / 2,
  (at, middle) => Math.sqrt(1 - (linear(at, middle) - 1) ** 2),
  (at, middle) => 1 - Math.sqrt(1 - linear(at, middle) ** 2),
  (at, middle) => (at >= middle ? 1 : 0),
]

/** Between two colours by hue, saturation and value; up the hues or down. */
function roundHues(from: Rgb, to: Rgb, part: number, up: boolean): Rgb {
  const [a, b] = [toHsv(from), toHsv(to)]
  const turn = (b[0] - a[0] + 1) % 1
  const [, s, v] = mix(a, b, part)
  return fromHsv([(a[0] + (up ? turn : turn === 0 ? 0 : turn - 1) * part + 1) % 1, s, v])
}

function toHsv([r, g, b]: Rgb): Rgb {
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)]
  const range = most - least
  if (range === 0) return [0, 0, most]
  const sixth = most === r ? (g - b) / range : most === g ? 2 + (b - r) / range : 4 + (r - g) / range
  return [((sixth + 6) % 6) / 6, range / most, most]
}

function fromHsv([h, s, v]: Rgb): Rgb {
  const channel = (n: number) => {
    const k = (n + 6 * h) % 6
    return v - v * s * Math.max(0, Math.min(k, 4 - k, 1))
  }
  return [channel(5), channel(3), channel(1)]
}
