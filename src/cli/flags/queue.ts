// The flag --queue: a Redis through which other machines do the work.
import { Failure, mustBe } from '../../core/errors.ts'
import type { JobClient } from '../../seed/queue/client.ts'
import type { Flags } from '../flag.ts'

const FORM = 'a redis or rediss address'

export const queueFlag = (meaning: string) =>
  ({
    queue: { kind: 'text', value: 'URL', form: FORM, pattern: /^rediss?:\/\/\S+$/, meaning },
  }) as const satisfies Flags

/** Says on standard error that Redis is away, and that it is back. */
export function reportRedis(message: string): void {
  console.error(`mandeltiles: --queue: ${message}`)
}

/**
 * Opens the queue to put jobs into it. Warns when no worker is there to take them, unless they are
 * only left there (`detached`).
 * @throws Failure where no Redis answers
 */
export async function openQueue(url: string, detached = false): Promise<JobClient> {
  // loading BullMQ takes a quarter of a second
  const { JobClient } = await import('../../seed/queue/client.ts')
  const client = await JobClient.open(url, reportRedis)
  if (!detached && (await client.workers()) === 0) {
    reportRedis(`no worker of version ${client.version} is there yet; start one with: mandeltiles work --queue URL`)
  }
  return client
}

/** The address of a queue that must be given. */
export function requireQueue(url: string | undefined): string {
  if (url !== undefined) return url
  throw new Failure('invalid', mustBe('--queue', FORM, ''))
}
