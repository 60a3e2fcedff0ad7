// The flags of `seed` that select tiles and their appearance.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { readAppearance } from '../../colour/appearance.ts'
import { Failure, mustBe } from '../../core/errors.ts'
import { readValue } from '../../core/option.ts'
import type { Options } from '../../core/options.ts'
import { readWhole } from '../../core/parse.ts'
import { PICTURE_FORMATS } from '../../formats/format.ts'
import { decodeText } from '../../formats/text.ts'
import { readCoordinate } from '../../plane/coordinate.ts'
import { inPyramid, LEFT, SPAN, TILE_SIZE, type TileAddress, TOP } from '../../plane/tile.ts'
import { type Location, readLocations } from '../../seed/locations.ts'
import { type Layer, type Part, planAreas, planLocations } from '../../seed/plan.ts'
import { type Area, areaOfBounds, areaOfScreen, areaOfTile, type TileSpec } from '../../seed/tileset.ts'
import type { Flags, Values } from '../flag.ts'
import { unreadable } from './files.ts'
import { COLOUR_FLAGS, LIMIT_FLAG, namingFlags } from './image.ts'
import { withinLimit } from './limit.ts'

const SIZES = [String(TILE_SIZE), String(2 * TILE_SIZE)] as const

export const TILE_FLAGS = {
  zooms: { kind: 'text', value: 'LIST', meaning: 'zooms, such as 0-8 or 3,10-12' },
  bounds: {
    kind: 'text',
    value: 're,im,re,im',
    otherwise: 'the whole plane',
    meaning: 'the part of the plane between two opposite corners, decimal numbers of any length',
  },
  tile: { kind: 'text', value: 'z/x/y', meaning: 'the tiles within this one, and those that contain it' },
  locations: {
    kind: 'text',
    value: 'FILE',
    formerly: 'places',
    meaning:
      'the screens around locations: JSON of { re, im, zoom }, bookmarks that the map saved, a link of the map or ' +
      'zoom/re/im on each line, a .kfr or a .toml of Fraktaler-3. Each at its own zoom, or at the --zooms on ' +
      'the way there',
  },
  screen: {
    kind: 'text',
    value: 'WxH',
    otherwise: '1920x1080',
    meaning: 'size of a screen in pixels, for --locations',
  },
  part: { kind: 'text', value: 'i/n', meaning: 'only part i, from 0 to n - 1, of n parts of about equal size' },
  size: {
    kind: 'choice',
    choices: SIZES,
    value: 'PIXELS',
    default: SIZES[0],
    meaning: `pixels along a side; ${SIZES[1]} is @2x`,
  },
  format: {
    kind: 'choice',
    choices: PICTURE_FORMATS,
    default: 'png',
    meaning: 'format of the tiles; one png serves every palette',
  },
  ...LIMIT_FLAG,
  ...COLOUR_FLAGS,
} as const satisfies Flags

export type TileFlags = Values<typeof TILE_FLAGS>

/** The tiles that flags request. @throws Failure with a message that names the flag */
export async function readTiles(flags: TileFlags, options: Options): Promise<{ layers: Layer[]; part: Part }> {
  const spec = readSpec(flags, options)
  const part = readPart(flags.part)
  const given = (['bounds', 'tile', 'locations'] as const).filter((name) => flags[name] !== undefined)
  if (given.length > 1) throw new Failure('invalid', `only one of --${given.join(' and --')} may be given`)
  const zooms = flags.zooms === undefined ? undefined : readZooms(flags.zooms, options['max-zoom'])
  const { locations: file } = flags
  if (file !== undefined) {
    const bytes = await readFile(file).catch((cause) => {
      throw unreadable('--locations', 'a file that can be read', file, cause)
    })
    return {
      layers: planLocations(screens(readLocations(basename(file), decodeText(bytes), options), zooms, flags, options)),
      part,
    }
  }
  if (!zooms) throw new Failure('invalid', '--zooms or --locations must be given to select tiles')
  const area = readArea(flags, options)
  return { layers: planAreas(zooms.map(area), spec), part }
}

/** The appearance of each tile. A location's own parameters count unless a flag overrides them. */
function readSpec(flags: TileFlags, options: Options, own: Record<string, string> = {}): TileSpec {
  const colours = Object.keys(COLOUR_FLAGS) as (keyof typeof COLOUR_FLAGS)[]
  const given = colours.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]]))
  const limit = flags['max-iter'] ?? ownLimit(own.max_iter, options) ?? 'auto'
  const whole = { kind: 'number', min: 1, max: options['max-iterations'] } as const
  return {
    size: Number(flags.size),
    maxIter: limit === 'auto' ? 'auto' : Number(readValue('--max-iter', whole, limit)),
    appearance: namingFlags(() => readAppearance({ ...own, ...Object.fromEntries(given) })),
    format: flags.format,
  }
}

// a location's limit, up to the allowed maximum
function ownLimit(text: string | undefined, options: Options): string | undefined {
  const limit = readWhole(text ?? '')
  return limit >= 1 ? String(withinLimit(limit, 'a location', options)) : text
}

function readArea({ bounds, tile }: TileFlags, options: Options): (z: number) => Area {
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
    throw new Failure('invalid', mustBe('--bounds', `two corners of an area that overlaps ${square}`, bounds))
  }
}

function screens(locations: Location[], zooms: number[] | undefined, flags: TileFlags, options: Options) {
  const { screen = '1920x1080' } = flags
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(screen) ?? []
  if (!width || !height) throw new Failure('invalid', mustBe('--screen', 'WIDTHxHEIGHT in pixels', screen))
  return locations.flatMap((location) =>
    (zooms?.filter((z) => z <= location.zoom) ?? [location.zoom]).flatMap((z) => {
      const area = areaOfScreen(location, Number(width), Number(height), z)
      return area ? [{ area, spec: readSpec(flags, options, location.parameters) }] : []
    }),
  )
}

function readZooms(text: string, deepest: number): number[] {
  const zooms = new Set<number>()
  for (const part of text.split(',')) {
    const [, from, to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part) ?? []
    if (from === undefined || Number(from) > Number(to) || Number(to) > deepest) {
      throw new Failure('invalid', mustBe('--zooms', `zooms up to ${deepest}, such as 0-8 or 3,10-12`, text))
    }
    for (let z = Number(from); z <= Number(to); z++) zooms.add(z)
  }
  return [...zooms].sort((a, b) => a - b)
}

function readTile(text: string, deepest: number): TileAddress {
  const [, zoom, x, y] = /^(\d{1,6})\/(\d+)\/(\d+)$/.exec(text) ?? []
  const z = Number(zoom)
  // 2^z has fewer than z digits from zoom 2 on
  if (x && y && z <= deepest && x.length <= deepest && y.length <= deepest) {
    const tile = { z, x: BigInt(x), y: BigInt(y) }
    if (inPyramid(tile.x, z) && inPyramid(tile.y, z)) return tile
  }
  throw new Failure('invalid', mustBe('--tile', `z/x/y with z at most ${deepest}, x and y below 2^z`, text))
}

function readPart(text: string | undefined): Part {
  if (text === undefined) return { index: 0, of: 1 }
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []
  if (of !== undefined && Number(index) < Number(of)) return { index: Number(index), of: Number(of) }
  throw new Failure('invalid', mustBe('--part', 'i/n with i from 0 to n - 1', text))
}
