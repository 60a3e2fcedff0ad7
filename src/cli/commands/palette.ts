import { gradientOf } from '../../colour/palette.ts'
import { formatPaletteFile, PALETTE_FILES } from '../../formats/palettefile.ts'
import { defineCommand } from '../command.ts'
import { COLOUR_FLAGS, LIKE_FLAGS, readImage } from '../flags/image.ts'
import { OUT_TEXT_FLAG, requireChoice, writeText } from '../flags/text.ts'

/** Writes a palette for another program. */
export const palette = defineCommand({
  name: 'palette',
  summary: 'a palette as a .map or .gpl for other programs',
  usage: `--format ${PALETTE_FILES.join('|')} [flags]`,
  about: ['Writes a palette for another program: 255 colours of its cycle, then the colour of the set.'],
  flags: {
    format: {
      kind: 'text',
      value: 'NAME',
      form: `${PALETTE_FILES.join(' of Fractint, ')} of GIMP`,
      meaning: 'the format',
    },
    palette: COLOUR_FLAGS.palette,
    gradient: COLOUR_FLAGS.gradient,
    like: LIKE_FLAGS.like,
    ...OUT_TEXT_FLAG,
  },
  examples: [
    ['palette --format gpl --palette ember -o ember.gpl', 'a palette for GIMP'],
    ['palette --format map --like valley.webp', 'the palette of an image, to standard output'],
  ],

  async run(flags, { options }) {
    const format = requireChoice('--format', PALETTE_FILES, flags.format)
    const { appearance } = await readImage(flags, options)
    const name = appearance.gradient === undefined ? appearance.palette : 'own'
    await writeText(formatPaletteFile(gradientOf(appearance), format, `mandeltiles ${name}`), flags.out)
  },
})
