/** A place that a visitor keeps: its link, which holds all that shapes the picture, a name, and a small picture of it. */
export interface Bookmark {
  name: string
  link: string
  picture: string
}

const KEY = 'mandeltiles.bookmarks'

// more than this nobody finds anything in; and what one may weigh: a link of two coordinates at zoom 10,000, a picture of 10 KB
const MOST = 500
const LONGEST_NAME = 120
const LONGEST_LINK = 20_000
const LONGEST_PICTURE = 60_000

/** A visitor's places, kept in the browser; where the browser keeps nothing, until the page is left. */
export class Bookmarks {
  #all: Bookmark[]
  /** does the browser keep them? */
  lasting = true

  constructor() {
    this.#all = this.#stored()
  }

  /** The newest first. */
  get all(): readonly Bookmark[] {
    return this.#all
  }

  /** Keeps a place, in front; one of the same link is replaced. */
  add(bookmark: Bookmark): void {
    this.#keep([bookmark, ...this.#all.filter(({ link }) => link !== bookmark.link)])
  }

  rename(link: string, name: string): void {
    this.#keep(this.#all.map((each) => (each.link === link ? { ...each, name: name.slice(0, LONGEST_NAME) } : each)))
  }

  remove(link: string): void {
    this.#keep(this.#all.filter((each) => each.link !== link))
  }

  /** All of them as a file's text. */
  text(): string {
    return JSON.stringify({ mandeltiles: 'bookmarks', bookmarks: this.#all }, null, 1)
  }

  /** Adds those of a file's text that are not here yet; says how many. Throws an Error that says what is wrong with the text. */
  merge(text: string): number {
    const found = read(text)
    const known = new Set(this.#all.map(({ link }) => link))
    const added = found.filter(({ link }) => !known.has(link))
    this.#keep([...this.#all, ...added])
    return added.length
  }

  #keep(all: Bookmark[]): void {
    this.#all = all.slice(0, MOST)
    try {
      localStorage.setItem(KEY, this.text())
      this.lasting = true
    } catch {
      this.lasting = false
    }
  }

  // storage may be refused altogether, in a frame of another site for one
  #stored(): Bookmark[] {
    try {
      const text = localStorage.getItem(KEY)
      return text === null ? [] : read(text)
    } catch {
      return []
    }
  }
}

function read(text: string): Bookmark[] {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch {
    throw new Error('This file is not JSON.')
  }
  const { mandeltiles, bookmarks } = (file ?? {}) as { mandeltiles?: unknown; bookmarks?: unknown }
  if (mandeltiles !== 'bookmarks' || !Array.isArray(bookmarks))
    throw new Error('This file holds no bookmarks of this map.')
  return bookmarks.filter(isBookmark).map(({ name, link, picture }) => ({ name, link, picture }))
}

function isBookmark(value: unknown): value is Bookmark {
  const { name, link, picture } = (value ?? {}) as Record<string, unknown>
  return (
    isText(name, LONGEST_NAME) &&
    isText(link, LONGEST_LINK) &&
    link.startsWith('#') &&
    isText(picture, LONGEST_PICTURE) &&
    /^(data:image\/(webp|png|jpeg);base64,[\w+/=]*)?$/.test(picture)
  )
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length <= longest
}
