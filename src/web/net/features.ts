// Asks the server for features of the plane: islands, Misiurewicz points and orbits.
import type { TileAddress } from '../../plane/tile.ts'
import type { Coordinates } from '../state/plane.ts'
import { fetchJson } from './fetching.ts'

/** A small copy of the set, or a component that is attached to another one. */
export interface Island extends Coordinates {
  period: number
  /** zoom of a tile that shows it as tile 0/0/0 shows the whole set */
  zoom: number
  /** its rotation, in degrees counter-clockwise */
  angle: number
  kind: 'cardioid' | 'disc'
}

export interface MisiurewiczPoint extends Coordinates {
  preperiod: number
  period: number
}

/** The first iterates of a point, and the fate of its orbit. */
export interface PointOrbit {
  points: [re: string, im: string][]
  /** of an orbit that escapes: when, how far the set is, and the iteration nearest to 0 */
  escaped?: number
  distance?: string
  atom_period?: number
  /** of one that a cycle attracts: its points, and the factor by which a round approaches them */
  period?: number
  multiplier?: { re: number; im: number }
  cycle?: [re: string, im: string][]
}

/** Asks the server of one version for features. An aborted signal rejects with its reason. */
export class Features {
  readonly #version: string

  constructor(version: string) {
    this.#version = version
  }

  /** The island that dominates the square of a tile of this zoom about a point, if there is one. */
  island(at: Coordinates, zoom: number, signal: AbortSignal): Promise<Island | undefined> {
    return this.#find<Island>(at, zoom, 'nucleus', signal)
  }

  /** The Misiurewicz point of the lowest order in that square. */
  misiurewicz(at: Coordinates, zoom: number, signal: AbortSignal): Promise<MisiurewiczPoint | undefined> {
    return this.#find<MisiurewiczPoint>(at, zoom, 'misiurewicz', signal)
  }

  /** The islands of a tile. */
  async islands({ z, x, y }: TileAddress, signal: AbortSignal): Promise<Island[]> {
    const { features } = await this.#json<{ features: { properties: Island }[] }>(
      `tile/${z}/${x}/${y}.geojson`,
      {},
      signal,
    )
    return features.map(({ properties }) => properties)
  }

  /** The first n iterates of a point. */
  orbit({ re, im }: Coordinates, n: number, signal: AbortSignal): Promise<PointOrbit> {
    return this.#json<PointOrbit>('orbit.json', { re, im, n: String(n) }, signal)
  }

  async #find<T>({ re, im }: Coordinates, zoom: number, kind: string, signal: AbortSignal): Promise<T | undefined> {
    // a status of 404 would stand in the browser's console
    const query = { re, im, zoom: String(zoom), kind, none: 'null' }
    return (await this.#json<T | null>('nucleus.json', query, signal)) ?? undefined
  }

  #json<T>(path: string, query: Record<string, string>, signal: AbortSignal): Promise<T> {
    return fetchJson<T>(`${path}?${new URLSearchParams({ ...query, v: this.#version })}`, signal)
  }
}
