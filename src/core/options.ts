// Every option of the server in one table: name, default, range, unit and meaning. The flags, the
// environment variables, --help, --print-config, the manual page and the completion derive from it.
import { availableMemory, divideMemory, SHARE_NAMES, type ShareName, threadsFor } from './memory.ts'
import { type Option, readValue } from './option.ts'

const MIB = 2 ** 20

const MEMORY = availableMemory()
const THREADS = threadsFor(MEMORY)
const SHARES = divideMemory(MEMORY, THREADS) as Record<ShareName, number>

export const OPTIONS = {
  port: {
    kind: 'number',
    default: 8080,
    min: 0,
    max: 65_535,
    short: 'p',
    meaning: 'port to listen on; 0 picks a free one',
  },
  host: {
    kind: 'text',
    default: '127.0.0.1',
    form: 'an address or host name',
    pattern: /^[\w.:%-]+$/,
    meaning: 'address to listen on; 0.0.0.0 listens on all interfaces',
  },
  'log-level': {
    kind: 'choice',
    default: 'info',
    choices: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    meaning:
      'what is logged. info: errors, every answer that had to wait, and one cached answer in a thousand; debug: ' +
      'rejections as well',
  },
  'public-url': {
    kind: 'text',
    default: '',
    form: 'an http or https address, or empty',
    pattern: /^$|^https?:\/\/[^\s?#]+$/,
    meaning: 'base URL of the links in TileJSON; empty uses the address of the request',
  },
  'trust-proxy': {
    kind: 'text',
    default: '',
    form: 'addresses or networks separated by commas, such as 10.0.0.0/8,::1, or loopback, linklocal, uniquelocal, or empty',
    pattern: /^$|^[\w.:/]+(, *[\w.:/]+)*$/,
    meaning:
      'proxies whose X-Forwarded-For, -Host and -Proto headers are trusted. From others they are ignored, ' +
      'because anybody can send them',
  },
  threads: {
    kind: 'number',
    default: THREADS,
    min: 1,
    max: 1024,
    meaning:
      'render threads. The default is one per core, or fewer if half of --memory has no room for so ' +
      'many; more than that would only compete for cores',
  },
  memory: {
    kind: 'number',
    default: MEMORY,
    min: 192 * MIB,
    max: 2 ** 44,
    unit: 'bytes',
    meaning:
      'memory that the process may use in all. The process itself and its threads come first; the rest is ' +
      'divided between caches, orbits and work, unless options set their shares. The default is seven eighths of ' +
      "the container's limit, or half of the machine's memory",
  },
  'cache-bytes': {
    kind: 'number',
    default: SHARES['cache-bytes'],
    min: 0,
    max: 2 ** 44,
    unit: 'bytes',
    meaning: 'memory for finished tiles, about 20 KB each; 0 disables it. The default is a share of --memory',
  },
  'sample-cache-bytes': {
    kind: 'number',
    default: SHARES['sample-cache-bytes'],
    min: 0,
    max: 2 ** 44,
    unit: 'bytes',
    formerly: 'counts-bytes',
    meaning:
      'memory for samples of recent tiles, so that another colour density needs no render; 0 disables it. The ' +
      'default is a share of --memory',
  },
  'cache-dir': {
    kind: 'text',
    default: '',
    form: 'a folder, or empty',
    // no control characters
    pattern: /^\P{Cc}*$/u,
    meaning: 'folder for finished pictures, created if it is missing; they survive a restart. Empty disables it',
  },
  'cache-dir-bytes': {
    kind: 'number',
    default: 4096 * MIB,
    min: MIB,
    max: 2 ** 50,
    unit: 'bytes',
    meaning: 'size of the cache folder. Beyond it, a tenth of the files is removed',
  },
  redis: {
    kind: 'text',
    default: '',
    form: 'a redis or rediss address, optionally with /N for database N, or empty',
    pattern: /^$|^rediss?:\/\/[^\s/?#]+(\/\d{0,5})?(\?\S*)?$/,
    meaning: 'Redis or Valkey in which replicas share finished pictures and reference orbits; empty disables it',
  },
  'tier-secret': {
    kind: 'text',
    default: '',
    form: 'a text of 16 characters or more without blanks, or empty',
    pattern: /^$|^\S{16,}$/,
    secret: true,
    meaning:
      'shared secret with which replicas authenticate cached pictures and orbits: writing to the Redis or ' +
      'the folder without it cannot change any answer. Empty detects only damage',
  },
  'orbit-bytes': {
    kind: 'number',
    default: SHARES['orbit-bytes'],
    min: MIB,
    max: 2 ** 44,
    unit: 'bytes',
    meaning:
      'memory for reference orbits, cached and being computed, which nearby deep views share; a long one takes ' +
      'gigabytes. The default is a share of --memory',
  },
  'work-bytes': {
    kind: 'number',
    default: SHARES['work-bytes'],
    min: MIB,
    max: 2 ** 44,
    unit: 'bytes',
    meaning:
      'memory for large images, grids and tiles in progress. A request that needs more is refused, others wait ' +
      'for it. The default is a share of --memory',
  },
  'queue-length': {
    kind: 'number',
    default: 2000,
    min: 1,
    max: 1_000_000,
    unit: 'renders',
    meaning: 'renders that may wait for a thread in each lane. The next one gets 503, so memory use is bounded',
  },
  'max-wait': {
    kind: 'number',
    default: 10,
    min: 1,
    max: 3600,
    unit: 'seconds',
    meaning:
      'longest time a render may wait for a thread. A request that would wait longer gets 503 at once. During ' +
      'sustained overload only a tenth of it is allowed',
  },
  deadline: {
    kind: 'number',
    default: 60,
    min: 1,
    max: 86_400,
    unit: 'seconds',
    meaning:
      'longest time one request may take. Then its render is stopped and the answer is 503; browsers and proxies ' +
      'give up at about that time',
  },
  'client-rate': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 1_000_000,
    unit: 'renders per second',
    meaning:
      'renders per second that one client (an address; for IPv6 its /64) may cause on average; beyond that it ' +
      'gets 429. A render that takes more than a second of thread time counts once more for each second. Cached answers ' +
      'do not count. 0 sets no limit, because many people may share one address',
  },
  'client-burst': {
    kind: 'number',
    default: 200,
    min: 1,
    max: 1_000_000,
    unit: 'renders',
    meaning: 'renders that one client may cause at once if --client-rate is set; a screen has about 40 tiles',
  },
  'request-timeout': {
    kind: 'number',
    default: 15,
    min: 1,
    max: 3600,
    unit: 'seconds',
    meaning: 'longest time a client may take to send a request. Then it gets 408: a slow client holds a connection',
  },
  'send-timeout': {
    kind: 'number',
    default: 30,
    min: 1,
    max: 3600,
    unit: 'seconds',
    meaning: 'longest time a client may read nothing of an answer. Then its connection is closed and the memory freed',
  },
  'send-bytes': {
    kind: 'number',
    default: SHARES['send-bytes'],
    min: MIB,
    max: 2 ** 44,
    unit: 'bytes',
    meaning:
      'memory for answers that clients have not read yet. Beyond it the longest idle readers are ' +
      'disconnected; if there are none, the next large answer gets 503. The default is a share of --memory',
  },
  'max-connections': {
    kind: 'number',
    default: 10_000,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
    meaning: 'connections held at once; the next one is closed. Each takes a file descriptor and about 10 KB',
  },
  'max-header-bytes': {
    kind: 'number',
    default: 65_536,
    min: 1024,
    max: 2 ** 24,
    unit: 'bytes',
    meaning:
      'size of the URL and the headers of a request together; beyond it the answer is 431. The two ' +
      'coordinates of a deep location take about 10 KB',
  },
  'max-zoom': {
    kind: 'number',
    default: 10_000,
    min: 0,
    max: 50_000,
    meaning: 'deepest zoom served. Every 10 zooms add 3 digits to tile numbers, every zoom adds a bit to orbits',
  },
  outside: {
    kind: 'choice',
    default: '400',
    choices: ['400', '404'],
    meaning: 'status for a tile outside the pyramid. 404 suits clients such as GDAL, which then show nothing there',
  },
  'max-iterations': {
    kind: 'number',
    default: 100_000_000,
    min: 1,
    max: 2 ** 31 - 1,
    unit: 'iterations',
    meaning: 'highest iteration limit a request may name. An orbit may hold every iteration: this bounds its memory',
  },
  'max-cost': {
    kind: 'number',
    default: 1e11,
    min: 1,
    max: 1e18,
    unit: 'samples x iterations',
    meaning:
      'cost limit of a request: samples times iteration limit. Beyond double precision, and with ' +
      'max_iter=auto, it is samples times the steps that a coarse grid of the view needs, where a step that skips ' +
      'iterations counts as eight. One core can hardly do more before the deadline',
  },
  'max-grid': {
    kind: 'number',
    default: 2000,
    min: 1,
    max: 32_768,
    meaning: 'longest side of a grid, in samples: 2000 x 2000 doubles are 32 MB',
  },
  'max-image': {
    kind: 'number',
    default: 4096,
    min: 1,
    max: 65_536,
    meaning:
      'longest side of an image, in pixels. Images of more than 4096 x 4096 pixels are sent while they are ' +
      'rendered, so memory use does not depend on their size, except for WebP (at most 8192 x 8192)',
  },
  'max-digits': {
    kind: 'number',
    default: 20_000,
    min: 20,
    max: 1_000_000,
    unit: 'characters',
    meaning:
      'longest number a request may contain. The time for arithmetic grows with the square of the digits; the ' +
      'deepest zooms need 15,000',
  },
} as const satisfies Record<string, Option>

export type OptionName = keyof typeof OPTIONS
export type Options = {
  [Name in OptionName]: (typeof OPTIONS)[Name] extends { kind: 'number' } ? number : string
}
export type Source = 'flag' | 'environment' | 'default'

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[]

const PREFIX = 'MANDELTILES_'
const WITHOUT_PREFIX = new Set<string>(['port', 'host', 'log-level'] satisfies OptionName[])

/** The environment variable of an option: PORT, HOST, LOG_LEVEL, or MANDELTILES_ and its name. */
export function variable(name: string): string {
  const upper = name.toUpperCase().replaceAll('-', '_')
  return WITHOUT_PREFIX.has(name) ? upper : PREFIX + upper
}

/** The names that set an option: its own, and an earlier one. */
export function namesOf(name: OptionName): string[] {
  const { formerly }: Option = OPTIONS[name]
  return formerly === undefined ? [name] : [name, formerly]
}

type Environment = Record<string, string | undefined>

/**
 * The values in effect, and where each came from: flags first, then the environment, then the
 * defaults. An empty variable counts as not set.
 * @throws Failure with a sentence that names the flag or the variable
 */
export function resolveOptions(
  flags: Partial<Record<OptionName, string>> = {},
  environment: Environment = {},
): { options: Options; sources: Record<OptionName, Source> } {
  const options: Partial<Record<OptionName, number | string>> = {}
  const sources: Partial<Record<OptionName, Source>> = {}
  for (const name of OPTION_NAMES) {
    const option = OPTIONS[name]
    const flag = flags[name]
    const set = namesOf(name)
      .map(variable)
      .find((key) => environment[key])
    if (flag !== undefined) {
      options[name] = readValue(`--${name}`, option, flag)
      sources[name] = 'flag'
    } else if (set !== undefined) {
      options[name] = readValue(set, option, environment[set]!)
      sources[name] = 'environment'
    } else {
      options[name] = option.default
      sources[name] = 'default'
    }
  }
  share(options as Options, sources as Record<OptionName, Source>)
  return { options: options as Options, sources: sources as Record<OptionName, Source> }
}

/** Sets the options that follow from --memory, where nobody named them. */
function share(options: Options, sources: Record<OptionName, Source>): void {
  if (sources.threads === 'default') options.threads = threadsFor(options.memory)
  const named = SHARE_NAMES.filter((name) => sources[name] !== 'default')
  const set = Object.fromEntries(named.map((name) => [name, options[name]]))
  Object.assign(options, divideMemory(options.memory, options.threads, set))
}

/**
 * The variables of an environment that begin with MANDELTILES_ but are unknown, except those that
 * Kubernetes sets for a service called mandeltiles: MANDELTILES_SERVICE_HOST, MANDELTILES_PORT and
 * so on.
 */
export function unknownVariables(environment: Environment): string[] {
  const known = new Set(OPTION_NAMES.flatMap(namesOf).map(variable))
  return Object.entries(environment).flatMap(([key, value]) => {
    const ofService =
      /^MANDELTILES_(SERVICE_|PORT_\d)/.test(key) || (key === 'MANDELTILES_PORT' && /:\/\//.test(value!))
    return key.startsWith(PREFIX) && !known.has(key) && !ofService ? [key] : []
  })
}
