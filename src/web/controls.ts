import type { Atlas } from './atlas.ts'
import type { Colours } from './colours.ts'
import { find } from './dom.ts'
import type { Iterations } from './iterations.ts'
import { listenForKeys } from './keys.ts'
import { copy, notify } from './notice.ts'
import { closePanes, pane } from './panes.ts'
import type { Places } from './places.ts'
import type { Probe } from './probe.ts'

// one press of an arrow key, in CSS pixels
const STEP = 120

interface Parts {
  colours: Colours
  iterations: Iterations
  probe: Probe
  places: Places
  picture: { open: () => void }
  help: { open: () => void }
}

/** The buttons beside the map, and the keys. */
export function wireControls(atlas: Atlas, { colours, iterations, probe, places, picture, help }: Parts): void {
  const { map } = atlas
  find('map').tabIndex = 0
  find('home').addEventListener('click', () => atlas.home())
  find('zoom-in').addEventListener('click', () => map.zoomIn())
  find('zoom-out').addEventListener('click', () => map.zoomOut())
  map.on('moveend', () => {
    find<HTMLButtonElement>('zoom-in').disabled = map.getZoom() >= atlas.maxZoom
    find<HTMLButtonElement>('zoom-out').disabled = map.getZoom() <= 0
  })

  const panel = pane(
    'colours',
    () => void iterations.hint(),
    (element) => element.querySelector('input:checked'),
  )
  // a press anywhere on the map puts it away
  find('map').addEventListener('pointerdown', () => panel.show(false))

  const copyLink = () => void copy(new URL(atlas.link, location.href).href, 'Link')
  find('copy-link').addEventListener('click', copyLink)

  const pan = (x: number, y: number) => (shift: boolean) =>
    map.panBy([x, y].map((step) => step * (shift ? 3 : 1)) as [number, number])
  const turn = (shift: boolean) => {
    const { name, title } = colours.neighbour(shift ? -1 : 1)
    atlas.change({ palette: name })
    notify(title)
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
    0: () => atlas.home(),
    Home: () => atlas.home(),
    g: () => places.open(),
    b: () => places.keep(),
    p: turn,
    '[': () => iterations.scale(1 / 2),
    ']': () => iterations.scale(2),
    '\\': () => atlas.change({ limit: 'auto' }),
    j: (shift) => (shift ? probe.enter() : probe.toggle()),
    s: () => picture.open(),
    c: copyLink,
    h: () => document.body.classList.toggle('bare'),
    f: fullScreen,
    '?': () => help.open(),
    Escape: closePanes,
  })
}

function fullScreen(): void {
  const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()
  change.catch(() => notify('The browser allows no full screen here.'))
}
