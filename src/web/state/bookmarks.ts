import { t } from '../language/t.ts'
import { StoredList } from './storedlist.ts'

/** A bookmark: a link with all parameters of the picture, a name, and a thumbnail. */
export interface Bookmark {
  name: string
  link: string
  picture: string
}

const KEY = 'mandeltiles.bookmarks'

// A link holds two coordinates of zoom 10,000; a thumbnail takes about 10 KB. 500 of them fit into
// the browser's 5 MB.
const MAX_BOOKMARKS = 500
const MAX_NAME = 120
const MAX_LINK = 20_000
const MAX_PICTURE = 60_000

/** A visitor's bookmarks, in the browser's storage. Every change starts from what is stored. */
export class Bookmarks {
  readonly #stored = new StoredList<Bookmark>(KEY, parseBookmarks, format)
  /** Does the browser store them? */
  persistent = true

  /** The newest first. */
  get all(): readonly Bookmark[] {
    return this.#stored.all
  }

  /** Calls `listener` when another tab has changed them. */
  onForeignChange(listener: () => void): void {
    addEventListener('storage', ({ key }) => (key === KEY || key === null) && listener())
  }

  /** Adds a bookmark in front. One with the same link is replaced. */
  add(bookmark: Bookmark): void {
    this.#save([bookmark, ...this.all.filter(({ link }) => link !== bookmark.link)])
  }

  rename(link: string, name: string): void {
    this.#save(this.all.map((each) => (each.link === link ? { ...each, name: name.slice(0, MAX_NAME) } : each)))
  }

  /** Removes a bookmark, and returns a function that puts it back into its place in the list. */
  remove(link: string): () => void {
    const { all } = this
    const index = all.findIndex((each) => each.link === link)
    const removed = all[index]
    this.#save(all.filter((each) => each.link !== link))
    return () => {
      const rest = this.all.filter((each) => each.link !== link)
      if (removed) this.#save([...rest.slice(0, index), removed, ...rest.slice(index)])
    }
  }

  /** All bookmarks as the text of a file. */
  text(): string {
    return format(this.all)
  }

  /**
   * Adds those bookmarks of a file that are new, and returns their number.
   * @throws Error that says what is wrong
   */
  merge(text: string): number {
    const found = parseBookmarks(text)
    const { all } = this
    const known = new Set(all.map(({ link }) => link))
    const added = found.filter(({ link }) => !known.has(link))
    this.#save([...all, ...added])
    return added.length
  }

  #save(all: Bookmark[]): void {
    this.persistent = this.#stored.save(all.slice(0, MAX_BOOKMARKS))
  }
}

function format(bookmarks: readonly Bookmark[]): string {
  return JSON.stringify({ mandeltiles: 'bookmarks', bookmarks }, null, 1)
}

function parseBookmarks(text: string): Bookmark[] {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch {
    throw new Error(t('This file is not JSON.'))
  }
  const { mandeltiles, bookmarks } = (file ?? {}) as { mandeltiles?: unknown; bookmarks?: unknown }
  if (mandeltiles !== 'bookmarks' || !Array.isArray(bookmarks))
    throw new Error(t('This file holds no bookmarks of this map.'))
  return bookmarks.filter(isBookmark).map(({ name, link, picture }) => ({ name, link, picture }))
}

function isBookmark(value: unknown): value is Bookmark {
  const { name, link, picture } = (value ?? {}) as Record<string, unknown>
  return (
    isText(name, MAX_NAME) &&
    isText(link, MAX_LINK) &&
    link.startsWith('#') &&
    isText(picture, MAX_PICTURE) &&
    /^(data:image\/(webp|png|jpeg);base64,[\w+/=]*)?$/.test(picture)
  )
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max
}
