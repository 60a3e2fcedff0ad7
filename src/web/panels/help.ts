import { makeDialog } from '../ui/dialog.ts'
import { part } from '../ui/dom.ts'
import { characterKeys } from '../ui/keys.ts'

// the fragment that opens the help
const HELP_LINK = '#help'

/** The help dialog. `isLink` recognises its link, and opens it. */
export class HelpDialog {
  readonly open: () => void

  constructor(root: HTMLDialogElement) {
    const keys = part<HTMLInputElement>(root, 'character-keys')
    this.open = makeDialog(root, () => {
      keys.checked = characterKeys.on
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
