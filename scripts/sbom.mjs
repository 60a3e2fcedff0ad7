// `npm run -s sbom [FILE]`: what the package contains and needs, as a CycloneDX document, to a file
// or standard output. npm's own list of the packages that are needed, and what it does not see: the
// packages that the page was built from, and the libraries within libvips.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { at } from './fresh.mjs'

const npm = (...words) =>
  JSON.parse(
    execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', ...words], {
      cwd: at('.'),
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    }),
  )

const document = npm('--omit=dev')

if (!existsSync(at('dist/web/licences.txt'))) {
  console.error('sbom: the page is not built: run npm run build')
  process.exit(1)
}
const known = new Set(document.components.map((component) => component['bom-ref']))
// Vite lists what it has put into the page: ## leaflet - 1.9.4 (BSD-2-Clause)
const page = readFileSync(at('dist/web/licences.txt'), 'utf8').matchAll(/^## (\S+) - (\S+) \(/gm)
const bundled = new Set([...page].map(([, name, version]) => `${name}@${version}`))
for (const component of npm().components) {
  const reference = component['bom-ref']
  if (!bundled.has(reference) || known.has(reference)) continue
  // npm calls what only a build needs optional and for development; the page contains it
  document.components.push({ ...component, scope: 'required', properties: [] })
}

const images = at('node_modules/@img')
for (const folder of existsSync(images) ? readdirSync(images) : []) {
  if (!folder.startsWith('sharp-libvips-')) continue
  const libvips = document.components.find(({ name }) => name === `@img/${folder}`)
  const libraries = JSON.parse(readFileSync(`${images}/${folder}/versions.json`, 'utf8'))
  libvips.components = Object.entries(libraries).map(([name, version]) => ({ type: 'library', name, version }))
}

const text = `${JSON.stringify(document, undefined, 2)}\n`
if (process.argv[2] === undefined) process.stdout.write(text)
else writeFileSync(process.argv[2], text)
