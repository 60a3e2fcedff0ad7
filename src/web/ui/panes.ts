// A pane lies beside the map and leaves it usable. Its button names it by aria-controls.

export interface Pane {
  readonly open: boolean
  toggle(open?: boolean): void
}

const panes: { pane: Pane; button: HTMLElement }[] = []
// the same width as in styles/narrow.css
const narrow = matchMedia('(max-width: 520px)')

/**
 * Makes a pane of an element. `onToggle` is called when it opens or closes; `firstFocus` finds what
 * gets the focus.
 */
export function makePane(
  root: HTMLElement,
  onToggle: (open: boolean) => void = () => {},
  firstFocus: () => HTMLElement | null = () => null,
): Pane {
  const button = buttonFor(root)
  const pane: Pane = {
    get open() {
      return !root.hidden
    },
    toggle(open = !pane.open) {
      if (open === pane.open) return
      // on a narrow screen panes are sheets that would cover each other
      if (open && narrow.matches) for (const other of panes) if (other.pane !== pane) other.pane.toggle(false)
      root.hidden = !open
      button.setAttribute('aria-expanded', String(open))
      if (open) firstFocus()?.focus()
      onToggle(open)
    },
  }
  button.addEventListener('click', () => pane.toggle())
  panes.push({ pane, button })
  return pane
}

/** Closes all panes and returns the focus to their button. */
export function closePanes(): void {
  for (const { pane, button } of panes) {
    if (!pane.open) continue
    pane.toggle(false)
    button.focus()
  }
}

/** The button that opens a pane or a dialog. */
export function buttonFor(root: HTMLElement): HTMLElement {
  const button = document.querySelector<HTMLElement>(`[aria-controls=${root.id}]`)
  if (!button) throw new Error(`index.html has no button with aria-controls="${root.id}"`)
  return button
}
