// All that shapes a picture beside its place, its size and its iteration limit.
import { Failure, mustBe } from './errors.ts'
import { formatGradient, parseGradient } from './gradient.ts'
import { DEFAULT_PALETTE, PALETTE_NAMES, type PaletteName } from './palettes.ts'

export interface Look {
  palette: PaletteName
  /** the text of a gradient of one's own in the palette's place, as formatGradient writes it */
  gradient?: string
  /** steps of the 255 in a cycle by which the colours are turned: step k shows what k + turn shows otherwise */
  turn: number
  /** cycles of the palette, as a multiple of those that the zoom has by itself */
  density: number
  /** samples along one side of a pixel */
  aa: number
}

export const DEFAULT_LOOK: Look = { palette: DEFAULT_PALETTE, turn: 0, density: 1, aa: 1 }

/** Steps of a phase in a palette's cycle. */
export const STEPS = 255

/** What a look's parameters may be, in words. */
export const LOOK_FORMS = {
  palette: `one of ${PALETTE_NAMES.join(', ')}`,
  offset: 'a number from 0 to 1',
  density: 'a number from 0.0625 to 16',
  aa: 'a whole number from 1 to 4',
}

/** A look's parameters as text; what is left out has its default. @throws Failure with a sentence that names the parameter */
export function readLook(text: Record<string, string | undefined>): Look {
  const { palette = DEFAULT_PALETTE, gradient } = text
  if (!PALETTE_NAMES.includes(palette as PaletteName)) throw refusal('palette', palette)
  return {
    palette: palette as PaletteName,
    ...(gradient === undefined ? {} : { gradient: formatGradient(parseGradient(gradient)) }),
    turn: Math.round(STEPS * number('offset', text.offset ?? '0', 0, 1)) % STEPS,
    density: number('density', text.density ?? '1', 1 / 16, 16),
    aa: whole('aa', text.aa ?? '1', 4),
  }
}

/** The texts that readLook reads the same look from; what has its default is left out, but for the palette. */
export function writeLook({ palette, gradient, turn, density, aa }: Look): Record<string, string> {
  return {
    palette,
    ...(gradient === undefined ? {} : { gradient }),
    // four digits tell 255 steps apart
    ...(turn === 0 ? {} : { offset: String(Number((turn / STEPS).toFixed(4))) }),
    ...(density === 1 ? {} : { density: String(density) }),
    ...(aa === 1 ? {} : { aa: String(aa) }),
  }
}

/** Is one number a pixel all that the look needs? Then its picture is an indexed PNG. */
export function indexable({ aa }: Look): boolean {
  return aa === 1
}

/** The part of a look that colours an index: 768 bytes hang on nothing else. */
export function coloursKey({ palette, gradient, turn }: Pick<Look, 'palette' | 'gradient' | 'turn'>): string {
  return `${gradient ?? palette} ${turn}`
}

/** All of a look, as a key. */
export function lookKey(look: Look): string {
  return `${coloursKey(look)} ${look.density} ${look.aa}`
}

function number(name: 'offset' | 'density', text: string, min: number, max: number): number {
  const value = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw refusal(name, text)
}

function whole(name: 'aa', text: string, max: number): number {
  const value = /^[1-9]$/.test(text) ? Number(text) : Number.NaN
  if (value <= max) return value
  throw refusal(name, text)
}

function refusal(name: keyof typeof LOOK_FORMS, was: string): Failure {
  return new Failure('invalid', mustBe(name, LOOK_FORMS[name], was))
}
