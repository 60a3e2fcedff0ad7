// The flags that say which tiles are wanted, and how.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { APPEARANCE_FORMS, readAppearance } from '../colour/appearance.ts'
import { Failure, mustBe } from '../core/errors.ts'
import type { Options } from '../core/options.ts'
import { parseWhole } from '../core/parse.ts'
import { PICTURE_FORMATS, type PictureFormat } from '../formats/format.ts'
import { readCoordinate } from '../plane/coordinate.ts'
import { inPyramid, LEFT, SPAN, TILE_SIZE, type TileAddress, TOP } from '../plane/tile.ts'
import { type Place, readPlaces } from '../seed/locations.ts'
import { type Layer, type Part, planAreas, planPlaces } from '../seed/plan.ts'
import { type Area, areaOfBounds, areaOfScreen, areaOfTile, type TileSpec } from '../seed/tileset.ts'

const LOOK = ['gradient', ...Object.keys(APPEARANCE_FORMS)]

/** The flags' names. */
export const WANTED = ['zooms', 'bounds', 'tile', 'places', 'screen', 'part', 'max-iter', 'size', 'format', ...LOOK]
export type WantedFlags = Record<string, string | undefined>

export const WANTED_USAGE = `  --zooms LIST      zooms, such as 0-8 or 3,10-12
  --bounds          of the plane, re,im,re,im: two opposite corners, decimal numbers of any length; default all of it
  --tile z/x/y      what lies in this tile, or the tiles that it lies in
  --places FILE     the screens round places: JSON of { re, im, zoom }, bookmarks that the map saved, a link of the map or zoom/re/im a line,
                    a .kfr or a Fraktaler .toml; each at its own zoom, or on the way there at those of --zooms
  --screen WxH      a screen in pixels, for --places; default 1920x1080
  --part i/n        the share i, from 0 to n - 1, of n that are about equal
  --max-iter        the iteration limit, or auto (the default)
  --size            pixels a side: 256 (the default) or 512, which is @2x
  --format          ${PICTURE_FORMATS.join(', ')}; default png, of which one serves every palette
  --${LOOK.join(', --')}
                    the colours, as for \`mandeltiles render\`
`

/** What the flags ask for. @throws Failure with a sentence that names the flag */
export async function readWanted(flags: WantedFlags, options: Options): Promise<{ layers: Layer[]; part: Part }> {
  const spec = readWish(flags, options)
  const part = readPart(flags.part)
  const given = ['bounds', 'tile', 'places'].filter((name) => flags[name] !== undefined)
  if (given.length > 1) throw new Failure('invalid', `only one of --${given.join(' and --')} may be given`)
  const zooms = flags.zooms === undefined ? undefined : readZooms(flags.zooms, options['max-zoom'])
  if (flags.places !== undefined) {
    const places = readPlaces(basename(flags.places), await readFile(flags.places, 'utf8'), options)
    return { layers: planPlaces(screens(places, zooms, flags, options)), part }
  }
  if (!zooms) throw new Failure('invalid', '--zooms or --places must be given: which tiles?')
  const area = readArea(flags, options)
  return { layers: planAreas(zooms.map(area), spec), part }
}

/** What is wanted of each tile; a place's own text counts where no flag says otherwise. */
function readWish(flags: WantedFlags, options: Options, text: Record<string, string> = {}): TileSpec {
  const said = {
    ...text,
    ...Object.fromEntries(LOOK.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]]))),
  }
  const { size = String(TILE_SIZE), format = 'png' } = flags
  if (size !== String(TILE_SIZE) && size !== String(2 * TILE_SIZE)) {
    throw new Failure('invalid', mustBe('--size', `${TILE_SIZE} or ${2 * TILE_SIZE}`, size))
  }
  if (!PICTURE_FORMATS.includes(format as PictureFormat)) {
    throw new Failure('invalid', mustBe('--format', `one of ${PICTURE_FORMATS.join(', ')}`, format))
  }
  const limit = flags['max-iter'] ?? text.max_iter ?? 'auto'
  return {
    size: Number(size),
    maxIter: limit === 'auto' ? 'auto' : parseWhole('--max-iter', limit, 1, options['max-iterations']),
    appearance: asFlag(() => readAppearance(said)),
    format: format as PictureFormat,
  }
}

function readArea(flags: WantedFlags, options: Options): (z: number) => Area {
  const { bounds, tile } = flags
  if (tile !== undefined) {
    const address = readTile(tile, options['max-zoom'])
    return (z) => areaOfTile(address, z)
  }
  if (bounds === undefined) return (z) => areaOfTile({ z: 0, x: 0n, y: 0n }, z)
  const parts = bounds.split(',')
  if (parts.length !== 4) throw new Failure('invalid', mustBe('--bounds', 're,im,re,im, two opposite corners', bounds))
  const [re0, im0, re1, im1] = parts.map((part) => readCoordinate('each of --bounds', part, options['max-digits']))
  return (z) => {
    const area = areaOfBounds({ re: re0!, im: im0! }, { re: re1!, im: im1! }, z)
    if (area) return area
    const square = `re from ${LEFT} to ${LEFT + SPAN} and im from ${TOP - SPAN} to ${TOP}`
    throw new Failure('invalid', mustBe('--bounds', `two corners of which some lies within ${square}`, bounds))
  }
}

function screens(places: Place[], zooms: number[] | undefined, flags: WantedFlags, options: Options) {
  const { screen = '1920x1080' } = flags
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(screen) ?? []
  if (!width || !height) throw new Failure('invalid', mustBe('--screen', 'WIDTHxHEIGHT in pixels', screen))
  return places.flatMap((place) =>
    (zooms?.filter((z) => z <= place.zoom) ?? [place.zoom]).flatMap((z) => {
      const area = areaOfScreen(place, Number(width), Number(height), z)
      return area ? [{ area, spec: readWish(flags, options, place.text) }] : []
    }),
  )
}

function readZooms(text: string, most: number): number[] {
  const zooms = new Set<number>()
  for (const part of text.split(',')) {
    const [, from, to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part) ?? []
    if (from === undefined || Number(from) > Number(to) || Number(to) > most) {
      throw new Failure('invalid', mustBe('--zooms', `zooms up to ${most}, such as 0-8 or 3,10-12`, text))
    }
    for (let z = Number(from); z <= Number(to); z++) zooms.add(z)
  }
  return [...zooms].sort((a, b) => a - b)
}

function readTile(text: string, most: number): TileAddress {
  const [, zoom, x, y] = /^(\d{1,6})\/(\d+)\/(\d+)$/.exec(text) ?? []
  const z = Number(zoom)
  if (x && y && z <= most && x.length <= most && y.length <= most) {
    const tile = { z, x: BigInt(x), y: BigInt(y) }
    if (inPyramid(tile.x, z) && inPyramid(tile.y, z)) return tile
  }
  throw new Failure('invalid', mustBe('--tile', `z/x/y with z at most ${most}, x and y below 2^z`, text))
}

function readPart(text: string | undefined): Part {
  if (text === undefined) return { index: 0, of: 1 }
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []
  if (of !== undefined && Number(index) < Number(of)) return { index: Number(index), of: Number(of) }
  throw new Failure('invalid', mustBe('--part', 'i/n with i from 0 to n - 1', text))
}

// what readLook refuses by a parameter's name is refused by the flag's
function asFlag<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof Failure ? new Failure(error.code, `--${error.message}`) : error
  }
}
