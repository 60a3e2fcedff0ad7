import type { MapController } from '../map/controller.ts'
import { isBare, toggleBare } from '../ui/bare.ts'
import { toggleFullScreen } from '../ui/fullscreen.ts'
import { type KeyTable, listenForKeys } from '../ui/keys.ts'
import { closePanes } from '../ui/panes.ts'
import type { ColourPanel } from './colours.ts'
import type { ExplorePanel } from './explore.ts'
import type { ExportDialog } from './export.ts'
import type { HelpDialog } from './help.ts'
import type { PlacesDialog } from './places.ts'
import type { ProbePanel } from './probe.ts'

// how far an arrow key moves the map, in CSS pixels; three times as far with Shift
const STEP = 120

// how far a key turns the map, in degrees
const TURN = 15

// the number keys that choose a palette
const FAVOURITES = [1, 2, 3, 4, 5, 6, 7, 8, 9]

interface Panels {
  colours: ColourPanel
  explore: ExplorePanel
  probe: ProbePanel
  places: PlacesDialog
  picture: ExportDialog
  help: HelpDialog
}

/** The keys that move the map. */
export function mapKeys(controller: MapController): KeyTable {
  const { camera } = controller
  const pan = (x: number, y: number) => (shift: boolean) => camera.panBy(x * (shift ? 3 : 1), y * (shift ? 3 : 1))
  return {
    ArrowLeft: pan(-STEP, 0),
    ArrowRight: pan(STEP, 0),
    ArrowUp: pan(0, -STEP),
    ArrowDown: pan(0, STEP),
    '+': () => camera.step(1),
    '=': () => camera.step(1),
    '-': () => camera.step(-1),
    _: () => camera.step(-1),
    ',': () => camera.turnBy(TURN),
    '.': () => camera.turnBy(-TURN),
    u: () => camera.upright(),
    0: () => controller.home(),
    Home: () => controller.home(),
  }
}

/** Connects the keys of the page. */
export function connectKeyboard(controller: MapController, panels: Panels): void {
  const { colours, explore, probe, places, picture, help } = panels
  listenForKeys({
    ...mapKeys(controller),
    g: () => places.open(),
    b: () => places.addBookmark(),
    p: (shift) => colours.cycle(shift ? -1 : 1),
    '[': () => colours.iterations.scale(1 / 2),
    ']': () => colours.iterations.scale(2),
    '\\': () => controller.restyle({ limit: 'auto' }),
    j: (shift) => (shift ? probe.enterJulia() : probe.pane.toggle()),
    o: () => probe.toggleOrbit(),
    n: (shift) => (shift ? explore.inside() : explore.island()),
    m: () => explore.spiral(),
    r: () => explore.rays(),
    x: () => explore.surprise(),
    t: () => void places.tourOrPause(),
    l: () => explore.toggleLabels(),
    w: () => explore.toggleOverview(),
    s: () => picture.open(),
    c: () => controller.copyLink(),
    a: () => colours.cycling.toggle(),
    h: () => toggleBare(),
    f: toggleFullScreen,
    '?': () => help.open(),
    Escape: () => (isBare() ? toggleBare(false) : closePanes()),
    ...Object.fromEntries(FAVOURITES.map((key) => [key, () => colours.chooseFavourite(key - 1)])),
  })
}
