import { find } from './dom.ts'
import { notify, speakIn } from './notice.ts'

/** A pane beside the map, opened and closed by its button. */
export interface Pane {
  readonly open: boolean
  show(open: boolean): void
}

const panes: (Pane & { door: HTMLElement })[] = []
// as style.css has it
const sheets = matchMedia('(max-width: 520px)')

/** A pane and its button; `changed` is told whenever it opens or closes, `first` finds what takes the focus. */
export function pane(
  id: string,
  changed: (open: boolean) => void = () => {},
  first: (element: HTMLElement) => HTMLElement | null = () => null,
): Pane {
  const [element, door] = [find(id), find(`open-${id}`)]
  const made = {
    door,
    get open() {
      return !element.hidden
    },
    show(open: boolean) {
      if (open === this.open) return
      // on a phone each is a sheet over the other
      if (open && sheets.matches) for (const each of panes) if (each !== made) each.show(false)
      element.hidden = !open
      door.setAttribute('aria-expanded', String(open))
      if (open) first(element)?.focus()
      changed(open)
    },
  }
  door.addEventListener('click', () => made.show(!made.open))
  panes.push(made)
  return made
}

/** Closes what is open, and gives the focus back to its button. */
export function closePanes(): void {
  for (const each of panes) {
    if (!each.open) continue
    each.show(false)
    each.door.focus()
  }
}

/**
 * A dialog and its button; a press beside it closes it. Gives what opens it; `opened` is told when it has. Where `objection` has words, these
 * are said instead.
 */
export function dialog(id: string, opened: () => void = () => {}, objection: () => string = () => ''): () => void {
  const element = find<HTMLDialogElement>(id)
  const open = () => {
    if (element.open) return
    const words = objection()
    if (words !== '') return notify(words)
    element.showModal()
    speakIn(element)
    // not its first button, which is the one that closes it
    element.querySelector('h1')?.focus()
    opened()
  }
  find(`open-${id}`).addEventListener('click', open)
  element.addEventListener('click', ({ target }) => target === element && element.close())
  element.addEventListener('close', () => speakIn(document.body))
  return open
}
