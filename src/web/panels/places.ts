import { t } from '../language/t.ts'
import type { MapController } from '../map/controller.ts'
import type { Preview } from '../map/preview.ts'
import { snapshot } from '../map/snapshot.ts'
import { Bookmarks } from '../state/bookmarks.ts'
import { magnification, plainMagnification } from '../state/place.ts'
import { makeCard } from '../ui/card.ts'
import { makeDialog } from '../ui/dialog.ts'
import { make, part } from '../ui/dom.ts'
import { openFile, saveFile } from '../ui/files.ts'
import { notify } from '../ui/notice.ts'
import { galleryStops, showGallery } from './gallery.ts'
import { GoToForm } from './goto.ts'
import type { Stop, Tour } from './tour.ts'

/** The dialog of places: a form for coordinates, the visitor's bookmarks, and the gallery. */
export class PlacesDialog {
  readonly open: () => void
  readonly #root: HTMLDialogElement
  readonly #controller: MapController
  readonly #bookmarks = new Bookmarks()
  #tour: Tour | undefined

  constructor(root: HTMLDialogElement, controller: MapController) {
    this.#root = root
    this.#controller = controller
    const goTo = new GoToForm(part<HTMLFormElement>(root, 'goto'), controller, () => root.close())
    this.open = makeDialog(root, () => {
      goTo.show()
      this.#list()
      // pictures come first: the visitor's own, if there are any
      const yours = part(root, 'yours')
      part(root, 'worth').insertAdjacentElement(this.#bookmarks.all.length > 0 ? 'beforebegin' : 'afterend', yours)
      void showGallery(part(root, 'gallery'), (link, preview) => {
        controller.visit(link, preview)
        root.close()
      })
    })
    this.#bookmarks.onForeignChange(() => root.open && this.#list())
    part(root, 'tour-marks').addEventListener('click', () => {
      void this.#startTour(
        this.#bookmarks.all.map(({ name, link, picture }) => ({ title: name, link, ...previewOf(picture) })),
      )
    })
    part(root, 'tour-gallery').addEventListener('click', () => {
      void galleryStops().then((stops) => this.#startTour(stops))
    })
    part(root, 'keep').addEventListener('click', () => {
      this.addBookmark()
      this.#list()
    })
    part(root, 'export-marks').addEventListener('click', () =>
      saveFile('mandeltiles-bookmarks.json', new Blob([this.#bookmarks.text()], { type: 'application/json' })),
    )
    part(root, 'import-marks').addEventListener('click', () =>
      openFile('.json,application/json', (text) => {
        this.#import(text)
        this.#list()
      }),
    )
  }

  /** Pauses or resumes a tour; without one, starts one of the gallery. */
  async tourOrPause(): Promise<void> {
    const tour = await this.#loadTour()
    if (!tour.toggle()) tour.start(await galleryStops())
  }

  async #startTour(stops: Stop[]): Promise<void> {
    const tour = await this.#loadTour()
    this.#root.close()
    tour.start(stops)
  }

  async #loadTour(): Promise<Tour> {
    const { Tour } = await import('./tour.ts')
    this.#tour ??= new Tour(this.#controller)
    return this.#tour
  }

  /** Bookmarks what is on the screen. */
  addBookmark(): void {
    const { link, store, map } = this.#controller
    const { place, plane } = store.state
    this.#bookmarks.add({ name: nameFor(place.zoom, plane.julia !== undefined), link, picture: snapshot(map) })
    notify(
      this.#bookmarks.persistent
        ? t('Kept among your places.')
        : t('Kept until you leave: the browser cannot store it.'),
    )
  }

  #import(text: string): void {
    try {
      const added = this.#bookmarks.merge(text)
      notify(added === 1 ? t('One place added.') : t('{number} places added.', { number: added }))
    } catch (error) {
      notify((error as Error).message)
    }
  }

  #list(): void {
    const { all } = this.#bookmarks
    part(this.#root, 'no-marks').hidden = all.length > 0
    part<HTMLButtonElement>(this.#root, 'export-marks').disabled = all.length === 0
    part(this.#root, 'marks').replaceChildren(
      ...all.map(({ name, link, picture }) => {
        const item = makeCard(name, picture, '', () => {
          this.#visit(link, previewOf(picture).preview)
          this.#root.close()
        })
        item.append(this.#tools(link, name))
        return item
      }),
    )
  }

  // a link from another server may lead deeper than this one goes
  #visit(link: string, preview?: Preview): void {
    try {
      this.#controller.visit(link, preview)
    } catch (error) {
      notify((error as Error).message)
    }
  }

  #tools(link: string, name: string): HTMLElement {
    const field = make('input')
    Object.assign(field, { className: 'field', value: name, maxLength: 120 })
    field.setAttribute('aria-label', t('Name'))
    field.addEventListener('change', () => {
      this.#bookmarks.rename(link, field.value.trim() || name)
      this.#list()
    })
    const remove = make('button', t('Remove'))
    remove.type = 'button'
    remove.setAttribute('aria-label', t('Remove {name}', { name }))
    remove.addEventListener('click', () => {
      const restore = this.#bookmarks.remove(link)
      this.#list()
      const undo = () => {
        restore()
        this.#list()
      }
      notify(t('{name} is removed.', { name }), { label: t('Undo'), act: undo, brief: true })
    })
    const row = make('div')
    row.className = 'row'
    row.append(field, remove)
    return row
  }
}

// the browser may have refused to make a picture
function previewOf(picture: string): { preview?: Preview } {
  return picture === '' ? {} : { preview: { url: picture } }
}

function nameFor(zoom: number, julia: boolean): string {
  const { mantissa, exponent } = magnification(zoom)
  const scale = `×${plainMagnification(zoom) ?? `${mantissa}e${exponent}`}`
  return julia ? t('Julia set at {scale}', { scale }) : t('Place at {scale}', { scale })
}
