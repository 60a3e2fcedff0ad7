// Where the page of a view lies, relative to the map.

/** A view in an address: numbers as text, and its appearance as a query. */
export interface NamedView {
  zoom: string
  re: string
  im: string
  look: string
}

/** The longest address, in characters, that all link preview programs accept. */
export const LONGEST_ADDRESS = 2000

/** The path of a view's page with its appearance; or the path of a file beside it. */
export function viewPath({ zoom, re, im, look }: NamedView, file = ''): string {
  return `at/${zoom}/${re}/${im}${file}?${look}`
}
