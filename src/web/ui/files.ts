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

/** Lets the visitor choose a text file, and passes its text on. */
export function openFile(accept: string, read: (text: string) => void): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = accept
  input.addEventListener('change', () => {
    void input.files?.[0]?.arrayBuffer().then((bytes) => read(decodeText(new Uint8Array(bytes))))
  })
  input.click()
}
