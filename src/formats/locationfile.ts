// Location files of other deep zoomers, read and written: Kalles Fraktaler's .kfr and Fraktaler-3's
// .toml. The content tells which one a text is.
import { Failure, mustBe } from '../core/errors.ts'
import { isFraktaler, parseFraktaler } from './location/fraktaler.ts'
import { isKfr, parseKfr } from './location/kfr.ts'
import type { LocationFile, LocationFileOptions } from './location/location.ts'

export { formatToml } from './location/fraktaler.ts'
export { formatKfr } from './location/kfr.ts'
export type { LocationFile, LocationFileOptions } from './location/location.ts'

const FORM = 'the text of a .kfr (Re:, Im:, Zoom:) or of a Fraktaler-3 .toml (location.real, .imag, .zoom)'

/**
 * Reads the text of a location file of either program.
 * @throws Failure `invalid` or `too_expensive` if it is neither, has another formula, or a value
 * is missing or wrong; the message names the value
 */
export function parseLocationFile(file: string, options: LocationFileOptions = {}): LocationFile {
  const text = file.replace(/^\ufeff/, '')
  if (isFraktaler(text)) return parseFraktaler(text, options)
  if (isKfr(text)) return parseKfr(text, options)
  throw new Failure('invalid', mustBe('the location file', FORM, text.trim()))
}
