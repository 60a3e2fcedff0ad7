import { setMaxListeners } from 'node:events'
import { type Lane, type TaskOptions, Ticket } from '../src/scheduler/ticket.ts'

const never = new AbortController().signal
setMaxListeners(0, never)

/** A task of its own request, which only the optional signal stops. */
export function ownTask(signal: AbortSignal = never, lane: Lane = 'interactive'): TaskOptions {
  return { signal, ticket: new Ticket(lane) }
}
