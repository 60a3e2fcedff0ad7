import type * as L from 'leaflet'
import { parseDecimal } from '../../plane/decimal.ts'
import { t } from '../language/t.ts'
import { Connection } from '../net/connection.ts'
import { LoadTracker } from '../net/loadtracker.ts'
import type { ServerInfo } from '../net/server.ts'
import { AddressBar } from '../state/addressbar.ts'
import { defaultAppearance, type MapAppearance, normalised, sameAppearance } from '../state/appearance.ts'
import { IDLE, type MapState, type MapStore } from '../state/mapstate.ts'
import { formatLink, LinkError, type LinkTarget, parseLink } from '../state/permalink.ts'
import { clampToPyramid, PIXEL, type Place, placeAt } from '../state/place.ts'
import { type Coordinates, juliaPlane, MANDELBROT, type Plane } from '../state/plane.ts'
import { sharedAddress } from '../state/sharedlink.ts'
import { Store } from '../state/store.ts'
import { copy } from '../ui/clipboard.ts'
import { dismissNotice, notify } from '../ui/notice.ts'
import { canShare, share } from '../ui/share.ts'
import { Camera } from './camera.ts'
import { LeafletMap } from './leaflet.ts'
import { OriginMap } from './origin.ts'
import type { Preview } from './preview.ts'
import { TileLayer } from './tilelayer.ts'

// the zoom at which a Julia set's parameter is shown in the Mandelbrot set, if the visitor did not
// come from there
const PARAMETER_ZOOM = 8

/**
 * Shows a place of a plane in an appearance, and is the only one to change these. The result is in
 * `store`.
 */
export class MapController {
  readonly server: ServerInfo
  readonly store: MapStore
  readonly map: OriginMap
  readonly camera: Camera
  readonly #loads: LoadTracker
  readonly #connection: Connection
  readonly #addressBar: AddressBar
  #tiles: TileLayer
  /** was the last link a bad one? */
  #badLink = false
  /** where the map was when it went to a Julia set */
  #cameFrom: Place | undefined

