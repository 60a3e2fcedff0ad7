// The places that a visitor can go back to. Browsers keep 50 entries of history and drop the
// oldest, so the trail is kept in the session's storage too. When Back has reached the oldest entry
// that is left, that entry gets the place before it, and a new entry gets the place on the screen:
// so Back continues to the first place.

const KEY = 'mandeltiles.trail'
// links are kilobytes long at zoom 10,000, and storage holds 5 MB
const LONGEST = 300

/** The content of a history entry. */
export interface Entry {
  link: string
  /** its number among those of this page */
  index?: number
}

export class Trail {
  #index: number
  /** the oldest entry that the browser still has */
  #oldest: number

  constructor() {
    this.#index = (history.state as Entry | null)?.index ?? 0
    this.#oldest = oldestWith(this.#index)
  }

  /** Stores in the current entry what it shows; the address stays, unless another one is given. */
  keep(link: string, address?: string): void {
    this.#note(this.#index, link)
    history.replaceState(this.#entry(link), '', address)
  }

  /** Adds an entry. */
  push(link: string): void {
    this.#index++
    this.#note(this.#index, link)
    history.pushState(this.#entry(link), '', link)
    this.#oldest = Math.max(this.#oldest, oldestWith(this.#index))
  }

  /** Back or Forward has led to an entry. */
  arrive({ link, index }: Entry): void {
    if (index === undefined) return
    this.#index = index
    const before = read()[index - 1]
    if (index === 0 || index > this.#oldest || before === undefined) return
    history.replaceState({ link: before, index: index - 1 } satisfies Entry, '', before)
    history.pushState({ link, index } satisfies Entry, '', link)
    this.#oldest = index - 1
  }

  #entry(link: string): Entry {
    return { link, index: this.#index }
  }

  #note(index: number, link: string): void {
    if (index >= LONGEST) return
    const links = read().slice(0, index)
    links[index] = link
    // a browser may refuse storage; then Back goes as far as the browser's history
    try {
      sessionStorage.setItem(KEY, JSON.stringify(links))
    } catch {}
  }
}

/** The oldest entry of this page that is left when the newest one has this number. */
function oldestWith(newest: number): number {
  return Math.max(0, newest + 1 - history.length)
}

function read(): (string | undefined)[] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as (string | undefined)[]
  } catch {
    return []
  }
}
