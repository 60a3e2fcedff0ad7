import { DEFAULT_LIGHT } from '../../colour/appearance.ts'
import { parseLevels } from '../../colour/histogram.ts'
import { STYLE_TITLES, STYLES, type Style } from '../../colour/style.ts'
import { t } from '../language/t.ts'
import type { MapController } from '../map/controller.ts'
import { FetchFailure, fetchJson } from '../net/fetching.ts'
import { coordinates } from '../state/place.ts'
import { make, part } from '../ui/dom.ts'
import { notify } from '../ui/notice.ts'

/**
 * What the colours show, and what some styles need in addition: a light, or the levels of the view.
 */
export class StyleControls {
  readonly #root: HTMLElement
  readonly #controller: MapController
  #request: AbortController | undefined

  constructor(root: HTMLElement, controller: MapController) {
    this.#root = root
    this.#controller = controller
    part(root, 'styles').append(...STYLES.map((style) => this.#makeChip(style)))
    const light = part<HTMLInputElement>(root, 'light')
    light.addEventListener('input', () => controller.restyle({ light: Number(light.value) }))
    part(root, 'even').addEventListener('click', () => void this.#equalise())
    controller.store.watch(['appearance', 'plane'], () => this.#show())
    this.#show()
  }

  #show(): void {
    const { appearance, plane } = this.#controller.store.state
    const { style, light = DEFAULT_LIGHT } = appearance
    for (const input of part(this.#root, 'styles').querySelectorAll('input')) {
      input.checked = input.value === style
      // the server computes no levels for a Julia set
      input.parentElement!.hidden = input.value === 'histogram' && plane.julia !== undefined && !input.checked
    }
    part(this.#root, 'light-row').hidden = style !== 'slopes'
    part<HTMLInputElement>(this.#root, 'light').value = String(light)
    part(this.#root, 'light-shown').textContent = `${light}°`
    part(this.#root, 'even').hidden = style !== 'histogram' || plane.julia !== undefined
  }

  #choose(style: Style): void {
    this.#request?.abort()
    if (style === 'histogram' && !this.#controller.store.state.plane.julia) void this.#equalise()
    else this.#controller.restyle({ style })
  }

  /**
   * Spreads the colours evenly over what the screen shows now. They stay the same when the map
   * moves.
   */
  async #equalise(): Promise<void> {
    this.#request?.abort()
    const request = new AbortController()
    this.#request = request
    const { map, server, store } = this.#controller
    const { place, plane, appearance, rotation } = store.state
    const { x: width, y: height } = map.leaflet.getSize()
    const query = new URLSearchParams({
      ...coordinates(place, plane),
      zoom: String(place.zoom),
      width: String(Math.min(width, server.maxImageSide)),
      height: String(Math.min(height, server.maxImageSide)),
      ...(rotation !== 0 && { rotation: String(rotation) }),
      ...(appearance.limit !== 'auto' && { max_iter: String(appearance.limit) }),
      v: server.version,
    })
    try {
      const { levels } = await fetchJson<{ levels: string }>(`levels.json?${query}`, request.signal)
      this.#controller.restyle({ style: 'histogram', levels: parseLevels(levels) })
    } catch (error) {
      if (request.signal.aborted) return
      if (!(error instanceof FetchFailure)) throw error
      this.#show()
      notify(t('The server could not even out this view.'))
    }
  }

  #makeChip(style: Style): HTMLLabelElement {
    const input = make('input')
    input.type = 'radio'
    input.name = 'style'
    input.value = style
    input.addEventListener('change', () => this.#choose(style))
    const label = make('label')
    label.className = 'chip'
    label.append(input, make('span', t(STYLE_TITLES[style])))
    return label
  }
}
