import type { Atlas } from './atlas.ts'
import { find } from './dom.ts'
import { followOrbit } from './making.ts'
import { announce, dismiss, notify } from './notice.ts'

// before this nobody wants to hear of it, milliseconds
const LONG = 2000

/** Shows the traffic of tiles: a thin bar, a count, and words when it takes long or fails. */
export function showProgress(atlas: Atlas): void {
  const { traffic } = atlas
  const retry = () => atlas.retry()
  const bar = find('progress')
  const count = find('pending')
  let slow: number | undefined
  let said = false
  let complained = false
  let orbit = ''

  const showCount = () => {
    const { pending, waiting } = traffic
    count.textContent = orbit || (waiting > 0 ? 'the server is busy' : pending > 0 ? `${pending} to come` : '')
    count.style.visibility = pending > 0 ? 'visible' : 'hidden'
  }
  followOrbit(atlas, (words) => {
    if (words !== '' && orbit === '') announce('A reference orbit is being computed')
    orbit = words
    showCount()
  })
  traffic.addEventListener('change', () => {
    const { pending, burst, failed } = traffic
    bar.classList.toggle('busy', pending > 0)
    bar.style.transform = `scaleX(${burst === 0 ? 0 : 1 - pending / burst})`
    showCount()

    if (pending > 0 && slow === undefined) {
      slow = window.setTimeout(() => {
        announce(`${traffic.pending} tiles to come`)
        said = true
      }, LONG)
    } else if (pending === 0) {
      clearTimeout(slow)
      slow = undefined
      if (said) announce('The view is complete')
      said = false
    }

    if (failed > 0 && pending === 0 && !complained) {
      notify(failed === 1 ? 'A tile did not arrive.' : `${failed} tiles did not arrive.`, {
        label: 'Try again',
        act: retry,
      })
      complained = true
    } else if (failed === 0 && complained) {
      dismiss()
      complained = false
    }
  })
  addEventListener('online', retry)
}
