import { type Look as Colours, DEFAULT_LOOK, lookKey, readLook, writeLook } from '../colour/appearance.ts'
import type { PaletteName } from '../colour/palettes.ts'

/** All that shapes the picture beside its place. */
export interface Look extends Colours {
  limit: number | 'auto'
}

/** A look in a palette, with nothing else chosen. */
export function plainLook(palette: PaletteName): Look {
  return { ...DEFAULT_LOOK, palette, limit: 'auto' }
}

/** A look as the server's query parameters; what is as it would be anyway is left out, so that addresses are shared. */
export function lookQuery({ limit, ...colours }: Look): Record<string, string> {
  return { ...writeLook(colours), ...(limit !== 'auto' && { max_iter: String(limit) }) }
}

/** The part of a look that texts name, by the server's names for it. Throws Failure for what cannot be read. */
export function namedLook(text: Record<string, string | undefined>): Partial<Colours> {
  const { palette, gradient, turn, density, style, light, levels } = readLook(text)
  return {
    ...(text.palette !== undefined && { palette }),
    ...(gradient !== undefined && { gradient }),
    ...(text.offset !== undefined && { turn }),
    ...(text.density !== undefined && { density }),
    ...(text.style !== undefined && { style }),
    ...(light !== undefined && { light }),
    ...(levels !== undefined && { levels }),
  }
}

/** A look without what its style has no use for. */
export function settled({ light, levels, ...look }: Look): Look {
  return {
    ...look,
    ...(light !== undefined && look.style === 'slopes' && { light }),
    ...(levels !== undefined && look.style === 'histogram' && { levels }),
  }
}

/** Are two looks one? */
export function sameLook(a: Look, b: Look): boolean {
  return lookKey(a) === lookKey(b) && a.palette === b.palette && a.limit === b.limit
}
