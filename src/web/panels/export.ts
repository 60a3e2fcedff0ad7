import { t } from '../language/t.ts'
import type { Text } from '../language/texts.ts'
import type { MapController } from '../map/controller.ts'
import { fetchImage } from '../net/imageprogress.ts'
import { imageQuery } from '../state/imagequery.ts'
import { formatZoom } from '../state/place.ts'
import { makeDialog } from '../ui/dialog.ts'
import { make, part } from '../ui/dom.ts'
import { saveFile } from '../ui/files.ts'
import { announce, notify } from '../ui/notice.ts'

interface Size {
  label: string
  width: number
  height: number
}

const SIZES: (Size & { label: Text })[] = [
  { label: 'Full HD', width: 1920, height: 1080 },
  { label: '4K', width: 3840, height: 2160 },
  { label: 'Square', width: 2048, height: 2048 },
  { label: 'Phone', width: 1440, height: 3200 },
]

/** The dialog that lets the server render this view as one picture of any size, and saves it. */
export class ExportDialog {
  readonly open: () => void
  readonly #root: HTMLDialogElement
  readonly #controller: MapController
  #sizes: Size[] = []
  #request: AbortController | undefined

  constructor(root: HTMLDialogElement, controller: MapController) {
    this.#root = root
    this.#controller = controller
    this.open = makeDialog(
      root,
      () => this.#offer(),
      () =>
        controller.store.state.plane.julia
          ? t('Pictures can be rendered only of the Mandelbrot set, not of a Julia set.')
          : '',
    )
    part(root, 'size').addEventListener('change', () => this.#setSize(this.#sizes[Number(this.#field('size').value)]))
    for (const id of ['width', 'height']) part(root, id).addEventListener('input', () => this.#showError(''))
    part(root, 'order').addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#render()
    })
    part(root, 'cancel').addEventListener('click', () => this.#request?.abort())
    // Escape stops a render first, and closes the dialog afterwards
    root.addEventListener('cancel', (event) => {
      if (!this.#request) return
      event.preventDefault()
      this.#request.abort()
    })
  }

  // the screen's own size comes first, in device pixels
  #offer(): void {
    const { maxImageSide } = this.#controller.server
    const { x, y } = this.#controller.map.leaflet.getSize()
    const ratio = Math.min(devicePixelRatio, maxImageSide / Math.max(x, y))
    const screen = { label: t('This screen'), width: Math.round(x * ratio), height: Math.round(y * ratio) }
    this.#sizes = [screen, ...SIZES.map((size) => ({ ...size, label: t(size.label) }))].filter(
      ({ width, height }) => Math.max(width, height) <= maxImageSide,
    )
    const options = this.#sizes.map(({ label, width, height }, k) => {
      const option = make('option', `${label}, ${width} × ${height}`)
      option.value = String(k)
      return option
    })
    const custom = make('option', t('Another, up to {most}', { most: maxImageSide }))
    custom.value = 'custom'
    part(this.#root, 'size').replaceChildren(...options, custom)
    this.#setSize(screen)
  }

  #setSize(size: Size | undefined): void {
    if (!size) {
      this.#field('width').focus()
      return
    }
    this.#field('width').value = String(size.width)
    this.#field('height').value = String(size.height)
    this.#showError('')
  }

  async #render(): Promise<void> {
    if (this.#request) return
    const [width, height] = [this.#side('width'), this.#side('height')]
    if (!width || !height) return
    const request = new AbortController()
    this.#request = request
    this.#setBusy(true)
    try {
      const url = this.#url(width, height)
      const picture = await fetchImage(url, request.signal, (done, words) => this.#showProgress(done, words))
      saveFile(this.#name(), picture)
      notify(t('The picture is saved.'))
      this.#root.close()
    } catch (error) {
      if (!request.signal.aborted) this.#showError((error as Error).message)
    } finally {
      this.#request = undefined
      this.#setBusy(false)
    }
  }

  // the picture holds the whole screen, and more where its proportions differ
  #url(width: number, height: number): string {
    const { map, store, maxZoom } = this.#controller
    const { place, appearance, rotation } = store.state
    const size = map.leaflet.getSize()
    const zooms = Math.log2(Math.min(width / size.x, height / size.y))
    const samples = this.#field('samples').value
    const aa = samples === 'auto' ? samples : Number(samples)
    const query = imageQuery({ place, rotation, appearance, width, height, zooms, maxZoom, aa })
    return `image.${this.#field('format').value}?${query}`
  }

  #name(): string {
    return `mandelbrot-zoom-${formatZoom(this.#controller.store.state.place.zoom)}.${this.#field('format').value}`
  }

  #side(id: 'width' | 'height'): number | undefined {
    const { maxImageSide } = this.#controller.server
    const value = Number(this.#field(id).value.trim())
    if (Number.isInteger(value) && value >= 1 && value <= maxImageSide) return value
    const most = { most: maxImageSide }
    this.#showError(
      id === 'width'
        ? t('The width should be a whole number from 1 to {most}.', most)
        : t('The height should be a whole number from 1 to {most}.', most),
    )
    this.#field(id).focus()
    return undefined
  }

  #showProgress(done: number | undefined, words: string): void {
    const bar = part<HTMLProgressElement>(this.#root, 'export-bar')
    if (done === undefined) bar.removeAttribute('value')
    else bar.value = done
    part(this.#root, 'export-words').textContent = words
  }

  #setBusy(busy: boolean): void {
    const [stop, render] = [part(this.#root, 'cancel'), part<HTMLButtonElement>(this.#root, 'render')]
    // a button that is disabled or hidden loses the focus, so the other one takes it
    const focused = (busy ? render : stop).matches(':focus')
    part(this.#root, 'exporting').hidden = !busy
    stop.hidden = !busy
    render.disabled = busy
    if (focused) (busy ? stop : render).focus()
    if (busy) {
      this.#showError('')
      this.#showProgress(undefined, t('waiting for the server'))
      announce(t('The picture is being rendered'))
    }
  }

  #field(id: string): HTMLInputElement {
    return part<HTMLInputElement>(this.#root, id)
  }

  #showError(words: string): void {
    const error = part(this.#root, 'export-error')
    error.hidden = words === ''
    error.textContent = words
  }
}
