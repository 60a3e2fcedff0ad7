// The page without a network: a service worker caches it and its tiles, and the page itself
// remembers the link to the last view.
import type { MapStore } from '../state/mapstate.ts'

const KEY = 'mandeltiles.last'

/** Starts the worker when the first screen is complete, and remembers every view that is. */
export function keepForOffline(map: { readonly link: string; readonly store: MapStore }): void {
  const { store } = map
  let started = false
  store.watch(['settled'], () => {
    if (!store.state.settled) return
    // a browser may refuse storage
    try {
      localStorage.setItem(KEY, map.link)
    } catch {}
    if (!started) void startWorker()
    started = true
  })
}

/** The link to the last view, if an address without a view should lead there. */
export function lastView(): string | undefined {
  if (navigator.onLine && !matchMedia('(display-mode: standalone)').matches) return undefined
  try {
    return localStorage.getItem(KEY) ?? undefined
  } catch {
    return undefined
  }
}

async function startWorker(): Promise<void> {
  const { serviceWorker } = navigator
  // browsers have none outside HTTPS and localhost, and some refuse it in private windows
  try {
    await serviceWorker?.register(new URL('serviceworker.js', document.baseURI))
    const { active } = (await serviceWorker?.ready) ?? {}
    const loaded = performance.getEntriesByType('resource').map(({ name }) => name)
    active?.postMessage([new URL('./', document.baseURI).href, ...loaded])
  } catch {}
}
