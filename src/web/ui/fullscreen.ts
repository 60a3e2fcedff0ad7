import { t } from '../language/t.ts'
import { notify } from './notice.ts'

/** Fills the whole screen with the page, or gives it back. */
export function toggleFullScreen(): void {
  const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.()
  // a phone's browser may not support it
  if (!change) notify(t('This browser does not support full screen.'))
  change?.catch(() => notify(t('The browser does not allow full screen here.')))
}
