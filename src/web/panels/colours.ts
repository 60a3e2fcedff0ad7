import { formatGradient } from '../../colour/gradient.ts'
import { gradientOf } from '../../colour/palette.ts'
import type { PaletteName } from '../../colour/palettes.ts'
import { PALETTE_STEPS } from '../../colour/phase.ts'
import { DEFAULT_STYLE } from '../../colour/style.ts'
import { Failure } from '../../core/errors.ts'
import { formatPaletteFile, PALETTE_ENDINGS, PALETTE_FILES, parsePaletteFile } from '../../formats/palettefile.ts'
import { t } from '../language/t.ts'
import type { MapController } from '../map/controller.ts'
import type { Palette } from '../net/server.ts'
import { throttle } from '../net/throttle.ts'
import type { MapAppearance } from '../state/appearance.ts'
import { KeptGradients } from '../state/keptgradients.ts'
import { gradientFromPicture } from '../state/picturepalette.ts'
import { make, part } from '../ui/dom.ts'
import { onDroppedFile } from '../ui/drop.ts'
import { openFile, saveFile } from '../ui/files.ts'
import { notify } from '../ui/notice.ts'
import { makePane, type Pane } from '../ui/panes.ts'
import { colourList } from '../ui/swatches.ts'
import { ColourCycling } from './cycling.ts'
import { GradientEditor } from './gradienteditor.ts'
import { IterationControls } from './iterations.ts'
import { StyleControls } from './styles.ts'

const PLAIN = { offsetSteps: 0, density: 1, style: DEFAULT_STYLE }

/**
 * The pane of colours: palettes, the visitor's own gradient, shift and density; styles and
 * iterations are parts of it.
 */
export class ColourPanel {
  readonly pane: Pane
  readonly iterations: IterationControls
  readonly cycling: ColourCycling
  readonly #root: HTMLElement
  readonly #controller: MapController
  readonly #editor: GradientEditor
  readonly #kept = new KeptGradients()
  readonly #own = makeSwatch(t('Your own'), '', () => this.#startOwn())

