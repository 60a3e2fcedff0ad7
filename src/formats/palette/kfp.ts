// The palette in a .kfp or .kfr of Kalles Fraktaler: up to 1024 key colours round the cycle. The
// program stores them in the order of its bitmaps, blue first, and interpolates along a sine.
import type { Gradient } from '../../colour/gradient.ts'
import { Failure, mustBe } from '../../core/errors.ts'
import { BLACK, hex, mix, type Rgb, sampled } from './cycle.ts'

export function isKfp(text: string): boolean {
  return lineOf(text, 'Colors') !== undefined
}

// of a line `name: value`
function lineOf(text: string, name: string): string | undefined {
  const line = text.split(/[\r\n]+/).find((line) => line.startsWith(`${name}:`))
  return line?.slice(name.length + 1).trim()
}

const MOST_KEYS = 1024
// the program's table of colours, in whose steps the offset is given
const STEPS = 1024

/** @throws Failure `invalid` if a value is not a colour, or there are too many */
export function parseKfp(text: string): Gradient {
  const keys = coloursIn(lineOf(text, 'Colors') ?? '')
  if (keys.length < 1 || keys.length > MOST_KEYS) {
    throw new Failure(
      'invalid',
      mustBe('Colors', `1 to ${MOST_KEYS} colours of three numbers`, `${keys.length} of them`),
    )
  }
  const interior = coloursIn(lineOf(text, 'InteriorColor') ?? '')[0]
  const offset = offsetOf(lineOf(text, 'ColorOffset')) / STEPS
  const colourAt = (position: number) => {
    const at = ((position + offset) % 1) * keys.length
    const key = Math.floor(at)
    return mix(keys[key]!, keys[(key + 1) % keys.length]!, (1 - Math.cos((at - key) * Math.PI)) / 2)
  }
  return sampled(colourAt, interior === undefined ? BLACK : hex(interior))
}

// 0 for values that the program ignores
function offsetOf(text: string | undefined): number {
  const offset = Number(text)
  return offset > 0 && offset < STEPS ? offset : 0
}

// a list ends with a comma; a remainder of fewer than three numbers is ignored, as in the program
function coloursIn(list: string): Rgb[] {
  const numbers = list.split(',').map((text) => text.trim())
  return Array.from({ length: Math.floor(numbers.filter((text) => text !== '').length / 3) }, (_, k) => {
    const [blue, green, red] = numbers.slice(3 * k, 3 * k + 3)
    const colour = [red, green, blue].map(Number)
    if (colour.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)) {
      return colour as [number, number, number]
    }
    throw new Failure(
      'invalid',
      mustBe('a colour of the palette', 'three numbers from 0 to 255', `${blue},${green},${red}`),
    )
  })
}
