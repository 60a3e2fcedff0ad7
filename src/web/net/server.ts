import type { PaletteName } from '../../colour/palettes.ts'
import type { Text } from '../language/texts.ts'
import type { ServerBounds } from '../state/permalink.ts'
import { fetchJson } from './fetching.ts'

/** A palette as /palettes.json lists it. */
export interface Palette {
  name: PaletteName
  title: Text
}

/** What the page must know about the server before it can request tiles. */
export interface ServerInfo {
  /** the prefix of its addresses: empty if they are relative to the page */
  base: string
  /** changes when the same address gives another picture */
  version: string
  palettes: Palette[]
  defaultPalette: PaletteName
  bounds: ServerBounds
  /** longest side of an image, in pixels */
  maxImageSide: number
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

/** Asks the server what it offers. `onRetry` is called before every further try. */
export async function fetchServerInfo(onRetry: () => void, base = ''): Promise<ServerInfo> {
  const { signal } = new AbortController()
  // without headers of our own, so that what the document has preloaded is taken
  const [{ mandeltiles }, { palettes, default: defaultPalette }] = await Promise.all([
    fetchJson<TileJson>(`${base}tile.json`, signal, onRetry, {}),
    fetchJson<{ default: PaletteName; palettes: Palette[] }>(`${base}palettes.json`, signal, onRetry, {}),
  ])
  const { version, maxzoom, max_iter: limit, max_image: maxImageSide, julia } = mandeltiles
  return {
    base,
    version,
    palettes,
    defaultPalette,
    bounds: { maxZoom: maxzoom, juliaMaxZoom: julia.maxzoom, limit },
    maxImageSide,
  }
}
