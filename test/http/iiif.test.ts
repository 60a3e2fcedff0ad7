// The IIIF Image API 3: regions, sizes, rotations and qualities by decoded pixels, against /image
// and an independent implementation of the rules.
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { get, serveAll } from '../served.ts'

serveAll({ threads: '1', 'max-image': '1000' })

const ID = '5,-0.75,0.1,800,600;palette=ember;max_iter=300'
const IMAGE = '/image.png?zoom=5&re=-0.75&im=0.1&width=800&height=600&palette=ember&max_iter=300'
const part = (words: string, id = ID) => get(`/iiif/${encodeURIComponent(id)}/${words}`)
async function decoded(url: string) {
  const { statusCode, rawPayload, payload } = await get(url)
  expect(statusCode, `${url}: ${payload.slice(0, 300)}`).toBe(200)
  const { data, info } = await sharp(rawPayload)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}
const pixels = (words: string, id = ID) => decoded(`/iiif/${encodeURIComponent(id)}/${words}`)
type Picture = Awaited<ReturnType<typeof decoded>>
const at = ({ data, width }: Picture, x: number, y: number) =>
  data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)

describe('pixels', () => {
  test('the full region in full size equals the image of the view', async () => {
    const image = await decoded(IMAGE)
    expect(await pixels('full/max/0/default.png')).toEqual(image)
    expect(await pixels('0,0,800,600/800,600/0/color.png')).toEqual(image)
  })

  test('a region in full size is cut out of the image', async () => {
    const image = await decoded(IMAGE)
    const region = fc.tuple(
      fc.nat(790),
      fc.nat(590),
      fc.integer({ min: 1, max: 900 }),
      fc.integer({ min: 1, max: 700 }),
    )
    await fc.assert(
      fc.asyncProperty(region, async ([x, y, w, h]) => {
        const cut = await pixels(`${x},${y},${w},${h}/max/0/default.png`)
        expect([cut.width, cut.height]).toEqual([Math.min(w, 800 - x), Math.min(h, 600 - y)])
        // dithering compares pairs of rows and columns: an odd edge splits one, and a pixel there
        // may have the next colour of the palette, up to 12 levels away
        const most = [x, y, cut.width, cut.height].every((edge) => edge % 2 === 0) ? 0 : 12
        for (let row = 0; row < cut.height; row += 7) {
          for (let column = 0; column < cut.width; column += 5) {
            const [found, whole] = [at(cut, column, row), at(image, x + column, y + row)]
            for (const channel of [0, 1, 2]) {
              expect(Math.abs(found[channel]! - whole[channel]!), `${column}, ${row}`).toBeLessThanOrEqual(most)
            }
          }
        }
      }),
      { numRuns: 12, examples: [[[0, 0, 236, 1]], [[1, 0, 236, 100]], [[0, 2, 236, 100]]] },
    )
  })

  test('rotation is clockwise and follows mirroring; grey is grey', async () => {
    const whole = await pixels('100,50,64,48/max/0/default.png')
    const turned = await pixels('100,50,64,48/max/90/default.png')
    const mirrored = await pixels('100,50,64,48/max/!0/default.png')
    const both = await pixels('100,50,64,48/max/!90/default.png')
    expect([turned.width, turned.height]).toEqual([48, 64])
    for (const [x, y] of [
      [0, 0],
      [10, 3],
      [63, 47],
      [20, 40],
    ] as const) {
      expect(at(turned, 47 - y, x).equals(at(whole, x, y))).toBe(true)
      expect(at(mirrored, 63 - x, y).equals(at(whole, x, y))).toBe(true)
      expect(at(both, 47 - y, x).equals(at(mirrored, x, y))).toBe(true)
    }
    const grey = await pixels('100,50,64,48/max/0/gray.png')
    for (let k = 0; k < grey.data.length; k += 3) expect(new Set(grey.data.subarray(k, k + 3)).size).toBe(1)
  })

  test('deep views work too, in any format', async () => {
    const id = '300,-1.25,0.02,4096,4096;max_iter=1000'
    const image = '/image.png?zoom=300&re=-1.25&im=0.02&width=256&height=256&max_iter=1000'
    expect(await pixels('1920,1920,256,256/max/0/default.png', id)).toEqual(await decoded(image))
    for (const [format, type] of [
      ['jpg', 'image/jpeg'],
      ['webp', 'image/webp'],
    ]) {
      const answer = await part(`full/100,/0/default.${format}`, id)
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, type])
    }
  })
})

// as the specification says, from its text alone
function sizeBySpec(size: string, w: number, h: number, most: number): [number, number] | undefined {
  const up = size.startsWith('^')
  const form = size.replace('^', '')
  const round = (value: number) => Math.max(1, Math.round(value))
  let found: [number, number]
  if (form === 'max') {
    const scale = Math.min(up ? Number.POSITIVE_INFINITY : 1, most / w, most / h)
    found = [round(w * scale), round(h * scale)]
  } else if (form.startsWith('pct:'))
    found = [round((w * Number(form.slice(4))) / 100), round((h * Number(form.slice(4))) / 100)]
  else {
    const [a, b] = form.replace('!', '').split(',') as [string, string]
    if (form.startsWith('!')) {
      const scale = Math.min(Number(a) / w, Number(b) / h)
      found = [round(w * scale), round(h * scale)]
    } else
      found = [a === '' ? round((w * Number(b)) / h) : Number(a), b === '' ? round((h * Number(a)) / w) : Number(b)]
  }
  const fits = found[0] <= most && found[1] <= most && (up || (found[0] <= w && found[1] <= h))
  return fits ? found : undefined
}

