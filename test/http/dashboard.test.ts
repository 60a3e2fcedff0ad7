// docker/grafana/dashboard.json against a live server: it queries only existing metrics and labels,
// and leaves none of ours out.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { ROOT } from '../../src/core/package.ts'
import { buildServer } from '../../src/http/server.ts'

interface Panel {
  title: string
  targets?: { expr: string; legendFormat: string }[]
}
const dashboard: { panels: Panel[] } = JSON.parse(readFileSync(new URL('docker/grafana/dashboard.json', ROOT), 'utf8'))
const targets = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })))

/** The metric names in a text, and their prefix. */
function names(text: string): string[] {
  return text.match(/\bmandeltiles_\w+/g) ?? []
}

test('the dashboard and /metrics agree', async () => {
  const { app } = await buildServer(resolveOptions({ 'log-level': 'silent', threads: '1' }).options)
  await app.inject('/tile/0/0/0.png')
  const { payload } = await app.inject('/metrics')
  await app.close()
  const declared = [...payload.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => ({ name: name!, type }))
  // a histogram is queried by its buckets
  const live = new Set(declared.map(({ name, type }) => (type === 'histogram' ? `${name}_bucket` : name)))

  expect(targets.length).toBeGreaterThan(20)
  for (const { title, expr } of targets) {
    expect(names(expr), title).not.toEqual([])
    for (const name of names(expr)) expect(live, title).toContain(name)
  }
  // Node and the process have many metrics, of which a few say enough; the number of cache entries
  // is seldom of interest
  const shown = new Set(targets.flatMap(({ expr }) => names(expr)))
  const hidden = [...live].filter((name) => !shown.has(name) && !/^mandeltiles_(nodejs|process)_/.test(name))
  expect(hidden).toEqual(['mandeltiles_cache_entries'])
})

test('a legend uses only labels that its sum keeps', () => {
  for (const { title, expr, legendFormat } of targets) {
    const kept = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels]) => labels!.split(/, */)).concat('instance')
    for (const [, label] of legendFormat.matchAll(/{{(\w+)}}/g)) expect(kept, title).toContain(label)
  }
})
