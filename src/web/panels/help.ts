import { makeDialog } from '../ui/dialog.ts'

// the fragment that opens the help
const HELP_LINK = '#help'

/** The help dialog. `isLink` recognises its link, and opens it. */
export class HelpDialog {
  readonly open: () => void

  constructor(root: HTMLDialogElement) {
    this.open = makeDialog(root)
  }

  isLink(hash: string): boolean {
    if (hash !== HELP_LINK) return false
    this.open()
    return true
  }
}
