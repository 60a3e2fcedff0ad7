import type { MapStore } from '../state/mapstate.ts'

// A change waits this many milliseconds at most. If tiles take longer, they may as well arrive in
// the newer colours.
const MAX_DELAY = 250

/**
 * A slider moves faster than tiles load. Each change waits until the tiles of the previous one are
 * shown, and only the newest waiting change is made: the picture follows the slider, and few
 * requests are wasted.
 */
export function throttle<Value>(store: MapStore, change: (value: Value) => void): (value: Value) => void {
  let newest: { value: Value } | undefined
  let last = Number.NEGATIVE_INFINITY
  const flush = () => {
    if (!newest || (store.state.loading.pending > 0 && performance.now() - last < MAX_DELAY)) return
    const { value } = newest
    newest = undefined
    last = performance.now()
    change(value)
  }
  store.watch(['loading'], flush)
  return (value) => {
    newest = { value }
    flush()
    if (newest) setTimeout(flush, MAX_DELAY)
  }
}
