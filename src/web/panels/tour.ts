// A tour: place after place, each shown until it has loaded and for some seconds more. A press on
// the map, or a turn of the wheel, pauses it.
import { t } from '../language/t.ts'
import type { MapController } from '../map/controller.ts'
import type { Preview } from '../map/preview.ts'
import { LinkError } from '../state/permalink.ts'
import { panelRoot, part } from '../ui/dom.ts'
import { notify } from '../ui/notice.ts'

/** A place of a tour: its title, the link to it, and a picture of it if there is one. */
export interface Stop {
  title: string
  link: string
  preview?: Preview
}

// how long a place is shown at the middle speed, in milliseconds; each step of the slider halves or
// doubles it
const STAY = 8000

export class Tour {
  readonly #controller: MapController
  readonly #root = panelRoot('tour')
  readonly #pause = part<HTMLButtonElement>(this.#root, 'tour-pause')
  readonly #speed = part<HTMLInputElement>(this.#root, 'tour-speed')
  #stops: Stop[] = []
  #next = 0
  #paused = false
  #timer: number | undefined

  constructor(controller: MapController) {
    this.#controller = controller
    this.#pause.addEventListener('click', () => this.#hold(!this.#paused))
    part(this.#root, 'tour-next').addEventListener('click', () => this.#show())
    part(this.#root, 'tour-end').addEventListener('click', () => this.end())
    this.#speed.addEventListener('change', () => this.#wait())
    controller.store.watch(['settled'], () => this.#wait())
    const map = controller.map.leaflet.getContainer()
    for (const event of ['pointerdown', 'wheel'])
      map.addEventListener(event, () => this.#running && this.#hold(true), { passive: true })
  }

  get #running(): boolean {
    return this.#stops.length > 0
  }

  start(stops: Stop[]): void {
    if (stops.length === 0) {
      notify(t('Keep a place first: a tour needs places.'))
      return
    }
    this.#stops = stops
    this.#next = 0
    this.#root.hidden = false
    this.#hold(false)
    this.#show()
  }

  /** Pauses or resumes the tour; false when there is none. */
  toggle(): boolean {
    if (this.#running) this.#hold(!this.#paused)
    return this.#running
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#stops = []
    this.#root.hidden = true
    this.#controller.map.leaflet.getContainer().focus()
  }

  #hold(paused: boolean): void {
    this.#paused = paused
    this.#pause.textContent = paused ? t('Continue') : t('Pause')
    this.#wait()
  }

  #show(): void {
    const stop = this.#stops[this.#next++]
    if (!stop) {
      this.end()
      notify(t('The tour is over.'))
      return
    }
    part(this.#root, 'tour-title').textContent = `${stop.title} (${this.#next}/${this.#stops.length})`
    try {
      this.#controller.visit(stop.link, stop.preview)
    } catch (error) {
      // a link from another server may lead deeper than this one goes
      if (!(error instanceof LinkError)) throw error
      this.#show()
      return
    }
    this.#wait()
  }

  // the time begins once the place is on the screen
  #wait(): void {
    clearTimeout(this.#timer)
    if (!this.#running || this.#paused || !this.#controller.store.state.settled) return
    this.#timer = window.setTimeout(() => this.#show(), STAY * 2 ** -Number(this.#speed.value))
  }
}