test('sizes follow the specification, and too large ones are refused', async () => {
  const side = fc.integer({ min: 1, max: 60 })
  const size = fc.oneof(
    fc.constant('max'),
    side.map((w) => `${w},`),
    side.map((h) => `,${h}`),
    fc.tuple(side, side).map(([w, h]) => `${w},${h}`),
    fc.tuple(side, side).map(([w, h]) => `!${w},${h}`),
    fc.integer({ min: 1, max: 150 }).map((n) => `pct:${n}`),
  )
  const asked = fc.record({
    size,
    up: fc.boolean(),
    w: fc.integer({ min: 1, max: 50 }),
    h: fc.integer({ min: 1, max: 50 }),
  })
  await fc.assert(
    fc.asyncProperty(asked, async ({ size, up, w, h }) => {
      const words = (up && size !== 'max' ? '^' : '') + size
      const { statusCode, rawPayload, payload } = await part(`30,20,${w},${h}/${words}/0/default.png`)
      const right = sizeBySpec(words, w, h, 1000)
      if (!right) {
        expect(statusCode, words).toBe(400)
        expect(JSON.parse(payload).detail).toMatch(/^size must be/)
        return
      }
      expect(statusCode, `${w}x${h} ${words} ${payload.slice(0, 200)}`).toBe(200)
      const { width, height } = await sharp(rawPayload).metadata()
      expect([width, height], `${w}x${h} ${words}`).toEqual(right)
    }),
    { numRuns: 60 },
  )
})

test('info.json describes what a client may request', async () => {
  const answer = await get(`/iiif/${encodeURIComponent(ID)}/info.json`, { host: 'maps.example' })
  expect(answer.json()).toMatchObject({
    '@context': 'http://iiif.io/api/image/3/context.json',
    id: `http://maps.example/iiif/${encodeURIComponent(ID)}`,
    type: 'ImageService3',
    profile: 'level2',
    ...{ width: 800, height: 600, maxWidth: 1000 },
    tiles: [{ width: 512, height: 512, scaleFactors: [1, 2] }],
  })
  expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', link: expect.stringContaining('level2') })
  const linked = await get(`/iiif/${ID}/info.json`, { accept: 'application/ld+json' })
  expect(linked.headers['content-type']).toMatch(
    /^application\/ld\+json;\s?profile="http:\/\/iiif.io\/api\/image\/3\/context.json"/,
  )
  const base = await get(`/iiif/${ID}`, { host: 'maps.example' })
  expect([base.statusCode, base.headers.location]).toEqual([
    303,
    `http://maps.example/iiif/${encodeURIComponent(ID)}/info.json`,
  ])
  const picture = await part('square/50,/0/default.jpg')
  expect(picture.headers).toMatchObject({ link: expect.stringContaining('level2'), etag: expect.stringMatching(/^"/) })
  const again = await get(`/iiif/${ID}/square/50,/0/default.jpg`, { 'if-none-match': String(picture.headers.etag) })
  expect(again.statusCode).toBe(304)
  const [plain, turned] = [await part('square/50,/0/default.png'), await part('square/50,/90/default.png')]
  expect(turned.headers.etag).not.toBe(plain.headers.etag)
})

test.each([
  ['full/max/45/default.png', 400, 'rotation must be'],
  ['full/max/0/bitonal.png', 400, 'quality must be'],
  ['800,0,10,10/max/0/default.png', 400, 'region must be'],
  ['0,0,0,10/max/0/default.png', 400, 'region must be'],
  ['0,0,10/max/0/default.png', 400, 'region must be'],
  ['pct:0,0,abc,10/max/0/default.png', 400, 'region must be'],
  ['full/0,/0/default.png', 400, 'size must be'],
  ['full/,/0/default.png', 400, 'size must be'],
  ['full/900,/0/default.png', 400, 'size must be'],
  ['full/^1001,/0/default.png', 400, 'size must be'],
  ['full/max/0/default.gif', 400, 'format must be one of jpg, png, webp, it was "gif"'],
  ['full/max/0/default', 400, 'format must be one of'],
])('%s is refused', async (words, status, sentence) => {
  const answer = await part(words)
  expect(answer.statusCode).toBe(status)
  expect(answer.json().detail).toContain(sentence)
})

test.each([
  'none',
  '5,-0.75,0.1,800',
  '5,-0.75,0.1,800,600,7',
  '5,a,0.1,8,6',
  '5,0,0,-1,6',
  '5,0,0,8,6;colour=red',
  '5,0,0,8,6;palette',
])('%s names no image', async (id) => {
  for (const words of ['info.json', 'full/max/0/default.png']) {
    const answer = await part(words, id)
    expect([answer.statusCode, answer.json().detail]).toEqual([404, expect.stringContaining('the identifier must be')])
  }
})
