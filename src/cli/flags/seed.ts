// The flags and options that `seed` and `work` share.
import type { OptionName } from '../../core/options.ts'
import type { Flags } from '../flag.ts'

export const SEED_OPTIONS = [
  'threads',
  'cache-dir',
  'cache-dir-bytes',
  'redis',
  'tier-secret',
  'orbit-bytes',
  'max-cost',
] as const satisfies OptionName[]

export const SEED_FLAGS = {
  concurrency: {
    kind: 'number',
    min: 1,
    max: 10_000,
    otherwise: 'one more than the threads',
    meaning: 'jobs and tiles in progress at once',
  },
  deadline: {
    kind: 'number',
    min: 1,
    max: 30 * 86_400,
    unit: 'seconds',
    default: 3600,
    meaning:
      'longest time one tile may take; then it is skipped. Nobody waits for it, so it may take longer than a request',
  },
} as const satisfies Flags
