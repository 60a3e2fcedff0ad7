// The map in a frame of another page: without tools, and with a link to the same place in the whole
// map.
import { chosenLanguage } from '../language/language.ts'
import type { MapController } from '../map/controller.ts'
import { panelRoot, part } from '../ui/dom.ts'
import { listenForKeys } from '../ui/keys.ts'
import { mapKeys } from './keyboard.ts'

/** Does the address request it? */
export const isEmbedded = new URLSearchParams(location.search).has('embed')

export function showEmbedded(controller: MapController): void {
  document.body.classList.add('embedded')
  listenForKeys(mapKeys(controller))
  const outside = panelRoot('outside')
  outside.hidden = false
  const link = part<HTMLAnchorElement>(outside, 'whole-map')
  const language = chosenLanguage ? `?lang=${chosenLanguage}` : ''
  const follow = () => {
    link.href = `./${language}${controller.link}`
  }
  controller.store.watch(['place', 'rotation', 'appearance', 'plane'], follow)
  follow()
}
