// A view in a link: in the path of the page's address, with its appearance as the query; or as an
// id for both, if that address would be too long.
import { type Appearance, readAppearance, writeAppearance } from '../colour/appearance.ts'
import { Failure, mustBe } from '../core/errors.ts'
import type { Options } from '../core/options.ts'
import { parseWhole } from '../core/parse.ts'
import type { ImageRequest, IterationLimit } from '../kernel/request.ts'
import { readCoordinate } from '../plane/coordinate.ts'
import { type Decimal, formatDecimal } from '../plane/decimal.ts'
import { LONGEST_ADDRESS, viewPath } from '../plane/viewaddress.ts'
import { readViewId, viewId } from '../plane/viewid.ts'
import { readRotation, readZoom } from '../render/request.ts'
import { viewTitle } from './regions.ts'

/** The size of link previews (Open Graph), and samples along a pixel's side. */
export const PREVIEW = { file: '/preview.webp', width: 1200, height: 630, aa: 2 }

export interface SharedView {
  re: Decimal
  im: Decimal
  zoom: number
  /** degrees counter-clockwise */
  rotation: number
  appearance: Appearance
  maxIter: IterationLimit
}

/** The parts of such an address, as text. */
export interface ViewPath {
  zoom: string
  re: string
  im: string
}
export type Look = Record<string, string | undefined>

// Digits of a coordinate beyond those that a screen at its zoom needs. A page repeats a coordinate
// several times, and writing out 20,000 digits takes milliseconds each time
const MORE_PLACES = 100

/** @throws Failure with a message that names the part */
export function readView(
  { zoom, re, im }: ViewPath,
  { max_iter: limit = 'auto', rotation = '0', ...colours }: Look,
  options: Options,
): SharedView {
  const depth = readZoom(zoom, options)
  const places = Math.ceil(depth * Math.log10(2)) + MORE_PLACES
  return {
    re: readCoordinate('re', re, options['max-digits'], places),
    im: readCoordinate('im', im, options['max-digits'], places),
    zoom: depth,
    rotation: readRotation(rotation),
    appearance: { ...readAppearance(colours), aa: 1 },
    maxIter: limit === 'auto' ? limit : parseWhole('max_iter', limit, 1, options['max-iterations']),
  }
}

/** @throws Failure if the text is no id, or the view that it names is not valid */
export function readShortView(id: string, options: Options): SharedView {
  const named = readViewId(id)
  if (!named) throw new Failure('invalid', mustBe('the id of a view', 'one that this program has made', id))
  return readView(named, Object.fromEntries(new URLSearchParams(named.look)), options)
}

// behind any base path
const PAGE = '/at/'

/** The view of a page's address. @throws Failure */
export function readViewUrl(text: string, options: Options): SharedView {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const path = url?.pathname ?? ''
  const at = path.indexOf(PAGE)
  const [zoom = '', re, im, ...more] = at < 0 ? [] : path.slice(at + PAGE.length).split('/')
  if (url && zoom.startsWith('~') && re === undefined) return readShortView(zoom, options)
  if (!url || re === undefined || im === undefined || more.length > 0) {
    throw new Failure('invalid', mustBe('url', 'the address of a page /at/{zoom}/{re}/{im}', text))
  }
  return readView({ zoom, re, im }, Object.fromEntries(url.searchParams), options)
}

/** The picture's parameters besides its place, by the names of the query. */
function lookOf({ appearance, maxIter, rotation }: SharedView): URLSearchParams {
  const { aa: _, ...named } = writeAppearance(appearance)
  return new URLSearchParams({
    ...named,
    ...(maxIter !== 'auto' && { max_iter: String(maxIter) }),
    ...(rotation !== 0 && { rotation: String(rotation) }),
  })
}

/** The address of a view's page, or of its picture with a query of its own. */
export function viewAddress(view: SharedView, origin: string, picture?: URLSearchParams): string {
  const look = String(lookOf(view))
  const named = { zoom: String(view.zoom), re: formatDecimal(view.re), im: formatDecimal(view.im), look }
  const file = picture ? PREVIEW.file : ''
  const more = picture && picture.size > 0 ? String(picture) : ''
  const address = `${origin}/${viewPath(named, file)}${more && `&${more}`}`
  if (address.length <= LONGEST_ADDRESS) return address
  return `${origin}/at/${viewId(named)}${file}${more && `?${more}`}`
}

/** A view as in the page's own links, in the fragment. */
export function viewFragment({ re, im, zoom, rotation, appearance, maxIter }: SharedView): string {
  const look = {
    ...writeAppearance(appearance),
    ...(maxIter !== 'auto' && { iter: String(maxIter) }),
    ...(rotation !== 0 && { rotation: String(rotation) }),
  }
  const place = `${zoom}/${formatDecimal(re)}/${formatDecimal(im)}`
  return [place, ...Object.entries(look).map(([name, value]) => `${name}=${value}`)].join('&')
}

/** A view's title. */
export function titleOf({ re, im, zoom }: SharedView): string {
  return viewTitle(re, im, zoom)
}

/** The largest picture of a view, in its proportions, that fits into these sides. */
export function previewSize(maxWidth: number, maxHeight: number): { width: number; height: number } {
  const scale = Math.min(1, maxWidth / PREVIEW.width, maxHeight / PREVIEW.height)
  const side = (whole: number) => Math.max(1, Math.floor(whole * scale))
  return { width: side(PREVIEW.width), height: side(PREVIEW.height) }
}

/**
 * The picture that a preview shows. The map's pixels are those of a picture of PREVIEW's size; a
 * smaller one shows the same in fewer pixels.
 */
export function previewImage(view: SharedView, width: number, height: number): ImageRequest {
  const { zoom, appearance, ...place } = view
  return {
    ...place,
    zoom: zoom - Math.log2(PREVIEW.width / width),
    ...(width !== PREVIEW.width && { colourZoom: zoom }),
    width,
    height,
    bits: 8,
    mirror: false,
    appearance: { ...appearance, aa: PREVIEW.aa },
  }
}
