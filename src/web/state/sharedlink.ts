// A link that previews can read names its view in the path, /at/zoom/re/im. The server puts the
// same view into the page as a fragment; from here on the address is the map's usual one.
import { LONGEST_ADDRESS, viewPath } from '../../plane/viewaddress.ts'
import { chosenLanguage, formatQuery } from '../language/language.ts'
import { lastView } from '../offline/offline.ts'
import { appearanceQuery, type MapAppearance } from './appearance.ts'
import { coordinates, formatZoom, type Place } from './place.ts'

// parameters that are for the page itself, and not for its picture
const PAGE = ['embed', 'lang']

/** Takes over the view that the server put into the page, unless the address names one itself. */
export function adoptSharedView(): void {
  const view = document.querySelector<HTMLMetaElement>('meta[name="mandeltiles-view"]')?.content
  if (location.hash !== '') return
  if (!view) {
    const last = lastView()
    if (last) history.replaceState(null, '', last)
    return
  }
  // parameters for the page itself stay; relative to the map's root, whatever the path was
  const parameters = new URLSearchParams(location.search)
  for (const name of [...parameters.keys()]) if (!PAGE.includes(name)) parameters.delete(name)
  history.replaceState(null, '', `${formatQuery(parameters) || './'}#${view}`)
}

/**
 * The address of a view of the Mandelbrot set whose preview shows its picture, or of the picture
 * itself. A view whose address would be too long for previews is written as an id.
 */
export async function sharedAddress(
  place: Place,
  appearance: MapAppearance,
  rotation: number,
  file: '' | '/preview.webp' = '',
): Promise<URL> {
  const look = {
    ...appearanceQuery(appearance),
    ...(rotation !== 0 && { rotation: String(rotation) }),
  }
  const view = { zoom: formatZoom(place.zoom), ...coordinates(place), look: String(new URLSearchParams(look)) }
  const address = new URL(viewPath(view, file), document.baseURI)
  if (address.href.length <= LONGEST_ADDRESS) return inLanguage(address, file)
  const { viewId } = await import('../../plane/viewid.ts')
  return inLanguage(new URL(`at/${viewId(view)}${file}`, document.baseURI), file)
}

function inLanguage(address: URL, file: string): URL {
  if (chosenLanguage && file === '') address.searchParams.set('lang', chosenLanguage)
  return address
}
