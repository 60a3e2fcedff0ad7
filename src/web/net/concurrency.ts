// A browser opens six connections to a host. Tiles that wait for a deep reference orbit would
// occupy all of them, and the request for the orbit's progress would wait behind them. So tiles use
// five at most.
const MAX_REQUESTS = 5

let active = 0
const queue = new Set<() => void>()

/**
 * Runs `work` when a request slot is free, first come first served. Rejects when `signal` aborts
 * before that.
 */
export async function limitRequests<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (active === MAX_REQUESTS) await slot(signal)
  else active++
  try {
    return await work()
  } finally {
    const [next] = queue
    if (next) next()
    else active--
  }
}

// a slot passes from one request to the next, so the number of active ones does not change here
function slot(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const start = () => {
      queue.delete(start)
      signal.removeEventListener('abort', leave)
      resolve()
    }
    const leave = () => {
      queue.delete(start)
      reject(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    queue.add(start)
  })
}
