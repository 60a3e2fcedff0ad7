// The contact sheet: four styles by six palettes at six locations from 1e0 to 1e300.
// `npm run gallery:sheet` renders it.
import { readFileSync } from 'node:fs'
import sharp, { type OverlayOptions } from 'sharp'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import type { PaletteName } from '../../src/colour/palettes.ts'
import { STYLE_TITLES, type Style } from '../../src/colour/style.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { readCoordinate } from '../../src/plane/coordinate.ts'
import { Renderer } from '../../src/render/renderer.ts'
import type { GalleryPlace } from '../../src/web/gallery/place.ts'

const STYLES: Style[] = ['smooth', 'distance', 'slopes', 'stripe']
const PALETTES: PaletteName[] = ['tidal', 'ember', 'glacier', 'orchid', 'verdigris', 'paper']
const PLACES = ['whole', 'seahorses', 'hoarfrost', 'star-in-rose', 'dragon', 'eclipse']
const [WIDTH, HEIGHT, GAP, MARGIN] = [192, 144, 6, 28]
const FINER = 2

const here = (name: string) => new URL(name, import.meta.url)
const listed: GalleryPlace[] = JSON.parse(readFileSync(here('../../src/web/gallery/places.json'), 'utf8'))
const whole: GalleryPlace = {
  name: 'whole',
  title: 'The whole set',
  sentence: '',
  re: '-0.6',
  im: '0',
  zoom: 0,
  source: '',
}
const places = PLACES.map((name) => [whole, ...listed].find((place) => place.name === name)!)

const { options } = resolveOptions({}, process.env)
const renderer = new Renderer({ ...options, 'cache-bytes': 0, 'sample-cache-bytes': 0 })
const parts: OverlayOptions[] = []
const text = (words: string, left: number, top: number) =>
  parts.push({
    input: Buffer.from(
      `<svg width="400" height="20"><text x="0" y="15" font-family="sans-serif" font-size="13" fill="#ddd">${words}</text></svg>`,
    ),
    left,
    top,
  })
const columns = PALETTES.length
let top = MARGIN
PALETTES.forEach((name, k) => {
  text(name, MARGIN + k * (WIDTH + GAP), 6)
})
for (const place of places) {
  const power = Math.round(Math.max(0, place.zoom) * Math.log10(2))
  for (const style of STYLES) {
    text(`${place.title}, 1e${power}: ${STYLE_TITLES[style]}`, MARGIN, top)
    top += 22
    for (const [k, palette] of PALETTES.entries()) {
      const { bytes } = await renderer
        .image(
          {
            re: readCoordinate('re', place.re, options['max-digits']),
            im: readCoordinate('im', place.im, options['max-digits']),
            // a thumbnail shows what the map's window shows
            zoom: Math.max(0, place.zoom - Math.log2(1280 / (FINER * WIDTH))),
            width: FINER * WIDTH,
            height: FINER * HEIGHT,
            maxIter: 'auto',
            appearance: { ...DEFAULT_APPEARANCE, palette, style, density: place.density ?? 1 },
          },
          'png',
        )
        .find({ lane: 'bulk' })
      const input = await sharp(bytes).resize(WIDTH, HEIGHT, { kernel: 'lanczos3' }).png().toBuffer()
      parts.push({ input, left: MARGIN + k * (WIDTH + GAP), top })
    }
    top += HEIGHT + GAP
  }
  console.log(place.title)
}
await renderer.close()
const sheet = sharp({
  create: {
    width: 2 * MARGIN + columns * (WIDTH + GAP) - GAP,
    height: top + MARGIN,
    channels: 3,
    background: '#16181d',
  },
})
await sheet.composite(parts).webp({ quality: 80 }).toFile(here('sheet.webp').pathname)
