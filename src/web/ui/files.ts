import { decodeText } from '../../formats/text.ts'

/** Saves content as a file on the visitor's device. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // the download has started by then, so the memory can be freed
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** Lets the visitor choose a file, and passes its text and its bytes on. */
export function openFile(accept: string, read: (text: string, bytes: Uint8Array) => void): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = accept
  input.addEventListener('change', () => {
    void input.files?.[0]?.arrayBuffer().then((buffer) => {
      const bytes = new Uint8Array(buffer)
      read(decodeText(bytes), bytes)
    })
  })
  input.click()
}
