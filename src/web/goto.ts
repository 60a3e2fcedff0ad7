import { Failure } from '../core/errors.ts'
import { log2Number, readNumber } from '../core/parse.ts'
import { formatKfr, formatToml, parseLocationFile } from '../formats/locationfile.ts'
import { parseDecimal } from '../plane/decimal.ts'
import type { Atlas } from './atlas.ts'
import { find } from './dom.ts'
import { openFile, saveFile } from './files.ts'
import { readPlace, Unreadable } from './permalink.ts'
import { coordinates, inside, placeAt } from './place.ts'

const FIELDS = ['goto-re', 'goto-im', 'goto-zoom'] as const

/** The form that goes to coordinates: typed, or pasted as anything that names a place. */
export class GoTo {
  readonly #atlas: Atlas
  readonly #arrived: () => void

  /** `arrived` is told when the map has gone there. */
  constructor(atlas: Atlas, arrived: () => void) {
    this.#atlas = atlas
    this.#arrived = arrived
    const form = find<HTMLFormElement>('goto')
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#attempt(() => this.#go())
    })
    form.addEventListener('paste', (event) => {
      const text = event.clipboardData?.getData('text') ?? ''
      // a number goes into the field it is pasted to
      if (/^\s*[-+−]?[\d.]+(e[-+]?\d+)?\s*$/i.test(text)) return
      event.preventDefault()
      this.#attempt(() => this.#take(text.trim()))
    })
    form.addEventListener('input', () => this.#complain(''))
    find('goto-file').addEventListener('click', () =>
      openFile('.kfr,.toml,.txt', (text) => this.#attempt(() => this.#take(text.trim()))),
    )
    find('save-kfr').addEventListener('click', () => this.#save('kfr', formatKfr))
    find('save-toml').addEventListener('click', () => this.#save('toml', formatToml))
  }

  /** Shows where the map is. */
  show(): void {
    const { place, plane } = this.#atlas
    const { re, im } = coordinates(place, plane)
    this.#fill(re, im, String(place.zoom))
    this.#complain('')
    // such files are of the Mandelbrot set
    find('save-place').hidden = plane.julia !== undefined
    // on a touch screen the focus would bring up a keyboard over half of the gallery
    if (matchMedia('(pointer: fine)').matches) find<HTMLInputElement>('goto-re').select()
  }

  #go(): void {
    const [re, im, zoom] = FIELDS.map((id) => find<HTMLInputElement>(id).value.replace(/[\s_]/g, '').replace(/^−/, '-'))
    const { server, plane } = this.#atlas
    this.#atlas.jump(readPlace(`${readZoom(zoom!)}/${re}/${im}`, server.bounds, plane.julia))
    this.#arrived()
  }

  // a link, coordinates as this page copies them, three numbers, or a location file
  #take(text: string): void {
    const link = /#\d\S*$/.exec(text)?.[0]
    if (link) {
      this.#atlas.visit(link)
      this.#arrived()
      return
    }
    const three =
      /^re\s+(\S+)\s+im\s+(\S+)\s+zoom\s+(\S+)$/i.exec(text) ??
      /^([-+\d.e]+)[\s,;]+([-+\d.e]+)[\s,;]+([+\d.e]+)$/i.exec(text)
    if (three) this.#fill(three[1]!, three[2]!, three[3]!)
    else this.#takeFile(text)
    find('goto').querySelector<HTMLButtonElement>('[type=submit]')!.focus()
  }

  // what a file says of iterations is left out: `auto` finds what the place needs
  #takeFile(text: string): void {
    const { map, server } = this.#atlas
    const { re, im, zoom } = parseLocationFile(text, { height: map.getSize().y })
    const { maxZoom } = server.bounds
    const place = inside(placeAt(re, im, Math.min(Math.round(zoom), maxZoom)))
    const at = coordinates(place)
    this.#fill(at.re, at.im, String(place.zoom))
    if (zoom > maxZoom + 1)
      this.#complain(`This file leads to zoom ${Math.round(zoom)}; this server goes to ${maxZoom}.`)
  }

  #save(ending: string, format: typeof formatKfr): void {
    const { place, appearance, map } = this.#atlas
    const { re, im } = coordinates(place)
    const limit = appearance.limit === 'auto' ? {} : { maxIter: appearance.limit }
    const text = format({ re: parseDecimal(re)!, im: parseDecimal(im)!, zoom: place.zoom, ...limit }, map.getSize().y)
    saveFile(`mandelbrot-zoom-${place.zoom}.${ending}`, new Blob([text], { type: 'text/plain' }))
  }

  #fill(...values: [re: string, im: string, zoom: string]): void {
    FIELDS.forEach((id, k) => {
      find<HTMLInputElement>(id).value = values[k]!
    })
  }

  #attempt(act: () => void): void {
    try {
      this.#complain('')
      act()
    } catch (error) {
      if (!(error instanceof Unreadable || error instanceof Failure)) throw error
      this.#complain(error.message)
    }
  }

  #complain(words: string): void {
    const error = find('goto-error')
    error.hidden = words === ''
    error.textContent = words
  }
}

/** A zoom in words: the map's own, or a magnification with an exponent, whose logarithm it is. Throws Unreadable. */
export function readZoom(text: string): string {
  const number = text.replace(/^[×x]/i, '').replace(/[·*]10\^/, 'e')
  if (/e/i.test(number) && Number.isFinite(log2Number(number)))
    return String(Math.max(0, Math.round(log2Number(number))))
  if (readNumber(text) >= 0 && readNumber(text) < 1e6) return String(Math.round(readNumber(text)))
  throw new Unreadable('The zoom should be a number such as 54, or a magnification such as 1e50.')
}
