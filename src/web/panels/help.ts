import { chooseLanguage, chosenLanguage, LANGUAGES } from '../language/language.ts'
import type { MapController } from '../map/controller.ts'
import { toggleBare } from '../ui/bare.ts'
import { makeDialog } from '../ui/dialog.ts'
import { part } from '../ui/dom.ts'
import { toggleFullScreen } from '../ui/fullscreen.ts'
import { characterKeys } from '../ui/keys.ts'
import { connectSnippets } from './snippets.ts'

// the fragment that opens the help
const HELP_LINK = '#help'

/** The help dialog. `isLink` recognises its link, and opens it. */
export class HelpDialog {
  readonly open: () => void

  /** `controller` exists when the dialog is first used. */
  constructor(root: HTMLDialogElement, controller: () => MapController) {
    const keys = part<HTMLInputElement>(root, 'character-keys')
    this.open = makeDialog(root, () => {
      keys.checked = characterKeys.on
    })
    connectSnippets(root, controller)
    const language = part<HTMLSelectElement>(root, 'language')
    language.append(...Object.entries(LANGUAGES).map(([code, name]) => new Option(name, code)))
    language.value = chosenLanguage ?? ''
    language.addEventListener('change', () => chooseLanguage(language.value))
    const share = () => void controller().share()
    const actions = { share, 'full-screen': toggleFullScreen, hide: () => toggleBare(true) }
    for (const [id, act] of Object.entries(actions))
      part(root, id).addEventListener('click', () => {
        root.close()
        act()
      })
    keys.addEventListener('change', () => {
      characterKeys.on = keys.checked
    })
  }

  isLink(hash: string): boolean {
    if (hash !== HELP_LINK) return false
    this.open()
    return true
  }
}
