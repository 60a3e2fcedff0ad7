import { extname } from 'node:path'
import { Failure, mustBe } from '../../core/errors.ts'
import type { Options } from '../../core/options.ts'
import type { Pyramid } from '../../export/pyramid.ts'
import { PICTURE_FORMATS } from '../../formats/format.ts'
import { readCoordinate } from '../../plane/coordinate.ts'
import { defineCommand } from '../command.ts'
import { stoppable } from '../exit.ts'
import { checkOut } from '../flags/files.ts'
import { COLOUR_FLAGS, LIKE_FLAGS, LIMIT_FLAG, readImage } from '../flags/image.ts'
import { showProgress } from '../progress.ts'

/** Writes a pyramid of tiles to files, for viewers that need no server. */
export const pyramid = defineCommand({
  name: 'pyramid',
  summary: 'tiles in files, for Deep Zoom viewers, static hosting, PMTiles or MBTiles',
  usage: '--out PATH --zoom ZOOM [flags]',
  about: [
    'Writes a pyramid of tiles to files. Existing files are kept, so the same command continues an ' +
      'interrupted run, with or without --resume.',
  ],
  flags: {
    out: {
      kind: 'text',
      short: 'o',
      value: 'PATH',
      meaning:
        'a .dzi for Deep Zoom viewers, with its tiles beside it in FILE_files; a folder of tiles z/x/y for map viewers, ' +
        'with a tile.json; or all tiles in one .pmtiles or .mbtiles, which are in FILE.tiles until it is complete',
    },
    zoom: { kind: 'text', value: 'ZOOM', otherwise: '0', meaning: 'the deepest zoom, a whole number' },
    bounds: {
      kind: 'text',
      value: 're,im,re,im',
      default: '-2,-1.5,1,1.5',
      meaning: 'two opposite corners of the part of the plane to write; whole tiles are written',
    },
    format: { kind: 'choice', choices: PICTURE_FORMATS, default: 'png', meaning: 'format of the tiles' },
    'max-files': { kind: 'number', min: 1, max: 1e12, default: 100_000, meaning: 'refuse more files than this' },
    resume: { kind: 'switch', meaning: 'continue an interrupted pyramid' },
    like: LIKE_FLAGS.like,
    ...LIMIT_FLAG,
    ...COLOUR_FLAGS,
  },
  options: ['threads', 'max-iterations', 'max-zoom', 'max-digits'],
  examples: [
    ['pyramid -o set.dzi --zoom 6', 'the whole set, 16,384 pixels wide, for OpenSeadragon'],
    ['pyramid -o set.pmtiles --zoom 7 --format webp', 'one file for MapLibre, on any web server'],
    ['pyramid -o tiles --zoom 8 --bounds -0.8,0.05,-0.7,0.15 --format webp', 'a part of it for Leaflet'],
  ],

  async run(flags, { options }) {
    const { out = '', format, bounds } = flags
    if (out === '' || out === '-') throw new Failure('invalid', mustBe('--out', 'a .dzi or a folder', out))
    const corners = bounds.split(',')
    if (corners.length !== 4) throw new Failure('invalid', mustBe('--bounds', 're,im,re,im', bounds))
    const [a, b, c, d] = corners.map((corner) => readCoordinate('--bounds', corner, options['max-digits']))
    const { zoom, maxIter, appearance } = await readImage(flags, options, {})
    if (!Number.isInteger(zoom)) throw new Failure('invalid', mustBe('--zoom', 'a whole number', flags.zoom ?? zoom))
    const wanted: Pyramid = { a: { re: a!, im: b! }, b: { re: c!, im: d! }, zoom, format, maxIter, appearance }
    await checkOut(out)
    await stoppable((signal) => write(wanted, out, flags['max-files'], options, signal))
  },
})

async function write(wanted: Pyramid, out: string, mostFiles: number, options: Options, signal: AbortSignal) {
  const [{ localRenderer }, { fileCount, writePyramid }, { isArchive, writeArchive }] = await Promise.all([
    import('../renderer.ts'),
    import('../../export/pyramid.ts'),
    import('../../export/archive.ts'),
  ])
  const ending = extname(out).slice(1)
  const kind = ending === 'dzi' ? 'dzi' : 'slippy'
  const count = fileCount(wanted, kind)
  if (!(count <= mostFiles)) {
    throw new Failure('too_expensive', mustBe('the pyramid', `of at most ${mostFiles} files (--max-files)`, count))
  }
  const renderer = localRenderer(options)
  const progress = showProgress(() => renderer.orbits.progress)
  try {
    const caller = { signal, lane: 'bulk' } as const
    if (isArchive(ending)) await writeArchive(renderer, wanted, out, ending, caller, progress.done)
    else await writePyramid(renderer, wanted, out, kind, caller, progress.done)
  } finally {
    progress.end()
    await renderer.close()
  }
}
