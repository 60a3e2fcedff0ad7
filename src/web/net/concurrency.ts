// A browser opens six connections to a host. Tiles that wait for a deep reference orbit would
// occupy all of them, and the request for the orbit's progress would wait behind them. So tiles use
// five at most.
import { limitTo } from '../../core/concurrency.ts'

/**
 * Runs work when a request slot is free, first come first served. Rejects when the signal aborts
 * before that.
 */
export const limitRequests = limitTo(5)
