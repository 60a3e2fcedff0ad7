// Coordinates as people paste them: two real numbers or a complex one, and perhaps a zoom.

/** The texts of a place's numbers; the zoom is missing where the text has none. */
export interface PastedCoordinates {
  re: string
  im: string
  zoom?: string
}

// a number without its sign; the zoom may be a magnification such as 1e50
const NUMBER = String.raw`(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?`
const ZOOM = String.raw`(?:[\s,;@]+(?:zoom\s*)?=?\s*([×x]?${NUMBER}))?`

// -0.74, 0.13 and 12, but not `Zoom: 12`, which is a line of a location file; brackets, commas,
// semicolons and names of the parts do not matter
const PAIR = new RegExp(
  String.raw`^[([]?(?:(?:re|x|cx)\s*=?)?\s*([-+]?${NUMBER})[\s,;]+(?:(?:im|y|cy)\s*=?)?\s*([-+]?${NUMBER})[)\]]?${ZOOM}$`,
  'i',
)
// -0.74 + 0.13i, and 12
const COMPLEX = new RegExp(String.raw`^[([]?([-+]?${NUMBER})\s*([-+])\s*(${NUMBER})\s*\*?\s*[ij][)\]]?${ZOOM}$`, 'i')

/** Reads coordinates; undefined where the text is none. */
export function readCoordinates(text: string): PastedCoordinates | undefined {
  // signs and blanks of word processors; letters and brackets of no more than a line
  const plain = text
    .trim()
    .replace(/[\u2212\u2013\u2010\u2011]/g, '-')
    .replace(/\s+/g, ' ')
  const pair = PAIR.exec(plain)
  if (pair) return withZoom(pair[1]!, pair[2]!, pair[3])
  const complex = COMPLEX.exec(plain)
  return complex ? withZoom(complex[1]!, `${complex[2] === '-' ? '-' : ''}${complex[3]}`, complex[4]) : undefined
}

function withZoom(re: string, im: string, zoom: string | undefined): PastedCoordinates {
  return { re, im, ...(zoom !== undefined && { zoom }) }
}
