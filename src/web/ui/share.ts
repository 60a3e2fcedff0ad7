// Hands a link to other programs, with its picture if the device takes files.

// The browser shows its list of programs only within a few seconds of a press, so the picture may
// take that long, in milliseconds.
const PATIENCE = 3000

/** Does the device have a list of programs to share with? */
export const canShare = 'share' in navigator

/** Opens the list of programs. If the visitor closes the list, that is not an error. */
export async function share(url: URL, title: string, picture: URL | undefined): Promise<void> {
  const file = picture && (await fetchPicture(picture))
  const data: ShareData = { url: url.href, title, ...(file && { files: [file] }) }
  await navigator.share(data).catch(() => {})
}

async function fetchPicture(url: URL): Promise<File | undefined> {
  const type = 'image/webp'
  if (!navigator.canShare?.({ files: [new File([], 'mandelbrot.webp', { type })] })) return undefined
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) })
    return answer.ok ? new File([await answer.blob()], 'mandelbrot.webp', { type }) : undefined
  } catch {
    return undefined
  }
}
