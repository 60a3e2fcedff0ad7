// Every option in one table. Flags, environment, --help, --print-config and the documentation derive from it.
import { availableParallelism, totalmem } from 'node:os'
import { Failure, mustBe } from './errors.ts'
import { readNumber } from './parse.ts'

interface Common<T> {
  default: T
  meaning: string
}
interface WholeNumber extends Common<number> {
  kind: 'number'
  min: number
  max: number
  unit?: string
}
interface Text extends Common<string> {
  kind: 'text'
  form: string
  pattern: RegExp
}
interface Choice extends Common<string> {
  kind: 'choice'
  choices: readonly string[]
}
export type Option = WholeNumber | Text | Choice

const MIB = 2 ** 20

// what a container allows the process, else what the machine has
function memory(): number {
  const allowed = process.constrainedMemory()
  return allowed > 0 && allowed < totalmem() ? allowed : totalmem()
}

export const OPTIONS = {
  port: { kind: 'number', default: 8080, min: 0, max: 65_535, meaning: 'port to listen on; 0 takes a free one' },
  host: {
    kind: 'text',
    default: '127.0.0.1',
    form: 'an address or host name',
    pattern: /^[\w.:%-]+$/,
    meaning: 'address to listen on; 0.0.0.0 for every network',
  },
  'log-level': {
    kind: 'choice',
    default: 'info',
    choices: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    meaning:
      'what is logged: errors, from info on every answer that was waited for and one cached in a thousand, from debug on refusals',
  },
  'public-url': {
    kind: 'text',
    default: '',
    form: 'an http or https address, or empty',
    pattern: /^$|^https?:\/\/[^\s?#]+$/,
    meaning: 'address that TileJSON names in its links; empty takes the one that the request names',
  },
  'trust-proxy': {
    kind: 'text',
    default: '',
    form: 'addresses or networks separated by commas, such as 10.0.0.0/8,::1, or loopback, linklocal, uniquelocal, or empty',
    pattern: /^$|^[\w.:/]+(, *[\w.:/]+)*$/,
    meaning:
      'proxies whose X-Forwarded-For, -Host and -Proto are believed; from all others they are ignored, since anybody can send them',
  },
  threads: {
    kind: 'number',
    default: availableParallelism(),
    min: 1,
    max: 1024,
    meaning: 'worker threads that render; one a core by default, since more would only take turns',
  },
  'cache-bytes': {
    kind: 'number',
    default: 256 * MIB,
    min: 0,
    max: 2 ** 44,
    unit: 'bytes',
    meaning: 'memory for finished tiles, some 20 KB each, so that the default holds 10,000; 0 keeps none',
  },
  'counts-bytes': {
    kind: 'number',
    default: 64 * MIB,
    min: 0,
    max: 2 ** 44,
    unit: 'bytes',
    meaning:
      'memory for the iteration counts of the last tiles, which make another density of colours cheap; 0 keeps none',
  },
  'cache-dir': {
    kind: 'text',
    default: '',
    form: 'a folder, or empty',
    // no control characters
    pattern: /^\P{Cc}*$/u,
    meaning: 'folder for finished pictures below the memory for them, made when missing; empty keeps none',
  },
  'cache-dir-bytes': {
    kind: 'number',
    default: 4096 * MIB,
    min: MIB,
    max: 2 ** 50,
    unit: 'bytes',
    meaning:
      'what the files in the cache folder may take, so that the disk is never full; a tenth is removed when they take more',
  },
  redis: {
    kind: 'text',
    default: '',
    form: 'a redis or rediss address, or empty',
    pattern: /^$|^rediss?:\/\/\S+$/,
    meaning:
      'Redis or Valkey that replicas share finished pictures and orbits by, below memory and folder; empty uses none',
  },
  'orbit-bytes': {
    kind: 'number',
    default: Math.floor(memory() / 4 / MIB) * MIB,
    min: MIB,
    max: 2 ** 44,
    unit: 'bytes',
    meaning:
      'memory for reference orbits, a quarter of what the process may use by default: a long one takes gigabytes, and deep neighbours share it',
  },
  'queue-length': {
    kind: 'number',
    default: 2000,
    min: 1,
    max: 1_000_000,
    unit: 'renders',
    meaning: 'renders that may wait for a thread in each lane; one more is answered 503, so that memory is bounded',
  },
  'max-wait': {
    kind: 'number',
    default: 10,
    min: 1,
    max: 3600,
    unit: 'seconds',
    meaning:
      'longest that a render may wait for a thread: who would wait longer is answered 503 at once, who has waited longer then; ' +
      'nobody looks at a blank map for longer. A tenth of it where the line has been that long without an end',
  },
  deadline: {
    kind: 'number',
    default: 60,
    min: 1,
    max: 86_400,
    unit: 'seconds',
    meaning:
      'longest that one request may take; then its render is stopped and it is answered 503: browsers and proxies give up at about that time',
  },
  'client-rate': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 1_000_000,
    unit: 'renders a second',
    meaning:
      'what one client (an address; of IPv6 its /64) may have rendered in the long run, answered 429 beyond; what is cached costs nothing; ' +
      '0 sets no bound, since behind one address there may be many people',
  },
  'client-burst': {
    kind: 'number',
    default: 200,
    min: 1,
    max: 1_000_000,
    unit: 'renders',
    meaning: 'what one client may have rendered at once, where --client-rate bounds it; a screen is some 40 tiles',
  },
  'request-timeout': {
    kind: 'number',
    default: 15,
    min: 1,
    max: 3600,
    unit: 'seconds',
    meaning: 'longest that a client may take to send a request, answered 408 beyond: slow ones hold a connection each',
  },
  'max-connections': {
    kind: 'number',
    default: 10_000,
    min: 1,
    max: 1_000_000,
    unit: 'connections',
    meaning: 'connections held at once, one more is closed: each takes a descriptor and some 10 KB',
  },
  'max-header-bytes': {
    kind: 'number',
    default: 65_536,
    min: 1024,
    max: 2 ** 24,
    unit: 'bytes',
    meaning:
      "a request's address and headers together, answered 431 beyond: a deep place's two coordinates take some 10 KB",
  },
  'max-zoom': {
    kind: 'number',
    default: 10_000,
    min: 0,
    max: 50_000,
    meaning: 'deepest zoom served: tile numbers grow by 3 digits in 10 zooms, and orbits by as many bits as zooms',
  },
  'max-iterations': {
    kind: 'number',
    default: 100_000_000,
    min: 1,
    max: 2 ** 31 - 1,
    unit: 'iterations',
    meaning:
      'highest iteration limit a request may ask for: an orbit is kept for every iteration, so this bounds its memory',
  },
  'max-cost': {
    kind: 'number',
    default: 1e11,
    min: 1,
    max: 1e18,
    unit: 'samples x iterations',
    meaning:
      'dearest request that is begun, its samples times its iteration limit; past double precision and for auto, times the steps that a ' +
      'coarse grid of the place takes, one that skips many iterations counting as eight: beyond, a core could hardly end it before the deadline',
  },
  'max-grid': {
    kind: 'number',
    default: 2000,
    min: 1,
    max: 32_768,
    meaning: 'longest side of a grid, in samples: 2000 squared are 32 MB of doubles',
  },
  'max-image': {
    kind: 'number',
    default: 4096,
    min: 1,
    max: 65_536,
    meaning:
      'longest side of a picture, in pixels: one of more than 4096 squared is sent while it is made, and takes no memory for its size but as a webp (8192 squared at most)',
  },
  'max-digits': {
    kind: 'number',
    default: 20_000,
    min: 20,
    max: 1_000_000,
    unit: 'characters',
    meaning:
      'longest number a request may hold: arithmetic grows with the square of the digits; deepest zooms need 15,000',
  },
} as const satisfies Record<string, Option>

