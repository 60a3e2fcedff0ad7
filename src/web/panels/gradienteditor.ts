import { FEWEST_STOPS, formatGradient, type Gradient, MOST_STOPS, parseGradient } from '../../colour/gradient.ts'
import { gradientTable } from '../../colour/palette.ts'
import { PALETTE_STOPS, type PaletteName } from '../../colour/palettes.ts'
import { PALETTE_STEPS } from '../../colour/phase.ts'
import { t } from '../language/t.ts'
import { make, part } from '../ui/dom.ts'

type Stop = [position: number, colour: string]

// the smallest distance between two stops, as a part of the cycle; a key moves a stop by twice as
// much
const MIN_GAP = 0.005

// changes that follow each other within this time are undone together, milliseconds
const ONE_CHANGE = 500

/**
 * Edits the visitor's own gradient on a bar that shows it. Stops are dragged, or moved by the arrow
 * keys.
 */
export class GradientEditor {
  /** the gradient that was edited last */
  last: string | undefined
  readonly #root: HTMLElement
  readonly #onChange: (gradient: string) => void
  readonly #bar: HTMLElement
  #stops: Stop[] = []
  // the bands of a palette file are shown, not edited: 256 handles would cover each other
  #bands = false
  #set = '#000000'
  #mix: Gradient['mix']
  #chosen = 0
  /** earlier gradients, the newest last, and when the last change was made */
  #history: string[] = []
  #changed = 0

