import { Failure, mustBe } from '../../core/errors.ts'
import { resolveOptions } from '../../core/options.ts'
import { formatKfr, formatToml } from '../../formats/locationfile.ts'
import type { Command } from '../command.ts'
import { readFlags } from '../flags.ts'
import { pictureFlags, readPicture } from '../imageflags.ts'
import { give } from './palette.ts'

const FORMATS: Record<string, typeof formatKfr> = { kfr: formatKfr, toml: formatToml }

const USAGE = `usage: mandeltiles place --format kfr|toml [--like FILE] [--re RE --im IM --zoom ZOOM] [--out FILE]

  Writes a place for another program: Kalles Fraktaler's .kfr or a .toml of Fraktaler-3, for a picture of --height pixels.

  --format          kfr or toml
  --like FILE       the place of a picture rendered before, or of a .kfr or .toml
  --re, --im, --zoom, --height, --max-iter  as of render; they override what the file says
  --out FILE        where to; standard output when left out`

/** A place for other programs. */
export const place: Command = {
  summary: 'a place as a .kfr or a .toml for other programs',

  async run(words) {
    const flags = readFlags(words, { ...pictureFlags(['format', 'out']), help: { type: 'boolean' } })
    if (flags.help) return console.log(USAGE)
    const text = flags as Record<string, string | undefined>
    const write = FORMATS[text.format ?? '']
    if (!write)
      throw new Failure('invalid', mustBe('--format', `one of ${Object.keys(FORMATS).join(', ')}`, text.format ?? ''))
    const { re, im, zoom, height, maxIter } = await readPicture(text, resolveOptions({}, process.env).options)
    await give(write({ re, im, zoom, ...(maxIter === 'auto' ? {} : { maxIter }) }, height), text.out)
  },
}
