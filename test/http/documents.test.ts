// The documents against the tree and the server: every link works, and every option, metric and
// route is documented and exists.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { OPTIONS, resolveOptions } from '../../src/core/options.ts'
import { ROOT } from '../../src/core/package.ts'
import { buildServer } from '../../src/http/server.ts'

const root = fileURLToPath(ROOT)
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (file) => !/(^|\/)(node_modules|build|dist|coverage|\.git)\//.test(file) && statSync(join(root, file)).isFile(),
)
const documents = files.filter((file) => file.endsWith('.md'))
const text = (file: string) => readFileSync(join(root, file), 'utf8')

const { app } = await buildServer(resolveOptions({ 'log-level': 'silent', threads: '1' }).options)
afterAll(() => app.close())

/** The anchor that GitHub gives a heading. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('every link leads to an existing file and heading', () => {
  const broken: string[] = []
  for (const file of documents) {
    const prose = text(file).replace(/^```.*?^```$/gms, '')
    for (const [, link] of prose.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path = '', heading] = link!.split('#')
      const target = path === '' ? file : normalize(join(dirname(file), path))
      const there = existsSync(join(root, target)) && (!heading || anchors(text(target)).includes(heading))
      if (!there) broken.push(`${file}: ${link}`)
    }
  }
  expect(broken).toEqual([])
})

test('every file and folder named in a document or a comment exists', () => {
  const sources = files.filter((file) => /^(src|workers|native)\/.*\.(ts|[ch]|cc)$/.test(file))
  const missing: string[] = []
  for (const file of [...documents, ...sources]) {
    // in documents the words in backticks, in comments the documents that they refer to
    const named = file.endsWith('.md')
      ? /`((?:src|workers|native|test|bench|docs|docker)\/[\w./-]*)`/g
      : /\b((?:docs|bench)\/[\w./-]*\w)/g
    for (const [, path] of text(file).matchAll(named)) {
      if (!existsSync(join(root, path!))) missing.push(`${file}: ${path}`)
    }
  }
  expect(missing).toEqual([])
})

test('every option that the documents name exists', () => {
  const known = new Set(Object.keys(OPTIONS))
  const table = text('docs/operations.md').matchAll(/^\| (`--[^|]*) \|/gm)
  const named = [...table].flatMap(([, cell]) => [...cell!.matchAll(/--([a-z-]+)/g)].map(([, name]) => name!))
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((name) => !known.has(name))).toEqual([])
})

test('every documented metric exists, and every metric is documented', async () => {
  const { body } = await app.inject('/metrics')
  const there = [...body.matchAll(/^# TYPE mandeltiles_(\w+)/gm)].map(([, name]) => name!)
  const operations = text('docs/operations.md')
  const queries = [...operations.matchAll(/mandeltiles_(\w+)/g)].map(([, name]) => name!)
  expect(queries.filter((name) => !there.includes(name))).toEqual([])
  const section = /^## Metrics\n(.*?)^## /ms.exec(operations)![1]!
  const documented = [...section.matchAll(/`([a-z]+(?:_[a-z]+)*)(?:\{[a-z,]+\})?`/g)].map(([, name]) => name!)
  // the rest are those that prom-client has for every Node process
  const ours = there.filter((name) => !/^(process|nodejs)_/.test(name))
  expect(documented.filter((name) => name !== 'mandeltiles_').sort()).toEqual(ours.sort())
})

test('every route is documented', async () => {
  const { paths } = (await app.inject('/openapi.json')).json()
  const table = /^## Routes\n(.*?)^## /ms.exec(text('docs/http.md'))![1]!
  const missing = Object.keys(paths)
    // a family of formats is one row: its first is named in full, the others by their ending
    .map((path) => ({ path, stem: path.replace(/\.\w+$/, ''), ending: /\.\w+$/.exec(path)?.[0] ?? '' }))
    .filter(({ path }) => !path.startsWith('/julia'))
    .filter(({ path, stem, ending }) => {
      const rows = table.split('\n').filter((row) => row.includes(`\`${stem}`))
      return !rows.some(
        (row) => row.includes(`\`${path}\``) || row.includes(`\`${path}?`) || row.includes(`\`${ending}\``),
      )
    })
  expect(missing.map(({ path }) => path)).toEqual([])
  const named = [...table.matchAll(/^\| `(\/[\w.]+)`/gm)].map(([, path]) => path!)
  expect(named.length).toBeGreaterThan(8)
  expect(named.filter((path) => !(path in paths))).toEqual([])
})
