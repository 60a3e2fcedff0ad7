import type { MapController } from '../map/controller.ts'
import { watchOrbit } from '../net/orbitprogress.ts'
import { announce, dismissNotice, notify } from '../ui/notice.ts'

// a screen reader hears nothing about loading that is shorter than this, milliseconds
const LONG = 2000

/**
 * Shows how far loading is: a thin bar at the top, a number, and words when it takes long or fails.
 */
export function showLoading(bar: HTMLElement, count: HTMLElement, controller: MapController): void {
  const { store } = controller
  const retry = () => controller.retry()
  let slow: number | undefined
  let announced = false
  let complained = false
  let orbit = ''

  const showCount = () => {
    const { pending, waiting } = store.state.loading
    count.textContent = orbit || (waiting > 0 ? 'the server is busy' : pending > 0 ? `${pending} to come` : '')
    count.style.visibility = pending > 0 ? 'visible' : 'hidden'
  }
  watchOrbit(store, (words) => {
    if (words !== '' && orbit === '') announce('A reference orbit is being computed')
    orbit = words
    showCount()
  })
  store.watch(['loading'], () => {
    const { pending, burst, failed } = store.state.loading
    bar.classList.toggle('busy', pending > 0)
    bar.style.transform = `scaleX(${burst === 0 ? 0 : 1 - pending / burst})`
    showCount()

    if (pending > 0 && slow === undefined) {
      slow = window.setTimeout(() => {
        announce(`${store.state.loading.pending} tiles to come`)
        announced = true
      }, LONG)
    } else if (pending === 0) {
      clearTimeout(slow)
      slow = undefined
      if (announced) announce('The view is complete')
      announced = false
    }

    if (failed > 0 && pending === 0 && !complained) {
      notify(failed === 1 ? 'A tile did not arrive.' : `${failed} tiles did not arrive.`, {
        label: 'Try again',
        act: retry,
      })
      complained = true
    } else if (failed === 0 && complained) {
      dismissNotice()
      complained = false
    }
  })
  addEventListener('online', retry)
}