  /**
   * Shows what the address names. `isReserved` recognises fragments that name something other than
   * a place.
   */
  constructor(element: HTMLElement, server: ServerInfo, isReserved: (hash: string) => boolean) {
    this.server = server
    const target = isReserved(location.hash) ? undefined : this.#parse(location.hash)
    const { place, julia, appearance } = target ?? { appearance: {} }
    const plane = julia ? juliaPlane(julia) : MANDELBROT
    const start = place ?? wholeSet(plane)
    this.store = new Store<MapState>({
      plane,
      place: start,
      rotation: target?.rotation ?? 0,
      appearance: { ...defaultAppearance(server.defaultPalette), ...appearance },
      loading: IDLE,
      settled: false,
      connection: 'ok',
      updated: false,
    })
    this.#loads = new LoadTracker(this.store)
    this.map = new OriginMap(new LeafletMap(element, this.#mapOptions()), start, target?.rotation)
    // the map has rounded the start to whole pixels
    this.store.update({ place: this.map.place })
    this.#connection = new Connection(
      server,
      () => this.#onConnection(),
      () => this.store.update({ updated: true }),
    )
    this.#tiles = this.#addTiles()
    this.camera = new Camera(this.map, !reducedMotion(), (place) => this.#tiles.coverage(place))
    this.camera.maxZoom = this.maxZoom
    this.#addressBar = new AddressBar(
      () => this.link,
      (hash) => isReserved(hash) || this.#follow(hash),
    )
    this.map.leaflet.on('move zoom moveend', () =>
      this.store.update({ place: this.map.place, rotation: this.map.rotation }),
    )
    this.map.leaflet.on('moveend', () => {
      this.#addressBar.schedule()
      this.#returnToPyramid()
    })
  }

  get maxZoom(): number {
    const { maxZoom, juliaMaxZoom } = this.server.bounds
    return this.store.state.plane.julia ? juliaMaxZoom : maxZoom
  }

  /** The fragment of the address that names everything on the screen. */
  get link(): string {
    const { appearance, plane } = this.store.state
    return formatLink(this.camera.destination, appearance, plane.julia, this.camera.destinationRotation)
  }

  /** Copies a link to what is on the screen. */
  async copyLink(): Promise<void> {
    await copy((await this.#sharedAddress()).href, t('Link copied.'))
  }

  /** Offers the link to other programs if the device can do that; otherwise copies it. */
  async share(): Promise<void> {
    if (!canShare) return this.copyLink()
    const picture = this.store.state.plane.julia ? undefined : await this.#sharedAddress('/preview.webp')
    await share(await this.#sharedAddress(), document.title, picture)
  }

  /** Changes the appearance. Another palette replaces the visitor's own gradient. */
  restyle(change: Partial<MapAppearance>): void {
    const { appearance } = this.store.state
    const { gradient, ...rest } = { ...appearance, ...change }
    const own = change.palette === undefined || change.gradient !== undefined ? gradient : undefined
    const next = normalised(own === undefined ? rest : { ...rest, gradient: own })
    if (sameAppearance(next, appearance)) return
    this.#tiles.restyle(next)
    this.#addressBar.schedule()
    this.store.update({ appearance: next })
  }

  /** Goes to a place, also in another plane. Back returns. The picture is upright, or rotated. */
  jump(place: Place, julia: Coordinates | undefined = this.store.state.plane.julia, rotation = 0): void {
    this.#addressBar.push(() => this.#show(place, julia, rotation))
  }

  /**
   * Follows a link; `preview` stands in until tiles are there. Back returns.
   * @throws LinkError
   */
  visit(hash: string, preview?: Preview): void {
    const target = parseLink(hash, this.server.bounds)
    this.#addressBar.push(() => this.#showTarget(target, true, preview))
  }

  /** Shows the whole set. Back returns. */
  home(): void {
    this.jump(wholeSet(this.store.state.plane))
  }

  /** Shows the Julia set of a point as a map of its own. Back returns. */
  enterJulia(point: Coordinates): void {
    this.#cameFrom = this.map.place
    this.jump(wholeSet(juliaPlane(point)), point)
  }

  /** Goes from a Julia set to its parameter in the Mandelbrot set. Back returns. */
  leaveJulia(): void {
    const { julia } = this.store.state.plane
    if (!julia) return
    const parameter = placeAt(parseDecimal(julia.re)!, parseDecimal(julia.im)!, PARAMETER_ZOOM)
    this.#addressBar.push(() => this.#show(this.#cameFrom ?? clampToPyramid(parameter), undefined))
  }

  /** Requests the tiles again that failed. */
  retry(): void {
    this.#tiles.retry()
  }

  // the pages of views show the Mandelbrot set only
  async #sharedAddress(file: '' | '/preview.webp' = ''): Promise<URL> {
    const { appearance, plane } = this.store.state
    if (plane.julia) return new URL(this.link, location.href)
    return sharedAddress(this.camera.destination, appearance, this.camera.destinationRotation, file)
  }

  #mapOptions(): L.MapOptions {
    return {
      attributionControl: false,
      zoomControl: false,
      zoomSnap: 0,
      zoomAnimation: false,
      inertia: !reducedMotion(),
      minZoom: 0,
      maxZoom: this.maxZoom,
    }
  }

  #addTiles(curtain?: HTMLElement): TileLayer {
    const element = this.map.leaflet.getContainer()
    const { plane, appearance } = this.store.state
    return new TileLayer(
      this.map,
      {
        plane,
        appearance,
        server: this.server,
        maxZoom: this.maxZoom,
        connection: this.#connection,
        // the layer is older than the camera, once
        destination: () => this.camera?.destination ?? this.map.place,
        onLoading: (pending, failed, settled) => {
          this.#loads.set(pending, failed)
          element.ariaBusy = String(!settled)
          this.store.update({ settled })
        },
      },
      curtain,
    )
  }

  #onConnection(): void {
    const { state } = this.#connection
    // Requests to a server that fell silent are cancelled, because they may never be answered and
    // occupy connections.
    this.#tiles.resume(state === 'silent')
    this.store.update({ connection: state })
  }

