// The address bar always names what the screen shows, so that it can be copied and reloaded. Moving
// the map replaces the history entry. A deliberate jump pushes one, so that Back undoes it.
//
// A link that was pasted stays as it is until the visitor moves, and may leave out colours or be
// empty. So every entry also holds the full link to what was shown, and Back leads there.

import { type Entry, Trail } from './trail.ts'

// Safari refuses more than 100 history entries in 30 seconds, so changes are written this many
// milliseconds after the last one
const QUIET = 350

export class AddressBar {
  readonly #trail = new Trail()
  readonly #write: () => string
  readonly #read: (hash: string) => void
  #timer: number | undefined
  #reading = false
  #written = location.hash

  /** `write` returns the link to what is on the screen; `read` shows what a link names. */
  constructor(write: () => string, read: (hash: string) => void) {
    this.#write = write
    this.#read = read
    // an edited hash fires both events; in some browsers Back fires only the first
    addEventListener('popstate', ({ state }) => {
      const entry = state as Entry | null
      if (entry) this.#trail.arrive(entry)
      this.#follow(entry?.link)
    })
    addEventListener('hashchange', () => this.#follow())
    addEventListener('pagehide', () => this.#flush())
    this.#keep()
  }

  /**
   * The view has changed: update the bar when the map rests. A link that was just followed is not
   * rewritten.
   */
  schedule(): void {
    if (this.#reading) return
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => this.#flush(), QUIET)
  }

  /** Makes a change that Back undoes. */
  push(change: () => void): void {
    this.#flush()
    this.#reading = true
    change()
    this.#reading = false
    this.#written = this.#write()
    this.#trail.push(this.#written)
  }

  #flush(): void {
    if (this.#timer === undefined) return
    this.#cancel()
    this.#written = this.#write()
    this.#trail.keep(this.#written, this.#written)
  }

  #follow(link?: string): void {
    if (location.hash === this.#written && link === undefined) return
    this.#cancel()
    this.#written = location.hash
    this.#reading = true
    this.#read(link ?? location.hash)
    this.#reading = false
    this.#keep()
  }

  // stores the link to the view in the entry, and leaves the address unchanged
  #keep(): void {
    this.#trail.keep(this.#write())
  }

  #cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
