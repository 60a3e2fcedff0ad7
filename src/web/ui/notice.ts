import { panelRoot, part } from './dom.ts'

/**
 * The action that a notice offers. The notice stays until the visitor takes it, unless it is brief.
 */
export interface NoticeAction {
  label: string
  act: () => void
  brief?: true
}

/** A notice that stays until another takes its place. */
export interface Lasting {
  lasting: true
}

// how long a notice stays: time to notice it, and to read each of its characters, in milliseconds
const NOTICE_TIME = 1800
const READING_TIME = 70

let timer: number | undefined

/**
 * Tells the visitor something, on the screen and to a screen reader. With an action it stays until
 * that is taken.
 */
export function notify(words: string, more?: NoticeAction | Lasting): void {
  const action = more && 'act' in more ? more : undefined
  const notice = panelRoot('notice')
  const button = part<HTMLButtonElement>(notice, 'act')
  part(notice, 'words').textContent = words
  button.hidden = !action
  button.textContent = action?.label ?? ''
  button.onclick = () => {
    dismissNotice()
    action?.act()
  }
  notice.hidden = false
  raise(notice)
  announce(words)
  clearTimeout(timer)
  const time = NOTICE_TIME + READING_TIME * words.length
  // time to decide, too
  if (!more || action?.brief) timer = window.setTimeout(dismissNotice, action ? 3 * time : time)
}

export function dismissNotice(): void {
  panelRoot('notice').hidden = true
}

/** Tells a screen reader something that is not shown. */
export function announce(words: string): void {
  panelRoot('status').textContent = words
}

/**
 * Moves the notices into a dialog that opens, or back to the page: content beneath a dialog cannot
 * be seen or read.
 */
export function moveNoticesTo(host: HTMLElement): void {
  const notice = panelRoot('notice')
  host.append(notice, panelRoot('status'))
  if (!notice.hidden) raise(notice)
}

// A popover lies above the dialog that contains it, wherever that is scrolled to.
// A browser without popovers shows the notice in its place.
function raise(notice: HTMLElement): void {
  if ('popover' in notice && !notice.matches(':popover-open')) notice.showPopover()
}
