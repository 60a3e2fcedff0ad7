import { writeFile } from 'node:fs/promises'
import { gradientOf } from '../../colour/palette.ts'
import { Failure, mustBe } from '../../core/errors.ts'
import { resolveOptions } from '../../core/options.ts'
import { formatPaletteFile, PALETTE_FILES, type PaletteFile } from '../../formats/palettefile.ts'
import type { Command } from '../command.ts'
import { readFlags } from '../flags.ts'
import { pictureFlags, readPicture } from '../imageflags.ts'

const USAGE = `usage: mandeltiles palette --format map|gpl [--palette NAME|FILE | --gradient COLOURS | --like PICTURE] [--out FILE]

  Writes a palette for another program: Fractint's .map or GIMP's .gpl, its cycle in 255 steps and then the set.

  --format          ${PALETTE_FILES.join(' or ')}
  --palette         a name, or a .map or .gpl
  --gradient        a palette of your own
  --like FILE       the palette of a picture rendered before
  --out FILE        where to; standard output when left out`

/** A palette for other programs. */
export const palette: Command = {
  summary: 'a palette as a .map or a .gpl for other programs',

  async run(words) {
    const flags = readFlags(words, { ...pictureFlags(['format', 'out']), help: { type: 'boolean' } })
    if (flags.help) return console.log(USAGE)
    const text = flags as Record<string, string | undefined>
    const format = text.format ?? ''
    if (!PALETTE_FILES.includes(format as PaletteFile)) {
      throw new Failure('invalid', mustBe('--format', `one of ${PALETTE_FILES.join(', ')}`, format))
    }
    const { appearance } = await readPicture(text, resolveOptions({}, process.env).options)
    const name = appearance.gradient === undefined ? appearance.palette : 'own'
    await give(formatPaletteFile(gradientOf(appearance), format as PaletteFile, `mandeltiles ${name}`), text.out)
  },
}

/** Writes a text to a file, or to standard output. */
export async function give(content: string, out: string | undefined): Promise<void> {
  if (out === undefined) process.stdout.write(content)
  else await writeFile(out, content)
}
