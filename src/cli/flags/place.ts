// The flags of a place: a centre, and the zoom of a tile around it.
import type { Options } from '../../core/options.ts'
import { readCoordinate } from '../../plane/coordinate.ts'
import type { Decimal } from '../../plane/decimal.ts'
import { readZoom } from '../../render/request.ts'
import type { Flags, Values } from '../flag.ts'
import { CENTRE_FLAGS, namingFlags } from './image.ts'

export const PLACE_FLAGS = {
  ...CENTRE_FLAGS,
  zoom: { kind: 'text', value: 'ZOOM', otherwise: '0', meaning: "the map's zoom, which may have a fraction" },
} as const satisfies Flags

/** The place that flags name. @throws Failure with a sentence that names the flag */
export function readPlace(
  flags: Values<typeof PLACE_FLAGS>,
  options: Options,
): { re: Decimal; im: Decimal; zoom: number } {
  const text = (name: keyof typeof PLACE_FLAGS) => flags[name] ?? PLACE_FLAGS[name].otherwise
  return namingFlags(() => ({
    re: readCoordinate('re', text('re'), options['max-digits']),
    im: readCoordinate('im', text('im'), options['max-digits']),
    zoom: readZoom(text('zoom'), options),
  }))
}
