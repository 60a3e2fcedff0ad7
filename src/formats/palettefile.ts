// Palettes of other programs, recognised by their content. Fractint's .map, a line `red green blue`
// for each of up to 256 colours, and GIMP's .gpl, the same behind a header, are read and written.
// Those of Kalles Fraktaler, Ultra Fractal, GIMP's gradients and Adobe's swatches are only read
// (palette/). A list of colours goes round the cycle evenly.
//
// A few colours become the stops of a gradient. A long list is used unchanged, as bands, so stripes
// stay stripes. A written file holds the cycle's 255 steps and then the set, labelled as such;
// reading takes the colour with that label for the set's.
//
// The programs that read .map files take the first three numbers of a line. So do we: words may
// follow, and a line that does not begin with a number is skipped. 256 counts as 255, because many
// files contain it, and a file ends at the character 0x1a, as under DOS.
import { bandsOf, FEWEST_STOPS, type Gradient, MOST_BANDS, MOST_STOPS } from '../colour/gradient.ts'
import { gradientTable, INTERIOR_INDEX } from '../colour/palette.ts'
import { PALETTE_STEPS } from '../colour/phase.ts'
import { Failure, mustBe } from '../core/errors.ts'
import { isAse, parseAse } from './palette/ase.ts'
import { BLACK, hex } from './palette/cycle.ts'
import { isGgr, parseGgr } from './palette/ggr.ts'
import { isKfp, parseKfp } from './palette/kfp.ts'
import { isUgr, parseUgr } from './palette/ugr.ts'
import { decodeText } from './text.ts'

/** Kinds of palette files that can be written, by their extension. */
export const PALETTE_FILES = ['map', 'gpl'] as const
export type PaletteFile = (typeof PALETTE_FILES)[number]

/** Kinds that can be read, and the same in words. */
export const PALETTE_ENDINGS = [...PALETTE_FILES, 'ggr', 'kfp', 'kfr', 'ugr', 'ase'] as const
export const PALETTE_FILE_FORM =
  'a .map of Fractint, a .gpl or .ggr of GIMP, a .kfp or .kfr of Kalles Fraktaler, a .ugr of Ultra Fractal or an ' +
  '.ase of Adobe'

// the label after the set's own colour
const SET_NAME = 'the set'
const HEADER = 'GIMP Palette'
const MOST = 4096

/**
 * Reads the bytes of a palette file, or its text.
 * @throws Failure `invalid` if a part of it is not a colour, or there are too few or too many; the
 * message says which
 */
export function parsePaletteFile(file: string | Uint8Array): Gradient {
  if (typeof file !== 'string' && isAse(file)) return gradientFrom(parseAse(file), BLACK)
  const text = (typeof file === 'string' ? file : decodeText(file)).replace(/^\ufeff/, '')
  if (isGgr(text)) return parseGgr(text)
  if (isKfp(text)) return parseKfp(text)
  if (isUgr(text)) return parseUgr(text)
  return parseList(text)
}

// the text of a .map or a .gpl
function parseList(text: string): Gradient {
  const [content = ''] = text.split('\x1a')
  const lines = content.split(/\r\n|\r|\n/).map((line) => line.trim())
  const alpha = lines[0] === HEADER && lines.some((line) => /^Channels:\s*RGBA$/i.test(line))
  const rows = lines.filter((line) => /^\d/.test(line))
  if (rows.length > MOST + 1) throw notMany(rows.length)
  const entries = rows.map((line) => readEntry(line, alpha))
  const colours = entries.flatMap(({ colour, name }) => (name === SET_NAME ? [] : [colour]))
  const set = entries.findLast(({ name }) => name === SET_NAME)?.colour ?? BLACK
  if (entries.length === 0) throw notColour(lines.find((line) => line !== '') ?? '')
  return gradientFrom(colours, set)
}

// a few colours become stops, many become bands
function gradientFrom(colours: string[], set: string): Gradient {
  if (colours.length < FEWEST_STOPS || colours.length > MOST) throw notMany(colours.length)
  if (colours.length > MOST_STOPS) return bandsOf(everyFew(colours), set)
  const stops = colours.map((colour, k) => [Number((k / colours.length).toFixed(6)), colour] as const)
  return { stops, set }
}

function readEntry(line: string, alpha: boolean): { colour: string; name: string } {
  const [, r, g, b, rest = ''] = /^(\d{1,3})[\s,;]+(\d{1,3})[\s,;]+(\d{1,3})(?![\d.])(.*)$/s.exec(line) ?? []
  const values = [Number(r), Number(g), Number(b)] as const
  if (!values.every((value) => value <= 256)) throw notColour(line)
  return { colour: hex(values), name: (alpha ? rest.replace(/^[\s,;]*\d+/, '') : rest).trim() }
}

function notMany(count: number): Failure {
  return new Failure('invalid', mustBe('the palette', `${FEWEST_STOPS} to ${MOST} colours`, `${count} of them`))
}

function notColour(line: string): Failure {
  const form = 'a line of red, green and blue from 0 to 255'
  return new Failure('invalid', mustBe('a colour of the palette', form, line))
}

// at most as many as the cycle has steps
function everyFew(colours: string[]): string[] {
  if (colours.length <= MOST_BANDS) return colours
  return Array.from({ length: PALETTE_STEPS }, (_, k) => colours[Math.floor((k * colours.length) / PALETTE_STEPS)]!)
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