  #show(place: Place, julia: Coordinates | undefined, rotation = 0, fly = true, preview?: Preview): void {
    const here = this.store.state.plane.julia
    if (julia?.re === here?.re && julia?.im === here?.im) {
      if (fly && this.camera.isNear(place, rotation)) this.camera.go(place, rotation)
      else {
        // the picture stays until the new one has loaded
        this.#tiles.beforeJump(place, preview)
        this.camera.jump(place, rotation)
      }
      return
    }
    const curtain = this.#tiles.remove()
    this.store.update({ plane: julia ? juliaPlane(julia) : MANDELBROT })
    this.map.leaflet.options.maxZoom = this.maxZoom
    this.camera.maxZoom = this.maxZoom
    this.camera.jump(place, rotation)
    this.#tiles = this.#addTiles(curtain)
  }

  #showTarget({ place, julia, appearance, rotation }: LinkTarget, fly = true, preview?: Preview): void {
    // settings that a link leaves out get their defaults, so that it looks the same for every
    // visitor
    const names = place || julia || Object.keys(appearance).length === 0
    this.restyle(names ? { ...defaultAppearance(this.server.defaultPalette), ...appearance } : appearance)
    this.#show(place ?? wholeSet(julia ? juliaPlane(julia) : MANDELBROT), julia, rotation, fly, preview)
  }

  #follow(hash: string): void {
    const target = this.#parse(hash)
    if (!target) return
    // at once, so that the address stays as it was pasted
    if (target.place || target.julia || hash === '') this.#showTarget(target, false)
    else this.restyle(target.appearance)
  }

  /**
   * What a link names. A bad link names nothing; a notice says why until it is closed or a good
   * link comes.
   */
  #parse(hash: string): LinkTarget | undefined {
    try {
      const target = parseLink(hash, this.server.bounds)
      if (target.problems.length > 0)
        this.#complain(t('Ignored in this link: {problems}.', { problems: target.problems.join('; ') }))
      else if (this.#badLink) {
        dismissNotice()
        this.#badLink = false
      }
      return target
    } catch (error) {
      if (!(error instanceof LinkError)) throw error
      this.#complain(error.message)
      return undefined
    }
  }

  #complain(words: string): void {
    notify(words, { label: t('Close'), act: () => {} })
    this.#badLink = true
  }

  // a visitor who drags the whole pyramid out of sight is brought back to its border
  #returnToPyramid(): void {
    const place = this.map.place
    const nearest = clampToPyramid(place)
    // the view is rounded to pixels, so a place on the border may be shown as one just beyond it
    const beyond = (a: bigint, b: bigint) => Math.abs(Number(a - b)) > PIXEL
    if (!beyond(place.x, nearest.x) && !beyond(place.y, nearest.y)) return
    setTimeout(() => this.camera.go(clampToPyramid(this.map.place)))
  }
}

function reducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}

/** The place that shows a plane's set as large as this window holds it. */
function wholeSet(plane: Plane): Place {
  // A Julia set reaches 2 to all sides at most. The Mandelbrot set is 2.47 wide, from the tip of
  // its antenna at -2 on, and 2.25 high.
  const [wide, high] = plane.julia ? [3.4, 3] : [2.55, 2.3]
  const side = Math.min(innerWidth / wide, innerHeight / high)
  // a pixel at zoom 0 is span / 256
  const fitting = Math.log2((side * Number(plane.span)) / 256)
  // a small screen would lose too much of a whole zoom
  const zoom = Math.max(0, fitting < 1 ? Math.floor(100 * fitting) / 100 : Math.floor(fitting))
  const re = plane.julia ? '0' : '-0.76'
  return placeAt(parseDecimal(re)!, { digits: 0n, scale: 0 }, zoom, plane)
}
