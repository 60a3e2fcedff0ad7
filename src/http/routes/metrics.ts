// GET /metrics in Prometheus' text format. Most metrics are plain counters of the renderer, read
// when Prometheus asks, so a cached tile costs an addition; only renders are observed one by one.
// No label takes a value from a client: routes are patterns, zooms are bands.
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { TierState } from '../../cache/tier.ts'
import type { Renderer } from '../../render/renderer.ts'
import type { Render } from '../../render/stats.ts'
import { LANES } from '../../scheduler/ticket.ts'
import type { Count } from '../problem.ts'
import type { RateLimiter } from '../ratelimit.ts'
import { metricsResponses } from '../responses.ts'
import { query } from '../schemas.ts'

// from a shallow tile to the deadline, in seconds
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

// event loop delay, memory, garbage collection, file descriptors: once per process, however many
// servers it has
const processRegistry = new Registry()
// a timer measures that delay, and wakes an idle process: at the default of 10 ms it took 1 % of a
// core in a virtual machine
collectDefaultMetrics({
  register: processRegistry,
  prefix: 'mandeltiles_',
  eventLoopMonitoringPrecision: 50,
})
// gauges that only sum others: their names end like those of counters, which promtool rejects
for (const name of ['active_handles_total', 'active_requests_total', 'active_resources_total']) {
  processRegistry.removeSingleMetric(`mandeltiles_nodejs_${name}`)
}

/** Labels and their value. */
type LabelledValues = Iterable<readonly [labels: Record<string, string>, value: number]>

export interface Metrics {
  /** observes a finished render */
  rendered(render: Render): void
  /** counts an answer that no route counts itself */
  count: Count
}