  constructor(root: HTMLElement, controller: MapController) {
    this.#root = root
    this.#controller = controller
    this.#editor = new GradientEditor(part(root, 'editor'), (gradient) => controller.restyle({ gradient }))
    new StyleControls(root, controller)
    this.iterations = new IterationControls(part(root, 'iterations'), controller)
    this.cycling = new ColourCycling(part(root, 'run-colours'), controller)
    this.pane = makePane(
      root,
      () => void this.iterations.showHint(),
      () => root.querySelector('input:checked'),
    )
    part(root, 'palettes').append(...controller.server.palettes.map((palette) => this.#makeChoice(palette)), this.#own)
    this.#listKept()
    this.#listen()
    controller.store.watch(['appearance'], () => this.#show())
    this.#show()
  }

  /** Takes the next palette of the list, or the one before, and shows its name. */
  cycle(step: 1 | -1): void {
    const { server, store } = this.#controller
    const { palettes } = server
    const current = palettes.findIndex(({ name }) => name === store.state.appearance.palette)
    const { name, title } = palettes[(current + step + palettes.length) % palettes.length]!
    this.#controller.restyle({ palette: name })
    notify(t(title))
  }

  /** Chooses a palette by number: the visitor's own come first, then the listed ones. */
  chooseFavourite(index: number): void {
    const kept = this.#kept.all
    const gradient = kept[index]
    const palette = this.#controller.server.palettes[index - kept.length]
    if (gradient !== undefined) this.#controller.restyle({ gradient })
    else if (palette) this.#controller.restyle({ palette: palette.name })
    if (gradient !== undefined || palette) notify(palette ? t(palette.title) : keptTitle(index))
  }

  #listKept(): void {
    const palettes = part(this.#root, 'palettes')
    for (const swatch of palettes.querySelectorAll('.kept')) swatch.remove()
    const swatches = this.#kept.all.map((gradient, index) => {
      const swatch = makeSwatch(keptTitle(index), gradient, () => this.#controller.restyle({ gradient }))
      swatch.classList.add('kept')
      const { palette } = this.#controller.store.state.appearance
      swatch.style.background = `linear-gradient(100deg, ${colourList({ palette, gradient, offsetSteps: 0 })})`
      return swatch
    })
    this.#own.before(...swatches)
  }

  // keeps the gradient on the screen, or forgets it
  #toggleKept(): void {
    const { gradient } = this.#controller.store.state.appearance
    if (gradient === undefined) return
    if (this.#kept.all.includes(gradient)) this.#kept.remove(gradient)
    else this.#kept.add(gradient)
    this.#listKept()
    this.#show()
  }

  #listen(): void {
    const controller = this.#controller
    const [offset, density] = [this.#slider('offset'), this.#slider('density')]
    const change = throttle(controller.store, (next: Partial<MapAppearance>) => controller.restyle(next))
    offset.addEventListener('input', () => controller.restyle({ offsetSteps: Number(offset.value) }))
    density.addEventListener('input', () => change({ density: fromSlider(Number(density.value)) }))
    const editor = part(this.#root, 'editor')
    part(editor, 'palette-file').addEventListener('click', () =>
      openFile([...PALETTE_ENDINGS, 'txt'].map((ending) => `.${ending}`).join(), (_, bytes) => this.#import(bytes)),
    )
    onDroppedFile((file) => void this.#takeFile(file))
    part(editor, 'keep-gradient').addEventListener('click', () => this.#toggleKept())
    for (const kind of PALETTE_FILES) {
      part(editor, `save-${kind}`).addEventListener('click', () => {
        const text = formatPaletteFile(gradientOf(controller.store.state.appearance), kind, 'mandeltiles')
        saveFile(`mandeltiles.${kind}`, new Blob([text], { type: 'text/plain' }))
      })
    }
    part(this.#root, 'plain-colours').addEventListener('click', () =>
      controller.restyle({ palette: controller.store.state.appearance.palette, ...PLAIN }),
    )
    part(this.#root, 'copy-link').addEventListener('click', () => void controller.copyLink())
  }

  #show(): void {
    const { appearance } = this.#controller.store.state
    const isKept = appearance.gradient !== undefined && this.#kept.all.includes(appearance.gradient)
    const chosen = appearance.gradient === undefined ? appearance.palette : isKept ? appearance.gradient : ''
    part(this.#root, 'keep-gradient').textContent = isKept ? t('Forget') : t('Keep')
    for (const input of part(this.#root, 'palettes').querySelectorAll('input')) input.checked = input.value === chosen
    this.#slider('offset').value = String(appearance.offsetSteps)
    part(this.#root, 'offset-shown').textContent = `${Math.round((100 * appearance.offsetSteps) / PALETTE_STEPS)} %`
    this.#slider('density').value = String(Math.log2(appearance.density))
    part(this.#root, 'density-shown').textContent = `×${Number(appearance.density.toPrecision(2))}`
    part(this.#root, 'editor').hidden = appearance.gradient === undefined
    if (appearance.gradient !== undefined) {
      this.#editor.show(appearance.gradient)
      this.#own.style.background = `linear-gradient(100deg, ${colourList({ ...appearance, offsetSteps: 0 })})`
    }
  }

  // the visitor's own gradient starts as the palette on the screen
  #startOwn(): void {
    const { palette } = this.#controller.store.state.appearance
    this.#controller.restyle({ gradient: this.#editor.last ?? this.#editor.textOf(palette) })
  }

  // a picture gives its colours, any other file is a palette
  async #takeFile(file: File): Promise<void> {
    if (!file.type.startsWith('image/')) return this.#import(new Uint8Array(await file.arrayBuffer()))
    try {
      this.#controller.restyle({ gradient: await gradientFromPicture(file) })
      notify(t('These are the colours of your picture.'))
    } catch {
      notify(t('The browser cannot read this picture.'))
    }
  }

  #import(file: Uint8Array): void {
    try {
      this.#controller.restyle({ gradient: formatGradient(parsePaletteFile(file)) })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      notify(t('This file is not a palette: {reason}.', { reason: error.message }))
    }
  }

  #makeChoice({ name, title }: Palette): HTMLLabelElement {
    const label = makeSwatch(t(title), name, () => this.#controller.restyle({ palette: name as PaletteName }))
    label.style.background = `linear-gradient(100deg, ${colourList({ palette: name, offsetSteps: 0 })})`
    return label
  }

  #slider(id: 'offset' | 'density'): HTMLInputElement {
    return part<HTMLInputElement>(this.#root, id)
  }
}

// the density's slider is logarithmic: half and double are equally far from 1
function fromSlider(power: number): number {
  return Number((2 ** power).toPrecision(3))
}

function keptTitle(index: number): string {
  return t('Yours {number}', { number: index + 1 })
}

function makeSwatch(title: string, value: string, choose: () => void): HTMLLabelElement {
  const input = make('input')
  input.type = 'radio'
  input.name = 'palette'
  input.value = value
  input.addEventListener('change', choose)
  const label = make('label')
  label.className = 'swatch'
  label.append(input, make('span', title))
  return label
}
