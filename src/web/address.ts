// The address bar always names what is on the screen, so that it can be copied, reloaded and stepped back through.
// Moving about replaces the entry; deliberate jumps push one, so that Back undoes them.

// browsers refuse more than a hundred entries in thirty seconds
const QUIET = 350

export class Address {
  readonly #write: () => string
  readonly #read: (hash: string) => void
  #timer: number | undefined
  #reading = false
  #seen = location.hash

  /** `write` gives the link to what is on the screen; `read` shows what a link names. */
  constructor(write: () => string, read: (hash: string) => void) {
    this.#write = write
    this.#read = read
    // editing the hash fires both, Back only the first in some browsers
    addEventListener('popstate', () => this.#follow())
    addEventListener('hashchange', () => this.#follow())
    addEventListener('pagehide', () => this.#flush())
  }

  /** The view has changed: the bar follows once it rests. A link just followed stays as it was pasted. */
  note(): void {
    if (this.#reading) return
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => this.#flush(), QUIET)
  }

  /** Makes a change that Back undoes. */
  jump(change: () => void): void {
    this.#flush()
    this.#reading = true
    change()
    this.#reading = false
    this.#seen = this.#write()
    history.pushState(null, '', this.#seen)
  }

  #flush(): void {
    if (this.#timer === undefined) return
    this.#forget()
    this.#seen = this.#write()
    history.replaceState(null, '', this.#seen)
  }

  #follow(): void {
    if (location.hash === this.#seen) return
    this.#forget()
    this.#seen = location.hash
    this.#reading = true
    this.#read(location.hash)
    this.#reading = false
  }

  #forget(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
