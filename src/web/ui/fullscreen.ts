import { notify } from './notice.ts'

/** Fills the whole screen with the page, or gives it back. */
export function toggleFullScreen(): void {
  const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.()
  // a phone's browser may not know it at all
  if (!change) notify('The browser knows no full screen.')
  change?.catch(() => notify('The browser allows no full screen here.'))
}
