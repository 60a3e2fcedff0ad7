// Every way in which a request can fail, in one table. Only http/problem and cli/main turn a
// Failure into an answer.

const FAILURES = {
  invalid: { status: 400, title: 'Bad Request' },
  too_expensive: { status: 400, title: 'Bad Request' },
  unknown: { status: 404, title: 'Not Found' },
  method: { status: 405, title: 'Method Not Allowed' },
  range: { status: 416, title: 'Range Not Satisfiable' },
  expectation: { status: 417, title: 'Expectation Failed' },
  misdirected: { status: 421, title: 'Misdirected Request' },
  cancelled: { status: 499, title: 'Client Closed Request' },
  rate_limited: { status: 429, title: 'Too Many Requests' },
  internal: { status: 500, title: 'Internal Server Error' },
  busy: { status: 503, title: 'Service Unavailable' },
  deadline_exceeded: { status: 503, title: 'Service Unavailable' },
  out_of_memory: { status: 503, title: 'Service Unavailable' },
  no_storage: { status: 503, title: 'Service Unavailable' },
  worker_lost: { status: 503, title: 'Service Unavailable' },
  closing: { status: 503, title: 'Service Unavailable' },
  not_ready: { status: 503, title: 'Service Unavailable' },
} as const

// a property of V8, which the types of the browser lack
const V8 = Error as ErrorConstructor & { stackTraceLimit?: number | undefined }

export type FailureCode = keyof typeof FAILURES

/** A failure from the table. Its `message` is the sentence that the client reads. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly status: number
  readonly title: string
  /** seconds for the Retry-After header, for codes that have one */
  readonly retryAfter: number | undefined

  constructor(code: FailureCode, message: string, options: { cause?: unknown; retryAfter?: number } = {}) {
    // no stack: the message says everything, and a stack would take half the time of a refusal
    const { stackTraceLimit } = V8
    V8.stackTraceLimit = 0
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    V8.stackTraceLimit = stackTraceLimit
    this.name = 'Failure'
    this.code = code
    this.status = FAILURES[code].status
    this.title = FAILURES[code].title
    this.retryAfter = options.retryAfter
  }
}

/**
 * The sentence for a bad value: its name, what it may be, and what it was (shortened if it is
 * long).
 */
export function mustBe(name: string, expected: string, was: unknown): string {
  return `${name} must be ${expected}, it was ${quote(was)}`
}

// characters of a value that a message repeats: enough to recognise it, too few to flood a log
const QUOTED = 80

function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : String(value)
  const shown = text.length > QUOTED ? `${text.slice(0, QUOTED)}… (${text.length} characters)` : text
  return typeof value === 'string' ? JSON.stringify(shown) : shown
}
