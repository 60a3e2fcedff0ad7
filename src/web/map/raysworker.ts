// Follows external rays off the main thread: long ones take a second.
import type { Island, MisiurewiczPoint } from '../net/features.ts'
import { raysOfMisiurewicz, raysOfRoot } from './landing.ts'

/** Where rays land, and how near to it they are followed, in units of the plane. */
export interface RaysWanted {
  landing: Island | MisiurewiczPoint
  nearest: number
}

addEventListener('message', ({ data: { landing, nearest } }: MessageEvent<RaysWanted>) => {
  postMessage('preperiod' in landing ? raysOfMisiurewicz(landing, nearest) : raysOfRoot(landing))
})