/** The route and all metrics; registered before the other routes, so that it counts them. */
export function metricsRoutes(app: FastifyInstance, renderer: Renderer, rateLimiter: RateLimiter | null): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = (name: string, help: string, labelNames: string[], values: () => LabelledValues) =>
    new Counter({
      name: `mandeltiles_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset()
        for (const [labels, value] of values()) this.inc(labels, value)
      },
    })
  const gauge = (name: string, help: string, labelNames: string[], values: () => LabelledValues) =>
    new Gauge({
      name: `mandeltiles_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset()
        for (const [labels, value] of values()) this.set(labels, value)
      },
    })
  const histogram = (name: string, help: string, label: string, values: readonly string[]) => {
    const made = new Histogram({ name: `mandeltiles_${name}`, help, labelNames: [label], buckets: BUCKETS, registers })
    for (const value of values) made.zero({ [label]: value })
    return made
  }

  const requests = countRequests(app)
  counter(
    'requests_total',
    'Answers by route and status; 499 means that the client left first',
    ['route', 'status'],
    () =>
      [...requests].flatMap(([route, statuses]) =>
        [...statuses].map(([status, value]) => [{ route, status: String(status) }, value] as const),
      ),
  )
  counter('renders_total', 'Renders that the kernel has started', ['kind'], () => labelled('kind', renderer.renders))
  const render = histogram('render_seconds', 'Time in a worker thread, kernel and encoder together', 'kind', KINDS)
  const queue = histogram('queue_seconds', 'Time that a render waited for a worker thread', 'lane', [
    'interactive',
    'bulk',
  ])
  counter('cancelled_total', 'Renders stopped because no client was waiting any more', ['stage'], () =>
    labelled('stage', {
      queued: renderer.pool.admission.cancelled,
      running: renderer.pool.cancelled,
      encoding: renderer.encoders.admission.cancelled,
    }),
  )
  counter('shed_total', 'Renders rejected, by reason', ['lane', 'reason'], () =>
    LANES.flatMap((lane) => {
      const refused = lane === 'interactive' && rateLimiter ? { budget: rateLimiter.refused } : {}
      const { pool, encoders } = renderer
      return [pool.admission.shed[lane], encoders.admission.shed[lane], refused].flatMap((shed) =>
        labelled('reason', shed, { lane }),
      )
    }),
  )
  gauge('queue_length', 'Renders waiting for a worker thread', ['lane'], () =>
    LANES.map((lane) => [{ lane }, renderer.pool.admission.queued(lane)]),
  )
  gauge(
    'queue_estimated_wait_seconds',
    'Estimated time that the next render would wait for a worker thread',
    ['lane'],
    () => LANES.map((lane) => [{ lane }, renderer.pool.admission.wait(lane)]),
  )
  gauge('workers', 'Worker threads', ['state'], () => {
    const { running, slots } = renderer.pool.admission
    return labelled('state', { busy: running, idle: Math.max(0, slots - running) })
  })
  gauge(
    'encodes_in_progress',
    'Pictures that sharp is encoding (any format except indexed PNG), and those waiting for it',
    ['state'],
    () => {
      const { admission } = renderer.encoders
      return labelled('state', {
        running: admission.running,
        waiting: admission.queued('interactive') + admission.queued('bulk'),
      })
    },
  )
  counter(
    'worker_busy_seconds_total',
    'Time that all worker threads spent on tasks: its rate divided by their number is their utilisation',
    [],
    () => [[{}, renderer.pool.admission.slotSeconds]],
  )
  counter('workers_lost_total', 'Worker threads that died or did not stop, and were replaced', [], () => [
    [{}, renderer.pool.lost],
  ])
  counter('cache_requests_total', 'Cache lookups: found, rendered, or joined to a render in progress', ['result'], () =>
    labelled('result', renderer.cache.requests),
  )
  counter(
    'cache_requests_by_zoom_total',
    'Cache lookups by zoom: each band ends where the next begins',
    ['zoom', 'result'],
    () => renderer.cache.zooms.flatMap(({ from, requests }) => labelled('result', requests, { zoom: `${from}+` })),
  )
  counter('orbit_requests_total', 'Cache lookups of reference orbits', ['result'], () =>
    labelled('result', renderer.orbits.requests),
  )
  gauge('cache_bytes', 'Bytes that each cache holds', ['tier'], () => [
    ...labelled('tier', {
      memory: renderer.cache.bytes,
      counts: renderer.samples.bytes,
      orbits: renderer.orbits.bytes,
    }),
    ...tiers(({ bytes }) => (bytes === undefined ? {} : { '': bytes })),
  ])
  gauge('cache_entries', 'Entries that each cache holds', ['tier'], () =>
    labelled('tier', { memory: renderer.cache.size, orbits: renderer.orbits.size }),
  )
  // the caches below memory
  const tiers = (values: (state: TierState) => Record<string, number>, label = '') =>
    renderer.tiers.states.flatMap((state) =>
      Object.entries(values(state)).map(
        ([name, value]) => [{ tier: state.name, ...(label && { [label]: name }) }, value] as const,
      ),
    )
  counter('tier_requests_total', 'Lookups in the caches below memory', ['tier', 'result'], () =>
    tiers(({ requests }) => ({ ...requests }), 'result'),
  )
  counter(
    'cache_tier_errors_total',
    'Failed reads and writes of the caches below memory, and dropped writes',
    ['tier', 'fault'],
    () => tiers(({ errors, dropped }) => ({ errors, dropped }), 'fault'),
  )

  gauge('sending_bytes', 'Bytes of answers that clients have not read yet', [], () => [[{}, app.connections.bytes]])
  counter('connections_cut_total', 'Connections cut because their client did not read', ['reason'], () =>
    labelled('reason', app.connections.cut),
  )

  app.route({
    method: ['GET', 'HEAD'],
    url: '/metrics',
    schema: {
      tags: ['operation'],
      summary: 'Counters, histograms and gauges for Prometheus',
      querystring: query({}),
      response: metricsResponses,
    },
    handler: async (_request, reply) => {
      reply.header('cache-control', 'no-store').type(registry.contentType)
      return `${await registry.metrics()}\n${await processRegistry.metrics()}`
    },
  })

  return {
    rendered({ kind, lane, timing }) {
      render.observe({ kind }, (timing.render + timing.encode) / 1000)
      queue.observe({ lane }, timing.queue / 1000)
    },
    count: (route = UNROUTED, status) => add(requests.get(route) ?? requests.get(UNROUTED)!, status),
  }
}

const KINDS = ['tile', 'grid', 'image', 'orbit']
const UNROUTED = 'none'

function labelled(label: string, values: Record<string, number>, others: Record<string, string> = {}) {
  return Object.entries(values).map(([name, value]) => [{ ...others, [label]: name }, value] as const)
}

function add(statuses: Map<number, number>, status: number): void {
  statuses.set(status, (statuses.get(status) ?? 0) + 1)
}

/** Every route added after this counts its answers by status, in a map of its own. */
function countRequests(app: FastifyInstance): Map<string, Map<number, number>> {
  const routes = new Map<string, Map<number, number>>([[UNROUTED, new Map()]])
  app.addHook('onRoute', (route) => {
    const statuses = routes.get(route.url) ?? new Map<number, number>()
    routes.set(route.url, statuses)
    route.onResponse = [
      ...[route.onResponse ?? []].flat(),
      (_request, { statusCode }, done) => {
        add(statuses, statusCode)
        done()
      },
    ]
  })
  return routes
}
