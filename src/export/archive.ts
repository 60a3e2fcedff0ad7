// A pyramid in one file: PMTiles or MBTiles. Its tiles are first rendered into a folder beside the
// file, like slippy tiles, so that an interrupted run can continue; then they are packed, and the
// folder is removed.
//
// Readers of these files know maps of the world only: the square of zoom 0 lies where the world
// does in Web Mercator, and bounds are given as if they were longitudes and latitudes.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, mustBe } from '../core/errors.ts'
import { replaceFile } from '../core/files.ts'
import type { Caller } from '../render/handle.ts'
import type { Renderer } from '../render/renderer.ts'
import type { OnProgress } from '../render/strips.ts'
import type { Area } from '../seed/tileset.ts'
import { MbtilesWriter } from './mbtiles.ts'
import { type LonLatBounds, PMTILES_ZOOM, PmtilesWriter, tileId } from './pmtiles.ts'
import { areasOf, type Pyramid, writePyramid } from './pyramid.ts'

// MBTiles readers hold rows and columns in 32 bits
const DEEPEST = { pmtiles: PMTILES_ZOOM, mbtiles: 30 }
export type ArchiveKind = keyof typeof DEEPEST

export function isArchive(ending: string): ending is ArchiveKind {
  return Object.hasOwn(DEEPEST, ending)
}

/** Writes a pyramid as one file. @throws Failure `invalid` if the format has no such zoom */
export async function writeArchive(
  renderer: Renderer,
  pyramid: Pyramid,
  out: string,
  kind: ArchiveKind,
  caller: Caller,
  onProgress?: OnProgress,
): Promise<void> {
  if (pyramid.zoom > DEEPEST[kind]) {
    throw new Failure('invalid', mustBe('--zoom', `at most ${DEEPEST[kind]} in a .${kind}`, pyramid.zoom))
  }
  const folder = `${out}.tiles`
  await writePyramid(renderer, pyramid, folder, 'slippy', caller, onProgress)
  await replaceFile(out, (path) => (kind === 'pmtiles' ? packPmtiles : packMbtiles)(path, folder, pyramid, caller))
  await rm(folder, { recursive: true })
}

const METADATA = {
  name: 'mandeltiles',
  description: 'The Mandelbrot set: re from -2 to 1, im from -1.5 to 1.5 at zoom 0',
  type: 'baselayer',
}

async function packPmtiles(path: string, folder: string, pyramid: Pyramid, caller: Caller): Promise<void> {
  const writer = await PmtilesWriter.create(path)
  try {
    for (const area of areasOf(pyramid)) {
      const tiles = [...tilesOf(area)].map((tile) => ({ ...tile, id: tileId(tile.z, tile.x, tile.y) }))
      for (const { z, x, y } of tiles.sort((a, b) => a.id - b.id)) {
        caller.signal?.throwIfAborted()
        await writer.add(z, x, y, await readTile(folder, pyramid, { z, x, y }))
      }
    }
    await writer.finish(pyramid.format, pyramid.zoom, boundsOf(pyramid), METADATA)
  } finally {
    await writer.close()
  }
}

async function packMbtiles(path: string, folder: string, pyramid: Pyramid, caller: Caller): Promise<void> {
  const { format, zoom } = pyramid
  const writer = await MbtilesWriter.create(path, {
    ...METADATA,
    format,
    bounds: boundsOf(pyramid).map(String).join(),
    minzoom: '0',
    maxzoom: String(zoom),
  })
  try {
    for (const area of areasOf(pyramid)) {
      for (const { z, x, y } of tilesOf(area)) {
        caller.signal?.throwIfAborted()
        writer.add(z, x, y, await readTile(folder, pyramid, { z, x, y }))
      }
    }
    writer.finish()
  } finally {
    writer.close()
  }
}

interface TileAddress {
  z: number
  x: number
  y: number
}

function* tilesOf({ z, x0, y0, x1, y1 }: Area): Generator<TileAddress> {
  for (let y = Number(y0); y <= y1; y++) for (let x = Number(x0); x <= x1; x++) yield { z, x, y }
}

function readTile(folder: string, { format }: Pyramid, { z, x, y }: TileAddress): Promise<Buffer> {
  return readFile(join(folder, `${z}/${x}/${y}.${format}`))
}

function boundsOf(pyramid: Pyramid): LonLatBounds {
  const { z, x0, y0, x1, y1 } = areasOf(pyramid).at(-1)!
  const longitude = (x: number) => (360 * x) / 2 ** z - 180
  const latitude = (y: number) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** z))) * 180) / Math.PI
  return [longitude(Number(x0)), latitude(Number(y1) + 1), longitude(Number(x1) + 1), latitude(Number(y0))]
}
