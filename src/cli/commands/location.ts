import { orientation } from '../../formats/location/location.ts'
import { formatKfr, formatToml } from '../../formats/locationfile.ts'
import { defineCommand } from '../command.ts'
import { CENTRE_FLAGS, LIKE_FLAGS, LIMIT_FLAG, ORIENTATION_FLAGS, readImage } from '../flags/image.ts'
import { OUT_TEXT_FLAG, requireChoice, writeText } from '../flags/text.ts'

const FORMATS = { kfr: formatKfr, toml: formatToml }
const NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[]

/** Writes a location for another program. */
export const location = defineCommand({
  name: 'location',
  summary: 'a location as a .kfr or .toml for other programs',
  usage: `--format ${NAMES.join('|')} [flags]`,
  about: ['Writes a location for another program, for an image of --height pixels.'],
  flags: {
    format: {
      kind: 'text',
      value: 'NAME',
      form: 'kfr of Kalles Fraktaler, toml of Fraktaler-3',
      meaning: 'the format',
    },
    ...LIKE_FLAGS,
    ...CENTRE_FLAGS,
    zoom: { kind: 'text', value: 'ZOOM', otherwise: '1.5', meaning: "the map's zoom, which may have a fraction" },
    height: { kind: 'text', value: 'PIXELS', otherwise: '768', meaning: 'height of the image' },
    ...ORIENTATION_FLAGS,
    ...LIMIT_FLAG,
    ...OUT_TEXT_FLAG,
  },
  examples: [
    ['location --format kfr --like valley.webp -o valley.kfr', 'the location of an image, for Kalles Fraktaler'],
    ['location --format toml --re -1.25 --im 0.02 --zoom 40', 'a location by its centre, to standard output'],
  ],

  async run(flags, { options }) {
    const write = FORMATS[requireChoice('--format', NAMES, flags.format)]
    const image = await readImage(flags, options)
    const { re, im, zoom, height, maxIter, rotation, mirror } = image
    await writeText(
      write({ re, im, zoom, ...(maxIter === 'auto' ? {} : { maxIter }), ...orientation(rotation, mirror) }, height),
      flags.out,
    )
  },
})
