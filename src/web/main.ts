// The page: what the server has, what the address asks for, a map of it, and the controls around.
import 'leaflet/dist/leaflet.css'
import './style.css'
import { Atlas } from './atlas.ts'
import { Colours } from './colours.ts'
import { wireControls } from './controls.ts'
import { Export } from './export.ts'
import { wireHelp } from './help.ts'
import { Iterations } from './iterations.ts'
import { notify } from './notice.ts'
import { Places } from './places.ts'
import { Probe } from './probe.ts'
import { showProgress } from './progress.ts'
import { showReadout } from './readout.ts'
import { meetServer } from './server.ts'
import { Styles } from './styles.ts'

meetServer(() => notify('The server is busy or out of reach: it is asked again.')).then(
  (server) => {
    delete document.body.dataset.waiting
    const help = wireHelp()
    const atlas = new Atlas(server, help.isLink)
    showReadout(atlas)
    showProgress(atlas)
    new Styles(atlas)
    wireControls(atlas, {
      colours: new Colours(atlas),
      iterations: new Iterations(atlas),
      probe: new Probe(atlas),
      places: new Places(atlas),
      picture: new Export(atlas),
      help,
    })
  },
  () => notify('The server does not answer.', { label: 'Try again', act: () => location.reload() }),
)
