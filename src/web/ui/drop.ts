/** Takes files that are dropped anywhere on the page. */
export function onDroppedFile(take: (file: File) => void): void {
  const files = (event: DragEvent) => event.dataTransfer?.types.includes('Files')
  // otherwise the browser leaves the page and opens the file
  addEventListener('dragover', (event) => files(event) && event.preventDefault())
  addEventListener('drop', (event) => {
    const file = event.dataTransfer?.files[0]
    if (!file) return
    event.preventDefault()
    take(file)
  })
}
