// The page: what the server has, what the address asks for, a map of it, and the controls around.
import 'leaflet/dist/leaflet.css'
import './style.css'
import { parseDecimal } from '../decimal.ts'
import { Address } from './address.ts'
import { find } from './dom.ts'
import { listenForKeys } from './keys.ts'
import { copy, notify } from './notice.ts'
import { OriginMap } from './origin.ts'
import { Panel } from './panel.ts'
import { formatLink, type Look, parseLink, type Scene, Unreadable } from './permalink.ts'
import { coordinates, inside, PIXEL, type Place, placeAt } from './place.ts'
import { showProgress } from './progress.ts'
import { showReadout } from './readout.ts'
import { meetServer, type Server } from './server.ts'
import { Tiles } from './tiles.ts'
import { Traffic } from './traffic.ts'

// the link that opens the help
const HELP = '#help'

// one press of an arrow key, in CSS pixels
const STEP = 120

// the longest side of a picture that the server gives unless it is told otherwise
const LONGEST_SIDE = 4096

meetServer().then(open, () => {
  notify('The server does not answer.', { label: 'Try again', act: () => location.reload() })
})

function open(server: Server): void {
  const first = read(location.hash, server)
  let look: Look = { palette: first.palette ?? server.defaultPalette, limit: first.limit ?? 'auto' }

  find('map').tabIndex = 0
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const map = new OriginMap(find('map'), first.place ?? whole(), {
    maxZoom: server.bounds.maxZoom,
    minZoom: 0,
    attributionControl: false,
    zoomControl: false,
    keyboard: false,
    zoomAnimation: !still,
    fadeAnimation: !still,
    inertia: !still,
    wheelPxPerZoomLevel: 90,
  })
  const traffic = new Traffic()
  const tiles = new Tiles(traffic, look, server.bounds.maxZoom, server.version).addTo(map)

  const help = find<HTMLDialogElement>('help')
  const address = new Address(
    () => formatLink(map.place, look),
    (hash) => {
      if (hash === HELP) return showHelp()
      const scene = read(hash, server)
      change({ ...(scene.palette && { palette: scene.palette }), ...(scene.place && { limit: scene.limit ?? 'auto' }) })
      if (scene.place || hash === '') map.jump(scene.place ?? whole())
    },
  )
  const panel = new Panel(server, look, { change, copyLink, pictureUrl })
  showReadout(map)
  showProgress(traffic, () => tiles.retry())

  map.on('moveend', () => {
    address.note()
    find<HTMLButtonElement>('zoom-in').disabled = map.getZoom() >= server.bounds.maxZoom
    find<HTMLButtonElement>('zoom-out').disabled = map.getZoom() <= 0
    stayInside()
  })

  function change(next: Partial<Look>): void {
    const changed = { ...look, ...next }
    panel.show(changed)
    if (changed.palette === look.palette && changed.limit === look.limit) return
    look = changed
    tiles.show(look)
    address.note()
  }

  // whoever drags the whole pyramid out of sight is brought back to its border
  function stayInside(): void {
    const { place } = map
    const nearest = inside(place)
    // the view is rounded to pixels, so a place on the border may be shown as one just beyond it
    const beyond = (a: bigint, b: bigint) => Math.abs(Number(a - b)) > PIXEL
    if (beyond(place.x, nearest.x) || beyond(place.y, nearest.y)) setTimeout(() => map.go(inside(map.place)))
  }

  function showHelp(): void {
    if (!help.open) help.showModal()
  }

  function home(): void {
    address.jump(() => map.go(whole()))
  }

  function copyLink(): void {
    void copy(new URL(formatLink(map.place, look), location.href).href, 'Link')
  }

  // the screen's picture with the screen's own pixels, two to one of the page at most
  function pictureUrl(): string {
    const size = map.getSize()
    const finer = Math.min(devicePixelRatio, 2, LONGEST_SIDE / Math.max(size.x, size.y))
    const query = new URLSearchParams({
      ...coordinates(map.place),
      zoom: String(Math.max(0, map.place.zoom + Math.log2(finer))),
      width: String(Math.round(size.x * finer)),
      height: String(Math.round(size.y * finer)),
      palette: look.palette,
      max_iter: String(look.limit),
    })
    return `image.png?${query}`
  }

  help.addEventListener('click', ({ target }) => target === help && help.close())
  find('open-help').addEventListener('click', showHelp)
  if (location.hash === HELP) showHelp()

  find('home').addEventListener('click', home)
  find('zoom-in').addEventListener('click', () => map.zoomIn())
  find('zoom-out').addEventListener('click', () => map.zoomOut())

  const pan = (x: number, y: number) => (shift: boolean) =>
    map.panBy([x, y].map((step) => step * (shift ? 3 : 1)) as [number, number])
  const turn = (shift: boolean) => {
    const palette = panel.neighbour(shift ? -1 : 1)
    change({ palette: palette.name })
    notify(palette.title)
  }
  listenForKeys({
    ArrowLeft: pan(-STEP, 0),
    ArrowRight: pan(STEP, 0),
    ArrowUp: pan(0, -STEP),
    ArrowDown: pan(0, STEP),
    '+': () => map.zoomIn(),
    '=': () => map.zoomIn(),
    '-': () => map.zoomOut(),
    _: () => map.zoomOut(),
    0: home,
    Home: home,
    p: turn,
    '[': () => panel.scaleLimit(1 / 2),
    ']': () => panel.scaleLimit(2),
    '\\': () => change({ limit: 'auto' }),
    c: copyLink,
    h: () => document.body.classList.toggle('bare'),
    f: fullScreen,
    '?': showHelp,
    Escape: () => panel.close(),
  })
}

function fullScreen(): void {
  const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()
  change.catch(() => notify('The browser allows no full screen here.'))
}

/** What a link names; a bad one is said to be, and names nothing. */
function read(hash: string, server: Server): Scene {
  if (hash === HELP) return {}
  try {
    return parseLink(hash, server.bounds)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    notify(error.message)
    return {}
  }
}

/** The set as large as this window holds it. */
function whole(): Place {
  // its body is 2 wide, without the thin end of the antenna, and 2.3 high; a pixel at zoom 0 is 3 / 256
  const side = Math.min(innerWidth / 2, innerHeight / 2.3)
  const zoom = Math.max(0, Math.floor(Math.log2((side * 3) / 256)))
  return placeAt(parseDecimal(innerWidth > innerHeight ? '-0.75' : '-0.58')!, { digits: 0n, scale: 0 }, zoom)
}
