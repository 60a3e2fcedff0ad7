// Renders the gallery's pictures: `npm run gallery` the missing ones, `npm run gallery NAME …`
// those again.
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { PALETTE_STEPS } from '../../src/colour/phase.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { readCoordinate } from '../../src/plane/coordinate.ts'
import { Renderer } from '../../src/render/renderer.ts'
import type { GalleryPlace } from '../../src/web/gallery/place.ts'

// what a window of 1280 by 800 pixels shows of a place, at a quarter of its size
const [WIDTH, HEIGHT] = [1280, 800]
const SHRINK = 4

const here = (name: string) => new URL(name, import.meta.url)
const places: GalleryPlace[] = JSON.parse(readFileSync(here('../../src/web/gallery/places.json'), 'utf8'))
const asked = new Set(process.argv.slice(2))
const wanted = ({ name }: GalleryPlace) =>
  asked.size > 0 ? asked.has(name) : !existsSync(here(`../../src/web/gallery/${name}.webp`))

const { options } = resolveOptions({}, process.env)
const renderer = new Renderer({ ...options, 'cache-bytes': 0, 'sample-cache-bytes': 0 })
for (const place of places.filter(wanted)) {
  const started = performance.now()
  const { bytes } = await renderer
    .image(
      {
        re: readCoordinate('re', place.re, options['max-digits']),
        im: readCoordinate('im', place.im, options['max-digits']),
        zoom: place.zoom,
        width: WIDTH,
        height: HEIGHT,
        maxIter: 'auto',
        appearance: {
          ...DEFAULT_APPEARANCE,
          ...(place.palette && { palette: place.palette }),
          ...(place.density && { density: place.density }),
          offsetSteps: Math.round(PALETTE_STEPS * (place.offset ?? 0)),
        },
      },
      'png',
    )
    .find({ lane: 'bulk' })
  const picture = sharp(bytes).resize(WIDTH / SHRINK, HEIGHT / SHRINK, { kernel: 'lanczos3' })
  await writeFile(here(`../../src/web/gallery/${place.name}.webp`), await picture.webp({ quality: 82 }).toBuffer())
  console.log(`${place.name} ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
await renderer.close()
