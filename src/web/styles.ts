import { DEFAULT_LIGHT } from '../colour/appearance.ts'
import { parseLevels } from '../colour/histogram.ts'
import { STYLE_TITLES, STYLES, type Style } from '../colour/style.ts'
import type { Atlas } from './atlas.ts'
import { find, make } from './dom.ts'
import { FetchFailure, fetchPatiently } from './fetching.ts'
import { notify } from './notice.ts'
import { coordinates } from './place.ts'

/** What the colours show, and what some styles take beside them: a light, or levels of the view. */
export class Styles {
  readonly #atlas: Atlas
  #flight: AbortController | undefined

  constructor(atlas: Atlas) {
    this.#atlas = atlas
    find('styles').append(...STYLES.map((style) => this.#listed(style)))
    const light = find<HTMLInputElement>('light')
    light.addEventListener('input', () => atlas.change({ light: Number(light.value) }))
    find('even').addEventListener('click', () => void this.#even())
    for (const event of ['look', 'plane']) atlas.addEventListener(event, () => this.#show())
    this.#show()
  }

  #show(): void {
    const { style, light = DEFAULT_LIGHT } = this.#atlas.appearance
    const { julia } = this.#atlas.plane
    for (const input of find('styles').querySelectorAll('input')) {
      input.checked = input.value === style
      // the levels of a Julia set's view nobody asks for
      input.parentElement!.hidden = input.value === 'histogram' && julia !== undefined && !input.checked
    }
    find('light-row').hidden = style !== 'slopes'
    find<HTMLInputElement>('light').value = String(light)
    find('light-shown').textContent = `${light}°`
    find('even').hidden = style !== 'histogram' || julia !== undefined
  }

  #choose(style: Style): void {
    this.#flight?.abort()
    if (style === 'histogram' && !this.#atlas.plane.julia) void this.#even()
    else this.#atlas.change({ style })
  }

  /** The colours evenly over what the screen shows: once, so that they stay where they are when the map moves. */
  async #even(): Promise<void> {
    this.#flight?.abort()
    const flight = new AbortController()
    this.#flight = flight
    const { place, plane, map, appearance, server } = this.#atlas
    const { x: width, y: height } = map.getSize()
    const longest = server.longestSide
    const query = new URLSearchParams({
      ...coordinates(place, plane),
      zoom: String(place.zoom),
      width: String(Math.min(width, longest)),
      height: String(Math.min(height, longest)),
      ...(appearance.limit !== 'auto' && { max_iter: String(appearance.limit) }),
      v: server.version,
    })
    try {
      const body = await fetchPatiently(`levels.json?${query}`, flight.signal)
      const { levels } = JSON.parse(await body.text()) as { levels: string }
      this.#atlas.change({ style: 'histogram', levels: parseLevels(levels) })
    } catch (error) {
      if (flight.signal.aborted) return
      if (!(error instanceof FetchFailure)) throw error
      this.#show()
      notify('The server does not say how this view is to be evened out.')
    }
  }

  #listed(style: Style): HTMLLabelElement {
    const input = make('input')
    input.type = 'radio'
    input.name = 'style'
    input.value = style
    input.addEventListener('change', () => this.#choose(style))
    const label = make('label')
    label.className = 'chip'
    label.append(input, make('span', STYLE_TITLES[style]))
    return label
  }
}
