import { extname } from 'node:path'
import { Failure, mustBe } from '../../core/errors.ts'
import { type OptionName, resolveOptions } from '../../core/options.ts'
import { parseWhole } from '../../core/parse.ts'
import { fileCount, type Pyramid, writePyramid } from '../../export/pyramid.ts'
import { PICTURE_FORMATS, type PictureFormat } from '../../formats/format.ts'
import { readCoordinate } from '../../plane/coordinate.ts'
import { Renderer } from '../../render/renderer.ts'
import type { Command } from '../command.ts'
import { describeOptions, optionFlags, readFlags } from '../flags.ts'
import { pictureFlags, readPicture } from '../imageflags.ts'
import { showProgress } from '../progress.ts'
import { PICTURE_USAGE } from './render.ts'

const NAMES: readonly OptionName[] = ['threads', 'max-iterations', 'max-zoom', 'max-digits']

const USAGE = `usage: mandeltiles pyramid --out FILE.dzi|FOLDER --zoom ZOOM [options]

  --out             a .dzi for Deep Zoom viewers, with FILE_files beside it; or a folder of tiles z/x/y for slippy maps, with a tile.json
  --zoom            the deepest zoom, a whole number
  --bounds          re,im,re,im: two opposite corners of what is wanted; default all, -2,-1.5,1,1.5. Whole tiles are written
  --format          ${PICTURE_FORMATS.join(', ')}; default png
  --max-files       refuses more files than this; default 100000
  What is there already is kept, so a pyramid that was stopped is gone on with by the same command. Of the flags below, the place and the rotation
  mean nothing here.
${PICTURE_USAGE}`

/** Pyramids of tiles in files, for viewers that want no server. */
export const pyramid: Command = {
  summary: 'tiles in files, for Deep Zoom viewers or for static hosting',

  async run(words) {
    const flags = readFlags(words, {
      ...pictureFlags(['out', 'bounds', 'format', 'max-files']),
      ...optionFlags(NAMES),
      help: { type: 'boolean' },
    })
    if (flags.help) return console.log(`${USAGE}${describeOptions(NAMES)}`)
    const text = flags as Record<string, string | undefined>
    const { options } = resolveOptions(text as Partial<Record<OptionName, string>>, process.env)
    const { out = '', format = 'png', bounds = '-2,-1.5,1,1.5' } = text
    if (out === '') throw new Failure('invalid', mustBe('--out', 'a .dzi or a folder', out))
    if (!PICTURE_FORMATS.includes(format as PictureFormat)) {
      throw new Failure('invalid', mustBe('--format', `one of ${PICTURE_FORMATS.join(', ')}`, format))
    }
    const corners = bounds.split(',')
    if (corners.length !== 4) throw new Failure('invalid', mustBe('--bounds', 're,im,re,im', bounds))
    const [a, b, c, d] = corners.map((corner) => readCoordinate('--bounds', corner, options['max-digits']))
    const { zoom, maxIter, appearance } = await readPicture(text, options, {})
    if (!Number.isInteger(zoom)) throw new Failure('invalid', mustBe('--zoom', 'a whole number', text.zoom ?? zoom))
    const kind = extname(out) === '.dzi' ? 'dzi' : 'slippy'
    const wanted: Pyramid = {
      a: { re: a!, im: b! },
      b: { re: c!, im: d! },
      zoom,
      format: format as PictureFormat,
      maxIter,
      appearance,
    }
    const most = parseWhole('--max-files', text['max-files'] ?? '100000', 1, Number.MAX_SAFE_INTEGER)
    const count = fileCount(wanted, kind)
    if (!(count <= most))
      throw new Failure('too_expensive', mustBe('the pyramid', `of at most ${most} files (--max-files)`, count))

    // nothing is too expensive for somebody who waits for it and may stop it
    const alone = {
      'cache-bytes': 0,
      'counts-bytes': 0,
      'cache-dir': '',
      redis: '',
      'max-cost': Number.POSITIVE_INFINITY,
    }
    const renderer = new Renderer({ ...options, ...alone })
    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort())
    const progress = showProgress(() => renderer.orbits.progress)
    try {
      await writePyramid(renderer, wanted, out, kind, { signal: stop.signal, lane: 'bulk' }, progress.done)
    } finally {
      progress.end()
      await renderer.close()
    }
  },
}
