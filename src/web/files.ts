/** Saves bytes or text as a file of the visitor's. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // the download has begun by then, and a picture's memory is not held for ever
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** Asks the visitor for a text file; nothing comes when they choose none. */
export function openFile(accept: string, read: (text: string) => void): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = accept
  input.addEventListener('change', () => void input.files?.[0]?.text().then(read))
  input.click()
}
