/** What a key does, by the key's name in lower case. `shift` says whether Shift was held. */
export type KeyTable = Record<string, (shift: boolean) => void>

const SETTING = 'mandeltiles.character-keys'
const OFF = 'off'

/**
 * Do keys of one character act? Visitors who speak to their computer, or whose hands hit keys by
 * mistake, can switch them off.
 */
export const characterKeys = {
  get on(): boolean {
    return stored !== OFF
  },
  set on(on: boolean) {
    stored = on ? '' : OFF
    // a browser may refuse storage, for example in a frame of another site
    try {
      localStorage.setItem(SETTING, stored)
    } catch {}
  },
}

let stored = readSetting()

function readSetting(): string {
  try {
    return localStorage.getItem(SETTING) ?? ''
  } catch {
    return ''
  }
}

/**
 * Listens for keys on the whole page. Keys that a field, a slider or a dialog needs are left to it.
 */
export function listenForKeys(table: KeyTable): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const character = event.key.length === 1
    if (character && !characterKeys.on) return
    const target = event.target instanceof Element ? event.target : undefined
    // a dialog needs all keys, a text field all but Escape, a radio button and a slider those that
    // move them
    if (target?.closest('dialog[open]')) return
    if (target?.matches('[type=text]') && event.key !== 'Escape') return
    if (target?.matches('[type=radio], [type=range]') && /^(Arrow|Home|End|Page)/.test(event.key)) return
    const act = table[character ? event.key.toLowerCase() : event.key]
    if (!act) return
    event.preventDefault()
    act(event.shiftKey)
  })
}
