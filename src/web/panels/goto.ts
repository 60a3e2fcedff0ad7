import { Failure } from '../../core/errors.ts'
import { log2Number, readNumber } from '../../core/parse.ts'
import { formatKfr, formatToml, parseLocationFile } from '../../formats/locationfile.ts'
import { parseDecimal } from '../../plane/decimal.ts'
import type { MapController } from '../map/controller.ts'
import { readCoordinates } from '../state/coordinates.ts'
import { LinkError, parsePlace } from '../state/permalink.ts'
import { clampToPyramid, coordinates, formatZoom, placeAt } from '../state/place.ts'
import { part } from '../ui/dom.ts'
import { openFile, saveFile } from '../ui/files.ts'

const FIELDS = ['goto-re', 'goto-im', 'goto-zoom'] as const

/** The form that goes to coordinates: typed, or pasted as anything that names a place. */
export class GoToForm {
  readonly #root: HTMLFormElement
  readonly #controller: MapController
  readonly #onArrival: () => void

  /** `onArrival` is called when the map has gone to the place. */
  constructor(root: HTMLFormElement, controller: MapController, onArrival: () => void) {
    this.#root = root
    this.#controller = controller
    this.#onArrival = onArrival
    root.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#attempt(() => this.#go())
    })
    root.addEventListener('paste', (event) => {
      const text = event.clipboardData?.getData('text') ?? ''
      // a single number goes into the field that it is pasted to
      if (/^\s*[-+−]?[\d.]+(e[-+]?\d+)?\s*$/i.test(text)) return
      event.preventDefault()
      this.#attempt(() => this.#take(text.trim()))
    })
    root.addEventListener('input', () => this.#showError(''))
    part(root, 'goto-file').addEventListener('click', () =>
      openFile('.kfr,.toml,.txt', (text) => this.#attempt(() => this.#take(text.trim()))),
    )
    part(root, 'save-kfr').addEventListener('click', () => this.#save('kfr', formatKfr))
    part(root, 'save-toml').addEventListener('click', () => this.#save('toml', formatToml))
  }

  /** Shows where the map is. */
  show(): void {
    const { place, plane } = this.#controller.store.state
    const { re, im } = coordinates(place, plane)
    this.#fill(re, im, formatZoom(place.zoom))
    this.#showError('')
    // these files hold places of the Mandelbrot set only
    part(this.#root, 'save-place').hidden = plane.julia !== undefined
    // on a touch screen the focus would open a keyboard over half of the gallery
    if (matchMedia('(pointer: fine)').matches) this.#field('goto-re').select()
  }

  #go(): void {
    const [re, im, zoom] = FIELDS.map((id) => this.#field(id).value.replace(/[\s_]/g, '').replace(/^−/, '-'))
    const { server, store } = this.#controller
    this.#controller.jump(parsePlace(`${parseZoom(zoom!)}/${re}/${im}`, server.bounds, store.state.plane.julia))
    this.#onArrival()
  }

  // a link, coordinates, or a location file
  #take(text: string): void {
    const link = /#\d\S*$/.exec(text)?.[0]
    if (link) {
      this.#controller.visit(link)
      this.#onArrival()
      return
    }
    const pasted = readCoordinates(text)
    if (pasted) this.#fill(pasted.re, pasted.im, pasted.zoom ?? this.#field('goto-zoom').value)
    else this.#takeFile(text)
    this.#root.querySelector<HTMLButtonElement>('[type=submit]')!.focus()
  }

  // the file's iteration limit is left out, because `auto` finds what the place needs
  #takeFile(text: string): void {
    const { map, server } = this.#controller
    const { re, im, zoom, rotation, mirror } = parseLocationFile(text, { height: map.getSize().y })
    const { maxZoom } = server.bounds
    const place = clampToPyramid(placeAt(re, im, Math.min(Math.round(zoom), maxZoom)))
    const centre = coordinates(place)
    this.#fill(centre.re, centre.im, String(place.zoom))
    if (zoom > maxZoom + 1)
      this.#showError(`This file leads to zoom ${Math.round(zoom)}; this server goes to ${maxZoom}.`)
    else if (rotation || mirror) {
      const how = [...(mirror ? ['mirrored'] : []), ...(rotation ? [`turned by ${rotation}°`] : [])].join(' and ')
      this.#showError(`This file shows the place ${how}; the map shows it upright.`)
    }
  }

  #save(ending: string, format: typeof formatKfr): void {
    const { store, map } = this.#controller
    const { place, appearance } = store.state
    const { re, im } = coordinates(place)
    const limit = appearance.limit === 'auto' ? {} : { maxIter: appearance.limit }
    const text = format({ re: parseDecimal(re)!, im: parseDecimal(im)!, zoom: place.zoom, ...limit }, map.getSize().y)
    saveFile(`mandelbrot-zoom-${formatZoom(place.zoom)}.${ending}`, new Blob([text], { type: 'text/plain' }))
  }

  #fill(...values: [re: string, im: string, zoom: string]): void {
    FIELDS.forEach((id, k) => {
      this.#field(id).value = values[k]!
    })
  }

  #field(id: (typeof FIELDS)[number]): HTMLInputElement {
    return part<HTMLInputElement>(this.#root, id)
  }

  #attempt(act: () => void): void {
    try {
      this.#showError('')
      act()
    } catch (error) {
      if (!(error instanceof LinkError || error instanceof Failure)) throw error
      this.#showError(error.message)
    }
  }

  #showError(words: string): void {
    const error = part(this.#root, 'goto-error')
    error.hidden = words === ''
    error.textContent = words
  }
}

/**
 * Reads a zoom: the map's own, or a magnification such as 1e50, whose logarithm it is. @throws
 * LinkError
 */
export function parseZoom(text: string): string {
  const number = text.replace(/^[×x]/i, '').replace(/[·*]10\^/, 'e')
  if (/e/i.test(number) && Number.isFinite(log2Number(number)))
    return String(Math.max(0, Math.round(log2Number(number))))
  if (readNumber(text) >= 0 && readNumber(text) < 1e6) return String(Math.round(readNumber(text)))
  throw new LinkError('The zoom should be a number such as 54, or a magnification such as 1e50.')
}
