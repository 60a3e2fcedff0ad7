import { Failure } from '../../core/errors.ts'
import { parseDecimal } from '../../plane/decimal.ts'
import { t } from '../language/t.ts'
import type { MapController } from '../map/controller.ts'
import { LinkError, parsePlace } from '../state/permalink.ts'
import { clampToPyramid, coordinates, formatZoom, placeAt } from '../state/place.ts'
import { parseCoordinate, parsePlaceText, parseZoomText } from '../state/placetext.ts'
import { restingRotation } from '../state/rotation.ts'
import { part } from '../ui/dom.ts'
import { openFile, saveFile } from '../ui/files.ts'

// as long as a link's place may be, see permalink.ts
const MAX_DIGITS = 20_000

// A line that only location files have. Their magnification has another definition than the map's.
const LOCATION_FILE = /^\s*(Zoom\s*:|\[?location|program)/im

const FIELDS = ['goto-re', 'goto-im', 'goto-zoom'] as const

/** The form that goes to coordinates: typed, or pasted as anything that names a place. */
export class GoToForm {
  readonly #root: HTMLFormElement
  readonly #controller: MapController
  readonly #onArrival: () => void
  /** of the map, or of an opened file */
  #rotation = 0

  /** `onArrival` is called when the map has gone to the place. */
  constructor(root: HTMLFormElement, controller: MapController, onArrival: () => void) {
    this.#root = root
    this.#controller = controller
    this.#onArrival = onArrival
    root.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#attempt(() => this.#go())
    })
    root.addEventListener('paste', (event) => {
      const text = event.clipboardData?.getData('text').trim() ?? ''
      // a single number goes into the field that it is pasted to
      if (text === '' || parseDecimal(parseCoordinate(text)) || parseZoomText(text) !== undefined) return
      event.preventDefault()
      void this.#attempt(() => this.#take(text))
    })
    root.addEventListener('input', () => this.#showError(''))
    part(root, 'goto-file').addEventListener('click', () =>
      openFile('.kfr,.toml,.txt', (text) => void this.#attempt(() => this.#take(text.trim()))),
    )
    for (const kind of ['kfr', 'toml'] as const)
      part(root, `save-${kind}`).addEventListener('click', () => void this.#save(kind))
  }

  /** Shows where the map is. */
  show(): void {
    const { place, plane, rotation } = this.#controller.store.state
    const { re, im } = coordinates(place, plane)
    this.#rotation = rotation
    this.#fill(re, im, formatZoom(place.zoom))
    this.#showError('')
    // these files hold places of the Mandelbrot set only
    part(this.#root, 'save-place').hidden = plane.julia !== undefined
    // on a touch screen the focus would open a keyboard over half of the gallery
    if (matchMedia('(pointer: fine)').matches) this.#field('goto-re').select()
  }

  #go(): void {
    // a whole place may have been typed into one field
    const whole = FIELDS.map((id) => parsePlaceText(this.#field(id).value)).find((found) => found)
    if (whole) this.#fill(whole.re, whole.im, whole.zoom)
    const [re, im] = (['goto-re', 'goto-im'] as const).map((id) => this.#coordinate(id))
    const zoom = parseZoomText(this.#field('goto-zoom').value)
    if (zoom === undefined)
      throw new FieldError('goto-zoom', t('The zoom should be a number such as 54, or a magnification such as 1e50.'))
    const { server, store } = this.#controller
    const { julia } = store.state.plane
    try {
      this.#controller.jump(parsePlace(`${formatZoom(zoom)}/${re}/${im}`, server.bounds, julia), julia, this.#rotation)
    } catch (error) {
      // both coordinates have been read, so the zoom is the bad one
      throw error instanceof LinkError ? new FieldError('goto-zoom', error.message) : error
    }
    this.#onArrival()
  }

  #coordinate(id: 'goto-re' | 'goto-im'): string {
    const text = parseCoordinate(this.#field(id).value)
    if (text.length <= MAX_DIGITS && parseDecimal(text)) return text
    const words =
      id === 'goto-re'
        ? t('The real part should be a decimal number such as −0.7436 or 1e-5.')
        : t('The imaginary part should be a decimal number such as −0.7436 or 1e-5.')
    throw new FieldError(id, words)
  }

  /** Takes a link, the text of a place, or a location file. Fields that it does not name stay. */
  async #take(text: string): Promise<void> {
    const link = /#\d\S*$/.exec(text)?.[0]
    if (link) {
      this.#controller.visit(link)
      this.#onArrival()
      return
    }
    const place = LOCATION_FILE.test(text) ? undefined : parsePlaceText(text)
    if (place) this.#fill(place.re, place.im, place.zoom)
    else await this.#takeFile(text)
    this.#root.querySelector<HTMLButtonElement>('[type=submit]')!.focus()
  }

  // the file's iteration limit is left out, because `auto` finds what the place needs
  async #takeFile(text: string): Promise<void> {
    const { map, server } = this.#controller
    const { parseLocationFile } = await locationFiles()
    const { re, im, zoom, rotation, mirror } = parseLocationFile(text, { height: map.leaflet.getSize().y })
    const { maxZoom } = server.bounds
    const place = clampToPyramid(placeAt(re, im, Math.min(Math.round(zoom), maxZoom)))
    const centre = coordinates(place)
    this.#fill(centre.re, centre.im, String(place.zoom))
    if (zoom > maxZoom + 1)
      this.#showError(
        t('This file leads to zoom {zoom}; this server goes to {deepest}.', {
          zoom: Math.round(zoom),
          deepest: maxZoom,
        }),
      )
    else if (mirror) this.#showError(t('This file shows the place mirrored; the map does not.'))
    this.#rotation = rotation ? restingRotation(rotation) : 0
  }

  async #save(kind: 'kfr' | 'toml'): Promise<void> {
    const { formatKfr, formatToml } = await locationFiles()
    const { store, map } = this.#controller
    const { place, appearance, rotation } = store.state
    const { re, im } = coordinates(place)
    const limit = appearance.limit === 'auto' ? {} : { maxIter: appearance.limit }
    const format = kind === 'kfr' ? formatKfr : formatToml
    const text = format(
      { re: parseDecimal(re)!, im: parseDecimal(im)!, zoom: place.zoom, rotation, ...limit },
      map.leaflet.getSize().y,
    )
    saveFile(`mandelbrot-zoom-${formatZoom(place.zoom)}.${kind}`, new Blob([text], { type: 'text/plain' }))
  }

  #fill(re: string, im: string, zoom: string | undefined): void {
    this.#field('goto-re').value = re
    this.#field('goto-im').value = im
    if (zoom !== undefined) this.#field('goto-zoom').value = zoom
  }

  #field(id: (typeof FIELDS)[number]): HTMLInputElement {
    return part<HTMLInputElement>(this.#root, id)
  }

  async #attempt(act: () => void | Promise<void>): Promise<void> {
    try {
      this.#showError('')
      await act()
    } catch (error) {
      if (!(error instanceof LinkError || error instanceof Failure)) throw error
      this.#showError(error.message, error instanceof FieldError ? error.field : undefined)
    }
  }

  /** Shows a sentence, and marks the field with the error. */
  #showError(words: string, field?: (typeof FIELDS)[number]): void {
    const error = part(this.#root, 'goto-error')
    error.hidden = words === ''
    error.textContent = words
    for (const id of FIELDS) this.#field(id).ariaInvalid = id === field ? 'true' : null
    if (field) this.#field(field).focus()
  }
}

/** A field that cannot be read. */
class FieldError extends LinkError {
  readonly field: (typeof FIELDS)[number]

  constructor(field: (typeof FIELDS)[number], message: string) {
    super(message)
    this.field = field
  }
}

// loaded only when a file is opened or saved, because it would be a third of the script
function locationFiles() {
  return import('../../formats/locationfile.ts')
}
