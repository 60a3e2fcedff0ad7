import { moveNoticesTo, notify } from './notice.ts'
import { buttonFor } from './panes.ts'

/**
 * Connects a dialog with its button, and returns a function that opens it. A press beside the
 * dialog closes it. `onOpen` is called when it has opened. When `refusal` returns words, a notice
 * says them and nothing opens.
 */
export function makeDialog(
  root: HTMLDialogElement,
  onOpen: () => void = () => {},
  refusal: () => string = () => '',
): () => void {
  const open = () => {
    if (root.open) return
    const words = refusal()
    if (words !== '') return notify(words)
    root.showModal()
    moveNoticesTo(root)
    // otherwise the browser focuses the first button, which closes the dialog
    root.querySelector('h1')?.focus()
    onOpen()
  }
  buttonFor(root).addEventListener('click', open)
  root.addEventListener('click', ({ target }) => target === root && root.close())
  root.addEventListener('close', () => moveNoticesTo(document.body))
  return open
}
