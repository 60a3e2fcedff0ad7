// Where the page of a view lies, relative to the map.

/** A view as an address names it: numbers as text, and its look as a query. */
export interface NamedView {
  zoom: string
  re: string
  im: string
  look: string
}

/** Addresses up to this length are read by all programs that preview links, in characters. */
export const LONGEST_ADDRESS = 2000

/** The path of a view's page and its look; or the path of a file beside it. */
export function viewPath({ zoom, re, im, look }: NamedView, file = ''): string {
  return `at/${zoom}/${re}/${im}${file}?${look}`
}
