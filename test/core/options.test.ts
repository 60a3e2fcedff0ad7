import { expect, test } from 'vitest'
import { OPTIONS, resolveOptions, variable } from '../../src/core/options.ts'

test('flags override the environment, and the environment overrides the defaults', () => {
  const { options, sources } = resolveOptions({ port: '1' }, { PORT: '2', HOST: '::1', MANDELTILES_MAX_ZOOM: '7' })
  expect(options).toMatchObject({ port: 1, host: '::1', 'max-zoom': 7, 'log-level': OPTIONS['log-level'].default })
  expect(sources).toMatchObject({
    port: 'flag',
    host: 'environment',
    'max-zoom': 'environment',
    'log-level': 'default',
  })
})

test('an empty variable counts as not set', () => {
  expect(resolveOptions({}, { PORT: '' }).options.port).toBe(8080)
})

test('the error for a bad value gives the name, the range and the value', () => {
  expect(() => resolveOptions({ port: '99999' })).toThrow(
    '--port must be a whole number from 0 to 65535, it was "99999"',
  )
  expect(() => resolveOptions({}, { LOG_LEVEL: 'loud' })).toThrow(/^LOG_LEVEL must be one of fatal, .*, it was "loud"$/)
  expect(() => resolveOptions({ threads: '1.5' })).toThrow('--threads must be a whole number')
  expect(() => resolveOptions({ threads: '-1' })).toThrow('--threads must be')
  expect(() => resolveOptions({ 'public-url': 'ftp://x' })).toThrow('--public-url must be an http or https address')
})

test('big numbers may be written with an exponent', () => {
  expect(resolveOptions({ 'max-cost': '2e12' }).options['max-cost']).toBe(2e12)
})

test('variables are named after their flags', () => {
  expect([variable('port'), variable('log-level'), variable('cache-bytes')]).toEqual([
    'PORT',
    'LOG_LEVEL',
    'MANDELTILES_CACHE_BYTES',
  ])
})

test('an error repeats neither the password of a URL nor a secret', () => {
  for (const [flags, secret] of [
    [{ redis: 'redis://user:hunter2@host/what' }, 'hunter2'],
    [{ redis: 'http://:hun@ter2@host' }, 'ter2'],
    [{ 'tier-secret': 'too short' }, 'too short'],
  ] as const) {
    expect(() => resolveOptions(flags)).toThrow(/must be .*\*\*\*/)
    expect(() => resolveOptions(flags)).not.toThrow(secret)
  }
})
