import {
  type Appearance,
  appearanceKey,
  DEFAULT_APPEARANCE,
  readAppearance,
  writeAppearance,
} from '../../colour/appearance.ts'
import type { PaletteName } from '../../colour/palettes.ts'

/**
 * Everything that affects the picture apart from its place: the colours and the iteration limit.
 */
export interface MapAppearance extends Appearance {
  limit: number | 'auto'
}

/** The defaults, in a given palette. */
export function defaultAppearance(palette: PaletteName): MapAppearance {
  return { ...DEFAULT_APPEARANCE, palette, limit: 'auto' }
}

/**
 * An appearance as the server's query parameters. Defaults are left out, so that equal pictures
 * have equal URLs.
 */
export function appearanceQuery({ limit, ...colours }: MapAppearance): Record<string, string> {
  return { ...writeAppearance(colours), ...(limit !== 'auto' && { max_iter: String(limit) }) }
}

/**
 * Those parts that a link names, by the server's parameter names. @throws Failure for a value that
 * is not valid
 */
export function parseAppearance(text: Record<string, string | undefined>): Partial<Appearance> {
  const { palette, gradient, offsetSteps, density, contrast, style, light, levels } = readAppearance(text)
  return {
    ...(text.palette !== undefined && { palette }),
    ...(gradient !== undefined && { gradient }),
    ...(text.offset !== undefined && { offsetSteps }),
    ...(text.density !== undefined && { density }),
    ...(contrast !== undefined && { contrast }),
    ...(text.style !== undefined && { style }),
    ...(light !== undefined && { light }),
    ...(levels !== undefined && { levels }),
  }
}

/** An appearance without the parts that its style does not use. */
export function normalised({ light, levels, ...appearance }: MapAppearance): MapAppearance {
  return {
    ...appearance,
    ...(light !== undefined && appearance.style === 'slopes' && { light }),
    ...(levels !== undefined && appearance.style === 'histogram' && { levels }),
  }
}

/** Do both give the same picture, and the same choice in the panel? */
export function sameAppearance(a: MapAppearance, b: MapAppearance): boolean {
  return appearanceKey(a) === appearanceKey(b) && a.palette === b.palette && a.limit === b.limit
}
