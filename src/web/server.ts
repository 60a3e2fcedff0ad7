import type { PaletteName } from '../colour/palettes.ts'
import { fetchPatiently } from './fetching.ts'
import type { Bounds } from './permalink.ts'

/** A palette as /palettes.json lists it. */
export interface Palette {
  name: PaletteName
  title: string
}

/** What the page has to know of the server before it can ask for tiles. */
export interface Server {
  /** changes when the same address gives another picture */
  version: string
  palettes: Palette[]
  defaultPalette: PaletteName
  bounds: Bounds
  /** of a picture, in pixels */
  longestSide: number
}

interface TileJson {
  mandeltiles: {
    version: string
    maxzoom: number
    max_iter: { min: number; max: number }
    max_image: number
    julia: { maxzoom: number }
  }
}

/** Asks the server what it has; `waiting` is told each time that it is to be asked again. */
export async function meetServer(waiting: () => void): Promise<Server> {
  const [{ mandeltiles }, { palettes, default: defaultPalette }] = await Promise.all([
    read<TileJson>('tile.json', waiting),
    read<{ default: PaletteName; palettes: Palette[] }>('palettes.json', waiting),
  ])
  const { version, maxzoom, max_iter: limit, max_image: longestSide, julia } = mandeltiles
  return {
    version,
    palettes,
    defaultPalette,
    bounds: { maxZoom: maxzoom, juliaMaxZoom: julia.maxzoom, limit },
    longestSide,
  }
}

async function read<T>(path: string, waiting: () => void): Promise<T> {
  const body = await fetchPatiently(path, new AbortController().signal, waiting)
  return JSON.parse(await body.text()) as T
}
