import type { MapAppearance } from './appearance.ts'
import type { Place } from './place.ts'
import type { Plane } from './plane.ts'
import type { Store } from './store.ts'

/** How many tiles are being loaded. A burst lasts until nothing is pending. */
export interface Loading {
  /** tiles that were requested and are not shown yet */
  pending: number
  /** tiles of this burst, loaded or not */
  burst: number
  /** those of the pending tiles that wait for a busy server */
  waiting: number
  /** tiles whose retries are used up */
  failed: number
}

export const IDLE: Loading = { pending: 0, burst: 0, waiting: 0, failed: 0 }

/** What the page shows. */
export interface MapState {
  plane: Plane
  /** the centre of the screen; updated while the map moves */
  place: Place
  appearance: MapAppearance
  loading: Loading
}

export type MapStore = Store<MapState>
