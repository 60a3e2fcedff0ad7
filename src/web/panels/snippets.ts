// What the owner of another page pastes there to show this map: a frame, or a layer of Leaflet.
import type { MapController } from '../map/controller.ts'
import { part } from '../ui/dom.ts'

/** Fills the snippets with what is on the screen whenever they are opened. */
export function connectSnippets(root: HTMLElement, controller: () => MapController): void {
  const details = part<HTMLDetailsElement>(root, 'embed')
  const [frame, layer] = ['frame-snippet', 'layer-snippet'].map((id) => part<HTMLTextAreaElement>(root, id))
  for (const field of [frame!, layer!]) field.addEventListener('focus', () => field.select())
  details.addEventListener('toggle', () => {
    const { link, store } = controller()
    frame!.value = frameSnippet(link)
    layer!.value = layerSnippet(link)
    // the layer shows the Mandelbrot set only
    layer!.closest('label')!.hidden = store.state.plane.julia !== undefined
  })
}

function frameSnippet(link: string): string {
  const address = new URL(`./?embed${link}`, document.baseURI).href.replaceAll('&', '&amp;')
  return `<iframe src="${address}" title="The Mandelbrot set" width="800" height="500" style="border: 0" loading="lazy" allowfullscreen></iframe>`
}

function layerSnippet(link: string): string {
  const [view = '', ...look] = link.slice(1).split('&')
  const options = Object.fromEntries(look.map((part) => part.split('=')))
  const { iter, rotation: _, ...colours } = options
  const text = JSON.stringify({ view, ...colours, ...(iter && { max_iter: iter }) })
  return [
    '<link rel="stylesheet" href="https://unpkg.com/leaflet@1.9.4/dist/leaflet.css" />',
    '<script src="https://unpkg.com/leaflet@1.9.4/dist/leaflet.js"></script>',
    '<div id="map" style="height: 90vh"></div>',
    '<script type="module">',
    `  import { MandelbrotLayer } from '${new URL('layer.js', document.baseURI).href}'`,
    `  new MandelbrotLayer(${text}).addTo(L.map('map'))`,
    '</script>',
  ].join('\n')
}
