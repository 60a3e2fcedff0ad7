import { dialog } from './panes.ts'

// the link that opens the help
const LINK = '#help'

/** The help: `open` shows it, and so does its link, which `isLink` knows. */
export function wireHelp(): { open: () => void; isLink: (hash: string) => boolean } {
  const open = dialog('help')
  return {
    open,
    isLink: (hash) => {
      if (hash !== LINK) return false
      open()
      return true
    },
  }
}
