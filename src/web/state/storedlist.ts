/**
 * A list in the browser's storage. It is read anew each time, because another tab may have changed
 * it. Without storage it lasts until the page is closed.
 */
export class StoredList<Item> {
  readonly #key: string
  readonly #parse: (text: string) => Item[]
  readonly #format: (items: readonly Item[]) => string
  #kept: readonly Item[] = []

  /** What `parse` throws counts as nothing stored. */
  constructor(key: string, parse: (text: string) => Item[], format: (items: readonly Item[]) => string) {
    this.#key = key
    this.#parse = parse
    this.#format = format
  }

  get all(): readonly Item[] {
    // a browser may refuse storage, for example in a frame of another site
    try {
      const text = localStorage.getItem(this.#key)
      if (text !== null) return this.#parse(text)
    } catch {}
    return this.#kept
  }

  /** Replaces the list, and returns whether the browser stores it. */
  save(items: readonly Item[]): boolean {
    this.#kept = items
    try {
      localStorage.setItem(this.#key, this.#format(items))
      return true
    } catch {
      return false
    }
  }
}
