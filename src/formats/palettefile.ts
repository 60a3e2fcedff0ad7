// Palettes of other programs: Fractint's .map, a line `red green blue` for each of up to 256
// colours, and GIMP's .gpl, the same behind a header. Such a list goes round the cycle evenly. A
// gradient has fewer stops, so of a longer list every eighth colour or so is one, and the spline
// through these is the rest. What is written holds the cycle's 255 steps and then the set, named
// so: reading takes that name for the set's colour.

import { FEWEST_STOPS, type Gradient, MOST_STOPS } from '../colour/gradient.ts'
import { gradientTable, INTERIOR_INDEX } from '../colour/palette.ts'
import { PALETTE_STEPS } from '../colour/phase.ts'
import { Failure, mustBe } from '../core/errors.ts'

/** Kinds of palette files, by their ending. */
export const PALETTE_FILES = ['map', 'gpl'] as const
export type PaletteFile = (typeof PALETTE_FILES)[number]

// what stands behind the set's own colour
const SET_NAME = 'the set'
const HEADER = 'GIMP Palette'
const MOST = 4096

/**
 * Reads the text of a .map or a .gpl, whichever it is.
 * @throws Failure `invalid` when a line is no colour, or there are too few or too many; the
 * sentence says which
 */
export function parsePaletteFile(text: string): Gradient {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim())
  const own = lines[0] === HEADER ? lines.slice(1).filter((line) => !/^(#|Name:|Columns:)/.test(line)) : lines
  const colours: string[] = []
  let set = '#000000'
  for (const line of own.filter((line) => line !== '')) {
    const [, r, g, b, name = ''] = /^(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:\s(.*))?$/.exec(line) ?? []
    const values = [r, g, b].map(Number)
    if (!values.every((value) => value <= 255)) {
      throw new Failure(
        'invalid',
        mustBe('a colour of the palette', 'a line of red, green and blue from 0 to 255', line),
      )
    }
    const colour = `#${values.map((value) => value.toString(16).padStart(2, '0')).join('')}`
    if (name.trim() === SET_NAME) set = colour
    else colours.push(colour)
  }
  if (colours.length < FEWEST_STOPS || colours.length > MOST) {
    throw new Failure(
      'invalid',
      mustBe('the palette', `${FEWEST_STOPS} to ${MOST} colours`, `${colours.length} of them`),
    )
  }
  const count = Math.min(colours.length, MOST_STOPS)
  const stops = Array.from({ length: count }, (_, k) => {
    const at = Math.round((k * colours.length) / count)
    return [Number((at / colours.length).toFixed(6)), colours[at]!] as const
  })
  return { stops, set }
}

/** A gradient as the text of a file: its cycle in 255 steps, then the set. */
export function formatPaletteFile(gradient: Gradient, kind: PaletteFile, name: string): string {
  const table = gradientTable(gradient)
  const line = (index: number, words: string) => {
    const [r, g, b] = Array.from(table.subarray(3 * index, 3 * index + 3), (value) => String(value).padStart(3))
    return `${r} ${g} ${b}${words}`
  }
  const steps = Array.from({ length: PALETTE_STEPS }, (_, k) => line(k, kind === 'gpl' ? `\tstep ${k}` : ''))
  const lines = [...steps, line(INTERIOR_INDEX, `\t${SET_NAME}`)]
  return `${[...(kind === 'gpl' ? [HEADER, `Name: ${name}`, 'Columns: 16', '#'] : []), ...lines].join('\n')}\n`
}
