import type { Atlas } from './atlas.ts'
import { find } from './dom.ts'

// what an override starts from: enough for most places down to zoom 30 or so
const FIRST_LIMIT = 10_000

/** The iteration limit: what the place needs, or a visitor's own. */
export class Iterations {
  readonly #atlas: Atlas

  constructor(atlas: Atlas) {
    this.#atlas = atlas
    const limit = find<HTMLInputElement>('limit')
    find<HTMLInputElement>('auto').addEventListener('change', ({ target }) => {
      if ((target as HTMLInputElement).checked) atlas.change({ limit: 'auto' })
      else this.scale(1)
    })
    find('fewer').addEventListener('click', () => this.scale(1 / 2))
    find('more').addEventListener('click', () => this.scale(2))
    limit.addEventListener('change', () => {
      const text = limit.value.replace(/[\s_,.']/g, '')
      if (text === '' || text === 'auto') atlas.change({ limit: 'auto' })
      else if (/^\d{1,15}$/.test(text)) this.#set(Number(text))
      else limit.setAttribute('aria-invalid', 'true')
    })
    atlas.addEventListener('look', () => this.#show())
    this.#show()
  }

  /** Multiplies the limit; `base` is what to multiply where the place had chosen. */
  scale(factor: number, base = FIRST_LIMIT): void {
    const { limit } = this.#atlas.look
    this.#set(Math.round((limit === 'auto' ? base : limit) * factor))
  }

  #set(limit: number): void {
    const { min, max } = this.#atlas.server.bounds.limit
    this.#atlas.change({ limit: Math.min(Math.max(limit, min), max) })
    this.#show()
  }

  #show(): void {
    const { limit } = this.#atlas.look
    const field = find<HTMLInputElement>('limit')
    find<HTMLInputElement>('auto').checked = limit === 'auto'
    field.value = limit === 'auto' ? '' : String(limit)
    field.removeAttribute('aria-invalid')
  }
}
