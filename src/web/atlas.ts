import type * as L from 'leaflet'
import { DEFAULT_STYLE } from '../colour/style.ts'
import { parseDecimal } from '../plane/decimal.ts'
import { Address } from './address.ts'
import { find } from './dom.ts'
import { type Appearance, plainLook, sameLook, settled } from './look.ts'
import { dismiss, notify } from './notice.ts'
import { OriginMap } from './origin.ts'
import { formatLink, parseLink, type Scene, Unreadable } from './permalink.ts'
import { inside, PIXEL, type Place, placeAt } from './place.ts'
import { juliaPlane, MANDELBROT, type Plane, type Point } from './plane.ts'
import type { Server } from './server.ts'
import { Tiles } from './tiles.ts'
import { Traffic } from './traffic.ts'

// where a Julia set's point is shown, when the visitor did not come from there: near enough to see what is round it
const POINT_ZOOM = 8

/**
 * What is shown: a place of a plane in a look, and the one way to change each. Tells of changes by the events `look` and `plane`, and
 * where the map goes by the map's own.
 */
export class Atlas extends EventTarget {
  readonly server: Server
  readonly traffic = new Traffic()
  readonly map: OriginMap
  readonly #address: Address
  #tiles: Tiles
  #plane: Plane
  #appearance: Appearance
  /** was the last link a bad one? */
  #refused = false
  /** where the map was when it went to a Julia set */
  #cameFrom: Place | undefined

  /** Shows what the address asks for; a `hash` that `isOurs` knows is no place, and is left to it. */
  constructor(server: Server, isOurs: (hash: string) => boolean) {
    super()
    this.server = server
    const { place, julia, appearance } = isOurs(location.hash)
      ? { appearance: {} }
      : (this.#read(location.hash) ?? { appearance: {} })
    this.#plane = julia ? juliaPlane(julia) : MANDELBROT
    this.#appearance = { ...plainLook(server.defaultPalette), ...appearance }
    this.map = new OriginMap(find('map'), place ?? whole(this.#plane), this.#mapOptions())
    this.#tiles = this.#lay()
    this.#address = new Address(
      () => this.link,
      (hash) => isOurs(hash) || this.#follow(hash),
    )
    this.map.on('moveend', () => {
      this.#address.note()
      this.#stayInside()
    })
  }

  get place(): Place {
    return this.map.place
  }

  get plane(): Plane {
    return this.#plane
  }

  get appearance(): Appearance {
    return this.#appearance
  }

  get maxZoom(): number {
    const { maxZoom, juliaMaxZoom } = this.server.bounds
    return this.#plane.julia ? juliaMaxZoom : maxZoom
  }

  /** The part of the address that names all this. */
  get link(): string {
    return formatLink(this.place, this.#appearance, this.#plane.julia)
  }

  /** Changes the look; another palette takes the place of one's own gradient. */
  change(next: Partial<Appearance>): void {
    const { gradient, ...rest } = { ...this.#appearance, ...next }
    const own = next.palette === undefined || next.gradient !== undefined ? gradient : undefined
    const changed = settled(own === undefined ? rest : { ...rest, gradient: own })
    if (sameLook(changed, this.#appearance)) return
    this.#appearance = changed
    this.#tiles.show(changed)
    this.#address.note()
    this.dispatchEvent(new Event('look'))
  }

  /** Goes to a place, of another plane too; Back returns. */
  jump(place: Place, julia: Point | undefined = this.#plane.julia): void {
    this.#address.jump(() => this.#enter(place, julia))
  }

  /** Goes where a visitor's own link leads; Back returns. Throws Unreadable. */
  visit(hash: string): void {
    const scene = parseLink(hash, this.server.bounds)
    this.#address.jump(() => this.#show(scene))
  }

  /** Shows the whole set; Back returns. */
  home(): void {
    this.jump(whole(this.#plane))
  }

  /** Shows a point's Julia set as a map of its own; Back returns. */
  enterJulia(point: Point): void {
    this.#cameFrom = this.place
    this.jump(whole(juliaPlane(point)), point)
  }

  /** Goes from a Julia set to its point in the Mandelbrot set; Back returns. */
  leaveJulia(): void {
    const { julia } = this.#plane
    if (!julia) return
    const at = (zoom: number) => placeAt(parseDecimal(julia.re)!, parseDecimal(julia.im)!, zoom)
    this.#address.jump(() => this.#enter(this.#cameFrom ?? inside(at(POINT_ZOOM)), undefined))
  }

  /** Asks again for the tiles that were given up. */
  retry(): void {
    this.#tiles.retry()
  }

  #mapOptions(): L.MapOptions {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    return {
      maxZoom: this.maxZoom,
      minZoom: 0,
      attributionControl: false,
      zoomControl: false,
      keyboard: false,
      zoomAnimation: !still,
      fadeAnimation: !still,
      inertia: !still,
      wheelPxPerZoomLevel: 90,
    }
  }

  #lay(): Tiles {
    return new Tiles(this.traffic, this.#plane, this.#appearance, this.maxZoom, this.server.version).addTo(this.map)
  }

  #enter(place: Place, julia: Point | undefined): void {
    const here = this.#plane.julia
    if (julia?.re === here?.re && julia?.im === here?.im) {
      this.map.go(place)
      return
    }
    this.#tiles.remove()
    this.#plane = julia ? juliaPlane(julia) : MANDELBROT
    this.map.options.maxZoom = this.maxZoom
    this.map.jump(place)
    this.#tiles = this.#lay()
    this.dispatchEvent(new Event('plane'))
  }

  #show({ place, julia, appearance }: Scene): void {
    this.change(place ? { offsetSteps: 0, density: 1, style: DEFAULT_STYLE, limit: 'auto', ...appearance } : appearance)
    this.#enter(place ?? whole(julia ? juliaPlane(julia) : MANDELBROT), julia)
  }

  #follow(hash: string): void {
    const scene = this.#read(hash)
    if (!scene) return
    if (scene.place || scene.julia || hash === '') this.#show(scene)
    else this.change(scene.appearance)
  }

  /** What a link names; a bad one is said to be, until that is read or a good one comes, and names nothing. */
  #read(hash: string): Scene | undefined {
    try {
      const scene = parseLink(hash, this.server.bounds)
      if (this.#refused) dismiss()
      this.#refused = false
      return scene
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      notify(error.message, { label: 'Close', act: () => {} })
      this.#refused = true
      return undefined
    }
  }

  // whoever drags the whole pyramid out of sight is brought back to its border
  #stayInside(): void {
    const { place } = this
    const nearest = inside(place)
    // the view is rounded to pixels, so a place on the border may be shown as one just beyond it
    const beyond = (a: bigint, b: bigint) => Math.abs(Number(a - b)) > PIXEL
    if (!beyond(place.x, nearest.x) && !beyond(place.y, nearest.y)) return
    setTimeout(() => this.map.go(inside(this.place)))
  }
}

/** A plane's set as large as this window holds it. */
function whole(plane: Plane): Place {
  // a Julia set reaches 2 to all sides at most; the Mandelbrot set's body is 2 wide, without the thin end of the antenna, and 2.3 high
  const [wide, high] = plane.julia ? [3.4, 3] : [2, 2.3]
  const side = Math.min(innerWidth / wide, innerHeight / high)
  // a pixel at zoom 0 is span / 256
  const zoom = Math.max(0, Math.floor(Math.log2((side * Number(plane.span)) / 256)))
  const re = plane.julia ? '0' : innerWidth > innerHeight ? '-0.75' : '-0.58'
  return placeAt(parseDecimal(re)!, { digits: 0n, scale: 0 }, zoom, plane)
}
