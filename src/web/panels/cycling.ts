import { isIndexed } from '../../colour/appearance.ts'
import { PALETTE_STEPS } from '../../colour/phase.ts'
import { t } from '../language/t.ts'
import type { MapController } from '../map/controller.ts'
import { notify } from '../ui/notice.ts'

// once round the cycle in ten seconds
const STEPS_PER_SECOND = PALETTE_STEPS / 10

/**
 * Moves the colours round their cycle, without any request: only the palettes of the tiles change.
 */
export class ColourCycling {
  readonly #controller: MapController
  readonly #button: HTMLElement
  #frame = 0

  constructor(button: HTMLElement, controller: MapController) {
    this.#controller = controller
    this.#button = button
    button.addEventListener('click', () => this.toggle())
    controller.store.watch(['appearance'], () => this.#show())
    this.#show()
  }

  toggle(): void {
    if (this.#frame !== 0) this.stop()
    else if (matchMedia('(prefers-reduced-motion: reduce)').matches)
      notify(t('The colours stay still, because your system asks for less motion.'))
    else if (!this.#possible) notify(t('Colours cannot cycle in this style.'))
    else this.#start()
  }

  stop(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    this.#show()
  }

  #start(): void {
    const start = { time: performance.now(), steps: this.#controller.store.state.appearance.offsetSteps }
    const advance = (now: number) => {
      if (!this.#possible) return this.stop()
      const steps = Math.round(start.steps + (STEPS_PER_SECOND * (now - start.time)) / 1000)
      this.#frame = requestAnimationFrame(advance)
      this.#controller.restyle({ offsetSteps: ((steps % PALETTE_STEPS) + PALETTE_STEPS) % PALETTE_STEPS })
    }
    this.#frame = requestAnimationFrame(advance)
    this.#show()
  }

  get #possible(): boolean {
    return isIndexed(this.#controller.store.state.appearance)
  }

  #show(): void {
    this.#button.hidden = !this.#possible
    this.#button.ariaPressed = String(this.#frame !== 0)
  }
}
