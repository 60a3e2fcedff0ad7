// The flag --queue: a Redis through which other machines do the work.
import { Failure, mustBe } from '../../core/errors.ts'
import type { JobClient } from '../../seed/queue/client.ts'
import type { Flags } from '../flag.ts'

const FORM = 'a redis or rediss address, optionally with /N for database N'

export const queueFlag = (meaning: string) =>
  ({
    queue: { kind: 'text', value: 'URL', form: FORM, pattern: /^rediss?:\/\/[^\s/?#]+(\/\d{0,5})?(\?\S*)?$/, meaning },
  }) as const satisfies Flags

/** Says on standard error what is wrong with the queue, or what the command waits for. */
export function reportQueue(message: string): void {
  console.error(`mandeltiles: --queue: ${message}`)
}

/**
 * Opens the queue to put jobs into it. Warns if no worker is connected, unless the jobs are only
 * left there (`detached`).
 * @throws Failure if no Redis answers
 */
export async function openQueue(url: string, detached = false): Promise<JobClient> {
  // loading BullMQ takes a quarter of a second
  const { JobClient } = await import('../../seed/queue/client.ts')
  const client = await JobClient.open(url, reportQueue)
  const versions = await client.workerVersions()
  if (!detached && !versions.includes(client.version)) {
    const others = versions.length === 0 ? '' : `, only of version ${versions.join(', ')}`
    const start = 'start one with: mandeltiles work --queue URL'
    reportQueue(`no worker of version ${client.version} is connected yet${others}; ${start}`)
  }
  return client
}

/** The address of a queue that must be given. */
export function requireQueue(url: string | undefined): string {
  if (url !== undefined) return url
  throw new Failure('invalid', mustBe('--queue', FORM, ''))
}
