import type { Atlas } from './atlas.ts'
import { Bookmarks } from './bookmarks.ts'
import { card } from './card.ts'
import { find, make } from './dom.ts'
import { openFile, saveFile } from './files.ts'
import { showGallery } from './gallery.ts'
import { GoTo } from './goto.ts'
import { notify } from './notice.ts'
import { dialog } from './panes.ts'
import { magnification } from './place.ts'
import { snapshot } from './snapshot.ts'

/** The dialog of places: go to coordinates, one's own places, and those worth a visit. */
export class Places {
  readonly open: () => void
  readonly #atlas: Atlas
  readonly #bookmarks = new Bookmarks()

  constructor(atlas: Atlas) {
    this.#atlas = atlas
    const close = () => find<HTMLDialogElement>('places').close()
    const goTo = new GoTo(atlas, close)
    this.open = dialog('places', () => {
      goTo.show()
      this.#list(close)
      void showGallery(atlas, close)
    })
    find('keep').addEventListener('click', () => {
      this.keep()
      this.#list(close)
    })
    find('export-marks').addEventListener('click', () =>
      saveFile('mandeltiles-bookmarks.json', new Blob([this.#bookmarks.text()], { type: 'application/json' })),
    )
    find('import-marks').addEventListener('click', () =>
      openFile('.json,application/json', (text) => {
        this.#import(text)
        this.#list(close)
      }),
    )
  }

  /** Keeps what is on the screen. */
  keep(): void {
    const { link, place, plane } = this.#atlas
    this.#bookmarks.add({
      name: title(place.zoom, plane.julia !== undefined),
      link,
      picture: snapshot(this.#atlas.map),
    })
    notify(
      this.#bookmarks.lasting ? 'Kept among your places.' : 'Kept until you leave: the browser stores nothing here.',
    )
  }

  #import(text: string): void {
    try {
      const added = this.#bookmarks.merge(text)
      notify(added === 1 ? 'One place added.' : `${added} places added.`)
    } catch (error) {
      notify((error as Error).message)
    }
  }

  #list(close: () => void): void {
    const { all } = this.#bookmarks
    find('no-marks').hidden = all.length > 0
    find<HTMLButtonElement>('export-marks').disabled = all.length === 0
    find('marks').replaceChildren(
      ...all.map(({ name, link, picture }) => {
        const item = card(name, picture, '', () => {
          this.#visit(link)
          close()
        })
        item.append(this.#tools(link, name, close))
        return item
      }),
    )
  }

  // a link kept from another server may be deeper than this one goes
  #visit(link: string): void {
    try {
      this.#atlas.visit(link)
    } catch (error) {
      notify((error as Error).message)
    }
  }

  #tools(link: string, name: string, close: () => void): HTMLElement {
    const field = make('input')
    Object.assign(field, { className: 'field', value: name, maxLength: 120 })
    field.setAttribute('aria-label', 'Name')
    field.addEventListener('change', () => {
      this.#bookmarks.rename(link, field.value.trim() || name)
      this.#list(close)
    })
    const remove = make('button', 'Remove')
    remove.type = 'button'
    remove.setAttribute('aria-label', `Remove ${name}`)
    remove.addEventListener('click', () => {
      this.#bookmarks.remove(link)
      this.#list(close)
    })
    const row = make('div')
    row.className = 'row'
    row.append(field, remove)
    return row
  }
}

function title(zoom: number, julia: boolean): string {
  const { mantissa, exponent } = magnification(zoom)
  return `${julia ? 'Julia set' : 'Place'} at ×${exponent < 4 ? 2 ** zoom : `${mantissa}e${exponent}`}`
}
