// Prints the SHA-256 of some hundred answers of a running server: every format and style, shallow,
// deep and Julia. A change that only moves code changes no line:
//   npm run digest > before, change, npm run digest > after, diff before after
import { createHash } from 'node:crypto'

const SEAHORSE = 're=-0.743643887037&im=0.131825904205'
// 1e50_bench of bench/data/locations.json, shortened to the digits that its zoom needs
const DEEP_RE =
  '-0.0494700290631040937516922267273536301187457124882248793181049402326421947726869034279915499747594190000000000000000000'
const DEEP_IM =
  '-0.6747875758446753640113920531305976563347707068224034806979997947909941983454845111514208499540310299999999999999999880'

/**
 * The tile that contains a point, in whole numbers: the pyramid starts at -2 and 1.5 and is 3 wide.
 */
function address(re: string, im: string, z: number): string {
  const scale = 400n
  const fixed = (text: string) => {
    const [whole, fraction = ''] = text.replace('-', '').split('.')
    const value = BigInt(whole! + fraction.padEnd(Number(scale), '0'))
    return text.startsWith('-') ? -value : value
  }
  const one = 10n ** scale
  const x = ((fixed(re) + 2n * one) << BigInt(z)) / (3n * one)
  const y = ((3n * one - 2n * fixed(im)) << BigInt(z)) / (6n * one)
  return `${z}/${x}/${y}`
}

const shallow = address('-0.743643887037', '0.131825904205', 13)
const middle = address('-0.743643887037158704752191506114774', '0.131825904205311970493132056385139', 34)
const island = address('-0.743643887037158704752191506114774', '0.131825904205311970493132056385139', 46)
const deep = address(DEEP_RE, DEEP_IM, 150)
const inside = address('-0.1', '0.1', 40)
const tiles = ['0/0/0', '3/2/3', shallow, middle, island, deep, inside, '2/3/0']

const styles = ['smooth', 'distance', 'slopes', 'stripe', 'period', 'attraction', 'histogram']

const urls = [
  ...tiles.map((tile) => `/tile/${tile}.png`),
  ...tiles.flatMap((tile) => ['json', 'npy'].map((format) => `/tile/${tile}.${format}?max_iter=5000`)),
  ...[shallow, middle].flatMap((tile) => ['webp', 'avif', 'jpg'].map((format) => `/tile/${tile}.${format}`)),
  `/tile/${shallow}@2x.png`,
  `/tile/${middle}@2x.png?aa=2`,
  ...['ember', 'glacier', 'moss'].map((palette) => `/tile/${shallow}.png?palette=${palette}`),
  `/tile/${shallow}.png?gradient=102030@0,ffeedd@0.4;set=445566&offset=0.3&density=2`,
  `/tile/${shallow}.png?aa=3&density=0.5`,
  `/tile/${deep}.png?aa=2&palette=ember`,
  ...styles.flatMap((style) => [shallow, middle, deep].map((tile) => `/tile/${tile}.png?style=${style}`)),
  `/tile/${island}.png?style=slopes&light=20`,
  `/tile/${shallow}.png?style=histogram&levels=0.1,0.2,0.5`,
  ...['png', 'npy', 'json'].map((format) => `/julia/-0.8,0.156/tile/4/7/6.${format}?max_iter=3000`),
  '/julia/-0.8,0.156/tile/4/7/6.png?style=distance',
  '/grid?grid=40&max_iter=500',
  ...['float32', 'float64', 'auto'].map((precision) => `/grid?grid=30&max_iter=800&precision=${precision}`),
  ...['float32', 'float64', 'auto'].map(
    (precision) => `/grid.npy?grid=64&x0=-0.8&y0=0.05&x1=-0.7&y1=0.15&precision=${precision}`,
  ),
  `/grid.npy?grid=64&max_iter=20000&x0=${DEEP_RE}1&y0=${DEEP_IM}1&x1=${DEEP_RE}2&y1=${DEEP_IM}2`,
  '/plot.png?grid=200',
  ...['png', 'webp', 'avif', 'jpg', 'tiff'].map(
    (format) => `/image.${format}?${SEAHORSE}&zoom=12.4&width=300&height=200`,
  ),
  `/image.png?${SEAHORSE}&zoom=33.7&width=300&height=200&rotation=33.5&aa=2`,
  `/image.png?${SEAHORSE}&zoom=10&width=200&height=300&bits=16&rotation=300`,
  `/image.tiff?${SEAHORSE}&zoom=10&width=200&height=300&bits=16&style=slopes`,
  `/image.png?re=${DEEP_RE}&im=${DEEP_IM}&zoom=166.1&width=320&height=180`,
  `/image.png?${SEAHORSE}&zoom=9.3&width=320&height=180&style=stripe&aa=3`,
  `/levels.json?${SEAHORSE}&zoom=9.3&width=320&height=180`,
  '/palettes.json',
  // rejected requests
  '/tile/1/2/0.png',
  '/tile/3/2/3.png?palette=nosuch',
  '/tile/3/2/3.png?colour=red',
  '/tile/10001/0/0.png',
  '/grid?grid=0',
  '/image.png?re=abc',
  '/nothing',
]

const origin = process.argv[2] ?? 'http://127.0.0.1:8080'
for (const url of urls) {
  const answer = await fetch(origin + url)
  const bytes = Buffer.from(await answer.arrayBuffer())
  const type = answer.headers.get('content-type')
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  console.log(answer.status, type, bytes.length, digest, url.slice(0, 120))
}
