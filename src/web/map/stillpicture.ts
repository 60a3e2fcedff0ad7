// One picture of the whole screen over the tiles of a rotated map at rest. Tiles that the browser
// rotates are blurred: at a dense place 17 % of the pixels are more than 40 levels away from those
// of /image, which rotates the plane instead. The picture goes as soon as the map moves.
import type { TileRequest } from '../net/tilequeue.ts'

export class StillPicture {
  readonly #pane: HTMLElement
  #url = ''
  #element: HTMLImageElement | undefined

  /** `pane` is the element of the map that holds it. */
  constructor(pane: HTMLElement) {
    this.#pane = pane
  }

  /** Removes the picture. One that is still loading will not be shown. */
  clear(): void {
    this.#url = ''
    this.#element?.remove()
    this.#element = undefined
  }

  /** The requests that are needed to show a picture at a pixel of the pane. */
  requests(url: string, at: { x: number; y: number }): TileRequest[] {
    if (url === this.#url && this.#element) return []
    if (url !== this.#url) this.clear()
    this.#url = url
    const receive = (bytes: ArrayBuffer) => void this.#show(url, new Blob([bytes]), at)
    return [{ url, ahead: true, receive, fail: () => {} }]
  }

  async #show(url: string, file: Blob, { x, y }: { x: number; y: number }): Promise<void> {
    const image = new Image()
    image.alt = ''
    image.className = 'mandel-still'
    image.style.translate = `${x}px ${y}px`
    image.src = URL.createObjectURL(file)
    try {
      await image.decode()
    } finally {
      URL.revokeObjectURL(image.src)
    }
    if (url !== this.#url || this.#element) return
    this.#element = image
    this.#pane.append(image)
  }
}
