import { stylePhase } from '../colour/style.ts'
import type { Atlas } from './atlas.ts'
import { find, make } from './dom.ts'
import { saveFile } from './files.ts'
import { lookQuery } from './look.ts'
import { announce, notify } from './notice.ts'
import { dialog } from './panes.ts'
import { coordinates } from './place.ts'
import { follow } from './rendering.ts'

interface Size {
  label: string
  width: number
  height: number
}

const SIZES: Size[] = [
  { label: 'Full HD', width: 1920, height: 1080 },
  { label: '4K', width: 3840, height: 2160 },
  { label: 'Square', width: 2048, height: 2048 },
  { label: 'Phone', width: 1440, height: 3200 },
]

/** The dialog that has the server render this view as one picture, of any size, and saves it. */
export class Export {
  readonly open: () => void
  readonly #atlas: Atlas
  #flight: AbortController | undefined

  constructor(atlas: Atlas) {
    this.#atlas = atlas
    this.open = dialog(
      'export',
      () => this.#offer(),
      () => (atlas.plane.julia ? 'Whole pictures are rendered of the Mandelbrot set only, not of a Julia set.' : ''),
    )
    find('size').addEventListener('change', () => this.#take(this.#sizes[Number(field('size').value)]))
    for (const id of ['width', 'height']) find(id).addEventListener('input', () => this.#complain(''))
    find('order').addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#render()
    })
    find('cancel').addEventListener('click', () => this.#flight?.abort())
  }

  #sizes: Size[] = []

  // the screen's own size first, in its own pixels
  #offer(): void {
    const { longestSide } = this.#atlas.server
    const { x, y } = this.#atlas.map.getSize()
    const finer = Math.min(devicePixelRatio, longestSide / Math.max(x, y))
    const screen = { label: 'This screen', width: Math.round(x * finer), height: Math.round(y * finer) }
    this.#sizes = [screen, ...SIZES].filter(({ width, height }) => Math.max(width, height) <= longestSide)
    const options = this.#sizes.map(({ label, width, height }, k) => {
      const option = make('option', `${label}, ${width} × ${height}`)
      option.value = String(k)
      return option
    })
    const own = make('option', `Another, up to ${longestSide}`)
    own.value = 'own'
    find('size').replaceChildren(...options, own)
    this.#take(screen)
  }

  #take(size: Size | undefined): void {
    if (!size) {
      field('width').focus()
      return
    }
    field('width').value = String(size.width)
    field('height').value = String(size.height)
    this.#complain('')
  }

  async #render(): Promise<void> {
    if (this.#flight) return
    const [width, height] = [this.#side('width'), this.#side('height')]
    if (!width || !height) return
    const flight = new AbortController()
    this.#flight = flight
    this.#busy(true)
    try {
      const url = this.#url(width, height)
      const picture = await follow(url, flight.signal, (done, words) => this.#progress(done, words))
      saveFile(this.#name(), picture)
      notify('The picture is saved.')
      find<HTMLDialogElement>('export').close()
    } catch (error) {
      if (!flight.signal.aborted) this.#complain((error as Error).message)
    } finally {
      this.#flight = undefined
      this.#busy(false)
    }
  }

  // all of the screen is in the picture, and where its sides are in another proportion, more
  #url(width: number, height: number): string {
    const { place, plane, map, appearance } = this.#atlas
    const size = map.getSize()
    const finer = Math.log2(Math.min(width / size.x, height / size.y))
    const zoom = Math.min(Math.max(0, place.zoom + finer), this.#atlas.maxZoom)
    // colours grow denser with the zoom, and the picture has those of the screen
    const own = (at: number) => stylePhase(appearance, at, 1).density
    const density = (appearance.density * own(place.zoom)) / own(zoom)
    const query = new URLSearchParams({
      ...coordinates(place, plane),
      zoom: String(zoom),
      width: String(width),
      height: String(height),
      ...lookQuery({ ...appearance, density: clamp(density), aa: Number(field('samples').value) }),
    })
    return `image.${field('format').value}?${query}`
  }

  #name(): string {
    return `mandelbrot-zoom-${this.#atlas.place.zoom}.${field('format').value}`
  }

  #side(id: 'width' | 'height'): number | undefined {
    const { longestSide } = this.#atlas.server
    const value = Number(field(id).value.trim())
    if (Number.isInteger(value) && value >= 1 && value <= longestSide) return value
    this.#complain(`The ${id} should be a whole number from 1 to ${longestSide}.`)
    field(id).focus()
    return undefined
  }

  #progress(done: number | undefined, words: string): void {
    const bar = find<HTMLProgressElement>('export-bar')
    if (done === undefined) bar.removeAttribute('value')
    else bar.value = done
    find('export-words').textContent = words
  }

  #busy(busy: boolean): void {
    find('exporting').hidden = !busy
    find('cancel').hidden = !busy
    find<HTMLButtonElement>('render').disabled = busy
    if (busy) {
      this.#complain('')
      this.#progress(undefined, 'waiting for the server')
      announce('The picture is being rendered')
    }
  }

  #complain(words: string): void {
    const error = find('export-error')
    error.hidden = words === ''
    error.textContent = words
  }
}

// what the server takes, see LOOK_FORMS
function clamp(density: number): number {
  return Math.min(Math.max(density, 1 / 16), 16)
}

function field(id: string): HTMLInputElement {
  return find<HTMLInputElement>(id)
}
