// The OpenAPI document is validated against its specification, and every route's live answers
// against the document.
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'
import { viewId } from '../../src/plane/viewid.ts'

interface Response {
  headers?: Record<string, { schema: object }>
  content?: Record<string, { schema: object }>
}
interface Parameter {
  name: string
  in: 'path' | 'query'
  schema: { default?: string; pattern?: string; enum?: string[] }
}
interface Operation {
  summary: string
  parameters?: Parameter[]
  responses: Record<string, Response>
}

let app: FastifyInstance
let paths: Record<string, Record<'get' | 'head', Operation>>

beforeAll(async () => {
  app = (await buildServer(resolveOptions({ 'log-level': 'silent', threads: '2' }).options)).app
  paths = (await app.inject('/openapi.json')).json().paths
})
afterAll(() => app.close())

const ajv = new Ajv2020({ allErrors: true, strict: false })
const get = (url: string, headers = {}) => app.inject({ method: 'GET', url, headers })

/** A request for a path: a tile's address, small pictures, defaults for everything else. */
function address(path: string, extra: Record<string, string> = {}): string {
  const view = viewId({ zoom: '3', re: '-0.75', im: '0.1', look: '' })
  const parts = { view, z: '2', x: '1', y: '1', c: '-0.8,0.156', zoom: '3', re: '-0.75', im: '0.1' }
  const service = { id: '3,-0.75,0.1,400,300', region: 'square', size: '40,', rotation: '0', quality: 'default' }
  const filled = Object.entries({ ...parts, ...service }).reduce(
    (text, [name, value]) => text.replace(`{${name}}`, value),
    path,
  )
  const known = (paths[path]!.get.parameters ?? []).map(({ name }) => name)
  const small = Object.entries({ width: '40', height: '30', grid: '7', url: 'http://localhost/at/3/-0.75/0.1' }).filter(
    ([name]) => known.includes(name),
  )
  return `${filled}?${new URLSearchParams({ ...Object.fromEntries(small), ...extra })}`
}

/** Checks an answer against the document's entry for its status. */
function hold(path: string, answer: Awaited<ReturnType<typeof get>>): void {
  const said = paths[path]!.get.responses[answer.statusCode]
  expect(said, `${path} does not document ${answer.statusCode}: ${answer.payload.slice(0, 200)}`).toBeDefined()
  for (const [name, { schema }] of Object.entries(said!.headers ?? {})) {
    expect(ajv.validate(schema, answer.headers[name]), `${path} ${name}: ${answer.headers[name]}`).toBe(true)
  }
  if (!said!.content) return void expect(answer.rawPayload.length).toBe(0)
  const type = String(answer.headers['content-type']).split(';')[0]!
  const { schema } = said!.content[type] ?? {}
  expect(schema, `${path} answers ${type}`).toBeDefined()
  if (type.endsWith('json')) expect(ajv.validate(schema!, answer.json()), `${path}: ${ajv.errorsText()}`).toBe(true)
  else expect(answer.rawPayload.length).toBeGreaterThan(0)
}

test('the document is OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate((await get('/openapi.json')).json())
  expect(valid, JSON.stringify(errors)).toBe(true)
})

test('every route of the contract is in the document', () => {
  const pictures = ['png', 'webp', 'avif', 'jpg']
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      ...[...pictures, 'json', 'npy'].map((ending) => `/tile/{z}/{x}/{y}.${ending}`),
      ...[...pictures, 'json', 'npy'].map((ending) => `/julia/{c}/tile/{z}/{x}/{y}.${ending}`),
      ...pictures.map((ending) => `/image.${ending}`),
      ...['/grid', '/grid.npy', '/plot.png', '/tile.json', '/palettes.json'],
      ...['/healthz', '/readyz', '/metrics', '/openapi.json'],
    ]),
  )
})

test('every route answers good and bad requests as documented, and HEAD without a body', async () => {
  for (const [path, { get: operation, head }] of Object.entries(paths)) {
    expect(operation.summary, path).toBeTruthy()
    expect(head, path).toBeDefined()
    const good = await get(address(path))
    expect(good.statusCode, `${path}: ${good.payload.slice(0, 200)}`).toBe(200)
    hold(path, good)
    // once more, from the cache if there is one
    hold(path, await get(address(path)))
    hold(path, await get(address(path, { colour: 'red' })))
    if (good.headers.etag) hold(path, await get(address(path), { 'if-none-match': good.headers.etag }))
    const empty = await app.inject({ method: 'HEAD', url: address(path) })
    expect([empty.statusCode, empty.payload], path).toEqual([200, ''])
    expect(empty.headers['content-type'], path).toBe(good.headers['content-type'])
    if (path.includes('{z}'))
      hold(path, await get(path.replace('{z}', '20000').replace('{x}', '0').replace('{y}', '0').replace('{c}', '0,0')))
  }
})

test('every parameter accepts its default, and refuses what its schema refuses with its own message', async () => {
  for (const [path, { get: operation }] of Object.entries(paths)) {
    for (const { name, in: where, schema } of operation.parameters ?? []) {
      if (where !== 'query') continue
      if (schema.default !== undefined && !['width', 'height'].includes(name)) {
        expect((await get(address(path, { [name]: schema.default }))).statusCode, `${path} ${name}`).toBe(200)
      }
      if (schema.pattern === undefined && schema.enum === undefined) continue
      const refused = await get(address(path, { [name]: '?' }))
      expect(refused.statusCode, `${path} ${name}`).toBe(400)
      expect(refused.json().detail).toMatch(new RegExp(`^${name} must be .*, it was "\\?"$`))
      hold(path, refused)
    }
  }
})

test('/docs is a page that needs no other host', async () => {
  const page = await get('/docs')
  expect(page.headers['content-type']).toMatch('text/html')
  expect(page.headers['content-security-policy']).toContain("default-src 'self'")
  const parts = [...page.payload.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part]) => part!)
  expect(parts.length).toBeGreaterThan(3)
  for (const relative of parts) {
    const part = new URL(relative, 'http://a/docs').pathname
    expect(part).toMatch(/^\/docs\//)
    expect((await get(part)).statusCode, part).toBe(200)
  }
  expect((await get('/docs/json')).json().paths).toEqual(paths)
  expect((await app.inject({ method: 'HEAD', url: '/docs' })).statusCode).toBe(200)
})
