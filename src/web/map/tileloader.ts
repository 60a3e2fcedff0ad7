// Loads the tiles of a plan: from the server, or outside the pyramid by the page's own worker.
//
// An indexed PNG is the same file in every palette, but for the palette itself. So its URL names
// none, all visitors share it, and the page puts in the colours (palettepng.ts). Only what the
// pixels depend on is in the URL. Shaded styles and antialiased tiles are RGB, so theirs name the
// colours too.
import { isIndexed } from '../../colour/appearance.ts'
import { inPyramid, TILE_SIZE } from '../../plane/tile.ts'
import { clientHeaders } from '../net/client.ts'
import type { Connection } from '../net/connection.ts'
import type { ServerInfo } from '../net/server.ts'
import { TileQueue, type TileRequest } from '../net/tilequeue.ts'
import { appearanceQuery, type MapAppearance } from '../state/appearance.ts'
import { type Plane, tilePath } from '../state/plane.ts'
import { type ExteriorJob, ExteriorQueue } from './exteriorqueue.ts'
import type { Tile, TileSource } from './tile.ts'
import type { PlannedTile, TileSpot } from './tileplan.ts'

/** What becomes of the tiles. */
export interface LoaderEvents {
  /** shows a tile; resolves when it is on the map */
  show: (spot: TileSpot, source: TileSource, contentKey: string) => Promise<void>
  /** shows the antialiased picture of a tile; resolves when that is done */
  sharpen: (spot: TileSpot, file: Blob) => Promise<void>
  /** the server has refused a tile for good */
  refused: () => void
}

// samples along one side of a pixel, of an antialiased tile
export const SHARP_AA = 2

export class TileLoader {
  readonly #plane: Plane
  readonly #server: Pick<ServerInfo, 'base' | 'version'>
  readonly #events: LoaderEvents
  readonly #queue: TileQueue
  readonly #exterior = new ExteriorQueue()
  readonly #refused = new Set<string>()
  /** tiles that have arrived and are being decoded, by spot and content */
  readonly #decoding = new Set<string>()

  constructor(
    plane: Plane,
    server: Pick<ServerInfo, 'base' | 'version'>,
    connection: Connection,
    events: LoaderEvents,
  ) {
    this.#plane = plane
    this.#server = server
    this.#events = events
    this.#queue = new TileQueue(connection, clientHeaders(server.base))
  }

  /**
   * Loads the missing tiles of a plan, and cancels those that are not in it. Returns how many tiles
   * the screen needs, and how many of them were refused. When none is missing, `sharpen` requests
   * antialiased ones, or the requests of `sharperPicture` instead.
   */
  load(
    plan: PlannedTile[],
    appearance: MapAppearance,
    tileAt: (spot: TileSpot) => Tile | undefined,
    sharpen: boolean,
    sharperPicture: () => TileRequest[] | undefined,
  ): { pending: number; failed: number } {
    const contentKey = contentOf(appearance)
    const requests: TileRequest[] = []
    const jobs: ExteriorJob[] = []
    let [pending, failed] = [0, 0]
    for (const { spot, needed } of plan) {
      if (tileAt(spot)?.contentKey === contentKey) continue
      const key = `${spot.z}/${spot.x}/${spot.y} ${contentKey}`
      if (this.#refused.has(key)) {
        if (needed) failed++
        continue
      }
      if (needed) pending++
      if (this.#decoding.has(key)) continue
      const receive = (source: TileSource) => this.#receive(key, spot, source, contentKey)
      if (isServed(spot)) requests.push(this.#request(spot, appearance, key, !needed, receive))
      else {
        const tile = { address: spot, size: TILE_SIZE * pixelRatio(), appearance, plane: this.#plane }
        jobs.push({ key, tile, receive })
      }
    }
    const picture = sharpen && pending === 0 && this.#maySharpen(appearance) ? sharperPicture() : []
    if (picture) requests.push(...picture)
    else {
      for (const { spot, top } of plan) {
        const tile = tileAt(spot)
        if (!top || !tile || tile.isSharp || !isServed(spot)) continue
        const request = this.#sharpRequest(spot, appearance)
        if (!this.#decoding.has(request.url)) requests.push(request)
      }
    }
    this.#queue.want(requests)
    this.#exterior.want(jobs)
    return { pending, failed }
  }

  retry(): void {
    this.#refused.clear()
    this.#queue.forgive()
  }

  resume(restart: boolean): void {
    if (restart) this.#queue.restart()
    this.#queue.resume()
  }

  end(): void {
    this.#queue.want([])
    this.#exterior.end()
  }

  #receive(key: string, spot: TileSpot, source: TileSource, contentKey: string): void {
    this.#decoding.add(key)
    const done = () => this.#decoding.delete(key)
    // a file that cannot be decoded counts as refused
    this.#events.show(spot, source, contentKey).then(done, () => {
      done()
      this.#refuse(key)
    })
  }

  #refuse(key: string): void {
    this.#refused.add(key)
    this.#events.refused()
  }

  #request(
    spot: TileSpot,
    appearance: MapAppearance,
    key: string,
    ahead: boolean,
    receive: (source: TileSource) => void,
  ): TileRequest {
    return {
      url: this.#url(spot, contentQuery(appearance)),
      ahead,
      receive: (bytes) => receive(new Uint8Array(bytes)),
      fail: () => this.#refuse(key),
    }
  }

  #sharpRequest(spot: TileSpot, appearance: MapAppearance): TileRequest {
    const url = this.#url(spot, appearanceQuery({ ...appearance, aa: SHARP_AA }))
    return {
      url,
      ahead: true,
      receive: (bytes) => {
        this.#decoding.add(url)
        void this.#events.sharpen(spot, new Blob([bytes])).finally(() => this.#decoding.delete(url))
      },
      fail: () => {},
    }
  }

  // a screen with two device pixels per CSS pixel needs no more samples, and data saving forbids
  // them
  #maySharpen(appearance: MapAppearance): boolean {
    const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } }
    return appearance.aa === 1 && pixelRatio() === 1 && !connection?.saveData
  }

  #url({ z, x, y }: TileSpot, query: Record<string, string>): string {
    const { base, version } = this.#server
    const parameters = new URLSearchParams({ ...query, v: version })
    return `${base}${tilePath(this.#plane)}/${z}/${x}/${y}${pixelRatio() === 2 ? '@2x' : ''}.png?${parameters}`
  }
}

/** Everything that a tile's file depends on apart from its address. */
function contentQuery(appearance: MapAppearance): Record<string, string> {
  const query = appearanceQuery(appearance)
  if (!isIndexed(appearance)) return query
  const { palette, gradient, offset, ...content } = query
  return content
}

function contentOf(appearance: MapAppearance): string {
  return `${new URLSearchParams(contentQuery(appearance))} ${pixelRatio()}`
}

function isServed({ z, x, y }: TileSpot): boolean {
  return inPyramid(x, z) && inPyramid(y, z)
}

function pixelRatio(): 1 | 2 {
  return devicePixelRatio > 1 ? 2 : 1
}
