import { colourTable } from '../../colour/palette.ts'
import type { MapAppearance } from '../state/appearance.ts'
import { type IndexedPicture, paintPicture } from './paint.ts'
import { isIndexedPng, withPalette } from './palettepng.ts'
import type { TileSpot } from './tileplan.ts'

/**
 * What a tile's picture is made from: a file of the server's, or indices that the page has
 * computed.
 */
export type TileSource = Uint8Array<ArrayBuffer> | IndexedPicture

/** One tile on the map: its element, its picture, and what the picture was made from. */
export class Tile {
  readonly spot: TileSpot
  readonly element = document.createElement('div')
  /** names everything that the source depends on */
  contentKey = ''
  /** names the colours of the picture that is shown */
  coloursKey = ''
  /** when it was last wanted, by the layer's count of updates */
  wanted = 0
  #source: TileSource | undefined
  #sharp: HTMLImageElement | undefined

  constructor(spot: TileSpot) {
    this.spot = spot
    this.element.className = 'mandel-tile'
    this.element.dataset.tile = `${spot.z}/${spot.x}/${spot.y}`
  }

  /** Can it be shown in other colours without another file? */
  get recolourable(): boolean {
    return this.#source !== undefined && (!(this.#source instanceof Uint8Array) || isIndexedPng(this.#source))
  }

  /** Is its antialiased picture shown? */
  get isSharp(): boolean {
    return this.#sharp !== undefined
  }

  /**
   * Decodes a picture of a source, and returns what shows it. Until then the tile looks as before.
   */
  async prepare(
    source: TileSource,
    contentKey: string,
    appearance: MapAppearance,
    coloursKey: string,
  ): Promise<() => void> {
    const picture = source instanceof Uint8Array ? await decode(fileOf(source, appearance)) : draw(source, appearance)
    return () => {
      this.#source = source
      this.contentKey = contentKey
      this.coloursKey = coloursKey
      this.#sharp = undefined
      this.element.replaceChildren(picture)
    }
  }

  /** Prepares the same picture in other colours. */
  recoloured(appearance: MapAppearance, coloursKey: string): Promise<() => void> {
    return this.prepare(this.#source!, this.contentKey, appearance, coloursKey)
  }

  /** Shows an antialiased picture over its own. */
  async sharpen(file: Blob): Promise<void> {
    const under = this.element.firstElementChild
    const picture = await decode(file)
    if (this.element.firstElementChild !== under) return
    picture.className = 'mandel-sharp'
    this.#sharp?.remove()
    this.#sharp = picture
    this.element.append(picture)
  }
}

function fileOf(bytes: Uint8Array<ArrayBuffer>, appearance: MapAppearance): Blob {
  return isIndexedPng(bytes) ? withPalette(bytes, colourTable(appearance)) : new Blob([bytes])
}

async function decode(file: Blob): Promise<HTMLImageElement> {
  const image = new Image()
  image.alt = ''
  image.draggable = false
  const url = URL.createObjectURL(file)
  image.src = url
  try {
    await image.decode()
  } finally {
    URL.revokeObjectURL(url)
  }
  return image
}

function draw(picture: IndexedPicture, appearance: MapAppearance): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  paintPicture(canvas, picture, appearance)
  return canvas
}
