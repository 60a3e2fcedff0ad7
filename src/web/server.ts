import { fetchPatiently } from './fetching.ts'
import type { Bounds } from './permalink.ts'

/** A palette as /palettes.json lists it. */
export interface Palette {
  name: string
  title: string
  /** samples round its cycle */
  colours: string[]
  /** what lies far outside the set */
  exterior: string
}

/** What the page has to know of the server before it can ask for tiles. */
export interface Server {
  /** changes when the same address gives another picture */
  version: string
  palettes: Palette[]
  defaultPalette: string
  bounds: Bounds
}

/** Asks the server what it has. */
export async function meetServer(): Promise<Server> {
  const [tiles, palettes] = await Promise.all([
    read<{ mandeltiles: { version: string; maxzoom: number; max_iter: { min: number; max: number } } }>('tile.json'),
    read<{ default: string; palettes: Palette[] }>('palettes.json'),
  ])
  const { version, maxzoom: maxZoom, max_iter: limit } = tiles.mandeltiles
  return {
    version,
    palettes: palettes.palettes,
    defaultPalette: palettes.default,
    bounds: { maxZoom, limit, palettes: palettes.palettes.map(({ name }) => name) },
  }
}

async function read<T>(path: string): Promise<T> {
  const body = await fetchPatiently(path, new AbortController().signal)
  return JSON.parse(await body.text()) as T
}
