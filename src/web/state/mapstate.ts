import type { MapAppearance } from './appearance.ts'
import type { ConnectionState } from './connectionstate.ts'
import type { Place } from './place.ts'
import type { Plane } from './plane.ts'
import type { Store } from './store.ts'

/** How many tiles are being loaded. A burst lasts until nothing is pending. */
export interface Loading {
  /** tiles that the screen needs and that are not shown yet */
  pending: number
  /** the most that were pending since there was none */
  burst: number
  /** tiles that the server has refused for good */
  failed: number
}

export const IDLE: Loading = { pending: 0, burst: 0, failed: 0 }

/** What the page shows. */
export interface MapState {
  plane: Plane
  /** the centre of the screen; updated while the map moves */
  place: Place
  /** the picture's rotation, in degrees counter-clockwise */
  rotation: number
  appearance: MapAppearance
  loading: Loading
  /** does the map rest, with all its tiles? */
  settled: boolean
  connection: ConnectionState
  /** does the server have another version than when the page was opened? */
  updated: boolean
}

export type MapStore = Store<MapState>
