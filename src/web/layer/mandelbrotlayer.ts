// The map's layer for other people's maps: a page of another origin loads this file as a module,
// after Leaflet itself. Its types are in public/layer.d.ts.
import type * as L from 'leaflet'
import { readAppearance } from '../../colour/appearance.ts'
import { OriginMap } from '../map/origin.ts'
import { TileLayer } from '../map/tilelayer.ts'
import { Connection } from '../net/connection.ts'
import { fetchServerInfo, type ServerInfo } from '../net/server.ts'
import type * as Public from '../public/layer.d.ts'
import { defaultAppearance, type MapAppearance } from '../state/appearance.ts'
import { parsePlace } from '../state/permalink.ts'
import { coordinates, formatZoom, type Place } from '../state/place.ts'
import { MANDELBROT } from '../state/plane.ts'

const leaflet = (globalThis as { L?: typeof L }).L
if (!leaflet) throw new Error('Leaflet must be loaded before the layer of mandeltiles, as the global L.')

// where this file lies
const HERE = import.meta.url.replace(/[^/]*$/, '')

const WHOLE_SET = '1/-0.6/0'

// until the server says how deep it goes
const ANY_DEPTH = { maxZoom: Number.POSITIVE_INFINITY, juliaMaxZoom: 0, limit: { min: 1, max: 1 } }

export class MandelbrotLayer extends leaflet.Layer implements Public.MandelbrotLayer {
  readonly #server: string
  #look: Public.MandelbrotLook
  #place: Place
  #origin: OriginMap | undefined
  #tiles: TileLayer | undefined
  #connection: Connection | undefined
  #info: ServerInfo | undefined

  constructor({ view = WHOLE_SET, server = HERE, ...look }: Public.MandelbrotLayerOptions = {}) {
    super()
    this.#server = server
    this.#look = look
    this.#place = parsePlace(view, ANY_DEPTH)
  }

  get view(): string {
    const place = this.#origin?.place ?? this.#place
    const { re, im } = coordinates(place)
    return `${formatZoom(place.zoom)}/${re}/${im}`
  }

  goTo(view: string): this {
    this.#place = parsePlace(view, this.#info?.bounds ?? ANY_DEPTH)
    this.#tiles?.beforeJump(this.#place)
    this.#origin?.jump(this.#place)
    return this
  }

  setLook(look: Public.MandelbrotLook): this {
    this.#look = look
    if (this.#info) this.#tiles?.restyle(appearanceOf(look, this.#info))
    return this
  }

  override getAttribution(): string {
    return 'mandeltiles'
  }

  /** Leaflet's, before it asks whether the map shows anything. */
  override beforeAdd(map: L.Map): this {
    this.#origin = new OriginMap(map, this.#place)
    return this
  }

  override onAdd(map: L.Map): this {
    const origin = this.#origin!
    this.#start(map, origin).catch((error: Error) => this.fire('error', { message: error.message }))
    return this
  }

  override onRemove(): this {
    this.#place = this.#origin!.place
    this.#tiles?.remove().remove()
    this.#connection?.end()
    this.#origin!.release()
    this.#origin = undefined
    this.#tiles = undefined
    this.#connection = undefined
    return this
  }

  async #start(map: L.Map, origin: OriginMap): Promise<void> {
    this.#info ??= await fetchServerInfo(() => {}, this.#server)
    // removed meanwhile, and maybe added again
    if (this.#origin !== origin) return
    const { maxZoom } = this.#info.bounds
    map.setMinZoom(0).setMaxZoom(maxZoom)
    const connection = new Connection(
      this.#info,
      () => this.#tiles?.resume(connection.state === 'silent'),
      () => {},
    )
    this.#connection = connection
    this.#tiles = new TileLayer(origin, {
      plane: MANDELBROT,
      appearance: appearanceOf(this.#look, this.#info),
      server: this.#info,
      maxZoom,
      connection,
      destination: () => origin.place,
      onLoading: (_pending, _failed, settled) => {
        map.getContainer().ariaBusy = String(!settled)
        if (settled) this.fire('load')
      },
    })
  }
}

/** @throws Failure with a message that names the parameter */
function appearanceOf({ max_iter: limit = 'auto', ...look }: Public.MandelbrotLook, server: ServerInfo): MapAppearance {
  const text = Object.fromEntries(Object.entries(look).map(([name, value]) => [name, String(value)]))
  return {
    ...defaultAppearance(server.defaultPalette),
    ...readAppearance({ palette: server.defaultPalette, ...text }),
    limit,
  }
}
