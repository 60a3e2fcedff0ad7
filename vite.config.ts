import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('src/web/', import.meta.url)),
  // URLs are relative to the page, so that it works under any path
  base: './',
  build: {
    outDir: fileURLToPath(new URL('dist/web/', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // pictures stay files: they are fetched when they become visible
    assetsInlineLimit: (path) => (path.endsWith('.webp') ? false : undefined),
    modulePreload: { polyfill: false },
  },
})
