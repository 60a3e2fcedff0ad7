/** What a key does; `shift` says whether it was held. */
export type KeyTable = Record<string, (shift: boolean) => void>

/** Listens for keys on the whole page, wherever the focus is, but leaves those alone that a field or a dialog needs. */
export function listenForKeys(table: KeyTable): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const target = event.target instanceof Element ? event.target : undefined
    // an open dialog has the keyboard to itself, a text field all but Escape, a radio button and a slider what moves them
    if (target?.closest('dialog[open]')) return
    if (target?.matches('[type=text]') && event.key !== 'Escape') return
    if (target?.matches('[type=radio], [type=range]') && /^(Arrow|Home|End|Page)/.test(event.key)) return
    const act = table[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (!act) return
    event.preventDefault()
    act(event.shiftKey)
  })
}
