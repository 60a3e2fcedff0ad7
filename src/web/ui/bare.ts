// Hides all controls, so that only the picture remains. If the visitor then moves the pointer or
// touches the screen, a button offers the way back.
import { panelRoot } from './dom.ts'

// how long the way back stays, milliseconds
const SHOWN = 2500

let timer: number | undefined

/** Hides the controls, or shows them again. */
export function toggleBare(bare = !isBare()): void {
  document.body.classList.toggle('bare', bare)
  panelRoot('show-controls').hidden = true
}

export function isBare(): boolean {
  return document.body.classList.contains('bare')
}

/** Connects the button that shows the controls again. */
export function connectBare(): void {
  const button = panelRoot('show-controls')
  button.addEventListener('click', () => toggleBare(false))
  for (const type of ['pointermove', 'pointerdown'] as const)
    addEventListener(type, () => {
      if (!isBare()) return
      button.hidden = false
      clearTimeout(timer)
      timer = window.setTimeout(() => {
        button.hidden = true
      }, SHOWN)
    })
}