export type OptionName = keyof typeof OPTIONS
export type Options = {
  [Name in OptionName]: (typeof OPTIONS)[Name] extends { kind: 'number' } ? number : string
}
export type Source = 'flag' | 'environment' | 'default'

/** The environment variable that sets an option: PORT, HOST and LOG_LEVEL, else MANDELTILES_ and the flag's name. */
export function variable(name: OptionName): string {
  const upper = name.toUpperCase().replaceAll('-', '_')
  return PLAIN_VARIABLES.has(name) ? upper : `MANDELTILES_${upper}`
}

const PLAIN_VARIABLES = new Set<OptionName>(['port', 'host', 'log-level'])

/** What holds, and where each value came from: flags first, then the environment, then the defaults. */
export function resolveOptions(
  flags: Partial<Record<OptionName, string>> = {},
  environment: Record<string, string | undefined> = {},
): { options: Options; sources: Record<OptionName, Source> } {
  const options: Partial<Record<OptionName, number | string>> = {}
  const sources: Partial<Record<OptionName, Source>> = {}
  for (const name of Object.keys(OPTIONS) as OptionName[]) {
    const flag = flags[name]
    const set = environment[variable(name)]
    if (flag !== undefined) {
      options[name] = read(`--${name}`, OPTIONS[name], flag)
      sources[name] = 'flag'
    } else if (set !== undefined && set !== '') {
      options[name] = read(variable(name), OPTIONS[name], set)
      sources[name] = 'environment'
    } else {
      options[name] = OPTIONS[name].default
      sources[name] = 'default'
    }
  }
  return { options: options as Options, sources: sources as Record<OptionName, Source> }
}

function read(name: string, option: Option, text: string): number | string {
  if (option.kind === 'number') {
    // 1e11 is a whole number too
    const value = readNumber(text)
    if (Number.isInteger(value) && value >= option.min && value <= option.max) return value
  } else if (option.kind === 'choice' ? option.choices.includes(text) : option.pattern.test(text)) {
    return text
  }
  throw new Failure('invalid', mustBe(name, range(option), text))
}

/** What an option may be, in words. */
export function range(option: Option): string {
  if (option.kind === 'choice') return `one of ${option.choices.join(', ')}`
  if (option.kind === 'text') return option.form
  return `a whole number from ${option.min} to ${option.max}`
}
