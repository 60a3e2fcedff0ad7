// Every pattern that is matched against a client's text takes linear time. recheck decides that for
// each pattern as a whole: it builds the automaton and looks for a text that takes quadratic time
// or worse.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'
import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { ROOT } from '../../src/core/package.ts'
import { buildServer } from '../../src/http/server.ts'

// its pure JavaScript, which runs on every platform, instead of a binary
process.env.RECHECK_BACKEND = 'pure'
const { checkSync } = await import('recheck')

/** What is wrong with a pattern: undefined if no text makes it slow. */
function fault(pattern: string, flags = ''): string | undefined {
  const found = checkSync(pattern, flags, { timeout: 30_000 })
  if (found.status === 'safe') return undefined
  return found.status === 'vulnerable' ? found.complexity.summary : `not known: ${found.error.kind}`
}

/**
 * The patterns of the sources that run in the server, in a worker thread or on the command line.
 */
function literals(): { file: string; pattern: string; flags: string }[] {
  const root = fileURLToPath(ROOT)
  const files = ['src', 'workers'].flatMap((room) =>
    readdirSync(`${root}${room}`, { recursive: true, encoding: 'utf8' }).map((name) => `${room}/${name}`),
  )
  const found: { file: string; pattern: string; flags: string }[] = []
  const visit = (node: unknown, file: string): void => {
    if (typeof node !== 'object' || node === null) return
    if ('regex' in node && node.regex) found.push({ file, ...(node.regex as { pattern: string; flags: string }) })
    for (const child of Object.values(node)) visit(child, file)
  }
  // the page runs in its visitor's own browser, on that visitor's input
  for (const file of files.filter((name) => name.endsWith('.ts') && !name.startsWith('src/web/'))) {
    visit(parseSync(file, readFileSync(`${root}${file}`, 'utf8')).program, file)
  }
  return found
}

test('a pattern with two repetitions in a row that match the same character is found', () => {
  expect(fault('^([0-9]+\\.?[0-9]*|\\.[0-9]+)$')).toMatch('polynomial')
  expect(fault('^([0-9]+(\\.[0-9]*)?|\\.[0-9]+)$')).toBeUndefined()
})

test('every pattern in the sources takes linear time', () => {
  const all = literals()
  expect(all.length).toBeGreaterThan(30)
  const once = new Map(all.map((each) => [`${each.pattern} ${each.flags}`, each]))
  for (const { file, pattern, flags } of once.values())
    expect(fault(pattern, flags), `${file}: ${pattern}`).toBeUndefined()
})

test('every pattern of a parameter takes linear time, and lengths are bounded first', async () => {
  const { app } = await buildServer(resolveOptions({ 'log-level': 'silent', threads: '1' }).options)
  try {
    const { paths } = (await app.inject('/openapi.json')).json()
    const parameters = Object.values(paths as Record<string, { get: { parameters?: Parameter[] } }>).flatMap(
      ({ get }) => get.parameters ?? [],
    )
    const patterns = new Set(parameters.flatMap(({ schema }) => schema.pattern ?? []))
    expect(patterns.size).toBeGreaterThan(5)
    for (const pattern of patterns) expect(fault(pattern), pattern).toBeUndefined()
    // a parameter without choices is a text of bounded length
    for (const { name, in: where, schema } of parameters) {
      if (where === 'query' && !schema.enum) expect(schema.maxLength ?? schema.pattern, name).toBeDefined()
    }
    const long = `${'1'.repeat(64_000)}x`
    for (const path of [
      `/grid?x0=${long}`,
      `/image.png?re=${long}`,
      `/image.png?zoom=${long}`,
      `/tile/0/0/0.png?offset=${long}`,
    ]) {
      const answer = await app.inject(path)
      expect(answer.statusCode).toBe(400)
      expect(answer.json().detail).toMatch(/^(x0|re|zoom|offset) must be /)
    }
  } finally {
    await app.close()
  }
})

interface Parameter {
  name: string
  in: string
  schema: { pattern?: string; maxLength?: number; enum?: string[] }
}
