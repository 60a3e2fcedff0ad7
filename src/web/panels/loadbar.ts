import { t } from '../language/t.ts'
import type { Text } from '../language/texts.ts'
import type { MapController } from '../map/controller.ts'
import { watchOrbit } from '../net/orbitprogress.ts'
import type { ConnectionState } from '../state/connectionstate.ts'
import { announce, dismissNotice, notify } from '../ui/notice.ts'

// a screen reader hears nothing about loading that is shorter than this, milliseconds
const LONG = 2000

// the message while tiles cannot be requested; the map continues by itself
const TROUBLE: Partial<Record<ConnectionState, Text>> = {
  silent: 'The server does not answer. The map continues as soon as it does.',
  unreachable: 'The server cannot be reached. The map continues as soon as it can.',
  offline: 'This device is offline. The map continues as soon as it is online.',
}

/**
 * Shows the progress of loading: a thin bar at the top, a number, and words when it takes long or
 * fails.
 */
export function showLoading(bar: HTMLElement, count: HTMLElement, controller: MapController): void {
  const { store } = controller
  let slow: number | undefined
  let announced = false
  let orbit = ''

  const showCount = () => {
    const { loading, connection } = store.state
    const busy = connection === 'busy' ? t('the server is busy') : ''
    count.textContent = busy || orbit || (loading.pending > 0 ? t('{number} left', { number: loading.pending }) : '')
    count.style.visibility = loading.pending > 0 ? 'visible' : 'hidden'
  }
  watchOrbit(store, (words) => {
    if (words !== '' && orbit === '') announce(t('A reference orbit is being computed'))
    orbit = words
    showCount()
  })
  store.watch(['loading', 'connection'], () => {
    const { pending, burst } = store.state.loading
    bar.classList.toggle('busy', pending > 0)
    bar.style.transform = `scaleX(${burst === 0 ? 0 : 1 - pending / burst})`
    showCount()

    if (pending > 0 && slow === undefined) {
      slow = window.setTimeout(() => {
        announce(t('{number} tiles left', { number: store.state.loading.pending }))
        announced = true
      }, LONG)
    } else if (pending === 0) {
      clearTimeout(slow)
      slow = undefined
      if (announced) announce(t('The view is complete'))
      announced = false
    }
  })
  reportTrouble(controller)
  reportRefusals(controller)
}

/** Tells the visitor that the server does not answer, and when it does again. */
function reportTrouble({ store }: MapController): void {
  let told = false
  store.watch(['connection'], () => {
    const words = TROUBLE[store.state.connection]
    if (words) notify(t(words), { lasting: true })
    else if (told) notify(t('The server answers again.'))
    told = words !== undefined
  })
  store.watch(['updated'], () =>
    notify(t('The server has been updated. Reload the page for its new pictures.'), {
      label: t('Reload'),
      act: () => location.reload(),
    }),
  )
}

/** Offers to retry the tiles that the server has refused. */
function reportRefusals(controller: MapController): void {
  const { store } = controller
  let complained = false
  store.watch(['loading'], () => {
    const { pending, failed } = store.state.loading
    if (failed > 0 && pending === 0 && !complained) {
      notify(failed === 1 ? t('A tile did not arrive.') : t('{number} tiles did not arrive.', { number: failed }), {
        label: t('Try again'),
        act: () => controller.retry(),
      })
      complained = true
    } else if (failed === 0 && complained) {
      dismissNotice()
      complained = false
    }
  })
}
