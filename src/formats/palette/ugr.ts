// A gradient of Ultra Fractal (.ugr): control points at places 0 to 399 of a cycle of 400, each a
// colour as one number with red in its lowest byte. A file may hold many gradients; the first one
// is read. `smooth=yes` means a curve through the points, otherwise interpolation is linear.
//
//   name {
//   gradient:
//     title="name" smooth=yes rotation=20 index=0 color=8716288 index=100 color=16121855
//   opacity:
//     smooth=no index=0 opacity=255
//   }
import { FEWEST_STOPS, type Gradient, MOST_STOPS } from '../../colour/gradient.ts'
import { Failure, mustBe } from '../../core/errors.ts'
import { BLACK, hex, mix, type Rgb, sampled } from './cycle.ts'

const CYCLE = 400

export function isUgr(text: string): boolean {
  return wordsOf(text).some((word) => word.startsWith('color='))
}

/** The words of the first gradient, such as `index=0`, without titles, which may hold anything. */
function wordsOf(text: string): string[] {
  const [, first = ''] = text
    .replace(/title="[^"\r\n]*"/gi, '')
    .toLowerCase()
    .split('gradient:')
  return first.split(/[}:]/)[0]!.split(/\s+/)
}

/** @throws Failure `invalid` if a point is wrong, or there is none at all */
export function parseUgr(text: string): Gradient {
  const words = wordsOf(text)
  const rotation = words.find((word) => word.startsWith('rotation='))
  const turn = rotation === undefined ? 0 : numberIn(rotation)
  const points = words.flatMap((word, k) => {
    const next = words[k + 1] ?? ''
    if (!word.startsWith('index=') || !next.startsWith('color=')) return []
    return [{ at: wrapped(numberIn(word) + turn), colour: colourOf(numberIn(next)) }]
  })
  points.sort((a, b) => a.at - b.at)
  if (points.length === 0) {
    throw new Failure('invalid', mustBe('the gradient', 'of points such as index=0 color=255', words.join(' ').trim()))
  }
  const distinct = points.filter(({ at }, k) => k === 0 || at > points[k - 1]!.at)
  const curve = words.includes('smooth=yes') && distinct.length >= FEWEST_STOPS && distinct.length <= MOST_STOPS
  // our own stops are a smooth curve too
  if (curve) return { stops: distinct.map(({ at, colour }) => [at / CYCLE, hex(colour)] as const), set: BLACK }
  return sampled((position) => {
    const at = position * CYCLE
    const after = distinct.find((point) => point.at > at) ?? { ...distinct[0]!, at: distinct[0]!.at + CYCLE }
    const before = distinct.findLast((point) => point.at <= at) ?? {
      ...distinct.at(-1)!,
      at: distinct.at(-1)!.at - CYCLE,
    }
    return mix(before.colour, after.colour, (at - before.at) / (after.at - before.at))
  })
}

// of a word such as index=12
function numberIn(word: string): number {
  const [name = '', text = ''] = word.split('=')
  const value = text === '' ? Number.NaN : Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new Failure('invalid', mustBe(name, 'a whole number', text))
}

function wrapped(index: number): number {
  return ((index % CYCLE) + CYCLE) % CYCLE
}

function colourOf(value: number): Rgb {
  if (value < 0 || value >= 2 ** 24) throw new Failure('invalid', mustBe('color', 'a number from 0 to 16777215', value))
  return [value & 255, (value >> 8) & 255, value >> 16]
}
