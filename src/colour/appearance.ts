// All that shapes a picture beside its place, its size and its iteration limit.

import { Failure, mustBe } from '../core/errors.ts'
import { parseNumber, parseWhole } from '../core/parse.ts'
import { formatGradient, parseGradient } from './gradient.ts'
import { formatLevels, LEVELS_FORM, parseLevels } from './histogram.ts'
import { DEFAULT_PALETTE, PALETTE_NAMES, type PaletteName } from './palettes.ts'
import { STEPS } from './phase.ts'
import { DEFAULT_STYLE, STYLES, type Style, shaded } from './style.ts'

export interface Appearance {
  palette: PaletteName
  /** the text of a gradient of one's own in the palette's place, as formatGradient writes it */
  gradient?: string
  /** steps of the 255 in a cycle by which the colours are turned: step k shows what k + turn shows otherwise */
  offsetSteps: number
  /** cycles of the palette, as a multiple of those that the zoom has by itself */
  density: number
  /** samples along one side of a pixel */
  aa: number
  /** what the colours show */
  style: Style
  /** where slopes have their light from, if not from the upper left: degrees from the right by way of above */
  light?: number
  /** the histogram's: counts below which equal shares of a view's samples lie */
  levels?: readonly number[]
}

export const DEFAULT_APPEARANCE: Appearance = {
  palette: DEFAULT_PALETTE,
  offsetSteps: 0,
  density: 1,
  aa: 1,
  style: DEFAULT_STYLE,
}

/** Upper left, as in any atlas. */
export const DEFAULT_LIGHT = 135

/** What a look's parameters may be, in words. */
export const APPEARANCE_FORMS = {
  palette: `one of ${PALETTE_NAMES.join(', ')}`,
  offset: 'a number from 0 to 1',
  density: 'a number from 0.0625 to 16',
  aa: 'a whole number from 1 to 4',
  style: `one of ${STYLES.join(', ')}`,
  light: 'a number of degrees from 0 to 360',
  levels: LEVELS_FORM,
}

/** A look's parameters as text; what is left out has its default. @throws Failure with a sentence that names the parameter */
export function readAppearance(text: Record<string, string | undefined>): Appearance {
  const { palette = DEFAULT_PALETTE, gradient, style = DEFAULT_STYLE } = text
  if (!PALETTE_NAMES.includes(palette as PaletteName)) throw refusal('palette', palette)
  if (!STYLES.includes(style as Style)) throw refusal('style', style)
  const levels = text.levels === undefined ? undefined : parseLevels(text.levels)
  const light = number('light', text.light ?? String(DEFAULT_LIGHT), 0, 360) % 360
  return {
    palette: palette as PaletteName,
    ...(gradient === undefined ? {} : { gradient: formatGradient(parseGradient(gradient)) }),
    offsetSteps: Math.round(STEPS * number('offset', text.offset ?? '0', 0, 1)) % STEPS,
    density: number('density', text.density ?? '1', 1 / 16, 16),
    aa: parseWhole('aa', text.aa ?? '1', 1, 4),
    style: style as Style,
    ...(shaded(style as Style) && light !== DEFAULT_LIGHT && { light }),
    ...(style === 'histogram' && levels && { levels }),
  }
}

/** The texts that readLook reads the same look from; what has its default is left out, but for the palette. */
export function writeAppearance({
  palette,
  gradient,
  offsetSteps,
  density,
  aa,
  style,
  light,
  levels,
}: Appearance): Record<string, string> {
  return {
    palette,
    ...(gradient === undefined ? {} : { gradient }),
    // four digits tell 255 steps apart
    ...(offsetSteps === 0 ? {} : { offset: String(Number((offsetSteps / STEPS).toFixed(4))) }),
    ...(density === 1 ? {} : { density: String(density) }),
    ...(aa === 1 ? {} : { aa: String(aa) }),
    ...(style === DEFAULT_STYLE ? {} : { style }),
    ...(light === undefined ? {} : { light: String(light) }),
    ...(levels === undefined ? {} : { levels: formatLevels(levels) }),
  }
}

/** Is one number a pixel all that the look needs? Then its picture is an indexed PNG. */
export function indexable({ aa, style }: Appearance): boolean {
  return aa === 1 && !shaded(style)
}

/** May what is known of a tile's samples be kept for other looks? Not where a pixel has many. */
export function keepable({ aa }: Appearance): boolean {
  return aa === 1
}

/** The smooth colours as they are by themselves: made from counts in double precision, where all others take what is kept in single. */
export function plain({ style, density }: Appearance): boolean {
  return style === DEFAULT_STYLE && density === 1
}

/** The part of a look that colours an index: 768 bytes hang on nothing else. */
export function coloursKey({
  palette,
  gradient,
  offsetSteps,
}: Pick<Appearance, 'palette' | 'gradient' | 'offsetSteps'>): string {
  return `${gradient ?? palette} ${offsetSteps}`
}

/** All of a look, as a key. */
export function appearanceKey(appearance: Appearance): string {
  return `${coloursKey(appearance)} ${appearance.density} ${appearance.aa}${styleKey(appearance)}`
}

/** What a look's style adds to a key. */
export function styleKey({ style, light, levels }: Pick<Appearance, 'style' | 'light' | 'levels'>): string {
  const more = light ?? levels
  return style === DEFAULT_STYLE ? '' : ` ${style}${more === undefined ? '' : ` ${more}`}`
}

function number(name: 'offset' | 'density' | 'light', text: string, min: number, max: number): number {
  return parseNumber(name, text, min, max, APPEARANCE_FORMS[name])
}

function refusal(name: keyof typeof APPEARANCE_FORMS, was: string): Failure {
  return new Failure('invalid', mustBe(name, APPEARANCE_FORMS[name], was))
}
