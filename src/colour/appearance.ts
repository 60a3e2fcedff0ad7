// How a picture looks: every parameter except its place, its size and its iteration limit. All are
// parsed and formatted here, so that links, queries, flags and the metadata in pictures agree.

import { Failure, mustBe } from '../core/errors.ts'
import { parseNumber, parseWhole } from '../core/parse.ts'
import { formatGradient, parseGradient } from './gradient.ts'
import { formatLevels, LEVELS_FORM, parseLevels } from './histogram.ts'
import { DEFAULT_PALETTE, PALETTE_NAMES, type PaletteName } from './palettes.ts'
import { PALETTE_STEPS } from './phase.ts'
import { DEFAULT_STYLE, isShaded, STYLES, type Style } from './style.ts'

export interface Appearance {
  palette: PaletteName
  /** a custom gradient in place of the palette, as formatGradient writes it */
  gradient?: string
  /**
   * how far the colours are moved along the cycle: step k shows what step k + offsetSteps showed
   */
  offsetSteps: number
  /** cycles of the palette, as a multiple of the zoom's own */
  density: number
  /** `zoom`: the density follows the zoom alone; unset: the place too (contrast.ts) */
  contrast?: 'zoom'
  /** samples along one side of a pixel; `auto`: more than one where neighbours differ */
  aa: number | 'auto'
  /** what the colours show */
  style: Style
  /**
   * direction of the light on slopes, in degrees counter-clockwise from the right; unset: upper
   * left
   */
  light?: number
  /** of the histogram style: counts below which equal shares of a view's samples lie */
  levels?: readonly number[]
}

export const DEFAULT_APPEARANCE: Appearance = {
  palette: DEFAULT_PALETTE,
  offsetSteps: 0,
  density: 1,
  aa: 1,
  style: DEFAULT_STYLE,
}

/** Light from the upper left, as on printed maps. */
export const DEFAULT_LIGHT = 135

/** What the density of colours follows beside the zoom. */
export const CONTRASTS = ['place', 'zoom']

/** The allowed values of the parameters, in words. */
export const APPEARANCE_FORMS = {
  palette: `one of ${PALETTE_NAMES.join(', ')}`,
  offset: 'a number from 0 to 1',
  density: 'a number from 0.0625 to 16',
  contrast: 'place or zoom',
  aa: 'a whole number from 1 to 4, or auto',
  style: `one of ${STYLES.join(', ')}`,
  light: 'a number of degrees from 0 to 360',
  levels: LEVELS_FORM,
}

/**
 * Reads an appearance from texts by parameter; missing ones have their defaults.
 * @throws Failure `invalid`, which names the parameter
 */
export function readAppearance(text: Record<string, string | undefined>): Appearance {
  const { palette = DEFAULT_PALETTE, gradient, contrast = 'place', style = DEFAULT_STYLE } = text
  if (!PALETTE_NAMES.includes(palette as PaletteName)) throw refusal('palette', palette)
  if (!STYLES.includes(style as Style)) throw refusal('style', style)
  if (!CONTRASTS.includes(contrast)) throw refusal('contrast', contrast)
  const levels = text.levels === undefined ? undefined : parseLevels(text.levels)
  const light = number('light', text.light ?? String(DEFAULT_LIGHT), 0, 360) % 360
  return {
    palette: palette as PaletteName,
    ...(gradient === undefined ? {} : { gradient: formatGradient(parseGradient(gradient)) }),
    offsetSteps: Math.round(PALETTE_STEPS * number('offset', text.offset ?? '0', 0, 1)) % PALETTE_STEPS,
    density: number('density', text.density ?? '1', 1 / 16, 16),
    ...(contrast === 'zoom' && { contrast }),
    aa: text.aa === 'auto' ? text.aa : parseWhole('aa', text.aa ?? '1', 1, 4, APPEARANCE_FORMS.aa),
    style: style as Style,
    ...(isShaded(style as Style) && light !== DEFAULT_LIGHT && { light }),
    ...(style === 'histogram' && levels && { levels }),
  }
}

/**
 * The texts from which readAppearance reads the same appearance. Defaults are left out, but the
 * palette is always named.
 */
export function writeAppearance({
  palette,
  gradient,
  offsetSteps,
  density,
  contrast,
  aa,
  style,
  light,
  levels,
}: Appearance): Record<string, string> {
  return {
    palette,
    ...(gradient === undefined ? {} : { gradient }),
    // four digits tell 255 steps apart
    ...(offsetSteps === 0 ? {} : { offset: String(Number((offsetSteps / PALETTE_STEPS).toFixed(4))) }),
    ...(density === 1 ? {} : { density: String(density) }),
    ...(contrast === undefined ? {} : { contrast }),
    ...(aa === 1 ? {} : { aa: String(aa) }),
    ...(style === DEFAULT_STYLE ? {} : { style }),
    ...(light === undefined ? {} : { light: String(light) }),
    ...(levels === undefined ? {} : { levels: formatLevels(levels) }),
  }
}

/**
 * Samples along one side of a pixel where `auto` takes more than one: with two, spirals show; with
 * three, they are smooth.
 */
export const AUTO_SIDE = 3

/** Samples along one side of a pixel in the grid that is rendered first. */
export function gridSide({ aa }: Pick<Appearance, 'aa'>): number {
  return aa === 'auto' ? 1 : aa
}

/** Samples along one side of the pixels that have the most. */
export function finestSide({ aa }: Pick<Appearance, 'aa'>): number {
  return aa === 'auto' ? AUTO_SIDE : aa
}

/** The most samples that a pixel may take. With `auto` it is sampled once before. */
export function mostSamples({ aa }: Pick<Appearance, 'aa'>): number {
  return aa === 'auto' ? 1 + AUTO_SIDE ** 2 : aa ** 2
}

/** Is one palette index per pixel enough? Then the picture is an indexed PNG. */
export function isIndexed({ aa, style }: Appearance): boolean {
  return aa === 1 && !isShaded(style)
}

/**
 * May colours of true colour lie between the steps of the palette? A shaded picture with one sample
 * a pixel has the colours of the indexed one, dithered like it.
 */
export function usesParts({ aa, style }: Appearance): boolean {
  return aa !== 1 || !isShaded(style)
}

/** Can a tile's samples be cached and coloured again? Not if a pixel has several. */
export function hasReusableSamples({ aa }: Appearance): boolean {
  return aa === 1
}

/**
 * Is it the default style and density? Its colours are made from counts in double precision. All
 * others are made from the single precision that the sample cache holds, so that both ways give the
 * same bytes.
 */
export function usesExactCounts({ style, density }: Appearance): boolean {
  return style === DEFAULT_STYLE && density === 1
}

/** A key for the palette's 768 bytes, which depend on nothing else. */
export function paletteKey({
  palette,
  gradient,
  offsetSteps,
}: Pick<Appearance, 'palette' | 'gradient' | 'offsetSteps'>): string {
  return `${gradient ?? palette} ${offsetSteps}`
}

/** A key for all of an appearance. */
export function appearanceKey(appearance: Appearance): string {
  return `${paletteKey(appearance)}${densityKey(appearance)} ${appearance.aa}${styleKey(appearance)}`
}

/** What the density of colours adds to a key. */
export function densityKey({ density, contrast }: Appearance): string {
  return `${density === 1 ? '' : ` density ${density}`}${contrast === undefined ? '' : ' by zoom'}`
}

/** What the style adds to a key. */
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
