import type { Traffic } from './traffic.ts'

// a change waits so many milliseconds at most: where tiles take long, they may as well come in the newer colours
const LONGEST = 250

/**
 * A hand moves a slider faster than tiles change. Each change waits until the one before is on the screen, and of those that wait only the
 * newest is made: the picture follows the hand, and little is asked for in vain.
 */
export function atPace<Value>(traffic: Traffic, change: (value: Value) => void): (value: Value) => void {
  let newest: { value: Value } | undefined
  let last = Number.NEGATIVE_INFINITY
  const follow = () => {
    if (!newest || (traffic.pending > 0 && performance.now() - last < LONGEST)) return
    const { value } = newest
    newest = undefined
    last = performance.now()
    change(value)
  }
  traffic.addEventListener('change', follow)
  return (value) => {
    newest = { value }
    follow()
    if (newest) setTimeout(follow, LONGEST)
  }
}
