import { find, make } from './dom.ts'
import type { Look } from './permalink.ts'
import type { Palette, Server } from './server.ts'

/** What the panel does to the map, and asks of it. */
export interface PanelActions {
  change: (look: Partial<Look>) => void
  copyLink: () => void
  pictureUrl: () => string
}

// what an override starts from: enough for most places down to zoom 30 or so
const FIRST_LIMIT = 10_000

/** The pane with the palettes and the iteration limit. */
export class Panel {
  readonly #server: Server
  readonly #actions: PanelActions
  #look: Look

  constructor(server: Server, look: Look, actions: PanelActions) {
    this.#server = server
    this.#actions = actions
    this.#look = look
    find('palettes').append(...server.palettes.map((palette) => this.#swatch(palette)))
    this.#wireLimit()
    this.#wireDoor()
    find('copy-link').addEventListener('click', actions.copyLink)
    find<HTMLAnchorElement>('save').addEventListener('click', () => {
      find<HTMLAnchorElement>('save').href = actions.pictureUrl()
    })
    this.show(look)
  }

  /** Follows a look that changed, from wherever. */
  show(look: Look): void {
    this.#look = look
    for (const input of find('palettes').querySelectorAll('input')) input.checked = input.value === look.palette
    find<HTMLInputElement>('auto').checked = look.limit === 'auto'
    const limit = find<HTMLInputElement>('limit')
    limit.value = look.limit === 'auto' ? '' : String(look.limit)
    limit.removeAttribute('aria-invalid')

    const palette = this.#server.palettes.find(({ name }) => name === look.palette)!
    find('disc').style.background = `conic-gradient(${[...palette.colours, palette.colours[0]].join()})`
    find('progress').style.backgroundImage = `linear-gradient(90deg, ${palette.colours.join()})`
    document.documentElement.style.setProperty('--exterior', palette.exterior)
    document.querySelector('meta[name=theme-color]')?.setAttribute('content', palette.exterior)
  }

  /** The palette so many steps on in the list. */
  neighbour(step: number): Palette {
    const { palettes } = this.#server
    const at = palettes.findIndex(({ name }) => name === this.#look.palette)
    return palettes[(at + step + palettes.length) % palettes.length]!
  }

  /** Multiplies the iteration limit. */
  scaleLimit(factor: number): void {
    const { limit } = this.#look
    this.#setLimit(Math.round((limit === 'auto' ? FIRST_LIMIT : limit) * factor))
  }

  close(): void {
    if (find('panel').hidden) return
    this.#open(false)
    find('open-panel').focus()
  }

  #swatch({ name, title, colours }: Palette): HTMLLabelElement {
    const input = make('input')
    input.type = 'radio'
    input.name = 'palette'
    input.value = name
    input.addEventListener('change', () => this.#actions.change({ palette: name }))
    const label = make('label')
    label.className = 'swatch'
    label.style.background = `linear-gradient(100deg, ${colours.join()})`
    label.append(input, make('span', title))
    return label
  }

  #wireLimit(): void {
    const limit = find<HTMLInputElement>('limit')
    find<HTMLInputElement>('auto').addEventListener('change', ({ target }) => {
      if ((target as HTMLInputElement).checked) this.#actions.change({ limit: 'auto' })
      else this.scaleLimit(1)
    })
    find('fewer').addEventListener('click', () => this.scaleLimit(1 / 2))
    find('more').addEventListener('click', () => this.scaleLimit(2))
    limit.addEventListener('change', () => {
      const text = limit.value.replace(/[\s_,.']/g, '')
      if (text === '' || text === 'auto') this.#actions.change({ limit: 'auto' })
      else if (/^\d{1,15}$/.test(text)) this.#setLimit(Number(text))
      else limit.setAttribute('aria-invalid', 'true')
    })
  }

  #setLimit(limit: number): void {
    const { min, max } = this.#server.bounds.limit
    this.#actions.change({ limit: Math.min(Math.max(limit, min), max) })
  }

  #wireDoor(): void {
    find('open-panel').addEventListener('click', () => this.#open(find('panel').hidden === true))
    // a press anywhere on the map puts it away
    find('map').addEventListener('pointerdown', () => this.#open(false))
  }

  #open(open: boolean): void {
    find('panel').hidden = !open
    find('open-panel').setAttribute('aria-expanded', String(open))
    if (open) find('palettes').querySelector<HTMLInputElement>('input:checked')?.focus()
  }
}
