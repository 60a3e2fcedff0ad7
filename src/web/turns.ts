// A browser opens six connections to a host. Tiles that wait for a deep orbit would hold all of them, and the question how far the orbit is
// would wait behind the tiles: so they take turns, and leave one connection free.
const AT_ONCE = 5

let underWay = 0
const line = new Set<() => void>()

/** Does the work when its turn comes, first come first served; rejects, and leaves the line, when `signal` aborts before that. */
export async function inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (underWay === AT_ONCE) await turn(signal)
  else underWay++
  try {
    return await work()
  } finally {
    const [next] = line
    if (next) next()
    else underWay--
  }
}

// whoever ends hands its place over, so the number under way stays what it is
function turn(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = () => {
      line.delete(go)
      signal.removeEventListener('abort', leave)
      resolve()
    }
    const leave = () => {
      line.delete(go)
      reject(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    line.add(go)
  })
}
