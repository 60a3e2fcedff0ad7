// JSON schemas of requests, which Fastify checks and the OpenAPI document shows. All values arrive
// as text. A description completes the sentence "<name> must be …", so documentation and refusals
// use the same words.
//
// A client's text meets these patterns before anything else does. So a length is bounded before a
// pattern runs (ajv checks maxLength first), and every pattern takes linear time: no character can
// be matched by two repetitions that follow each other.
import type { FastifySchemaValidationError } from 'fastify/types/schema.js'
import { APPEARANCE_FORMS, CONTRASTS, DEFAULT_LIGHT } from '../colour/appearance.ts'
import { GRADIENT_FORM } from '../colour/gradient.ts'
import { DEFAULT_PALETTE, PALETTE_NAMES } from '../colour/palettes.ts'
import { DEFAULT_STYLE, STYLES } from '../colour/style.ts'
import { Failure, mustBe } from '../core/errors.ts'
import type { Options } from '../core/options.ts'
import { COORDINATE_FORM } from '../plane/coordinate.ts'
import { IMAGE_DEFAULTS, IMAGE_FORMS } from '../render/request.ts'

const UNSIGNED = '([0-9]+(\\.[0-9]*)?|\\.[0-9]+)'

/** A whole number without sign or leading zeros; `parseWhole` checks its range. */
export const whole = (description: string, fallback?: number) => ({
  type: 'string',
  pattern: '^(0|[1-9][0-9]*)$',
  maxLength: NUMBER,
  description,
  ...(fallback === undefined ? {} : { default: String(fallback) }),
})

/** A decimal of any number of digits up to the limit. */
export const decimal = (options: Options, fallback?: string) => ({
  type: 'string',
  pattern: `^[+-]?${UNSIGNED}([eE][+-]?[0-9]+)?$`,
  maxLength: options['max-digits'],
  description: COORDINATE_FORM,
  ...(fallback === undefined ? {} : { default: fallback }),
})

export const choice = (names: readonly string[], fallback: string) => ({
  type: 'string',
  enum: names,
  default: fallback,
  description: `one of ${names.join(', ')}`,
})

/** A number that a double holds, maybe with a fraction and a sign. */
export const number = (description: string, fallback: string, sign: '' | '[+-]?' = '') => ({
  type: 'string',
  pattern: `^${sign}${UNSIGNED}$`,
  maxLength: NUMBER,
  default: fallback,
  description,
})

// characters of a number that a double holds
const NUMBER = 24

/** The parameters of a picture besides its place: what readAppearance reads. */
export const appearance = {
  palette: choice(PALETTE_NAMES, DEFAULT_PALETTE),
  gradient: { type: 'string', maxLength: 1100, description: GRADIENT_FORM },
  offset: number(APPEARANCE_FORMS.offset, '0'),
  density: number(APPEARANCE_FORMS.density, '1'),
  contrast: { ...choice(CONTRASTS, 'place'), description: APPEARANCE_FORMS.contrast },
  aa: { type: 'string', pattern: '^([1-4]|auto)$', default: '1', description: APPEARANCE_FORMS.aa },
  style: choice(STYLES, DEFAULT_STYLE),
  light: number(APPEARANCE_FORMS.light, String(DEFAULT_LIGHT)),
  levels: { type: 'string', maxLength: 1000, description: APPEARANCE_FORMS.levels },
}

export const tileLimit = (options: Options) => ({
  type: 'string',
  pattern: '^(auto|[1-9][0-9]*)$',
  maxLength: NUMBER,
  default: 'auto',
  description: `a whole number from 1 to ${options['max-iterations']}, or auto`,
})

/** The parameters of a link besides its place. */
export const look = (options: Options) => {
  const { aa: _, ...colours } = appearance
  return { ...colours, max_iter: tileLimit(options), rotation: rotation() }
}

export const rotation = () => number(IMAGE_FORMS.rotation, IMAGE_DEFAULTS.rotation, '[+-]?')

/** Documentation of `auto`, for the routes that take it. */
export const AUTO =
  '`max_iter=auto`, the default, is what the place needs: one limit for the zone around it, a tile two or three ' +
  'zooms up, found from a coarse grid of samples there, so that adjacent tiles agree. It takes a tile at most half ' +
  'a minute of a core; name a limit to see more than it shows.'

export const version = {
  type: 'string',
  maxLength: 64,
  description: "the renderer's version, at most 64 characters",
}

/** A tile's address in the path; `@2x` after y doubles its pixels. */
export const tileParams = (prefix: string) => ({
  type: 'object',
  properties: {
    ...(prefix.includes(':c') && {
      c: { type: 'string', description: 're,im: the c of z^2 + c, two decimal numbers' },
    }),
    z: { type: 'string', pattern: '^[0-9]+$', description: INDEX },
    x: { type: 'string', pattern: '^[0-9]+$', description: INDEX },
    y: { type: 'string', pattern: '^[0-9]+(@2x)?$', description: INDEX },
  },
})

const INDEX = 'a whole number, 0 or more'

/** A query of these properties and no others. */
export const query = (properties: Record<string, object>) => ({
  type: 'object',
  additionalProperties: false,
  properties,
})

/** Refuses a number of more characters than the limit. */
export function shortEnough(name: string, text: string, options: Options): string {
  const limit = options['max-digits']
  if (text.length <= limit) return text
  throw new Failure('too_expensive', mustBe(name, `at most ${limit} characters long`, text))
}

/** Fastify's schemaErrorFormatter: the first thing that a schema refused, as a Failure. */
export function refusal(errors: FastifySchemaValidationError[]): Failure {
  const { keyword, instancePath, params, parentSchema, data } = errors[0] as FastifySchemaValidationError & {
    parentSchema: { description?: string; pattern?: string; properties?: object }
    data: unknown
  }
  const name = instancePath.slice(1)
  if (keyword === 'additionalProperties') {
    const known = Object.keys(parentSchema.properties ?? {}).join(', ')
    const expected = known === '' ? 'left out: this route does not know it' : `one of ${known}`
    return new Failure('invalid', mustBe('a parameter', expected, params.additionalProperty))
  }
  if (keyword === 'required') {
    return new Failure('invalid', `${params.missingProperty} must be given, it was missing`)
  }
  // the value may be a number that is too long: say so. Other descriptions include the length
  if (keyword === 'maxLength' && parentSchema.pattern && params.limit !== NUMBER) {
    return new Failure('too_expensive', mustBe(name, `at most ${params.limit} characters long`, data))
  }
  return new Failure('invalid', mustBe(name, parentSchema.description ?? 'valid', data))
}
