import { find } from './dom.ts'

/** What a notice offers to do about it. */
export interface Remedy {
  label: string
  act: () => void
}

// time to notice that there is something to read, and to read a character of it, milliseconds
const NOTICING = 1800
const READING = 70

let timer: number | undefined

/** Says something to the visitor, seen and heard. With a remedy it stays until that is taken. */
export function notify(words: string, remedy?: Remedy): void {
  const notice = find('notice')
  const act = find<HTMLButtonElement>('act')
  find('words').textContent = words
  act.hidden = !remedy
  act.textContent = remedy?.label ?? ''
  act.onclick = () => {
    dismiss()
    remedy?.act()
  }
  notice.hidden = false
  raise(notice)
  announce(words)
  clearTimeout(timer)
  if (!remedy) timer = window.setTimeout(dismiss, NOTICING + READING * words.length)
}

export function dismiss(): void {
  find('notice').hidden = true
}

/** For the ear alone. */
export function announce(words: string): void {
  find('status').textContent = words
}

/** Has all be said in a dialog that opens, or on the page again: what lies beneath a dialog is neither seen nor heard. */
export function speakIn(host: HTMLElement): void {
  const notice = find('notice')
  host.append(notice, find('status'))
  if (!notice.hidden) raise(notice)
}

// above the dialog that it is in, wherever that is scrolled to; a browser that knows no popovers shows it in its place
function raise(notice: HTMLElement): void {
  if ('popover' in notice && !notice.matches(':popover-open')) notice.showPopover()
}

/** Puts text on the clipboard and says so. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    notify(`${what} copied.`)
  } catch {
    notify(`The browser does not let this page copy. ${what}: ${text.length > 300 ? 'see the address bar' : text}`)
  }
}
