// A plot of backward errors by zoom, as SVG: both axes are logarithmic.

export interface Mark {
  kind: string
  zoom: number
  arithmetic: 'perturbation' | 'doubles'
  median: number
  worst: number
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [720, 420, 60, 40, 16]
// decades of the error, from the lowest; 0 is drawn there
const [LOWEST, HIGHEST] = [-17, -1]
const [NEAREST, FARTHEST] = [10, 2000]
const COLOURS = { perturbation: '#0b6', doubles: '#d60' }

export function errorPlot(marks: Mark[], promise: Record<Mark['arithmetic'], number>): string {
  const x = (zoom: number) => LEFT + ((WIDTH - LEFT - 10) * Math.log(zoom / NEAREST)) / Math.log(FARTHEST / NEAREST)
  const y = (error: number) => {
    const decade = Math.min(HIGHEST, Math.max(LOWEST, error > 0 ? Math.log10(error) : LOWEST))
    return TOP + ((HEIGHT - BOTTOM - TOP) * (HIGHEST - decade)) / (HIGHEST - LOWEST)
  }
  const at = (value: number) => value.toFixed(1)
  const parts: string[] = []
  const text = (left: number, top: number, anchor: string, words: string) =>
    parts.push(`<text x="${at(left)}" y="${at(top)}" text-anchor="${anchor}">${words}</text>`)
  const line = (x1: number, y1: number, x2: number, y2: number, stroke: string) =>
    parts.push(`<path d="M${at(x1)} ${at(y1)}L${at(x2)} ${at(y2)}" stroke="${stroke}"/>`)
  for (let decade = LOWEST; decade <= HIGHEST; decade += 2) {
    line(LEFT, y(10 ** decade), WIDTH - 10, y(10 ** decade), '#ddd')
    text(LEFT - 6, y(10 ** decade) + 4, 'end', decade === LOWEST ? '0' : `1e${decade}`)
  }
  for (const zoom of [10, 20, 50, 100, 200, 500, 1000, 2000]) {
    line(x(zoom), TOP, x(zoom), HEIGHT - BOTTOM, '#ddd')
    text(x(zoom), HEIGHT - BOTTOM + 16, 'middle', String(zoom))
  }
  text((WIDTH + LEFT) / 2, HEIGHT - 6, 'middle', 'zoom')
  // the error bound of each arithmetic, where it is used
  line(LEFT, y(promise.doubles), x(29), y(promise.doubles), COLOURS.doubles)
  line(x(29), y(promise.perturbation), WIDTH - 10, y(promise.perturbation), COLOURS.perturbation)
  for (const { kind, zoom, arithmetic, median, worst } of marks) {
    const colour = COLOURS[arithmetic]
    line(x(zoom), y(median), x(zoom), y(worst), colour)
    parts.push(
      `<circle cx="${at(x(zoom))}" cy="${at(y(worst))}" r="3" fill="${colour}"><title>${kind}</title></circle>`,
    )
    parts.push(`<circle cx="${at(x(zoom))}" cy="${at(y(median))}" r="2" fill="#fff" stroke="${colour}"/>`)
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">` +
    `<title>Backward errors by zoom</title><rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>${parts.join('')}</svg>\n`
  )
}