  /** `onChange` gets the text of the gradient after every change. */
  constructor(root: HTMLElement, onChange: (gradient: string) => void) {
    this.#root = root
    this.#onChange = onChange
    this.#bar = part(root, 'stops')
    this.#bar.addEventListener('pointerdown', (event) => {
      if (event.target === this.#bar) this.#add(this.#positionAt(event))
    })
    this.#input('stop-colour').addEventListener('input', ({ target }) => {
      this.#stops[this.#chosen]![1] = (target as HTMLInputElement).value
      this.#commit()
    })
    this.#input('set-colour').addEventListener('input', ({ target }) => {
      this.#set = (target as HTMLInputElement).value
      this.#commit()
    })
    this.#input('mix-light').addEventListener('change', ({ target }) => {
      this.#mix = (target as HTMLInputElement).checked ? 'light' : undefined
      this.#commit()
    })
    part(root, 'add-stop').addEventListener('click', () => this.#add(this.#widestGap()))
    part(root, 'remove-stop').addEventListener('click', () => this.#remove())
    part(root, 'undo-gradient').addEventListener('click', () => this.#undo())
    root.addEventListener('keydown', (event) => {
      if (event.key !== 'z' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      this.#undo()
    })
  }

  /** The text of a listed palette's gradient. */
  textOf(palette: PaletteName): string {
    return formatGradient(PALETTE_STOPS[palette])
  }

  /** Shows a gradient, given by its text. */
  show(gradient: string): void {
    if (gradient !== this.last) {
      const { stops, set, bands = false, mix } = parseGradient(gradient)
      this.#bands = bands
      this.#stops = stops.map(([position, colour]) => [position, colour])
      this.#set = set
      this.#mix = mix
      this.#chosen = Math.min(this.#chosen, stops.length - 1)
      this.last = gradient
    }
    this.#draw()
  }

  #commit(): void {
    // the steps of a drag are one change
    const now = performance.now()
    if (this.last !== undefined && now - this.#changed > ONE_CHANGE) this.#history.push(this.last)
    this.#changed = now
    this.last = formatGradient(this.#gradient)
    this.#draw()
    this.#onChange(this.last)
  }

  #undo(): void {
    const before = this.#history.pop()
    if (before === undefined) return
    this.#changed = 0
    this.show(before)
    this.#onChange(before)
  }

  get #gradient(): Gradient {
    return {
      stops: this.#stops,
      set: this.#set,
      ...(this.#bands && { bands: true as const }),
      ...(this.#mix && { mix: this.#mix }),
    }
  }

  #add(position: number): void {
    if (this.#bands || this.#stops.length === MOST_STOPS) return
    const next = this.#stops.findIndex(([at]) => at > position)
    const index = next < 0 ? this.#stops.length : next
    const [left, right] = this.#range(index - 1, index)
    if (right - left < 0) return
    const table = gradientTable(this.#gradient)
    const colour = table.subarray(3 * Math.floor(position * PALETTE_STEPS)).slice(0, 3)
    this.#stops.splice(index, 0, [round(Math.min(Math.max(position, left), right)), hex(colour)])
    this.#chosen = index
    this.#commit()
    this.#handle(index)?.focus()
  }

  #remove(): void {
    if (this.#bands || this.#stops.length === FEWEST_STOPS) return
    this.#stops.splice(this.#chosen, 1)
    this.#chosen = Math.max(0, this.#chosen - 1)
    this.#commit()
    this.#handle(this.#chosen)?.focus()
  }

  #move(index: number, position: number): void {
    const [left, right] = this.#range(index - 1, index + 1)
    this.#stops[index]![0] = round(Math.min(Math.max(position, left), right))
    this.#commit()
  }

  // the positions that a stop may have between two others
  #range(before: number, after: number): [number, number] {
    const left = before < 0 ? 0 : this.#stops[before]![0] + MIN_GAP
    const right = after >= this.#stops.length ? 1 - MIN_GAP : this.#stops[after]![0] - MIN_GAP
    return [left, right]
  }

  #widestGap(): number {
    const ends = [...this.#stops.map(([position]) => position), 1]
    const gaps = this.#stops.map(([position], k) => ({
      middle: (position + ends[k + 1]!) / 2,
      width: ends[k + 1]! - position,
    }))
    return gaps.reduce((widest, gap) => (gap.width > widest.width ? gap : widest)).middle
  }

  #draw(): void {
    const table = gradientTable(this.#gradient)
    const samples = Array.from({ length: 65 }, (_, k) =>
      hex(table.subarray(3 * (Math.floor((k * PALETTE_STEPS) / 64) % PALETTE_STEPS))),
    )
    this.#bar.style.background = `linear-gradient(90deg, ${samples.join()})`
    const handles = this.#bands ? [] : this.#stops
    while (this.#bar.children.length > handles.length) this.#bar.lastElementChild!.remove()
    while (this.#bar.children.length < handles.length) this.#bar.append(this.#makeHandle(this.#bar.children.length))
    handles.forEach(([position, colour], index) => {
      const handle = this.#handle(index)!
      handle.style.left = `${100 * position}%`
      handle.style.setProperty('--stop', colour)
      handle.setAttribute('aria-valuenow', String(Math.round(100 * position)))
      handle.setAttribute('aria-valuetext', `${Math.round(100 * position)} %, ${colour}`)
      handle.toggleAttribute('data-chosen', index === this.#chosen)
    })
    this.#input('stop-colour').value = this.#stops[this.#chosen]![1]
    this.#input('set-colour').value = this.#set
    this.#input('stop-colour').disabled = this.#bands
    this.#input('mix-light').checked = this.#mix === 'light'
    this.#input('mix-light').disabled = this.#bands
    const few = this.#bands || this.#stops.length === FEWEST_STOPS
    const many = this.#bands || this.#stops.length === MOST_STOPS
    part<HTMLButtonElement>(this.#root, 'undo-gradient').disabled = this.#history.length === 0
    part<HTMLButtonElement>(this.#root, 'remove-stop').disabled = few
    part<HTMLButtonElement>(this.#root, 'add-stop').disabled = many
  }

  #makeHandle(index: number): HTMLElement {
    const handle = make('div')
    handle.className = 'stop'
    handle.tabIndex = 0
    for (const [name, value] of Object.entries({
      role: 'slider',
      'aria-label': t('Stop {number}', { number: index + 1 }),
      'aria-valuemin': '0',
      'aria-valuemax': '100',
    }))
      handle.setAttribute(name, value)
    handle.addEventListener('focus', () => this.#choose(index))
    handle.addEventListener('pointerdown', (event) => {
      handle.setPointerCapture(event.pointerId)
      this.#choose(index)
    })
    handle.addEventListener('pointermove', (event) => {
      if (handle.hasPointerCapture(event.pointerId)) this.#move(index, this.#positionAt(event))
    })
    handle.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1 }[event.key]
      if (step) this.#move(index, this.#stops[index]![0] + 2 * step * MIN_GAP)
      else if (event.key === 'Delete' || event.key === 'Backspace') this.#remove()
      else if (event.key === 'Enter' || event.key === ' ') this.#input('stop-colour').click()
      else return
      event.preventDefault()
      event.stopPropagation()
    })
    return handle
  }

  #choose(index: number): void {
    if (this.#chosen === index) return
    this.#chosen = index
    this.#draw()
  }

  #handle(index: number): HTMLElement | undefined {
    return this.#bar.children[index] as HTMLElement | undefined
  }

  #input(id: 'stop-colour' | 'set-colour' | 'mix-light'): HTMLInputElement {
    return part<HTMLInputElement>(this.#root, id)
  }

  #positionAt({ clientX }: PointerEvent): number {
    const { left, width } = this.#bar.getBoundingClientRect()
    return (clientX - left) / width
  }
}

function hex(rgb: Uint8Array): string {
  return `#${[...rgb.subarray(0, 3)].map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

function round(position: number): number {
  return Number(position.toFixed(3))
}
