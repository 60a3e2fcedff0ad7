import {
  appearanceKey,
  type Appearance as Colours,
  DEFAULT_APPEARANCE,
  readAppearance,
  writeAppearance,
} from '../colour/appearance.ts'
import type { PaletteName } from '../colour/palettes.ts'

/** All that shapes the picture beside its place. */
export interface Appearance extends Colours {
  limit: number | 'auto'
}

/** A look in a palette, with nothing else chosen. */
export function plainLook(palette: PaletteName): Appearance {
  return { ...DEFAULT_APPEARANCE, palette, limit: 'auto' }
}

/** A look as the server's query parameters; what is as it would be anyway is left out, so that addresses are shared. */
export function lookQuery({ limit, ...colours }: Appearance): Record<string, string> {
  return { ...writeAppearance(colours), ...(limit !== 'auto' && { max_iter: String(limit) }) }
}

/** The part of a look that texts name, by the server's names for it. Throws Failure for what cannot be read. */
export function namedLook(text: Record<string, string | undefined>): Partial<Colours> {
  const { palette, gradient, offsetSteps, density, style, light, levels } = readAppearance(text)
  return {
    ...(text.palette !== undefined && { palette }),
    ...(gradient !== undefined && { gradient }),
    ...(text.offset !== undefined && { offsetSteps }),
    ...(text.density !== undefined && { density }),
    ...(text.style !== undefined && { style }),
    ...(light !== undefined && { light }),
    ...(levels !== undefined && { levels }),
  }
}

/** A look without what its style has no use for. */
export function settled({ light, levels, ...appearance }: Appearance): Appearance {
  return {
    ...appearance,
    ...(light !== undefined && appearance.style === 'slopes' && { light }),
    ...(levels !== undefined && appearance.style === 'histogram' && { levels }),
  }
}

/** Are two looks one? */
export function sameLook(a: Appearance, b: Appearance): boolean {
  return appearanceKey(a) === appearanceKey(b) && a.palette === b.palette && a.limit === b.limit
}
