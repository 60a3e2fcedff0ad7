// The page: fetches what the server offers, shows the map of the address, and connects the panels.
import './styles/index.css'
import { translatePage } from './language/language.ts'
import { t } from './language/t.ts'
import { MapController } from './map/controller.ts'
import { connectGestures } from './map/gestures.ts'
import { fetchServerInfo, type ServerInfo } from './net/server.ts'
import { keepForOffline } from './offline/offline.ts'
import { ColourPanel } from './panels/colours.ts'
import { connectControls } from './panels/controls.ts'
import { isEmbedded, showEmbedded } from './panels/embedded.ts'
import { ExplorePanel } from './panels/explore.ts'
import { ExportDialog } from './panels/export.ts'
import { HelpDialog } from './panels/help.ts'
import { connectKeyboard } from './panels/keyboard.ts'
import { showLoading } from './panels/loadbar.ts'
import { narrateMoves } from './panels/narrator.ts'
import { PlacesDialog } from './panels/places.ts'
import { ProbePanel } from './panels/probe.ts'
import { showReadout } from './panels/readout.ts'
import { offerWayBack } from './panels/wayback.ts'
import { adoptSharedView } from './state/sharedlink.ts'
import { connectBare } from './ui/bare.ts'
import { panelRoot, part } from './ui/dom.ts'
import { notify } from './ui/notice.ts'
import { applyTheme } from './ui/theme.ts'

adoptSharedView()

const translated = translatePage()
fetchServerInfo(() => notify(t('The server is busy or unreachable. Trying again.'))).then(
  (server) => translated.then(() => start(server)),
  () => notify(t('The server does not answer.'), { label: t('Try again'), act: () => location.reload() }),
)

function start(server: ServerInfo): void {
  delete document.body.dataset.waiting
  const help = new HelpDialog(panelRoot<HTMLDialogElement>('help'), () => controller)
  const mapElement = panelRoot('map')
  mapElement.tabIndex = 0
  const controller = new MapController(mapElement, server, (hash) => help.isLink(hash))
  const { store } = controller
  store.watch(['appearance'], () => applyTheme(store.state.appearance))
  applyTheme(store.state.appearance)

  connectGestures(controller.map, controller.camera, {
    onForeignWheel: () => notify(t('Hold Ctrl and turn the wheel to zoom.')),
  })
  connectControls(panelRoot('controls'), controller)
  narrateMoves(controller)
  const readout = panelRoot('readout')
  showLoading(panelRoot('progress'), part(readout, 'pending'), controller)
  if (isEmbedded) {
    showEmbedded(controller)
    return
  }

  showReadout(readout, controller)
  offerWayBack(controller)
  connectBare()
  keepForOffline(controller)
  const colours = new ColourPanel(panelRoot('colours'), controller)
  const probe = new ProbePanel(panelRoot('probe'), panelRoot('crosshair'), controller)
  const places = new PlacesDialog(panelRoot<HTMLDialogElement>('places'), controller)
  const explore = new ExplorePanel(panelRoot('explore'), controller)
  const picture = new ExportDialog(panelRoot<HTMLDialogElement>('export'), controller)
  connectKeyboard(controller, { colours, explore, probe, places, picture, help })
  // pressing the map closes the colours
  mapElement.addEventListener('pointerdown', () => colours.pane.toggle(false))
}
