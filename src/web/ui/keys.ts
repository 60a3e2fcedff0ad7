/** What a key does, by the key's name in lower case. `shift` says whether Shift was held. */
export type KeyTable = Record<string, (shift: boolean) => void>

/**
 * Listens for keys on the whole page. Keys that a field, a slider or a dialog needs are left to it.
 */
export function listenForKeys(table: KeyTable): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const target = event.target instanceof Element ? event.target : undefined
    // a dialog needs all keys, a text field all but Escape, a radio button and a slider those that
    // move them
    if (target?.closest('dialog[open]')) return
    if (target?.matches('[type=text]') && event.key !== 'Escape') return
    if (target?.matches('[type=radio], [type=range]') && /^(Arrow|Home|End|Page)/.test(event.key)) return
    const act = table[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (!act) return
    event.preventDefault()
    act(event.shiftKey)
  })
}
