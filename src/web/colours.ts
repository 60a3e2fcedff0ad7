import { formatGradient } from '../colour/gradient.ts'
import { gradientOf } from '../colour/palette.ts'
import { STEPS } from '../colour/phase.ts'
import { DEFAULT_STYLE } from '../colour/style.ts'
import { Failure } from '../core/errors.ts'
import { formatPaletteFile, PALETTE_FILES, parsePaletteFile } from '../formats/palettefile.ts'
import type { Atlas } from './atlas.ts'
import { find, make } from './dom.ts'
import { GradientEditor } from './editor.ts'
import { openFile, saveFile } from './files.ts'
import type { Appearance } from './look.ts'
import { notify } from './notice.ts'
import { atPace } from './pace.ts'
import type { Palette } from './server.ts'
import { ground, strip } from './shades.ts'

/** The palettes, one's own gradient among them, and how they lie on the counts. */
export class Colours {
  readonly #atlas: Atlas
  readonly #editor: GradientEditor

  constructor(atlas: Atlas) {
    this.#atlas = atlas
    this.#editor = new GradientEditor((gradient) => atlas.change({ gradient }))
    const own = swatch('Your own', () => this.#beginOwn())
    own.id = 'own'
    find('palettes').append(...atlas.server.palettes.map((palette) => this.#listed(palette)), own)

    const [offset, density] = [slider('offset'), slider('density')]
    const change = atPace(atlas.traffic, (next: Partial<Appearance>) => atlas.change(next))
    offset.addEventListener('input', () => change({ offsetSteps: Number(offset.value) }))
    density.addEventListener('input', () => change({ density: fromSlider(Number(density.value)) }))
    find('palette-file').addEventListener('click', () => openFile('.map,.gpl,.txt', (text) => this.#take(text)))
    for (const kind of PALETTE_FILES) {
      find(`save-${kind}`).addEventListener('click', () => {
        const text = formatPaletteFile(gradientOf(atlas.appearance), kind, 'mandeltiles')
        saveFile(`mandeltiles.${kind}`, new Blob([text], { type: 'text/plain' }))
      })
    }
    find('plain-colours').addEventListener('click', () => atlas.change({ palette: atlas.appearance.palette, ...PLAIN }))
    atlas.addEventListener('look', () => this.#show())
    this.#show()
  }

  /** The palette so many steps on in the list. */
  neighbour(step: number): Palette {
    const { palettes } = this.#atlas.server
    const at = palettes.findIndex(({ name }) => name === this.#atlas.appearance.palette)
    return palettes[(at + step + palettes.length) % palettes.length]!
  }

  #show(): void {
    const { appearance } = this.#atlas
    const chosen = appearance.gradient === undefined ? appearance.palette : ''
    for (const input of find('palettes').querySelectorAll('input')) input.checked = input.value === chosen
    slider('offset').value = String(appearance.offsetSteps)
    find('offset-shown').textContent = `${Math.round((100 * appearance.offsetSteps) / STEPS)} %`
    slider('density').value = String(Math.log2(appearance.density))
    find('density-shown').textContent = `×${Number(appearance.density.toPrecision(2))}`
    find('editor').hidden = appearance.gradient === undefined
    if (appearance.gradient !== undefined) {
      this.#editor.show(appearance.gradient)
      find('own').style.background = `linear-gradient(100deg, ${strip({ ...appearance, offsetSteps: 0 })})`
    }
    paintPage(appearance)
  }

  // one's own starts as what is on the screen
  #beginOwn(): void {
    this.#atlas.change({ gradient: this.#editor.last ?? this.#editor.like(this.#atlas.appearance.palette) })
  }

  // another program's palette becomes one's own
  #take(text: string): void {
    try {
      this.#atlas.change({ gradient: formatGradient(parsePaletteFile(text)) })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      notify(`This file is no palette: ${error.message}.`)
    }
  }

  #listed({ name, title }: Palette): HTMLLabelElement {
    const label = swatch(title, () => this.#atlas.change({ palette: name as Appearance['palette'] }))
    label.querySelector('input')!.value = name
    const appearance = { ...this.#atlas.appearance, ...PLAIN, palette: name as Appearance['palette'] }
    delete appearance.gradient
    label.style.background = `linear-gradient(100deg, ${strip(appearance)})`
    return label
  }
}

const PLAIN = { offsetSteps: 0, density: 1, style: DEFAULT_STYLE }

// the controls take up the picture's colours
function paintPage(appearance: Appearance): void {
  find('disc').style.background = `conic-gradient(${strip(appearance)})`
  find('progress').style.backgroundImage = `linear-gradient(90deg, ${strip(appearance)})`
  document.documentElement.style.setProperty('--ground', ground(appearance))
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', ground(appearance))
}

// the density's slider is its logarithm: as far to half of it as to twice
function fromSlider(power: number): number {
  return Number((2 ** power).toPrecision(3))
}

function slider(id: string): HTMLInputElement {
  return find<HTMLInputElement>(id)
}

function swatch(title: string, choose: () => void): HTMLLabelElement {
  const input = make('input')
  input.type = 'radio'
  input.name = 'palette'
  input.value = ''
  input.addEventListener('change', choose)
  const label = make('label')
  label.className = 'swatch'
  label.append(input, make('span', title))
  return label
}
